"""The real web process for tests: uvicorn with all three doors, in a thread, on the database of the test."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from navalha.live.stream import application as streams

from .doors import application


@dataclass(frozen=True)
class RunningWeb:
    """`url` without a final slash."""

    url: str
    port: int


@contextmanager
def running_web(port: int = 0) -> Iterator[RunningWeb]:
    """Serve on 127.0.0.1 (`port` 0: any free one) until the block ends. Needs a test whose rows are committed."""
    config = uvicorn.Config(application, host="127.0.0.1", port=port, log_config=None, timeout_graceful_shutdown=3)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="running web", daemon=True)
    thread.start()
    try:
        bound = _port(server, thread)
        yield RunningWeb(f"http://127.0.0.1:{bound}", bound)
    finally:
        _in_loop_of(server)
        server.should_exit = True
        thread.join(20)
    if thread.is_alive():
        raise RuntimeError("the web server did not stop")


def _port(server: uvicorn.Server, thread: threading.Thread) -> int:
    deadline = time.monotonic() + 20
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the web server did not start")
        time.sleep(0.01)
    return int(server.servers[0].sockets[0].getsockname()[1])


def _in_loop_of(server: uvicorn.Server) -> None:
    """What the signal does in production: end the streams before the server waits for them."""
    if server.started:
        server.servers[0].get_loop().call_soon_threadsafe(streams.end)
