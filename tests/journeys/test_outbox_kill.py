"""A worker that is killed with -9 at any step of a send neither loses nor repeats a message.

The proof is the customer's phone: whatever our rows say, it shows each message exactly once.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from navalha.messaging import work
from navalha.messaging.models import MessageState
from navalha.messaging.tests.helpers import connected_number, queued
from navalha.simulator.testing import wait_until
from tests.journeys.databases import url_of_tests

pytestmark = pytest.mark.django_db(transaction=True)
NURSERY = Path(__file__).with_name("dying_worker.py")
PHONE = "5511988887777"
KILLED = -signal.SIGKILL


@pytest.fixture
def number(simulator, shop, server):
    return connected_number(simulator, shop, server)


class Nursery:
    """The process that forks workers (see dying_worker.py)."""

    def __init__(self) -> None:
        env = {**os.environ, "DATABASE_URL": url_of_tests(), "DJANGO_SETTINGS_MODULE": "navalha.config.settings"}
        self.process = subprocess.Popen(
            [sys.executable, str(NURSERY)],
            env={**env, "PYTHONPATH": str(NURSERY.parents[2])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == "ready"

    def _answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def _order(self, order: str) -> int:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()
        return int(self._answer())

    def start(self, step: str, shop) -> int:
        """A new worker's process id."""
        return self._order(f"start {step} {shop.pk}")

    def wait(self, worker: int) -> int:
        """Its exit code, when it has ended."""
        return self._order(f"wait {worker}")

    def dies_at(self, step: str, shop) -> None:
        assert self.wait(self.start(step, shop)) == KILLED

    def close(self) -> None:
        self.process.communicate(timeout=20)


@pytest.fixture(scope="module")
def workers(django_db_setup, django_db_blocker) -> Iterator[Nursery]:
    with django_db_blocker.unblock():
        nursery = Nursery()
    yield nursery
    nursery.close()


def recover(shop) -> None:
    """What the worker that comes after does by itself, an hour of it."""
    now = datetime.now(UTC)
    for minutes in (0, 3, 4, 8, 20, 60):
        work.look_up_unconfirmed(now + timedelta(minutes=minutes))
        work.send_due(shop.pk, now + timedelta(minutes=minutes))


def on_the_phone(simulator) -> list[str]:
    return [message["text"] for message in simulator.phone(PHONE).received()]


def assert_each_arrived_once(simulator, shop, texts: list[str]) -> None:
    assert on_the_phone(simulator) == texts
    assert set(shop.messages.values_list("state", flat=True)) == {MessageState.SENT}
    ids = {message["text"]: message["id"] for message in simulator.phone(PHONE).received()}
    assert {message.text: message.wa_id for message in shop.messages.all()} == ids


@pytest.mark.parametrize(
    ("step", "left"),
    [
        ("claimed", MessageState.QUEUED),
        ("taken", MessageState.SENDING),
        ("answered", MessageState.SENDING),
        ("written", MessageState.SENDING),
        ("next", MessageState.SENDING),
        ("recorded", MessageState.SENT),
    ],
)
def test_a_worker_killed_at_a_step_neither_loses_nor_repeats(simulator, shop, number, customer, workers, step, left):
    texts = ["Seu horário: 15h", "Até já!"]
    first, _second = [queued(shop, customer, text, datetime.now(UTC)) for text in texts]

    workers.dies_at(step, shop)
    first.refresh_from_db()
    assert first.state == left
    recover(shop)

    assert_each_arrived_once(simulator, shop, texts)


@pytest.mark.parametrize("switch", ["send_hang_before", "send_hang_after"])
def test_a_worker_killed_while_the_server_holds_its_request_neither_loses_nor_repeats(
    simulator, shop, number, customer, workers, switch
):
    texts = ["Seu horário: 15h", "Até já!"]
    first, _second = [queued(shop, customer, text, datetime.now(UTC)) for text in texts]
    simulator.switch(**{switch: 1}, hang_seconds=3.0)

    worker = workers.start("never", shop)
    wait_until(lambda: simulator.deliveries()["asked"].get(texts[0]), timeout=30, what="the request")
    os.kill(worker, signal.SIGKILL)
    assert workers.wait(worker) == KILLED
    first.refresh_from_db()
    assert first.state == MessageState.SENDING
    recover(shop)

    assert_each_arrived_once(simulator, shop, texts)


def test_one_that_dies_again_and_again_still_sends_each_message_once(simulator, shop, number, customer, workers):
    texts = [f"mensagem {turn}" for turn in range(4)]
    for text in texts:
        queued(shop, customer, text, datetime.now(UTC))

    for step in ("taken", "answered", "written"):
        workers.dies_at(step, shop)
        shop.messages.filter(state=MessageState.SENDING).update(lease_until=datetime.now(UTC))
        work.look_up_unconfirmed(datetime.now(UTC) + timedelta(minutes=2))
        shop.messages.filter(state=MessageState.QUEUED).update(due_at=datetime.now(UTC))
    recover(shop)

    assert_each_arrived_once(simulator, shop, texts)


def test_two_workers_at_once_send_each_message_once_and_in_order(simulator, shop, number, customer, workers):
    texts = [f"mensagem {turn}" for turn in range(30)]
    for text in texts:
        queued(shop, customer, text, datetime.now(UTC))

    one, other = workers.start("never", shop), workers.start("never", shop)
    assert [workers.wait(one), workers.wait(other)] == [0, 0]
    recover(shop)

    assert_each_arrived_once(simulator, shop, texts)
