"""Moving a row: by the table only, by one of many, and never without its history."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from conftest import make_number
from navalha.core.states import MovedFirst, UndeclaredMove, move
from navalha.whatsapp.models import ConnectionState, WhatsAppInstance

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)


@pytest.fixture
def number(shop):
    return make_number(shop, None, "ze-1")


def test_a_move_writes_state_fields_and_history_at_once(number, owner):
    move(number, to=ConnectionState.UNSTABLE, now=NOW, by=owner, reason="sem retorno", error_message="Ç 'x' %s {}")

    stored = WhatsAppInstance.across_shops.get(pk=number.pk)
    assert (stored.state, stored.state_changed_at, stored.error_message) == ("unstable", NOW, "Ç 'x' %s {}")
    assert (number.state, number.error_message) == ("unstable", "Ç 'x' %s {}")
    change = number.changes.get()
    assert (change.from_state, change.to_state, change.at) == ("connected", "unstable", NOW)
    assert (change.by, change.reason, change.shop_id) == (owner, "sem retorno", number.shop_id)


def test_a_related_row_can_be_written_by_the_move(number, server):
    move(number, to=ConnectionState.UNSTABLE, now=NOW, server=server)

    assert WhatsAppInstance.across_shops.get(pk=number.pk).server == server


def test_a_move_that_the_table_lacks_is_our_fault(number):
    with pytest.raises(UndeclaredMove):
        move(number, to=ConnectionState.CREATED, now=NOW)

    assert not number.changes.exists()


def test_who_comes_second_is_told_and_writes_nothing(number):
    first = WhatsAppInstance.across_shops.get(pk=number.pk)
    move(first, to=ConnectionState.DISCONNECTED, now=NOW)

    with pytest.raises(MovedFirst):
        move(number, to=ConnectionState.UNSTABLE, now=NOW, error_message="não escreva isto")

    stored = WhatsAppInstance.across_shops.get(pk=number.pk)
    assert (stored.state, stored.error_message) == ("disconnected", "")
    assert stored.changes.count() == 1


def test_a_move_goes_with_the_transaction_it_is_in(number):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _ = move(number, to=ConnectionState.UNSTABLE, now=NOW), 1 / 0

    assert WhatsAppInstance.across_shops.get(pk=number.pk).state == "connected"
    assert not number.changes.exists()
