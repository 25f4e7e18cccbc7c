"""The webhook door behind a real server, for the tests: uvicorn in a thread, a TCP port that can be cut."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator

import uvicorn

from navalha.whatsapp.webhook import WebhookDoor


@contextlib.contextmanager
def running_door() -> Iterator[str]:
    """Serve a fresh door on a free port; yields its address."""
    door = WebhookDoor()
    config = uvicorn.Config(with_lifespan(door), host="127.0.0.1", port=0, log_config=None, lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port_of(server, thread)}/whatsapp/webhook/update/"
    finally:
        server.should_exit = True
        thread.join(20)


def port_of(server: uvicorn.Server, thread: threading.Thread) -> int:
    while not server.started:
        assert thread.is_alive(), "the door did not start"
        thread.join(0.01)
    return int(server.servers[0].sockets[0].getsockname()[1])


def with_lifespan(door: WebhookDoor):
    async def application(scope, receive, send):
        if scope["type"] != "lifespan":
            await door(scope, receive, send)
            return
        for act, done in ((door.start, "startup"), (door.stop, "shutdown")):
            await receive()
            await act()
            await send({"type": f"lifespan.{done}.complete"})

    return application
