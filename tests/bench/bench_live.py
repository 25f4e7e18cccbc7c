"""Live pages: how soon a tick is at every open page, a webhook in the DOM, and a killed listener back.

One web process, one worker, one Chromium and the driver share this machine: with many streams the driver's own reading
of the sockets is a good part of what it measures. The reference is the tick at a bare psycopg LISTEN in the driver.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from navalha.config.files import allow_many_files
from tests.bench.database import bench_database
from tests.bench.goals import at_most

STREAMS = (1, 200, 1000)
TICKS = 40
WEBHOOKS = 20
KILLS = 3
# Ours, for the issue names none: what happens is on the open page before anybody has looked away.
SHOWN_MS, BACK_MS = 1000, 1000
PEOPLE = 50  # 1,000 streams are twenty tabs of each


def main() -> None:
    allow_many_files()  # of the driver
    with (
        bench_database() as url,
        tempfile.TemporaryDirectory() as logs,
        web_process(url, Path(logs)) as server,
        worker_process(url, Path(logs)),
    ):
        measure(server, url)


class Server:
    """The web process under measure."""

    def __init__(self, port: int, pid: int) -> None:
        self.port, self.pid, self.url = port, pid, f"http://127.0.0.1:{port}"

    @property
    def megabytes(self) -> float:
        """Resident memory."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def web_process(database: str, logs: Path) -> Iterator[Server]:
    from django.conf import settings

    from tests.bench.bench_pages import collected
    from tests.journeys.processes import answers, environment, free_port, wait_until

    port = free_port()
    words = ["--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--timeout-graceful-shutdown", "3"]
    # Our key: sessions are made here and read there.
    env = collected(environment(database, LOG_LEVEL="ERROR", SECRET_KEY=settings.SECRET_KEY))
    with (logs / "web.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "navalha.config.asgi:application", *words],
            env=env,
            stdout=log,
            stderr=log,
        )
        try:
            wait_until(lambda: answers(f"http://127.0.0.1:{port}/saude/"), 60)
            yield Server(port, process.pid)
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def worker_process(database: str, logs: Path) -> Iterator[None]:
    from tests.journeys.processes import environment, worker

    process = worker(environment(database, LOG_LEVEL="ERROR"), logs / "worker.log")
    try:
        yield
    finally:
        process.end()


def measure(server: Server, database: str) -> None:
    import uvloop

    shop, sessions = story()
    print(f"{'streams':>8}{'tick p50 ms':>13}{'p99 ms':>9}{'webhook→DOM p50':>17}{'p99 ms':>9}{'web MB':>9}")
    alone = uvloop.run(bare_listener(database, shop.pk))
    for number in STREAMS:
        uvloop.run(row(server, database, shop, sessions, number))
    print(f"{'ref.':>8}{median(alone):13.1f}{worst(alone):9.1f}   a bare LISTEN in the driver, no web process")
    lost = uvloop.run(recovery(server, database, shop.pk, sessions))
    back = f"a killed listener is back, and its pages told, after {median(lost):.0f} ms (worst {max(lost):.0f})"
    print(f"{back}   {at_most(BACK_MS, max(lost), ' ms')}")


def story():
    """A shop, its connected number, and people with many tabs."""
    from django.test import Client

    from navalha.accounts.models import Membership, Role, Shop, User
    from navalha.core.secrets import hashed

    shop = Shop.objects.create(slug="bench", name="Bench")
    shop.numbers.create(
        name="Bench", remote_name="bench", number="+5511999990001", state="connected", is_primary=True,
        webhook_secret_hash=hashed("bench"),
    )  # fmt: skip
    sessions = []
    for number in range(PEOPLE):
        user = User.objects.create_user(f"bench{number}@navalha.example")
        Membership.objects.create(shop=shop, user=user, role=Role.OWNER)
        client = Client()
        client.force_login(user)
        sessions.append(client.cookies["sessionid"].value)
    return shop, sessions


class Tab(asyncio.Protocol):
    """One open stream; notes when ticks of the agenda arrive."""

    def __init__(self, request: bytes) -> None:
        self.request, self.heard = request, asyncio.Queue[float]()
        self.is_open = asyncio.get_running_loop().create_future()

    def connection_made(self, transport) -> None:
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        if b"data: agenda" in data:
            self.heard.put_nowait(time.perf_counter())
        if not self.is_open.done() and b"event: beat" in data:
            self.is_open.set_result(None)
        elif data.startswith(b"HTTP/1.1") and b" 200 " not in data[:16]:
            self.is_open.set_exception(RuntimeError(data[:16].decode()))


@contextmanager
def closing(tabs: list) -> Iterator[None]:
    try:
        yield
    finally:
        for transport, _tab in tabs:
            transport.close()


async def tabs_of(server: Server, shop_id: int, sessions: list[str], number: int) -> list:
    loop = asyncio.get_running_loop()
    opened = []
    for index in range(number):
        session = sessions[index % len(sessions)]
        request = (
            f"GET /ao-vivo/?loja={shop_id}&desde={time.time():.3f} HTTP/1.1\r\nHost: x\r\n"
            f"Cookie: sessionid={session}\r\n\r\n"
        ).encode()
        opened.append(await loop.create_connection(lambda request=request: Tab(request), "127.0.0.1", server.port))
        if index % 20 == 19:  # a browser is not a flood either
            await asyncio.wait_for(opened[-1][1].is_open, 20)
    await asyncio.wait_for(asyncio.gather(*(tab.is_open for _transport, tab in opened)), 60)
    return opened


