"""The web process: three doors. Webhooks and live streams are plain ASGI; everything else is Django.

Measured on two cores (`make bench`): Django by its own ASGI handler answers a fraction of what it does in threads
behind a2wsgi, and a stream in a Django view holds a thread for as long as its page is open.
"""

import asyncio
import signal
import string
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from types import FrameType
from typing import Any, cast
from urllib.parse import quote

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi_typing import WSGIApp
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from navalha.live.stream import application as streams
from navalha.whatsapp.webhook import application as webhooks

from .files import allow_many_files

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

App = Callable[[Scope, Receive, Send], Awaitable[None]]

DOORS: dict[str, App] = {
    "/whatsapp/webhook/update/": webhooks,
    "/whatsapp/webhook/update": webhooks,  # Django would redirect it, and a redirected POST comes as a GET
    "/ao-vivo/": streams,
}
PRINTABLE = string.ascii_letters + string.digits + string.punctuation
# Each thread borrows one database connection: fewer threads than the pool has, so that none waits for another.
pages = WSGIMiddleware(cast(WSGIApp, get_wsgi_application()), workers=settings.WEB_THREADS)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application that uvicorn runs."""
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "http":
        await DOORS.get(scope["path"], page)(scope, receive, send)
    else:  # nobody here speaks WebSocket
        await send({"type": "websocket.close", "code": 1000})


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    """Hand the request to Django as WSGI understands it.

    A header name with an underscore would become the same variable as its twin with a hyphen, so a stranger could
    write headers that only our proxy may write. Raw bytes in a query string are legal for us, not for the bridge.
    """
    headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    query = quote(scope["query_string"], safe=PRINTABLE).encode()
    await pages(cast(Any, {**scope, "headers": headers, "query_string": query}), cast(Any, receive), cast(Any, send))


async def lifespan(receive: Receive, send: Send) -> None:
    """Start the doors' own tasks with the server, and end them with it."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            allow_many_files()
            await webhooks.start()
            await streams.start()
            end_streams_on_signals()
            await send({"type": "lifespan.startup.complete"})
        else:
            await streams.stop()
            await webhooks.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


def end_streams_on_signals() -> None:
    """End the streams when the server is asked to stop, before it waits for them to end: they never would."""
    if threading.current_thread() is not threading.main_thread():
        return  # a server in a thread (tests) gets no signals
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)

        def end_then(
            number: int, frame: FrameType | None, before: Any = before, loop: asyncio.AbstractEventLoop = loop
        ) -> None:
            loop.call_soon_threadsafe(streams.end)
            if callable(before):
                before(number, frame)

        signal.signal(number, end_then)
