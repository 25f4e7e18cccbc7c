"""The operator sees what came without reading it, and tries again what failed."""

import pytest
from django.urls import reverse

from conftest import make_customer, make_number
from navalha.customers.models import Customer
from navalha.whatsapp.masking import masked
from navalha.whatsapp.models import EvolutionServer, WebhookEvent

from . import stories

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(shop, now):
    server = EvolutionServer.objects.create(name="Um", url="http://127.0.0.1:1", encrypted_api_key="")
    return stories.message(make_number(shop, server, "ze-1"), "segredo do Rafa", now=now, name="Rafael")


@pytest.fixture
def console(client, operator):
    client.force_login(operator)
    return client


def test_the_content_is_masked_until_the_operator_asks_for_it(console, event, caplog):
    page = reverse("admin:whatsapp_webhookevent_change", args=[event.pk])

    shown = console.get(page).content.decode()
    assert "messages.upsert" in shown
    assert "segredo" not in shown
    assert "Rafael" not in shown
    assert "5511988887777" not in shown.replace(event.dedupe_key, "")

    assert f'href="/eventos/{event.pk}/"' in shown


def test_the_list_names_no_content_and_finds_by_state_and_number(console, event):
    page = console.get(reverse("admin:whatsapp_webhookevent_changelist"), {"q": "ze-1", "state": "stored"})

    assert page.context["cl"].result_count == 1
    assert "segredo" not in page.content.decode()


def test_a_quarantined_event_is_put_back_by_the_operator(console, event):
    WebhookEvent.across_shops.update(state="quarantined", attempts=8, error="x")

    console.post(
        reverse("admin:whatsapp_webhookevent_changelist"),
        {"action": "replay_events", "_selected_action": [event.pk]},
    )

    event.refresh_from_db()
    assert (event.state, event.attempts, event.error) == ("stored", 0, "")


def test_nobody_writes_an_event_by_hand(console, event):
    assert console.get(reverse("admin:whatsapp_webhookevent_add")).status_code == 403
    page = reverse("admin:whatsapp_webhookevent_change", args=[event.pk])
    assert console.post(page, {"state": "processed"}).status_code == 403


def test_two_customers_of_a_shop_are_made_one_and_of_two_shops_never(console, shop, other_shop):
    ours = [make_customer(shop, "Rafa", "+5511988887777"), make_customer(shop, "Rafa", "+5511977776666")]
    theirs = make_customer(other_shop)
    page = reverse("admin:customers_customer_changelist")

    console.post(page, {"action": "merge_customers", "_selected_action": [ours[0].pk, theirs.pk]})
    assert Customer.across_shops.count() == 3

    console.post(page, {"action": "merge_customers", "_selected_action": [ours[0].pk, ours[1].pk]})
    assert set(Customer.across_shops.values_list("pk", flat=True)) == {ours[0].pk, theirs.pk}
    assert ours[0].identities.count() == 2


def test_masking_keeps_the_shape_and_the_words_of_the_protocol():
    payload = {"event": "x", "data": {"key": {"id": "3A", "fromMe": True}, "pushName": "Rafa", "n": [1, None, "ab"]}}

    assert masked(payload) == {
        "event": "x",
        "data": {"key": {"id": "3A", "fromMe": True}, "pushName": "… (4)", "n": ["…", None, "… (2)"]},
    }
