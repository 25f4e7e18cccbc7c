"""Group commit: all webhooks that wait are written by one statement, and each is answered after its commit."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Sequence

import psycopg
import structlog

from .webhook_database import WebhookDatabase
from .webhook_log import Throttle
from .webhook_rows import Delivery, Verdict, judge, report_of, row_of
from .webhook_wakes import WakeUps

log = structlog.get_logger(__name__)

MAX_BATCH = 200
MAX_WAITING = 2_000
# The sender hangs up after 30 s and tries again; a row that was written meanwhile is found by its dedupe key.
ANSWER_SECONDS = 8.0
WRITE_SECONDS = 5.0
STOP_SECONDS = 5.0

Waiting = tuple[Delivery, "asyncio.Future[Verdict]"]


class Unavailable(Exception):
    """We cannot store it now: the fault is ours, and the sender should try again."""


class WebhookWriter:
    """Owns the connection and the order of arrival. One for each process; lives on one event loop."""

    def __init__(self) -> None:
        self._database = WebhookDatabase()
        self._waiting: deque[Waiting] = deque()
        self._wakes = WakeUps()
        self._throttle = Throttle()
        self._arrived = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._run(), name="webhook writer")

    async def put(self, delivery: Delivery) -> Verdict:
        """Return when the delivery is committed, or found to be nobody's. Raises `Unavailable`."""
        if self._closing or self._task.done():
            raise Unavailable("closing")
        if len(self._waiting) >= MAX_WAITING:
            raise Unavailable("too many wait")
        answer: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._waiting.append((delivery, answer))
        self._arrived.set()
        try:
            return await asyncio.wait_for(answer, ANSWER_SECONDS)
        except TimeoutError as error:
            raise Unavailable("the database does not answer") from error

    async def stop(self) -> None:
        """Take nothing more, finish what waits (within `STOP_SECONDS`), let go of the database."""
        self._closing = True
        self._arrived.set()
        _, unfinished = await asyncio.wait({self._task}, timeout=STOP_SECONDS)
        if unfinished:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._fail(list(self._waiting), "closing")
        await self._database.close()

    async def _run(self) -> None:
        while self._waiting or not self._closing:
            await self._something_to_do()
            batch = [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]
            if batch:
                await self._settle(batch)
            await self._wake()

    async def _something_to_do(self) -> None:
        if not self._waiting and not self._closing:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), self._wakes.wait(time.monotonic()))
        self._arrived.clear()

    async def _settle(self, batch: Sequence[Waiting]) -> None:
        """Answer every one of the batch. When the fault may lie in one of them, the others must not suffer."""
        try:
            async with asyncio.timeout(WRITE_SECONDS):
                verdicts = await self._write_again_if_cut([delivery for delivery, _ in batch])
        except (psycopg.OperationalError, psycopg.InterfaceError, TimeoutError, OSError) as error:
            await self._database.close()
            self._fail(batch, type(error).__name__)
        except Exception as error:  # noqa: BLE001 - whatever it is: nobody may wait for ever, nobody else be refused
            await self._settle_one_by_one(batch, error)
        else:
            for (_, answer), verdict in zip(batch, verdicts, strict=True):
                if not answer.done():
                    answer.set_result(verdict)

    async def _settle_one_by_one(self, batch: Sequence[Waiting], error: Exception) -> None:
        if len(batch) == 1:
            self._fail(batch, type(error).__name__)  # its text may quote the body
            return
        for one in batch:
            await self._settle([one])

    async def _write_again_if_cut(self, deliveries: Sequence[Delivery]) -> list[Verdict]:
        """A connection that broke while it was idle shows it only now; the second one is fresh."""
        try:
            return await self._write(deliveries)
        except (psycopg.OperationalError, psycopg.InterfaceError):
            await self._database.close()
            return await self._write(deliveries)

    async def _write(self, deliveries: Sequence[Delivery]) -> list[Verdict]:
        known = await self._database.instances({delivery.instance for delivery in deliveries})
        verdicts = [judge(delivery, known.get(delivery.instance)) for delivery in deliveries]
        judged = [(delivery, known.get(delivery.instance), v) for delivery, v in zip(deliveries, verdicts, strict=True)]
        rows = [row_of(delivery, of) for delivery, of, verdict in judged if of and verdict is Verdict.STORED]
        if rows:
            self._wakes.add(await self._database.store(rows))
        if reports := [report_of(delivery, of) for delivery, of, verdict in judged if of and verdict is Verdict.TRIAL]:
            await self._database.report(reports)
        return verdicts

    async def _wake(self) -> None:
        ready = self._wakes.take(time.monotonic())
        if not ready:
            return
        try:
            async with asyncio.timeout(WRITE_SECONDS):
                await self._database.wake(ready)
        except (psycopg.Error, TimeoutError, OSError) as error:
            await self._database.close()
            # The rows are there; the worker's periodic look finds them.
            log.warning("wake-up lost", instances=len(ready), error=type(error).__name__)

    def _fail(self, batch: Sequence[Waiting], why: str) -> None:
        more = self._throttle.hidden(why) if batch else None
        if more is not None:
            log.error("webhooks not stored", count=len(batch), why=why, more=more)
        for _, answer in batch:
            if not answer.done():
                answer.set_exception(Unavailable(why))
