"""Many moves at once are the moves one by one, or none of them."""

from datetime import UTC, datetime, timedelta

import pytest

from conftest import make_number
from navalha.core.moves import Moves
from navalha.core.states import MovedFirst, UndeclaredMove, move
from navalha.whatsapp.models import ConnectionState, WhatsAppInstance

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=5)
S = ConnectionState


@pytest.fixture
def numbers(shop):
    return [make_number(shop, None, name, is_primary=name == "ze-1") for name in ("ze-1", "ze-2")]


def stored(number):
    return WhatsAppInstance.across_shops.get(pk=number.pk)


def test_each_row_ends_where_its_last_step_led_and_has_every_step_in_its_history(numbers):
    first, second = numbers
    moves = Moves()
    moves.add(first, to=S.UNSTABLE, now=NOW, reason="sem retorno", error_message="Ç 'x' %s {}")
    moves.add(second, to=S.DISCONNECTED, now=NOW, disconnected_at=NOW)
    moves.add(first, to=S.CONNECTED, now=LATER, error_message="")
    moves.write()

    assert (stored(first).state, stored(first).state_changed_at, stored(first).error_message) == (
        "connected",
        LATER,
        "",
    )
    assert (stored(second).state, stored(second).disconnected_at) == ("disconnected", NOW)
    history = first.changes.order_by("pk").values_list("from_state", "to_state", "at", "reason", "shop_id")
    assert list(history) == [
        ("connected", "unstable", NOW, "sem retorno", first.shop_id),
        ("unstable", "connected", LATER, "", first.shop_id),
    ]


def test_a_step_that_the_table_lacks_is_our_fault(numbers):
    with pytest.raises(UndeclaredMove):
        Moves().add(numbers[0], to=S.CREATED, now=NOW)


def test_who_comes_second_is_told(numbers):
    moves = Moves()
    for number in numbers:
        moves.add(number, to=S.UNSTABLE, now=NOW)
    move(stored(numbers[1]), to=S.DISCONNECTED, now=NOW)

    with pytest.raises(MovedFirst):
        moves.write()


def test_no_moves_are_no_statements(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        Moves().write()
