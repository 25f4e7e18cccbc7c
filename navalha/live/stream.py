"""The door `/ao-vivo/?loja=<shop id>&desde=<seconds>`: server-sent events, as a plain ASGI application.

`loja=0` is an operator's page, which hears every shop. A page gets ticks, never content: `event: tick` with a topic.
Each event's id is the moment (seconds since 1970) up to which the page has been told, so a browser that reconnects
catches up by its `Last-Event-ID`.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

import structlog
from django.conf import settings
from django.http import parse_cookie

from . import gate, topics
from .hub import Hub, Subscription, django_params

log = structlog.get_logger(__name__)
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx must not collect events
    (b"x-content-type-options", b"nosniff"),
]
# A thousand shops have something new every moment: an operator's page is told at once, then not for so many seconds.
PAUSE = 1.0
# Longer than any database id is no id: int() of a very long text is slow.
MOST_DIGITS = 18


class Streams:
    """The ASGI application. `start()` and `stop()` belong to the server's lifespan.

    beat, recheck: seconds between signs of life, and between looks at the session.
    per_process, per_user: how many streams may be open; one more answers 503 or 429, and its page asks every 5 s.
    """

    def __init__(
        self, hub: Hub, *, beat: float = 15, recheck: float = 60, per_process: int = 2000, per_user: int = 30
    ) -> None:
        self.hub = hub
        self.beat, self.recheck = beat, recheck
        self.per_process, self.per_user = per_process, per_user
        self._open: Counter[int] = Counter()
        self._ending = False

    async def start(self) -> None:
        self._ending = False
        await self.hub.start()

    async def stop(self) -> None:
        self.end()
        await self.hub.stop()

    def end(self) -> None:
        """End every open stream and take no more: the server stops only when all its responses have ended."""
        self._ending = True
        self.hub.close_streams()

    @property
    def open(self) -> int:
        return self._open.total()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            return await refuse(send, 405)
        headers = dict(scope["headers"])
        query = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=10)
        shop_id = number(query.get("loja", [""])[0])
        key = parse_cookie(headers.get(b"cookie", b"").decode("latin-1")).get(settings.SESSION_COOKIE_NAME, "")
        verdict = gate.Verdict(401 if not key else 404) if not key or shop_id is None else await gate.ask(key, shop_id)
        status = self._room(verdict)
        if status != 200 or shop_id is None or verdict.user_id is None:
            return await refuse(send, status)
        seen = headers.get(b"last-event-id", b"").decode("latin-1") or query.get("desde", [""])[0]
        with self._counted(verdict.user_id), self.hub.subscribe(shop_id, moment(seen)) as page:
            await self._serve(page, receive, send, key, shop_id)
        return None

    def _room(self, verdict: gate.Verdict) -> int:
        if verdict.status != 200 or verdict.user_id is None:
            return verdict.status
        if self._ending or self.open >= self.per_process:
            return 503
        return 429 if self._open[verdict.user_id] >= self.per_user else 200

    @contextmanager
    def _counted(self, user_id: int) -> Iterator[None]:
        self._open[user_id] += 1
        try:
            yield
        finally:
            self._open[user_id] -= 1
            if not self._open[user_id]:
                del self._open[user_id]

    async def _serve(self, page: Subscription, receive: Receive, send: Send, key: str, shop_id: int) -> None:
        gone = asyncio.create_task(until_gone(receive, page))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await send(body(event("beat", "1") + b"retry: 2000\n\n"))
            await self._tell(page, send, key, shop_id)
            await send(body(b"", more=False))
        except OSError:
            return  # the page went away while we wrote
        finally:
            gone.cancel()

    async def _tell(self, page: Subscription, send: Send, key: str, shop_id: int) -> None:
        """Send ticks and signs of life until the page is gone or may no longer watch."""
        # Spread: a thousand pages that came back at once must not all be looked at in the same second again.
        look_at = time.monotonic() + self.recheck * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
        while not page.closed:
            told = await page.next(self.beat)
            if page.closed:
                return
            if time.monotonic() >= look_at:
                if (await gate.ask(key, shop_id)).status in {401, 404}:
                    return
                look_at = time.monotonic() + self.recheck
            events = b"".join(event("tick", topic) for topic in sorted(told)) or event("beat", "1")
            await send(body(events))
            if shop_id == topics.EVERY_SHOP:
                await asyncio.sleep(PAUSE)


async def until_gone(receive: Receive, page: Subscription) -> None:
    """Close the subscription as soon as the browser has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass
    page.close()


async def refuse(send: Send, status: int) -> None:
    headers = [(b"cache-control", b"no-store"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send(body(b"", more=False))


def event(name: str, data: str) -> bytes:
    return f"event: {name}\nid: {time.time():.3f}\ndata: {data}\n\n".encode()


def body(content: bytes, *, more: bool = True) -> MutableMapping[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": more}


def number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None


def moment(text: str) -> float | None:
    """Seconds since 1970; None for anything else: then the page is told that everything may have changed."""
    whole, _, fraction = text.partition(".")
    if number(whole) is None or (fraction and number(fraction) is None):
        return None
    return float(text)


application = Streams(Hub(django_params))
