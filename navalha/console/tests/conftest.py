from collections.abc import Iterator

import pytest
from django.test import Client

from navalha.config.testing import RunningWeb, running_web


@pytest.fixture
def as_operator(client: Client, operator) -> Client:
    client.force_login(operator)
    return client


@pytest.fixture
def web(transactional_db, settings) -> Iterator[RunningWeb]:
    """The real web process, at the address that servers are told to report to."""
    with running_web() as running:
        settings.WEBHOOK_BASE_URL = running.url
        yield running
