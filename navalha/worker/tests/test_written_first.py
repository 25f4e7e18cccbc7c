"""The customer writes first, all the way: the webhook, the door, the worker, and the phone that gets the answer."""

from datetime import UTC, datetime, timedelta

import pytest

from conftest import known_by
from navalha.messaging import work as messaging
from navalha.messaging.tests.helpers import connected_number, texts_on_phone
from navalha.scheduling import actions
from navalha.scheduling.openers import queries
from navalha.scheduling.openers.codes import code_of
from navalha.simulator.testing import wait_until
from navalha.whatsapp.tests.doors import running_door
from navalha.worker import inbox

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = "5511988887777"


@pytest.fixture
def number(shop, server, simulator):
    """Connected, and its webhooks come to a real door."""
    shop.customer_first_minutes = 5
    shop.save()
    with running_door() as door:
        number = connected_number(simulator, shop, server)
        hook = {"url": door, "enabled": True, "events": ["MESSAGES_UPSERT"], "headers": {"X-API-Key": "secret-of-ze-1"}}
        assert simulator.api("POST", "/webhook/set/ze-1", {"webhook": hook}).status_code == 201
        yield number


def test_three_webhooks_of_a_hidden_phone_make_one_confirmation_in_its_conversation(
    shop, number, simulator, haircut, ze
):
    now = datetime.now(UTC)
    at = {"starts_at": now + timedelta(days=2), "now": now}
    at["starts_at"] = at["starts_at"].replace(hour=15, minute=0, second=0, microsecond=0)
    visit = actions.book(shop, services=[haircut], professional=ze, name="Rafa", phone=f"+{PHONE}", **at)
    messaging.send_due(shop.pk, datetime.now(UTC))
    assert texts_on_phone(simulator) == []  # it waits for the customer

    simulator.switch(webhook_duplicates=2)
    simulator.phone(PHONE).send(f"Olá! Meu código é {code_of(shop.pk, visit.pk)}.", to="ze-1", lid_only=True)
    wait_until(lambda: number.webhook_events.count(), what="a webhook at the door")
    for _ in range(2):  # what a killed worker left is done once more
        inbox.drain(number.pk, now=datetime.now(UTC))
        messaging.send_due(shop.pk, datetime.now(UTC))

    [confirmation] = simulator.phone(PHONE).wait_for(1)
    assert "está reservado" in confirmation["text"]
    told = shop.messages.get(dedupe_key=f"booked:{visit.pk}")
    assert told.address.endswith("@lid")
    assert known_by(shop, PHONE) == known_by(shop, told.address)
    assert queries.first_word(visit).standing == "hidden"

    simulator.phone(PHONE).send("1", to="ze-1", lid_only=True)
    wait_until(lambda: number.webhook_events.filter(state="stored").exists(), what="the answer at the door")
    inbox.drain(number.pk, now=datetime.now(UTC))
    visit.refresh_from_db()
    assert visit.state == "confirmed"
