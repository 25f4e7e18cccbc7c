"""The database goes away and comes back: 503 meanwhile, never a 4xx, and nothing that got a 200 is lost."""

import json
import time

import httpx2
import pytest
from django.db import connection, connections

from conftest import make_number
from navalha.whatsapp.models import EvolutionServer, WebhookEvent
from tests.postgres_proxy import postgres_proxy

from .doors import running_door

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def proxy():
    """The door reaches the database only through this; the test itself directly."""
    with postgres_proxy(connection.get_connection_params()) as proxy:
        yield proxy


@pytest.fixture
def door(proxy, shop, monkeypatch):
    server = EvolutionServer.objects.create(name="Um", url="http://127.0.0.1:1", encrypted_api_key="")
    make_number(shop, server, "ze-1")
    direct = connections["default"].settings_dict
    options = {name: value for name, value in direct["OPTIONS"].items() if name not in ("host", "port")}
    with monkeypatch.context() as way:
        way.setitem(direct, "HOST", "127.0.0.1")
        way.setitem(direct, "PORT", proxy.port)
        way.setitem(direct, "OPTIONS", options)
        opened = running_door()
        address = opened.__enter__()
    with httpx2.Client(base_url=address, timeout=20) as client:
        yield client
    opened.__exit__(None, None, None)


def post(door, key_id):
    content = json.dumps({"event": "x.y", "instance": "ze-1", "data": {"id": key_id}})
    return door.post("", content=content, headers={"x-api-key": "secret-of-ze-1"}).status_code


def test_without_its_database_the_door_says_503_and_takes_webhooks_again_when_it_is_back(door, proxy):
    assert post(door, "before") == 200

    proxy.cut()
    began = time.monotonic()
    assert [post(door, f"during {n}") for n in range(3)] == [503] * 3
    assert time.monotonic() - began < 20, "each is told soon: three that wait for a writer in vain take 24 s"

    proxy.mend()
    assert [post(door, f"during {n}") for n in range(3)] == [200] * 3
    assert WebhookEvent.across_shops.count() == 4


def test_a_door_that_opens_before_its_database_takes_webhooks_when_it_comes(door, proxy):
    proxy.cut()
    assert post(door, "early") == 503

    proxy.mend()
    assert post(door, "early") == 200
