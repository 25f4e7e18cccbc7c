from collections.abc import Iterator

import pytest
from django.test import Client

from navalha.config.testing import RunningWeb, running_web
from navalha.live.stream import application as streams

from .pages import wait_until


@pytest.fixture
def web(transactional_db) -> Iterator[RunningWeb]:
    """The real web process, already listening."""
    with running_web() as running:
        wait_until(lambda: streams.hub.listening)
        yield running


def session_of(user) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


@pytest.fixture
def owner_session(owner) -> str:
    return session_of(owner)
