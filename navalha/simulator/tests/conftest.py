"""A running simulator and a receiver of its webhooks."""

from collections.abc import Iterator

import pytest

from navalha.simulator.testing import RunningSimulator, running_simulator
from navalha.simulator.tests.receiver import Receiver

RECORDED_KEY = "dummy-global-key-0001"


@pytest.fixture
def sim() -> Iterator[RunningSimulator]:
    """A fast simulator with the key of the recordings."""
    with running_simulator(speed=50, key=RECORDED_KEY, server_ack_fraction=0.0) as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.close()
