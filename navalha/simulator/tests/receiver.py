"""A small HTTP server that keeps the webhooks it gets and answers as a test says."""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from navalha.simulator.testing import wait_until


@dataclass
class Arrival:
    """One POST: path, headers (lower case), body, and the monotonic moment in seconds."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    at: float


@dataclass
class Receiver:
    """`answers` are used up one by one, then 200; `slow` seconds are waited before each answer."""

    arrivals: list[Arrival] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    slow: float = 0.0

    def __post_init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.arrivals.append(Arrival(self.path, headers, json.loads(raw), time.monotonic()))
                time.sleep(outer.slow)
                self.send_response(outer.answers.pop(0) if outer.answers else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def of(self, event: str) -> list[Arrival]:
        return [arrival for arrival in self.arrivals if arrival.body["event"] == event]

    def wait_for(self, event: str, count: int = 1, *, timeout: float = 20.0) -> list[Arrival]:
        """Wait until `count` webhooks of an event have come."""
        return wait_until(
            lambda: found if len(found := self.of(event)) >= count else None, timeout=timeout, what=f"{count} {event}"
        )

    def states(self) -> list[str]:
        return [arrival.body["data"]["state"] for arrival in self.of("connection.update")]

    def statuses(self) -> list[str]:
        return [arrival.body["data"]["status"] for arrival in self.of("messages.update")]