async def row(server: Server, database: str, shop, sessions: list[str], number: int) -> None:
    tabs = await tabs_of(server, shop.pk, sessions, number)
    with closing(tabs):
        await asyncio.sleep(3)
        for _transport, tab in tabs:
            tab.heard = asyncio.Queue()  # without what they caught up on
        waits = await ticks(database, shop.pk, [tab for _transport, tab in tabs])
        shown = await asyncio.to_thread(webhooks_in_the_dom, server, sessions[0], number)
        memory = server.megabytes
    goal = f"p99 {at_most(SHOWN_MS, worst(shown), ' ms')}"
    figures = f"{median(waits):13.1f}{worst(waits):9.1f}{median(shown):17.1f}{worst(shown):9.1f}{memory:9.0f}"
    print(f"{number:8}{figures}   {goal}", flush=True)


async def ticks(database: str, shop_id: int, tabs: list[Tab]) -> list[float]:
    """Milliseconds from before the NOTIFY to each tab's reading of it."""
    from psycopg import AsyncConnection

    waits = []
    async with await AsyncConnection.connect(database, autocommit=True) as connection:
        for _tick in range(TICKS):
            began = time.perf_counter()
            await connection.execute("SELECT pg_notify('navalha_live', %s)", [f"{shop_id}:agenda"])
            at = await asyncio.wait_for(asyncio.gather(*(tab.heard.get() for tab in tabs)), 30)
            waits += [(moment - began) * 1000 for moment in at]
            await asyncio.sleep(0.05)
    return waits


async def bare_listener(database: str, shop_id: int) -> list[float]:
    from psycopg import AsyncConnection

    waits = []
    async with (
        await AsyncConnection.connect(database, autocommit=True) as sender,
        await AsyncConnection.connect(database, autocommit=True) as listener,
    ):
        await listener.execute("LISTEN navalha_live")
        for _tick in range(TICKS):
            began = time.perf_counter()
            await sender.execute("SELECT pg_notify('navalha_live', %s)", [f"{shop_id}:agenda"])
            async for _notification in listener.notifies(stop_after=1, timeout=10):
                waits.append((time.perf_counter() - began) * 1000)
    return waits


async def recovery(server: Server, database: str, shop_id: int, sessions: list[str]) -> list[float]:
    """Milliseconds from killing the listener's connection to the tick that follows its return."""
    from psycopg import AsyncConnection

    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'navalha-live' AND datname = current_database()"
    )
    waits = []
    tabs = await tabs_of(server, shop_id, sessions, 1)
    async with await AsyncConnection.connect(database, autocommit=True) as connection:
        with closing(tabs):
            for _kill in range(KILLS):
                began = time.perf_counter()
                await connection.execute(kill)
                waits.append((await asyncio.wait_for(tabs[0][1].heard.get(), 30) - began) * 1000)
                await asyncio.sleep(11)  # as a new fault, not one that goes on
    return waits


def webhooks_in_the_dom(server: Server, session: str, run: int) -> list[float]:
    """Milliseconds from before the POST of a received message to its words on the open page of conversations."""
    import httpx2

    from tests.chromium import chromium

    with chromium() as browser, httpx2.Client() as sender:
        context = browser.new_context()
        context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])
        page = context.new_page()
        page.goto(f"{server.url}/conversas/")
        page.wait_for_selector("html[data-stream=up]")
        return [shown(page, sender, server, f"recado {run} {number}") for number in range(WEBHOOKS)]


def shown(page, sender, server: Server, words: str) -> float:
    page.evaluate(
        """words => {
            window.shownAt = new Promise(resolve => {
                const look = () => document.body.textContent.includes(words) && resolve(Date.now());
                new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
            });
        }""",
        words,
    )
    body = message(words)
    began = time.time()
    sent = sender.post(f"{server.url}/whatsapp/webhook/update/", json=body, headers={"X-API-Key": "bench"})
    if sent.status_code != 200:
        raise RuntimeError(f"the webhook was answered with {sent.status_code}")
    wait = page.evaluate("window.shownAt") - began * 1000
    time.sleep(0.4)  # a shop gets a message now and then, not a storm
    return wait


def message(words: str) -> dict:
    key = {"remoteJid": "5511988880001@s.whatsapp.net", "fromMe": False, "id": f"3EB0{abs(hash(words)):016X}"}
    return {
        "event": "messages.upsert",
        "instance": "bench",
        "data": {
            "key": {**key, "participant": "", "addressingMode": "pn"},
            "pushName": "Rafa",
            "message": {"conversation": words},
            "messageType": "conversation",
            "messageTimestamp": int(time.time()),
            "source": "android",
        },
        "date_time": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
    }


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def worst(values: list[float]) -> float:
    """The 99th percentile."""
    return sorted(values)[min(int(len(values) * 0.99), len(values) - 1)]


if __name__ == "__main__":
    main()
