"""The town in which the journeys happen: started once for each test process, two shops and a pretend WhatsApp."""

from collections.abc import Iterator

import pytest

from tests.journeys.town import Town, running_town


@pytest.fixture(scope="session")
def session_town(django_db_setup, tmp_path_factory) -> Iterator[Town]:
    with running_town(tmp_path_factory.mktemp("town")) as town:
        yield town


@pytest.fixture
def town(session_town: Town, request: pytest.FixtureRequest) -> Iterator[Town]:
    """The town, with every fault of the pretend WhatsApp at rest. A failed test shows what the processes said."""
    session_town.simulator.reset()
    yield session_town
    if getattr(request.node, "failed", False):
        print(session_town.last_words())
