"""The outbox: messages a second from queued to handed over, and how soon a booking's message is sent.

Fifty numbers, pacing off, against the simulated Evolution API, which shares this machine with everything. The
reference posts to it with the same client and no rows. How soon: from the booking's commit (the tick that its NOTIFY
brings) to the simulator's receipt of the send, with web and worker as separate, idle processes.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.bench import processors
from tests.bench.database import bench_database
from tests.bench.goals import at_least, at_most

NUMBERS = 50
MESSAGES = int(os.environ.get("BENCH_MESSAGES", "3000"))
BOOKINGS = int(os.environ.get("BENCH_BOOKINGS", "60"))
PROCESSES, AT_ONCE = 2, 16
PER_SECOND, MEDIAN_MS, WORST_MS = 300, 50, 500
KEY = "key-of-the-bench"
# One visitor makes all the bookings.
SETTINGS = {"LOG_LEVEL": "ERROR", "MESSAGES_PACING": "off", "PUBLIC_BOOKINGS_PER_HOUR": "100000"}


def main() -> None:
    os.environ.update(SETTINGS)
    with bench_database() as url, tempfile.TemporaryDirectory() as folder, simulator(Path(folder)) as door:
        throughput(url, Path(folder), door)
        latency(url, Path(folder), door)


@contextmanager
def simulator(folder: Path) -> Iterator[Any]:
    from navalha.simulator.testing import ControlDoor
    from tests.journeys.processes import Process, answers, environment, free_port, wait_until

    port = free_port()
    words = ["--port", str(port), "--key", KEY, "--speed", "50"]
    process = Process([sys.executable, "-m", "navalha.simulator", *words], environment(""), folder / "simulator.log")
    door = ControlDoor(f"http://127.0.0.1:{port}", key=KEY)
    try:
        wait_until(lambda: answers(f"{door.url}/telefone/"), 30, process)
        yield door
    finally:
        door.close()
        process.end()


@contextmanager
def workers(database: str, folder: Path, count: int, **settings: str) -> Iterator[list[int]]:
    from tests.journeys.processes import environment, wait_until

    log = (folder / "workers.log").open("ab")
    env = environment(database, **SETTINGS, **settings)
    running = [
        subprocess.Popen([sys.executable, "manage.py", "work"], env=env, stdout=log, stderr=log) for _ in range(count)
    ]
    try:
        wait_until(lambda: scalar("SELECT count(*) FROM procrastinate_workers") == 2 * count, 120)
        yield [worker.pid for worker in running]
    finally:
        for worker in running:
            worker.terminate()
        for worker in running:
            worker.wait(30)


def scalar(query: str) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def make_shops(door: Any) -> list[Any]:
    from navalha.accounts.models import Shop
    from navalha.whatsapp.models import EvolutionServer

    server = EvolutionServer(name="Bench", url=door.url)
    server.api_key = KEY
    server.save()
    shops = [Shop.objects.create(slug=f"bench-{n}", name="Bench") for n in range(NUMBERS)]
    for n, shop in enumerate(shops):
        connect(shop, server, door, phone=f"55119777{n:05d}")
    return shops


def connect(shop: Any, server: Any, door: Any, *, phone: str, webhook: dict[str, Any] | None = None) -> None:
    from django.utils import timezone

    from navalha.core.secrets import hashed

    door.connected(shop.slug, number=phone, webhook=webhook)
    shop.numbers.create(
        name="Bench",
        server=server,
        remote_name=shop.slug,
        number=f"+{phone}",
        state="connected",
        is_primary=True,
        webhook_secret_hash=hashed(KEY),
        # No ticks are reported in the first half: without this a slow machine's numbers would be taken for dead.
        last_ack_at=timezone.now() + timedelta(hours=1),
    )


def throughput(database: str, folder: Path, door: Any) -> None:
    shops = make_shops(door)
    # Nobody answers webhooks here, and the worker's survey has them sent to where nobody listens: without this the
    # simulator spends the whole half repeating them.
    door.switch(webhook_drop=1.0)
    print(f"{'':52}{'messages/s':>11}{'ratio':>7}{'CPU ms/message: worker':>24}{'database':>10}")
    bare = without_rows(door, shops)
    print(f"{f'reference: {AT_ONCE} bare clients, no rows':52}{bare:11.0f}{1:7.2f}")
    with workers(database, folder, PROCESSES) as pids:
        rate, own, theirs = handed_over(shops, pids)
    label, goal = f"{PROCESSES} workers, {NUMBERS} numbers", at_least(PER_SECOND, rate)
    print(f"{label:52}{rate:11.0f}{rate / bare:7.2f}{own:24.2f}{theirs:10.2f}   {goal}")


def without_rows(door: Any, shops: list[Any]) -> float:
    from navalha.evolution.client import EvolutionClient

    def post(n: int) -> None:
        with EvolutionClient(door.url, KEY) as client:
            for nth in range(MESSAGES // AT_ONCE):
                client.send_text(shops[n].slug, to=f"55119666{nth:05d}", text="Seu horário está marcado.")

    began = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(post, range(AT_ONCE)))
    return MESSAGES // AT_ONCE * AT_ONCE / (time.perf_counter() - began)


def handed_over(shops: list[Any], pids: list[int]) -> tuple[float, float, float]:
    """Messages a second, and milliseconds of the processor for each: the workers' and the database's."""
    from django.utils import timezone

    from navalha.core.wake import wake_now
    from navalha.messaging.models import WhatsAppMessage
    from tests.journeys.processes import wait_until

    WhatsAppMessage.across_shops.bulk_create(
        WhatsAppMessage(
            shop=shops[n % NUMBERS],
            direction="out",
            state="queued",
            address=f"+55119888{n:05d}",
            text=f"Seu horário está marcado. {n}",
            purpose="booked",
            dedupe_key=f"booked:{n}",
            expires_at=timezone.now() + timedelta(days=1),
        )
        for n in range(MESSAGES)
    )
    served = processors.backends()
    own, theirs, began = processors.used(pids), processors.used(served), time.perf_counter()
    for shop in shops:
        wake_now("outbox", shop_id=shop.pk)
    wait_until(lambda: scalar("SELECT count(*) FROM messaging_whatsappmessage WHERE state <> 'sent'") == 0, 300)
    rate = MESSAGES / (time.perf_counter() - began)
    served += [pid for pid in processors.backends() if pid not in served]
    each = 1000 / MESSAGES
    return rate, (processors.used(pids) - own) * each, (processors.used(served) - theirs) * each


def latency(database: str, folder: Path, door: Any) -> None:
    from tests.bench.bench_pages import collected
    from tests.journeys.processes import environment, web

    with ExitStack() as stack:
        env = collected(environment(database, **SETTINGS))
        site = stack.enter_context(web(env, folder / "web.log"))
        stack.enter_context(workers(database, folder, 1, WEBHOOK_BASE_URL=site))
        shop, service = open_shop(site, door)
        waits = sorted(asyncio.run(bookings(site, database, shop, service, door)))
    median, worst = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
    print(f"{'':52}{'p50 ms':>11}{'p99 ms':>9}")
    goals = f"p50 {at_most(MEDIAN_MS, median, ' ms')}, p99 {at_most(WORST_MS, worst, ' ms')}"
    print(f"{'from the commit of a booking to its send call':52}{median:11.1f}{worst:9.1f}   {goals}")


def open_shop(site: str, door: Any) -> tuple[Any, Any]:
    """A shop with somebody who works all day, and whose number reports what becomes of its messages."""
    from datetime import time as clock

    from navalha.accounts.models import Shop
    from navalha.scheduling.models import Weekday, WorkingHours
    from navalha.whatsapp.models import EvolutionServer

    shop = Shop.objects.create(slug="bench-open", name="Bench")
    events = ["MESSAGES_UPDATE", "SEND_MESSAGE", "CONNECTION_UPDATE"]
    webhook = {"url": f"{site}/whatsapp/webhook/update/", "events": events, "headers": {"X-API-Key": KEY}}
    connect(shop, EvolutionServer.objects.get(), door, phone="5511977700001", webhook=webhook)
    door.switch(instance=shop.slug, webhook_drop=0.0)
    service = shop.services.create(name="Corte", duration_minutes=15, price_cents=4500)
    professional = shop.professionals.create(name="Zé", position=1)
    professional.services.add(service)
    WorkingHours.across_shops.bulk_create(
        WorkingHours(shop=shop, professional=professional, weekday=day, starts=clock(6), ends=clock(23))
        for day in Weekday
    )
    return shop, service


async def bookings(site: str, database: str, shop: Any, service: Any, door: Any) -> list[float]:
    """Milliseconds from each commit to the simulator's receipt."""
    from psycopg import AsyncConnection

    from tests.journeys.public_site import visitor

    page, waits = f"/agendar/{shop.slug}/", []
    client, token = await visitor(site, f"{page}?servico={service.pk}")
    async with await AsyncConnection.connect(database, autocommit=True) as listener:
        await listener.execute("LISTEN navalha_live")
        for number in range(BOOKINGS):
            form = {**form_of(service, number), "csrfmiddlewaretoken": token}
            tick = asyncio.create_task(first_tick(listener, f"{shop.pk}:messages"))
            answer = await client.post(f"{page}confirmar/", data=form)
            assert answer.status_code == 303, f"{answer.status_code}: {answer.text[:2000]}"
            committed = await tick
            sent = await asyncio.to_thread(received, door, f"551198{number:07d}")
            waits.append((sent - committed) * 1000)
            await asyncio.sleep(0.2)  # idle again
            async for _tick in listener.notifies(timeout=0.05):
                continue
    await client.aclose()
    return waits


async def first_tick(listener: Any, words: str) -> float:
    async for tick in listener.notifies():
        if tick.payload == words:
            return time.time()
    raise RuntimeError("the listening connection ended")


def form_of(service: Any, number: int) -> dict[str, str]:
    from zoneinfo import ZoneInfo

    day = datetime.now(ZoneInfo("America/Sao_Paulo")).replace(hour=7, minute=0, second=0, microsecond=0)
    starts_at = day + timedelta(days=2 + number // 40, minutes=15 * (number % 40))
    return {
        "servico": str(service.pk),
        "profissional": "",
        "inicio": starts_at.isoformat(),
        "nome": f"Cliente {number}",
        "telefone": f"+551198{number:07d}",
        "chave": f"bench-{number}",
    }


def received(door: Any, phone: str) -> float:
    """When the simulator took the message to `phone`, by the clock of this machine."""
    from navalha.simulator.testing import wait_until

    [message, *_more] = wait_until(lambda: door.phone(phone).received(), timeout=30, what=f"a message to {phone[-4:]}")
    return float(message["at"])


if __name__ == "__main__":
    main()
