"""Runs the app under uvicorn: one process, ends at once on a signal, and can hang up on callers."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from navalha.simulator.app import build_app
from navalha.simulator.shapes import canonical
from navalha.simulator.store import Store
from navalha.simulator.switches import Switches
from navalha.simulator.world import World

DEFAULT_KEY = "simulator-key"


class Protocol(HttpToolsProtocol):
    """Lets the app see the connection, so that a server that is down can drop it without an answer."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["simulator.transport"] = self.transport  # type: ignore[typeddict-unknown-key]


class Server(uvicorn.Server):
    """Ends cleanly (exit code 0) and at once on SIGTERM and SIGINT, even with requests held open."""

    def __init__(self, world: World) -> None:
        self.world = world
        config = uvicorn.Config(
            build_app(world),
            http=Protocol,
            ws="none",
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=0,
        )
        super().__init__(config)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.world.closing.set()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Unlike uvicorn's own, does not raise the signal again afterwards: that would not be a clean end."""
        with contextlib.suppress(ValueError):  # not in the main thread, as in tests
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, self.handle_exit)
        yield


def listening_socket(host: str, port: int) -> socket.socket:
    """A bound socket (port 0: a free one). Raises OSError when the port is taken."""
    # Named TCP, for only then does asyncio switch off Nagle: else each answer waits 40 ms for an acknowledgement.
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(128)
    except OSError:
        sock.close()
        raise
    return sock


def make_world(*, base_url: str, key: str = DEFAULT_KEY, store: Store, settings: dict[str, Any] | None = None) -> World:
    """A world from what the store kept. `settings` are the switch values that a reset comes back to."""
    return World(key=key, base_url=base_url, store=store, switches=Switches(start=dict(settings or {})))


def run(*, host: str, port: int, data: Path | None, key: str, speed: float, team: Sequence[str] = ()) -> None:
    """Serve until a signal. `team` are the phones of the shops' own people. Raises OSError when the port is taken."""
    sock = listening_socket(host, port)
    store = Store(data)
    world = make_world(base_url=f"http://{host}:{port}", key=key, store=store, settings={"speed": speed})
    world.team = {canonical(number) for number in team}
    try:
        asyncio.run(Server(world).serve(sockets=[sock]))
    finally:
        store.close()
