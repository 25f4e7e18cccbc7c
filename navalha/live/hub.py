"""One PostgreSQL connection of each web process listens; every open page of that process hears through it."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import structlog
from psycopg import AsyncConnection, sql

from . import topics
from .publish import CHANNEL

log = structlog.get_logger(__name__)

REMEMBER = 600.0  # seconds a tick is kept for pages that were not connected when it came
OVERLAP = 2.0  # seconds: a page's clock (the server that rendered it) and ours need not agree to the second
PROBE = 20.0  # seconds of silence after which the connection is asked whether it lives
STEADY = 10.0  # seconds of listening after which a loss is a new one, not the last one going on
BACKOFF = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0)


class Subscription:
    """What one open page has not been told yet. Ticks coalesce: a slow page owes at most one of each topic."""

    __slots__ = ("_changed", "_closed", "_pending")

    def __init__(self, pending: frozenset[str]) -> None:
        self._pending = set(pending)
        self._changed = asyncio.Event()
        self._closed = False
        if pending:
            self._changed.set()

    @property
    def closed(self) -> bool:
        """Nobody reads any more, or the process is about to end."""
        return self._closed

    def tell(self, told: frozenset[str]) -> None:
        self._pending |= told
        self._changed.set()

    def close(self) -> None:
        self._closed = True
        self._changed.set()

    async def next(self, seconds: float) -> frozenset[str]:
        """The topics that changed since the last call; empty after `seconds` without news, or when closed."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return frozenset()
        self._changed.clear()
        told, self._pending = frozenset(self._pending), set()
        return told


class Hub:
    """Listens from `start()` to `stop()` and comes back by itself when its connection is lost.

    `connect_params` gives what psycopg connects with; it is asked at each attempt.
    """

    def __init__(self, connect_params: Callable[[], dict[str, Any]]) -> None:
        self._connect_params = connect_params
        self._pages: dict[int, set[Subscription]] = {}
        self._ticked: dict[tuple[int, str], float] = {}
        self._listening_since: float | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen, in the background: a database that is away must not keep the pages from starting."""
        self._task = asyncio.create_task(self._stay(), name="live hub")

    async def stop(self) -> None:
        """End the streams and the connection."""
        self.close_streams()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def close_streams(self) -> None:
        for pages in list(self._pages.values()):
            for page in list(pages):
                page.close()

    @property
    def listening(self) -> bool:
        return self._listening_since is not None

    @property
    def streams(self) -> int:
        return sum(len(pages) for pages in self._pages.values())

    @contextmanager
    def subscribe(self, shop_id: int, since: float | None = None) -> Iterator[Subscription]:
        """Hear the ticks of one shop (or of `topics.EVERY_SHOP`), and first what it missed since then (seconds since
        1970; None: all)."""
        page = Subscription(self._missed(shop_id, since))
        pages = self._pages.setdefault(shop_id, set())
        pages.add(page)
        try:
            yield page
        finally:
            pages.discard(page)
            if not pages and self._pages.get(shop_id) is pages:
                del self._pages[shop_id]

    def _missed(self, shop_id: int, since: float | None) -> frozenset[str]:
        now = time.time()
        known_from = max(self._listening_since or now, now - REMEMBER)
        if since is None or since < known_from:  # we did not listen all that time, or no longer know
            return topics.ALL
        return frozenset(topic for topic in topics.ALL if self._ticked.get((shop_id, topic), 0.0) >= since - OVERLAP)

    async def _stay(self) -> None:
        failures = 0
        while True:
            try:
                async with await AsyncConnection.connect(**self._connect_params(), autocommit=True) as connection:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                    self._came_back(after=failures)
                    await self._hear(connection)
            except (psycopg.Error, OSError) as error:
                if self._listening_since and time.time() - self._listening_since > STEADY:
                    failures = 0
                self._listening_since = None
                wait = BACKOFF[min(failures, len(BACKOFF) - 1)]
                failures += 1
                log.warning("live hub lost", error=type(error).__name__, failures=failures, wait=wait)
                await asyncio.sleep(wait)

    async def _hear(self, connection: AsyncConnection) -> None:
        """Deliver notifications until the connection fails. A silent one is probed, or it could be dead for hours."""
        while True:
            async for notification in connection.notifies(timeout=PROBE):
                self._deliver(notification.payload)
            await connection.execute("SELECT 1")
            self._forget()

    def _came_back(self, *, after: int) -> None:
        self._listening_since = time.time()
        log.info("live hub listens", streams=self.streams, failures=after)
        for pages in self._pages.values():  # what happened in the gap is not known: all may have changed
            for page in pages:
                page.tell(topics.ALL)

    def _deliver(self, payload: str) -> None:
        shop, _, topic = payload.partition(":")
        if not shop.isdecimal() or topic not in topics.ALL:
            log.warning("live tick not understood", length=len(payload))
            return
        told = frozenset({topic})
        for heard_by in {int(shop), topics.EVERY_SHOP}:
            self._ticked[heard_by, topic] = time.time()
            for page in self._pages.get(heard_by, ()):
                page.tell(told)

    def _forget(self) -> None:
        limit = time.time() - REMEMBER
        self._ticked = {key: at for key, at in self._ticked.items() if at >= limit}


def django_params() -> dict[str, Any]:
    """How Django itself would connect, without what belongs to its own (synchronous) connections."""
    from django.db import connections

    params = connections["default"].get_connection_params()
    own = {name: value for name, value in params.items() if name not in {"cursor_factory", "context"}}
    # LISTEN sends nothing for hours: the kernel has to notice a database that is gone.
    alive = {"keepalives_idle": 20, "keepalives_interval": 5, "keepalives_count": 3, "connect_timeout": 5}
    return {**alive, "application_name": "navalha-live", **own}
