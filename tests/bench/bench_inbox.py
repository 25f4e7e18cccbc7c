"""Events a second from stored to processed, by two worker processes: half ticks, half what people wrote.

The reference applies the same events in this process alone, each in a transaction of its own. The last line is the
worst case: every text comes from somebody who was told of a visit, so each is looked at by itself.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from tests.bench import processors
from tests.bench.database import bench_database
from tests.bench.goals import at_least

EVENTS = int(os.environ.get("BENCH_EVENTS", "8000"))
NUMBERS = 20
PEOPLE = 97
PROCESSES = 2
GOAL = 1500


def main() -> None:
    os.environ["LOG_LEVEL"] = "ERROR"
    with bench_database() as url:
        measure(url)


def measure(database: str) -> None:
    numbers = make_numbers()
    print(f"{'':52}{'events/s':>10}{'ratio':>7}{'CPU ms/event: worker':>22}{'database':>10}")
    alone, *costs = one_by_one(numbers, EVENTS // 16)
    row("reference: one process, one transaction each", alone, alone, costs)
    with workers(database) as pids:
        for label, told, count in (
            (f"{PROCESSES} workers, in batches", False, EVENTS),
            ("  the same, when each text may be an answer", True, EVENTS // 4),
        ):
            rate, *costs = by_workers(numbers, count, pids, told=told)
            row(label, rate, alone, costs, "" if told else at_least(GOAL, rate))


def row(label: str, rate: float, reference: float, costs: list[float], goal: str = "") -> None:
    worker, database = (cost * 1000 for cost in costs)
    print(f"{label:52}{rate:10.0f}{rate / reference:7.2f}{worker:22.2f}{database:10.2f}   {goal}")


def make_numbers():
    from navalha.accounts.models import Shop

    shops = [Shop.objects.create(slug=f"bench-{n}", name="Bench") for n in range(NUMBERS)]
    return [shop.numbers.create(name="Bench", remote_name=shop.slug, state="connected") for shop in shops]


def store(numbers, count: int, round_: str) -> None:
    """Rows as the door writes them; the ticks belong to messages that are there."""
    from django.utils import timezone

    from navalha.evolution.events import dedupe_key
    from navalha.messaging.models import WhatsAppMessage
    from navalha.whatsapp.models import WebhookEvent

    now, events, sent = timezone.now(), [], []
    for n in range(count):
        number = numbers[n // 2 % NUMBERS]
        body = inbound(number, n, round_, now) if n % 2 else tick(number, n, round_)
        events.append(
            WebhookEvent(
                shop_id=number.shop_id,
                instance=number,
                event=body["event"],
                dedupe_key=dedupe_key(body),
                payload=body,
                received_at=now,
                due_at=now,
            )
        )
        if n % 2 == 0:
            sent.append(
                WhatsAppMessage(
                    shop_id=number.shop_id,
                    instance=number,
                    direction="out",
                    address="+5511988880000",
                    text="x",
                    state="sent",
                    wa_id=body["data"]["keyId"],
                    sent_at=now - timedelta(minutes=1),
                )
            )
    WhatsAppMessage.across_shops.bulk_create(sent)
    WebhookEvent.across_shops.bulk_create(events)


def tick(number, n: int, round_: str) -> dict:
    data = {"keyId": f"3EB0{round_}{n}", "fromMe": True, "status": "READ", "remoteJid": "5511988880000@s.whatsapp.net"}
    return {"event": "messages.update", "instance": number.remote_name, "data": data}


def inbound(number, n: int, round_: str, now) -> dict:
    key = {"remoteJid": f"55119888{n % PEOPLE:05d}@s.whatsapp.net", "fromMe": False, "id": f"3A{round_}{n}"}
    data = {
        "key": key,
        "pushName": "Rafa",
        "message": {"conversation": f"cheguei na esquina {n}"},
        "messageType": "conversation",
        "messageTimestamp": int(now.timestamp()),
    }
    return {"event": "messages.upsert", "instance": number.remote_name, "data": data}


def one_by_one(numbers, count: int) -> tuple[float, float, float]:
    """Events a second, and seconds of the processor for each: ours and the database's."""
    from django.utils import timezone

    from navalha.whatsapp.models import WebhookEvent
    from navalha.worker import inbox

    store(numbers, count, "A")
    rows = list(WebhookEvent.across_shops.order_by("pk"))
    served = processors.backends()
    own, theirs, began = processors.used([os.getpid()]), processors.used(served), time.perf_counter()
    for row in rows:
        inbox._alone(row.instance_id, row, timezone.now())
    rate = count / (time.perf_counter() - began)
    return rate, (processors.used([os.getpid()]) - own) / count, (processors.used(served) - theirs) / count


@contextmanager
def workers(database: str) -> Iterator[list[int]]:
    from tests.journeys.processes import wait_until

    env = {**os.environ, "DATABASE_URL": database, "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "manage.py", "work"]
    running = [subprocess.Popen(command, env=env) for _ in range(PROCESSES)]
    try:
        wait_until(lambda: count_workers() == 2 * PROCESSES, 120)
        yield [worker.pid for worker in running]
    finally:
        for worker in running:
            worker.terminate()
        for worker in running:
            worker.wait(30)


def by_workers(numbers, count: int, pids: list[int], *, told: bool) -> tuple[float, float, float]:
    from navalha.core.wake import wake_now
    from tests.journeys.processes import wait_until

    store(numbers, count, "C" if told else "B")
    if told:
        tell(numbers)
    served = processors.backends()
    own, theirs, began = processors.used(pids), processors.used(served), time.perf_counter()
    for number in numbers:
        wake_now("inbox", instance_id=number.pk)
    wait_until(is_done, 300)
    rate = count / (time.perf_counter() - began)
    served += [pid for pid in processors.backends() if pid not in served]
    return rate, (processors.used(pids) - own) / count, (processors.used(served) - theirs) / count


def tell(numbers) -> None:
    """Everybody has been told of a visit."""
    from django.utils import timezone

    from navalha.messaging.models import WhatsAppMessage

    WhatsAppMessage.across_shops.bulk_create(
        WhatsAppMessage(
            shop_id=number.shop_id,
            instance=number,
            customer=customer,
            direction="out",
            address=customer.phone,
            text="x",
            state="sent",
            dedupe_key=f"booked:{customer.pk}",
            sent_at=timezone.now() - timedelta(hours=1),
        )
        for number in numbers
        for customer in number.shop.customers.all()
    )


def count_workers() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers")
        return int(cursor.fetchone()[0])


def is_done() -> bool:
    from navalha.whatsapp.models import WebhookEvent

    return not WebhookEvent.across_shops.filter(state__in=["stored", "later"]).exists()


if __name__ == "__main__":
    main()
