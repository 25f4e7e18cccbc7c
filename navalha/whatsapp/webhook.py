"""The webhook door: `POST /whatsapp/webhook/update/` as a plain ASGI application.

It authenticates, stores, answers; the worker understands. The sender never tries again after 400, 401, 403, 404 and
422, and for about twenty minutes after anything else, so every fault of ours must be a 503. Outside Django, because
its host, CSRF and size checks would answer a webhook with a 4xx that loses it.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog

from .webhook_log import Throttle
from .webhook_rows import Delivery, Verdict
from .webhook_writer import Unavailable, WebhookWriter

log = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# A webhook of an event that we subscribe to weighs a few kB, the heaviest (a QR) 13 kB (RECORDED); media does not come.
MAX_BODY = 1024 * 1024
# Of all bodies being read at once: a stranger must not fill our memory, where the bytes become objects several times
# their size.
MAX_HELD = 32 * 1024 * 1024
READ_SECONDS = 15.0
KEY_HEADER = b"x-api-key"
LONGEST_NAME = 62


class Answer(Exception):
    """Ends a request early with this status."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Disconnected(Exception):
    """The sender hung up before the body was there; nobody reads an answer."""


class WebhookDoor:
    """The ASGI application. `start()` and `stop()` belong to the server's lifespan."""

    def __init__(self) -> None:
        self._writer: WebhookWriter | None = None
        self._held = 0
        self._throttle = Throttle()

    async def start(self) -> None:
        """Begin to take webhooks. The database may be away: then they are answered with 503 until it is back."""
        if self._writer is None:
            self._writer = WebhookWriter()

    async def stop(self) -> None:
        """Store what was taken, then refuse with 503."""
        writer, self._writer = self._writer, None
        if writer is not None:
            await writer.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            status = await self._answer(scope, receive)
        except Disconnected:
            return
        await send({"type": "http.response.start", "status": status, "headers": _headers(status)})
        await send({"type": "http.response.body", "body": b""})

    async def _answer(self, scope: Scope, receive: Receive) -> int:
        name, taken = "", bytearray()
        try:
            key = _allowed(scope)
            await self._read(scope, receive, taken)
            body = _object(bytes(taken))
            name = _instance(body)
            verdict = await self._put(Delivery(name, key, body, datetime.now(UTC)))
        except Answer as answer:
            self._refused(answer.status, str(answer), name)
            return answer.status
        finally:
            self._held -= len(taken)
        if verdict in (Verdict.WRONG_KEY, Verdict.UNKNOWN):
            self._refused(verdict.value, verdict.name.lower(), name)
        return 200 if verdict in (Verdict.DROPPED, Verdict.TRIAL) else verdict.value

    async def _put(self, delivery: Delivery) -> Verdict:
        if self._writer is None:
            raise Answer(503, "not started")
        try:
            return await self._writer.put(delivery)
        except Unavailable as unavailable:
            raise Answer(503, str(unavailable)) from unavailable

    async def _read(self, scope: Scope, receive: Receive, taken: bytearray) -> None:
        """Append the body to `taken`, never more than fits."""
        if _announced(scope) > MAX_BODY:
            raise Answer(413, "too large")
        try:
            async with asyncio.timeout(READ_SECONDS):
                while (message := await receive())["type"] == "http.request":
                    self._take(message.get("body", b""), taken)
                    if not message.get("more_body", False):
                        return
        except TimeoutError as error:
            raise Answer(408, "too slow") from error
        raise Disconnected

    def _take(self, chunk: bytes, taken: bytearray) -> None:
        taken += chunk
        self._held += len(chunk)
        if len(taken) > MAX_BODY:
            raise Answer(413, "too large")
        if self._held > MAX_HELD:
            raise Answer(503, "too much at once")

    def _refused(self, status: int, why: str, name: str) -> None:
        hidden = self._throttle.hidden(f"{status} {why}")
        if hidden is not None:
            log.warning("webhook refused", status=status, why=why, instance=name, more=hidden)


def _allowed(scope: Scope) -> str:
    """The offered key. Nothing is read for somebody who has none."""
    if scope["method"] != "POST":
        raise Answer(405, "not a POST")
    key = dict(scope["headers"]).get(KEY_HEADER, b"").decode("latin-1")
    if not key:
        raise Answer(401, "no key")
    return key


def _announced(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"")
    return int(length[:19]) if length.isdigit() else 0


def _object(body: bytes) -> dict[str, Any]:
    value = _decoded(body)
    if not isinstance(value, dict):
        raise Answer(400, "not an object")
    return value


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        pass  # msgspec is stricter than the sender's JSON: half an emoji in a cut name is legal there
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Answer(400, "not JSON") from error


def _instance(body: dict[str, Any]) -> str:
    name = body.get("instance")
    if not isinstance(name, str) or not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Answer(400, "no instance")
    return name


def _headers(status: int) -> list[tuple[bytes, bytes]]:
    allow = [(b"allow", b"POST")] if status == 405 else []
    return [(b"content-length", b"0"), *allow]


application = WebhookDoor()
