"""Keeps the worker working: a database that goes away ends its loops, so they are begun again until somebody stops us.

Every interruption is safe (rows are the truth), so stopping waits only politely for what is running.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg
import structlog
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

from .every import NETWORK, ROWS
from .rescue import DEAD_AFTER_SECONDS, HEARTBEAT_SECONDS, free_stalled_jobs
from .running import RUNNING, noted

log = structlog.get_logger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
GRACE_SECONDS = 10.0
KNOCK_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Lanes:
    """How many jobs of each lane run at once. Each holds a thread and a database connection."""

    rows: int
    network: int


async def keep_working(lanes: Lanes, stop: asyncio.Event) -> None:
    """Work until `stop` is set, whatever happens to the database meanwhile."""
    loop, pause = asyncio.get_running_loop(), FIRST_PAUSE
    loop.set_default_executor(ThreadPoolExecutor(lanes.rows + lanes.network + 2, thread_name_prefix="job"))
    while not stop.is_set():
        began = loop.time()
        try:
            await _work(lanes, stop)
        except Exception as error:  # noqa: BLE001 - a worker that gives up leaves every shop without one
            log.error("worker stopped", error=type(error).__name__)
        pause = FIRST_PAUSE if loop.time() - began > 30 else min(pause * 2, LONGEST_PAUSE)
        await _first(stop.wait(), asyncio.sleep(pause))


async def _work(lanes: Lanes, stop: asyncio.Event) -> None:
    """One life: a connection, a worker for each lane. Ends when `stop` is set or one of them ends."""
    parameters = connector_params()
    await _knock(parameters)
    connector = PsycopgConnector(kwargs=parameters, min_size=1, max_size=4, timeout=5.0)
    with app.replace_connector(connector):
        async with app.open_async():
            RUNNING.workers.clear()
            await free_stalled_jobs()
            log.info("worker started", rows=lanes.rows, network=lanes.network)
            await _first(_lane(ROWS, lanes.rows), _lane(NETWORK, lanes.network), stop.wait())


async def _knock(parameters: dict[str, Any]) -> None:
    """Raise at once when the database is away: a pool would wait for half a minute, deaf to `stop`."""
    connection = await psycopg.AsyncConnection.connect(**{**parameters, "connect_timeout": KNOCK_SECONDS})
    await connection.close()


def _lane(queue: str, concurrency: int) -> Coroutine[Any, Any, None]:
    return app.run_worker_async(
        queues=[queue],
        name=queue,
        concurrency=concurrency,
        install_signal_handlers=False,
        delete_jobs="successful",
        fetch_job_polling_interval=2.0,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=DEAD_AFTER_SECONDS,
        shutdown_graceful_timeout=GRACE_SECONDS,
        worker_middleware=[noted],
    )


async def _first(*acts: Coroutine[Any, Any, Any]) -> None:
    """Wait for the first of them, end the others, and raise what went wrong."""
    tasks = [asyncio.ensure_future(act) for act in acts]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result
