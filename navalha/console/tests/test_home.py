"""The operator's first page: figures of all shops, nobody's words, and the same price for any size."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from conftest import make_customer, make_number
from navalha.accounts.models import Shop, ShopState
from navalha.booking.tests.helpers import text_of
from navalha.console.home import home, hours
from navalha.messaging.models import Direction, MessageState
from navalha.whatsapp.models import ConnectionState, EventState

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_operator(client, operator):
    client.force_login(operator)
    return client


def message(shop, state, at, *, direction=Direction.OUT, text="Segredo do cliente", customer=None):
    return shop.messages.create(
        customer=customer, direction=direction, address="+5511988887777", text=text, state=state, created_at=at
    )


def test_each_number_counts_under_the_badge_it_is_shown_with(shop, other_shop, server, now):
    make_number(shop, server, "a", checked_at=now)
    make_number(shop, server, "b", is_primary=False, state_changed_at=now - timedelta(hours=1))
    make_number(other_shop, server, "c", state=ConnectionState.ERROR, error_code="403")
    make_number(other_shop, server, "d", state=ConnectionState.REMOVED, is_primary=False)

    page = home(now=now)

    assert {tile.key: tile.count for tile in page.tiles if tile.count} == {"connected": 1, "unstable": 1, "blocked": 1}
    assert page.total == 3
    [line] = page.servers
    assert (line.numbers, line.connected) == (3, 1)
    assert len(page.created) == 3


def test_the_hours_add_up_to_what_a_plain_count_says(shop, other_shop, now):
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=23)
    for place in range(24):
        at = first + timedelta(hours=place, minutes=place)
        message(shop, MessageState.DELIVERED, at)
        message(other_shop, MessageState.FAILED if place % 2 else MessageState.QUEUED, at)
        message(shop, MessageState.RECEIVED, at, direction=Direction.IN)
    message(shop, MessageState.SENT, first - timedelta(seconds=1))

    found = hours(now=now)

    assert [hour.starts_at for hour in found] == [first + timedelta(hours=place) for place in range(24)]
    assert [(hour.received, hour.sent, hour.failed) for hour in found] == [(1, 1, place % 2) for place in range(24)]


def test_no_customers_words_name_or_phone_stand_on_the_page(as_operator, shop, now):
    customer = make_customer(shop, "Rafael Conceição de Albuquerque")
    message(shop, MessageState.SENT, timezone.now(), customer=customer)

    html = as_operator.get("/").content.decode()

    assert "Rafael A." in html
    assert "••• (18 letras)" in html
    assert "…7777" in html
    for private in ("Segredo", "Conceição", "Albuquerque", "98888"):
        assert private not in html


def fill(shop, server, count):
    now = timezone.now()
    for place in range(count):
        number = make_number(shop, server, f"{shop.slug}-{place}", is_primary=False, checked_at=now)
        number.changes.create(shop=shop, from_state="connecting", to_state="connected", at=now)
        message(shop, MessageState.SENT, now, customer=make_customer(shop, "Rafa", f"+5511977{shop.pk:03d}{place:03d}"))


def test_the_page_costs_the_same_for_one_shop_and_for_three(
    as_operator, shop, other_shop, server, django_assert_max_num_queries, django_assert_num_queries
):
    fill(shop, server, 1)
    with django_assert_max_num_queries(14) as first:
        as_operator.get("/")
    fill(other_shop, server, 3)
    with django_assert_num_queries(len(first)):
        as_operator.get("/")


def test_what_needs_the_operator_stands_on_top(as_operator, shop, server, now):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")  # a story's worker that was killed leaves its row
    said = text_of(as_operator.get("/"))
    assert "Nenhum worker está rodando" in said
    assert "quarentena" not in said
    number = make_number(shop, server, "a")
    values = {"event": "messages.upsert", "payload": {}, "received_at": now, "due_at": now, "shop": shop}
    number.webhook_events.create(dedupe_key="a", state=EventState.QUARANTINED, **values)
    number.webhook_events.create(dedupe_key="b", **values)
    Shop.objects.create(name="Nova", slug="nova", state=ShopState.PENDING)

    said = text_of(as_operator.get("/"))

    assert "1 evento em quarentena" in said
    assert "1 evento espera há mais de um minuto" in said
    assert "1 barbearia espera a sua aprovação" in said


def test_an_empty_installation_says_what_is_missing(as_operator):
    said = text_of(as_operator.get("/"))
    assert "Nenhum servidor cadastrado" in said
    assert "Nenhuma mensagem ainda." in said
