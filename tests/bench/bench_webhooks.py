"""The webhook door (authenticated, scrubbed, deduplicated, committed before the answer) beside two references.

One server process each on the same database, 64 connections, half acks and half messages as recorded. The driver runs
on the same machine: compare the ratios. Ends with where the door's own time goes, for each webhook.
"""

import itertools
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from tests.bench.database import bench_database
from tests.bench.goals import at_least, at_most

SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
CONNECTIONS = 64
PATH = "/whatsapp/webhook/update/"
SERVERS = {
    "the door": ["navalha.config.asgi:application"],
    "reference: bare ASGI, one INSERT each": ["tests.bench.webhook_references:bare"],
    "reference: plain Django view": ["--factory", "tests.bench.webhook_references:plain_django"],
}


def main() -> None:
    with bench_database() as url:
        make_instances()
        measure(url)


def make_instances() -> None:
    from navalha.accounts.models import Shop
    from navalha.core.secrets import hashed

    shop = Shop.objects.create(slug="bench", name="Bench")
    for number in range(20):
        shop.numbers.create(name="Bench", remote_name=f"bench-{number}", webhook_secret_hash=hashed("bench"))


def measure(database: str) -> None:
    from navalha.whatsapp.models import WebhookEvent

    rates: dict[str, float] = {}
    print(f"{'':40}{'POSTs/s':>10}{'p50 ms':>8}{'p99 ms':>8}{'answers':>24}{'rows':>9}{'ratio':>7}")
    for name, application in reversed(SERVERS.items()):
        WebhookEvent.across_shops.all().delete()
        load = loaded(application, database)
        rates[name] = load.rate
        rows, ratio = WebhookEvent.across_shops.count(), load.rate / next(iter(rates.values()))
        fast, slow = load.percentile(0.5), load.percentile(0.99)
        print(f"{name:40}{load.rate:10.0f}{fast:8.1f}{slow:8.1f}{dict(load.statuses)!s:>24}{rows:9}{ratio:7.2f}")
    door, bare, view = (rates[name] for name in SERVERS)
    print(f"door against bare ASGI {door / bare:.2f}: {at_least(1.2, door / bare)}")
    print(f"door against the Django view {door / view:.2f}: {at_least(5, door / view)}")
    print(f"p99 of the door at {CONNECTIONS} connections {slow:.1f} ms: {at_most(30, slow, ' ms')}")
    print_where_the_time_goes()


def loaded(application: list[str], database: str):
    import uvloop

    from tests.bench.load import drive
    from tests.journeys.processes import free_port, wait_until

    port = free_port()
    words = ["--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--log-level", "error"]
    env = {**os.environ, "DATABASE_URL": database, "LOG_LEVEL": "ERROR"}
    server = subprocess.Popen([sys.executable, "-m", "uvicorn", *application, *words], env=env)
    try:
        wait_until(lambda: is_open(port), 60)
        sent = requests()
        uvloop.run(drive(port, sent, connections=CONNECTIONS, seconds=1))
        return uvloop.run(drive(port, sent, connections=CONNECTIONS, seconds=SECONDS))
    finally:
        server.terminate()
        server.wait(20)


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def bodies() -> Iterator[dict]:
    """Webhooks as recorded, each with an id of its own."""
    from navalha.simulator.tests.recordings import recorded_webhooks

    known = recorded_webhooks()
    events = ("messages.update", "messages.upsert")
    shapes = [json.dumps(next(body for body in known if body["event"] == event)) for event in events]
    for number in itertools.count():
        body = json.loads(shapes[number % 2])
        body["instance"] = f"bench-{number % 20}"
        key = body["data"].get("key", body["data"])
        key["id" if "id" in key else "keyId"] = f"3EB0{number:016X}"
        yield body


def requests() -> Iterator[bytes]:
    from tests.bench.load import request

    for body in bodies():
        yield request(PATH, json.dumps(body).encode(), {"X-API-Key": "bench", "Content-Type": "application/json"})


def print_where_the_time_goes() -> None:
    import msgspec

    from navalha.evolution.scrub import scrub, scrubbed_key

    sample = list(itertools.islice(bodies(), 200))
    raw = [msgspec.json.encode(body) for body in sample]
    clean = [scrub(body) for body in sample]
    print("microseconds for each webhook, one core:", end=" ")
    print(f"decode {each(msgspec.json.decode, raw):.0f}, scrub {each(scrub, sample):.0f},", end=" ")
    print(f"dedupe key {each(scrubbed_key, clean):.0f}, encode {each(msgspec.json.encode, clean):.0f}")


def each(act: Callable, values: list) -> float:
    began = time.perf_counter()
    for value in values:
        act(value)
    return (time.perf_counter() - began) / len(values) * 1e6


if __name__ == "__main__":
    main()
