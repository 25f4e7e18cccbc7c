"""A whole town for a story: the real processes, as they run in production, on a database of their own.

Two demo shops (`navalha.demo`), a pretend WhatsApp, one or more web processes, a worker. Everything listens on free
ports of 127.0.0.1 and is gone when the block ends.
"""

import fcntl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from psycopg.rows import dict_row

from navalha.demo.services import answers, worker_reported
from navalha.simulator.testing import ControlDoor
from tests.journeys import processes
from tests.journeys.databases import own_database
from tests.journeys.processes import ROOT, Process, environment, free_port, wait_until

KEY = "key-of-the-story"
SPEED = "3"  # of WhatsApp itself: acks in under a second, a new QR every fifteen
TAIL = 6000  # characters of each log that a failed test shows
# Stories book often from one address and log in often: the limits have tests of their own.
LIMITS = {"PUBLIC_BOOKINGS_PER_HOUR": "1000"}
# The pace is kept, with gaps that a test can wait for; a town has many new customers on its only day.
PACE = {"MESSAGES_GAP_SCALE": "0.05", "MESSAGES_NEW_IN_FIRST_WEEK": "80"}
# A worker that is killed is a story too: what it left is found again in seconds instead of minutes.
SHORT = {"EVOLUTION_READ_TIMEOUT": "8", "SEND_LEASE_SECONDS": "10", "UNCONFIRMED_SETTLE_SECONDS": "2"}


@dataclass
class Town:
    """`url` of the first web process and `urls` of all, without a final slash; `logs` by the name of the process."""

    database: str
    env: dict[str, str]
    folder: Path
    simulator: ControlDoor
    urls: list[str] = field(default_factory=list)
    web: list[Process] = field(default_factory=list)
    workers: list[Process] = field(default_factory=list)
    sessions: dict[str, Any] = field(default_factory=dict)  # cookies of who has logged in, by e-mail

    @property
    def url(self) -> str:
        return self.urls[0]

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """What the database says; also for what only a story does to it, such as making time pass."""
        with psycopg.connect(self.database, autocommit=True, row_factory=dict_row) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def start_web(self, port: int = 0) -> str:
        """One more web process; returns its address once it answers."""
        port = port or free_port()
        words = ["--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--timeout-graceful-shutdown", "3"]
        command = [sys.executable, "-m", "uvicorn", "navalha.config.asgi:application", *words]
        process = Process(command, self.env, self.folder / f"web-{len(self.web)}.log")
        self.web.append(process)
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{url}/saude/"), 60, process)
        self.urls.append(url)
        return url

    def start_worker(self) -> Process:
        """A worker that has reported."""
        began = datetime.now(UTC)
        process = processes.worker(self.env, self.folder / "worker.log")
        self.workers.append(process)
        wait_until(lambda: worker_reported(self.database, began), 60, process)
        return process

    def kill_worker(self) -> None:
        """kill -9, the newest one."""
        self.workers.pop().kill()

    def end(self) -> None:
        for process in [*self.workers, *self.web]:
            process.end()

    def last_words(self) -> str:
        """The ends of all logs, for whoever reads about a failed test."""
        return "\n".join(
            f"---- {log.name}\n{log.read_text(errors='replace')[-TAIL:]}" for log in sorted(self.folder.glob("*.log"))
        )


@contextmanager
def running_town(folder: Path, *, web_processes: int = 1) -> Iterator[Town]:
    """Start everything, and end it for sure. Logs are in `folder`."""
    port, simulator_port = free_port(), free_port()
    with ExitStack() as stack:
        database = stack.enter_context(own_database())
        simulator = stack.enter_context(_simulator(folder, simulator_port))
        site = f"http://127.0.0.1:{port}"
        ports = {"SITE_URL": site, "WEBHOOK_BASE_URL": site, "SIMULATOR_PORT": str(simulator_port)}
        env = environment(
            database, **ports, SIMULATOR_KEY=KEY, NAVALHA_VAR=str(settings.VAR), **LIMITS, **PACE, **SHORT
        )
        _prepare(env, folder)
        town = Town(database, env, folder, simulator)
        stack.callback(town.end)
        for number in range(web_processes):
            town.start_web(port if number == 0 else 0)
        town.start_worker()
        yield town


@contextmanager
def _simulator(folder: Path, port: int) -> Iterator[ControlDoor]:
    words = ["--port", str(port), "--key", KEY, "--speed", SPEED]
    process = Process([sys.executable, "-m", "navalha.simulator", *words], environment(""), folder / "simulator.log")
    door = ControlDoor(f"http://127.0.0.1:{port}", key=KEY)
    try:
        wait_until(lambda: answers(f"{door.url}/telefone/"), 30, process)
        yield door
    finally:
        door.close()
        process.end()


def _prepare(env: dict[str, str], folder: Path) -> None:
    """Tables, static files, the two shops. One at a time: the folder of the static files is shared."""
    settings.VAR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR / "static.lock").open("w") as lock, (folder / "prepare.log").open("wb") as log:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = [sys.executable, "-m", "navalha.demo.prepare"]
        done = subprocess.run(command, cwd=ROOT, env=env, stdout=log, stderr=log, check=False, timeout=180)
    assert done.returncode == 0, (folder / "prepare.log").read_text()


def within(seconds: float, true: Any, what: str) -> None:
    """Look ten times a second until `true()` is; fail with `what` when it does not become so in time."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)
