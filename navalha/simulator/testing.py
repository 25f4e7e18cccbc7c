"""The pretend server inside a test: `with running_simulator(speed=50) as sim: …`. Needs no Django.

Starts in well under half a second on a free port of 127.0.0.1, in a thread with its own event loop, in memory.
"""

import contextlib
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx2

from navalha.simulator.server import DEFAULT_KEY, Server, listening_socket, make_world
from navalha.simulator.store import Store

T = TypeVar("T")


class NotInTime(AssertionError):
    """What a test waited for did not happen."""


def wait_until(check: Callable[[], T | None], *, timeout: float = 30.0, what: str = "the condition") -> T:
    """Call `check` every 20 ms until it answers something true, and return that. Raises NotInTime."""
    end = time.monotonic() + timeout
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > end:
            raise NotInTime(f"waited {timeout} s for {what}; last seen: {found!r}")
        time.sleep(0.02)


class Phone:
    """One customer's phone."""

    def __init__(self, sim: "ControlDoor", number: str) -> None:
        self._sim = sim
        self.number = number

    def messages(self, since: float = 0.0) -> list[dict[str, Any]]:
        """Everything on this phone, oldest first (see control.py)."""
        found: list[dict[str, Any]] = self._sim.get(f"phones/{self.number}/messages?since={since}")["messages"]
        return found

    def received(self) -> list[dict[str, Any]]:
        """Only what came from shops."""
        return [message for message in self.messages() if message["direction"] == "received"]

    def send(self, text: str, **how: Any) -> dict[str, Any]:
        """Write to the shop; `how` as in control.py (to, kind, quoted_id, lid_only, timestamp, id, name)."""
        return dict(self._sim.post(f"phones/{self.number}/send", text=text, **how))

    def read(self) -> int:
        """Open the conversation; returns how many messages turned read."""
        return int(self._sim.post(f"phones/{self.number}/read")["read"])

    def wait_for(self, count: int = 1, *, timeout: float = 30.0) -> list[dict[str, Any]]:
        """Wait until at least `count` messages from shops are here, and return them."""
        return wait_until(
            lambda: found if len(found := self.received()) >= count else None,
            timeout=timeout,
            what=f"{count} message(s) on a phone",
        )


