"""The operator's console with 1,000 numbers on 10 servers: the list, and a sync with one server dead and one slow.

The sync is the product's own work (`console.bulk`), each server in a job of its own as the worker runs them, beside a
sequential reference that asks one number after another.
"""

import os
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta

from tests.bench.database import bench_database
from tests.bench.goals import at_most

SERVERS, INSTANCES, REFERENCE = 10, 1_000, 40
DEAD, SLOW = 0, 1  # places among the servers
SLOW_SECONDS = 0.25  # each answer of the slow one
LIST_MS = 250
SYNC_SECONDS = 60


def main() -> None:
    os.environ.setdefault("LOG_LEVEL", "CRITICAL")  # a dead server is told of with each number
    with bench_database(), running_servers() as simulators:
        measure(simulators)


@contextmanager
def running_servers() -> Iterator[list]:
    from navalha.simulator.testing import running_simulator

    with ExitStack() as stack:
        yield [stack.enter_context(running_simulator()) for _server in range(SERVERS)]


def measure(simulators: list) -> None:
    numbers = fill(simulators)
    list_pages()
    simulators[DEAD].stop()
    simulators[SLOW].switch(answer_wait=SLOW_SECONDS)
    try:
        sync(numbers)
        reference(numbers)
    finally:
        simulators[DEAD].start()


def fill(simulators: list) -> list:
    from django.utils import timezone

    from navalha.accounts.models import Shop
    from navalha.whatsapp import gateway
    from navalha.whatsapp.models import ConnectionState, EvolutionServer, WhatsAppInstance

    now = timezone.now()
    servers = []
    for place, simulator in enumerate(simulators):
        server = EvolutionServer(name=f"Servidor {place}", url=simulator.url, capacity=200)
        server.api_key = simulator.key
        server.save()
        servers.append(server)
    shops = Shop.objects.bulk_create(Shop(name=f"Loja {place}", slug=f"loja-{place}") for place in range(INSTANCES))
    hook = {"url": gateway.webhook_address(), "headers": gateway.webhook_headers("secret")}
    hook["events"] = list(subscribed())
    for place in range(INSTANCES):
        body = {"instanceName": f"loja-{place}", "integration": "EVOLUTION", "webhook": hook}
        simulators[place % SERVERS].api("POST", "/instance/create", body)
    return WhatsAppInstance.across_shops.bulk_create(
        WhatsAppInstance(
            shop=shop,
            server=servers[place % SERVERS],
            name="WhatsApp da loja",
            remote_name=f"loja-{place}",
            number=f"+55119999{place:05d}",
            state=ConnectionState.CONNECTED,
            checked_at=now,
            created_at=now - timedelta(minutes=place),
        )
        for place, shop in enumerate(shops)
    )


def subscribed() -> tuple[str, ...]:
    from navalha.evolution.events import SUBSCRIBED

    return SUBSCRIBED


def list_pages() -> None:
    print(f"{'':46}{'p50 ms':>9}{'p95 ms':>9}{'queries':>9}")
    for name, query in (
        (f"list of {INSTANCES:,} numbers, first page", ""),
        ("  its last page", "?pagina=20"),
        ("  searched by number and sorted by shop", "?q=99990&ordem=loja"),
        ("  filtered by health and server", "?saude=bem&servidor=3"),
    ):
        tell(name, query)


def tell(name: str, query: str) -> None:
    from django.db import connection
    from django.http import QueryDict
    from django.template.loader import render_to_string
    from django.test import RequestFactory
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from navalha.console import queries
    from navalha.console.filters import Filters

    request = RequestFactory().get(f"/instancias/{query}")

    def page() -> None:
        filters = Filters.of(QueryDict(query.lstrip("?")).dict())
        render_to_string("console/_instances.html", queries.instance_list(filters, now=timezone.now()), request)

    with CaptureQueriesContext(connection) as seen:
        page()
    taken = sorted(timed(page) for _ in range(15))
    usual, slow = statistics.median(taken) * 1000, taken[round(len(taken) * 0.95) - 1] * 1000
    print(f"{name:46}{usual:9.1f}{slow:9.1f}{len(seen):9}  {at_most(LIST_MS, usual, ' ms')}")


def timed(action) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def sync(numbers: list) -> None:
    """Each server in a thread, as the worker's network lane has them; when each was done."""
    from django.utils import timezone

    from navalha.accounts.models import User
    from navalha.console import bulk
    from navalha.console.models import Command

    operator = User.objects.create_superuser("operador@navalha.example", "bench")
    run = bulk.start_run(Command.SYNC, numbers, by=operator, now=timezone.now())
    servers = sorted({number.server_id for number in numbers})
    began = time.perf_counter()
    with ThreadPoolExecutor(len(servers)) as pool:
        ended = list(pool.map(lambda server: one_server(run.pk, server, began), servers))
    counts = bulk.progress(run)
    healthy = [seconds for place, seconds in enumerate(ended) if place not in (DEAD, SLOW)]
    print(f"\nsync of {INSTANCES:,} numbers on {SERVERS} servers, one dead, one slow ({SLOW_SECONDS} s an answer)")
    last = max(healthy)
    print(f"  the {len(healthy)} healthy servers done after     {last:8.1f} s  {at_most(SYNC_SECONDS, last, ' s')}")
    print(f"  the dead server's numbers told after  {ended[DEAD]:8.1f} s")
    print(f"  the slow server done after            {ended[SLOW]:8.1f} s")
    print(f"  done {counts['done']}, failed {counts['failed']}, skipped {counts['skipped']}")


def one_server(run_id: int, server_id: int, began: float) -> float:
    from django.db import connection
    from django.utils import timezone

    from navalha.console import bulk

    try:
        while bulk.work_off(run_id, server_id, now=timezone.now()):
            pass
        return time.perf_counter() - began
    finally:
        connection.close()


def reference(numbers: list) -> None:
    """One number after another, as a loop over the table would; a sample of each server, scaled up."""
    from django.utils import timezone

    from navalha.core.errors import Refused
    from navalha.evolution.errors import EvolutionError
    from navalha.whatsapp import operating
    from navalha.whatsapp.models import WhatsAppInstance

    sample = WhatsAppInstance.across_shops.filter(pk__in=[number.pk for number in numbers[:REFERENCE]])
    began = time.perf_counter()
    for number in sample.select_related("server", "shop"):
        try:
            operating.sync(number, now=timezone.now())
        except (Refused, EvolutionError, operating.NoAnswer):
            continue
    whole = (time.perf_counter() - began) / REFERENCE * INSTANCES
    print(f"  reference: one after another          {whole:8.1f} s  ({REFERENCE} measured, scaled to {INSTANCES:,})")


if __name__ == "__main__":
    main()
