"""A worker that is killed with -9 at any step of a send neither loses nor repeats a message.

The proof is the customer's phone: whatever our rows say, it shows each message exactly once.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from navalha.messaging import work
from navalha.messaging.models import MessageState
from navalha.messaging.tests.helpers import connected_number, queued
from navalha.simulator.testing import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
WORKER = Path(__file__).with_name("dying_worker.py")
PHONE = "5511988887777"
KILLED = -signal.SIGKILL


@pytest.fixture
def number(simulator, shop, server):
    return connected_number(simulator, shop, server)


def database_url() -> str:
    """The test's own database, as a child process can reach it."""
    known = connection.settings_dict
    host = known["HOST"] or known.get("OPTIONS", {}).get("host", "")
    who = f"{quote(known['USER'])}:{quote(known['PASSWORD'] or '', safe='')}"
    if host.startswith("/"):
        return f"postgresql://{who}@/{known['NAME']}?host={quote(host, safe='')}"
    return f"postgresql://{who}@{host}:{known['PORT'] or 5432}/{known['NAME']}"


@contextmanager
def worker(shop, step: str) -> Iterator["subprocess.Popen[str]"]:
    """A worker process that has begun to send."""
    env = {**os.environ, "DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "navalha.config.settings"}
    process = subprocess.Popen(
        [sys.executable, str(WORKER), step, str(shop.pk)],
        env={**env, "PYTHONPATH": str(WORKER.parents[2])},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=20)


def dies_at(shop, step: str) -> None:
    with worker(shop, step) as process:
        assert process.wait(timeout=30) == KILLED


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
        ("recorded", MessageState.SENT),
    ],
)
def test_a_worker_killed_at_a_step_neither_loses_nor_repeats(simulator, shop, number, customer, step, left):
    texts = ["Seu horário: 15h", "Até já!"]
    first, _second = [queued(shop, customer, text, datetime.now(UTC)) for text in texts]

    dies_at(shop, step)
    first.refresh_from_db()
    assert first.state == left
    recover(shop)

    assert_each_arrived_once(simulator, shop, texts)


@pytest.mark.parametrize("switch", ["send_hang_before", "send_hang_after"])
def test_a_worker_killed_while_the_server_holds_its_request_neither_loses_nor_repeats(
    simulator, shop, number, customer, switch
):
    texts = ["Seu horário: 15h", "Até já!"]
    first, _second = [queued(shop, customer, text, datetime.now(UTC)) for text in texts]
    simulator.switch(**{switch: 1}, hang_seconds=3.0)

    with worker(shop, "never") as process:
        wait_until(lambda: simulator.deliveries()["asked"].get(texts[0]), timeout=30, what="the request")
        process.send_signal(signal.SIGKILL)
        assert process.wait(timeout=10) == KILLED
    first.refresh_from_db()
    assert first.state == MessageState.SENDING
    recover(shop)

    assert_each_arrived_once(simulator, shop, texts)


def test_one_that_dies_again_and_again_still_sends_each_message_once(simulator, shop, number, customer):
    texts = [f"mensagem {turn}" for turn in range(4)]
    for text in texts:
        queued(shop, customer, text, datetime.now(UTC))

    for step in ("taken", "answered", "written"):
        dies_at(shop, step)
        shop.messages.filter(state=MessageState.SENDING).update(lease_until=datetime.now(UTC))
        work.look_up_unconfirmed(datetime.now(UTC) + timedelta(minutes=2))
        shop.messages.filter(state=MessageState.QUEUED).update(due_at=datetime.now(UTC))
    recover(shop)

    assert_each_arrived_once(simulator, shop, texts)


def test_two_workers_at_once_send_each_message_once_and_in_order(simulator, shop, number, customer):
    texts = [f"mensagem {turn}" for turn in range(30)]
    for text in texts:
        queued(shop, customer, text, datetime.now(UTC))

    with worker(shop, "never") as one, worker(shop, "never") as other:
        assert [one.wait(timeout=60), other.wait(timeout=60)] == [0, 0]
    recover(shop)

    assert_each_arrived_once(simulator, shop, texts)
