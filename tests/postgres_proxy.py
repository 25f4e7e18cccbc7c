"""A TCP door to the tests' PostgreSQL that can be shut: the database goes away and comes back, for one process only."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator


class PostgresProxy:
    """Forwards connections to `connect()`; while it is cut, open ones are reset and new ones refused."""

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.port = 0
        self.mend()

    def mend(self) -> None:
        """Listen again, on the same port."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=[listener], daemon=True).start()

    def cut(self) -> None:
        """Refuse new connections and reset the open ones."""
        listener, self._listener = self._listener, None
        if listener is not None:
            _shut(listener)
        with self._lock:
            for one in self._open:
                _shut(one)
            self._open.clear()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the listener was shut
            while True:
                client, _ = listener.accept()
                self._forward(client)

    def _forward(self, client: socket.socket) -> None:
        server = self._connect()
        with self._lock:
            self._open |= {client, server}
        for source, target in ((client, server), (server, client)):
            threading.Thread(target=self._pump, args=[source, target], daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with self._lock:
            self._open -= {source, target}
        _shut(source)
        _shut(target)


def _shut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextlib.contextmanager
def postgres_proxy(parameters: dict) -> Iterator[PostgresProxy]:
    """`parameters` are Django's connection parameters: a host (name or socket folder) and a port."""
    proxy = PostgresProxy(lambda: _dial(parameters))
    try:
        yield proxy
    finally:
        proxy.cut()


def _dial(parameters: dict) -> socket.socket:
    host, port = str(parameters.get("host") or "127.0.0.1"), int(parameters.get("port") or 5432)
    if not host.startswith("/"):
        return socket.create_connection((host, port))
    local = socket.socket(socket.AF_UNIX)
    local.connect(f"{host}/.s.PGSQL.{port}")
    return local
