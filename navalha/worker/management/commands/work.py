"""`manage.py work`: does everything that happens unasked, until it is told to stop."""

import asyncio
import os
import signal
import sys
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from navalha.worker.supervisor import GRACE_SECONDS, Lanes, keep_working

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Any number of them may run, on any number of machines."""

    help = "Applies webhooks, sends messages and reconciles, until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rows", type=int, default=settings.WORKER_ROWS, help="numbers worked off at once")
        parser.add_argument("--network", type=int, default=settings.WORKER_NETWORK, help="shops served at once")

    def handle(self, *args: Any, **options: Any) -> None:
        lanes = Lanes(rows=max(options["rows"], 1), network=max(options["network"], 1))
        _widen_pool(lanes.rows + lanes.network + 2)
        asyncio.run(_until_signal(lanes))


def _widen_pool(size: int) -> None:
    """Each running job borrows one connection."""
    pool = connections["default"].settings_dict["OPTIONS"].get("pool")
    if isinstance(pool, dict):
        pool["max_size"] = max(size, pool["max_size"])


async def _until_signal(lanes: Lanes) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _ask_to_stop, stop)
    await keep_working(lanes, stop)
    _leave()


def _ask_to_stop(stop: asyncio.Event) -> None:
    if stop.is_set():
        _leave()  # asked twice
    log.info("worker is stopping", patience=GRACE_SECONDS)
    stop.set()


def _leave() -> None:
    """End the process now: a thread that waits for a server's answer cannot be told to stop, and need not finish."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
