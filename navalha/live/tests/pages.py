"""A page's end of a stream, for the tests: plain sockets, so that a closed tab is really a closed connection."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Page:
    """An open stream. `next()` waits for the next event that is no sign of life."""

    def __init__(self, connection: socket.socket) -> None:
        self._file = connection.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        while self._file.readline().strip():
            pass

    def events(self) -> Iterator[tuple[str, str]]:
        """(name, data) of each event until the server ends the stream."""
        name = data = ""
        for line in self._file:
            field, _, value = line.decode().strip().partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                data = value
            elif not line.strip() and name:
                yield name, data
                name = data = ""

    def next(self) -> str:
        """The topic of the next tick. Raises StopIteration when the stream ends, TimeoutError after half a minute."""
        return next(data for name, data in self.events() if name == "tick")


@contextmanager
def open_page(port: int, shop_id: int, session: str, *, since: float | None = None) -> Iterator[Page]:
    """Connect as a browser with the session cookie `session`; nothing before `since` (default: now) is missed."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    try:
        seen = time.time() if since is None else since
        connection.sendall(
            f"GET /ao-vivo/?loja={shop_id}&desde={seen:.3f} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Cookie: sessionid={session}\r\n\r\n".encode()
        )
        yield Page(connection)
    finally:
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()


def wait_until(true, seconds: float = 30) -> None:
    """Look ten times a second until `true()` is."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError("it never became true")
        time.sleep(0.1)
