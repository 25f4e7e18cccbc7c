"""Where the simulator's webhooks arrive in these tests, and what the product makes of them, one after another."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from navalha.evolution.events import ConnectionChanged, Event, MessageArrived, QrLimitReached, QrUpdated, parse
from navalha.simulator.testing import wait_until
from navalha.whatsapp import actions
from navalha.whatsapp.models import WhatsAppInstance


class Ear:
    """Keeps every webhook until the test says that it is worked off."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.worked_off = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def wait_for(self, event: str, **data: Any) -> int:
        """Until a webhook that nobody worked off yet is this one; the place after it."""
        return wait_until(lambda: self._place_after(event, data), what=event)

    def _place_after(self, event: str, data: dict[str, Any]) -> int | None:
        waiting = enumerate(self.bodies[self.worked_off :], self.worked_off + 1)
        return next((place for place, body in waiting if _is(body, event, data)), None)

    def work_off(self, now: datetime, until: int | None = None) -> list[Event]:
        """Hand what has come (before the place `until`) to the actions, in order, as the worker does."""
        waiting = self.bodies[self.worked_off : until]
        self.worked_off += len(waiting)
        events = [event for body in waiting for event in parse(body)]
        for event in events:
            instance = WhatsAppInstance.across_shops.filter(remote_name=event.instance).first()
            if instance is not None:
                apply(instance, event, now)
        return events

    def then(self, event: str, now: datetime, **data: Any) -> list[Event]:
        """Wait for a webhook and work off everything up to it."""
        return self.work_off(now, self.wait_for(event, **data))


def apply(instance: WhatsAppInstance, event: Event, now: datetime) -> None:
    """What the worker does with the events that concern a connection."""
    match event:
        case QrUpdated():
            actions.record_qr(instance, event, now)
        case QrLimitReached():
            actions.record_qr_limit(instance, now)
        case ConnectionChanged():
            actions.record_connection(instance, event, now)
        case MessageArrived():
            actions.record_inbound(instance, now)


def _is(body: dict[str, Any], event: str, data: dict[str, Any]) -> bool:
    said = body["data"] if isinstance(body["data"], dict) else {}
    return body["event"] == event and all(said.get(name) == value for name, value in data.items())


def _handler(ear: Ear) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            assert self.path == "/whatsapp/webhook/update/"
            ear.keys.append(self.headers.get("X-API-Key", ""))
            ear.bodies.append(body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Nothing: the test says what it saw."""

    return Handler


@contextmanager
def listening() -> Iterator[Ear]:
    ear = Ear()
    thread = threading.Thread(target=ear.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield ear
    finally:
        ear.server.shutdown()
        ear.server.server_close()
        thread.join(timeout=5)