class ControlDoor:
    """A pretend server that runs somewhere: `url`, `key`, and its control door as methods."""

    def __init__(self, url: str, *, key: str) -> None:
        self.url = url
        self.key = key
        # Below the server's own 5 s: a connection that it is just closing would fail a test for nothing.
        fresh = httpx2.Limits(keepalive_expiry=2.0)
        self.http = httpx2.Client(trust_env=False, timeout=20.0, verify=ssl.create_default_context(), limits=fresh)

    def close(self) -> None:
        self.http.close()

    def get(self, path: str) -> Any:
        return self._answer(self.http.get(f"{self.url}/simulator/{path}"))

    def post(self, path: str, **body: Any) -> Any:
        return self._answer(self.http.post(f"{self.url}/simulator/{path}", json=body))

    @staticmethod
    def _answer(response: httpx2.Response) -> Any:
        if response.status_code != 200:
            raise AssertionError(f"the simulator refused: {response.text}")
        return response.json()

    def api(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> httpx2.Response:
        """One raw call of the pretend Evolution API with the global key (or another one)."""
        headers = {"apikey": key or self.key}
        return self.http.request(method, f"{self.url}{path}", json=body, headers=headers)

    def state(self) -> dict[str, Any]:
        return dict(self.get("state"))

    def instance(self, name: str) -> dict[str, Any]:
        """The view of one instance. Raises StopIteration when there is none."""
        return next(row for row in self.state()["instances"] if row["name"] == name)

    def switch(self, *, instance: str = "", number: str = "", **values: Any) -> None:
        """Set switches for all, for one instance or for one number."""
        self.post("switches", instance=instance, number=number, **values)

    def reset(self) -> None:
        """Switches back to their start; log and counters emptied."""
        self.post("reset")

    def clear(self) -> None:
        """Forget everything."""
        self.post("clear")

    def restart(self) -> None:
        """The server process dies and comes back; the port stays."""
        self.post("restart")

    def scan(self, name: str, **who: Any) -> bool:
        """Wait for a QR, read it (number, profileName), and wait for "open" unless the pairing fails."""
        wait_until(lambda: self.instance(name)["qr"]["code"], what=f"a QR of {name}")
        done = bool(self.post(f"instances/{quote(name, safe='')}/scan", **who)["ok"])
        if done:
            self.wait_state(name, "open")
        return done

    def wait_state(self, name: str, state: str, *, timeout: float = 30.0) -> None:
        wait_until(lambda: self.instance(name)["state"] == state, timeout=timeout, what=f"{name} to be {state}")

    def disconnect(self, name: str, code: int = 401) -> None:
        """The phone removes the device (401) or WhatsApp bans it (403)."""
        self.post(f"instances/{quote(name, safe='')}/phone-disconnect", code=code)

    def drop(self, name: str, seconds: float = 0.0) -> None:
        self.post(f"instances/{quote(name, safe='')}/drop", seconds=seconds)

    def type(self, name: str, to: str, text: str) -> dict[str, Any]:
        """The owner types on the shop's own phone."""
        return dict(self.post(f"instances/{quote(name, safe='')}/type", to=to, text=text))

    def phone(self, number: str) -> Phone:
        return Phone(self, "".join(filter(str.isdigit, number)))

    def deliveries(self, **wanted: str) -> dict[str, Any]:
        """{attempts, emitted, asked, reached}; `wanted` may be event= and instance=."""
        return dict(self._answer(self.http.get(f"{self.url}/simulator/deliveries", params=wanted)))

    def reached(self, text: str) -> int:
        """How many messages with this text reached the WhatsApp side."""
        return int(self.deliveries()["reached"].get(text, 0))

    def connected(self, name: str, *, webhook: dict[str, Any] | None = None, **who: Any) -> dict[str, Any]:
        """Create an instance, show a QR, scan it; returns the answer of the create call."""
        body: dict[str, Any] = {"instanceName": name, "integration": "WHATSAPP-BAILEYS"}
        if webhook is not None:
            body["webhook"] = webhook
        created = self.api("POST", "/instance/create", body)
        assert created.status_code == 201, created.text  # noqa: S101 — this file is a test tool
        self.api("GET", f"/instance/connect/{quote(name, safe='')}")
        self.scan(name, **who)
        return dict(created.json())


class RunningSimulator(ControlDoor):
    """A pretend server in a thread of this process."""

    def __init__(self, *, key: str, store: Store, settings: dict[str, Any], port: int = 0) -> None:
        self._store = store
        self._settings = settings
        self._port = port
        super().__init__("", key=key)
        self.start()

    def start(self) -> None:
        """Start (again), on the same port and with what was kept."""
        sock = listening_socket("127.0.0.1", self._port)
        self._port = sock.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        world = make_world(base_url=self.url, key=self.key, store=self._store, settings=self._settings)
        self._server = Server(world)
        self._thread = threading.Thread(target=self._server.run, args=([sock],), daemon=True, name="simulator")
        self._thread.start()
        end = time.monotonic() + 10
        while not self._server.started:
            if time.monotonic() > end or not self._thread.is_alive():
                raise NotInTime("the simulator did not start")
            time.sleep(0.005)

    def stop(self) -> None:
        """Stop; from now on connections are refused."""
        self._server.should_exit = True
        self._thread.join(timeout=10)

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """Inside the block nobody listens on the port."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def close(self) -> None:
        super().close()
        self.stop()
        self._store.close()


@contextlib.contextmanager
def running_simulator(
    *, speed: float = 50.0, key: str = DEFAULT_KEY, data: Path | None = None, **settings: Any
) -> Iterator[RunningSimulator]:
    """A pretend server for the length of the block; `settings` are switch values that a reset comes back to."""
    sim = RunningSimulator(key=key, store=Store(data), settings={"speed": speed, **settings})
    try:
        yield sim
    finally:
        sim.close()
