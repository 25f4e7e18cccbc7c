"""The ladder of acks, without a database."""

from itertools import permutations

import pytest

from navalha.core.states import UndeclaredMove
from navalha.evolution.types import DeliveryStatus
from navalha.messaging.delivery import after
from navalha.messaging.models import MESSAGE_MOVES, MessageState

S, D = MessageState, DeliveryStatus


def climbed(start: MessageState, statuses) -> MessageState:
    state = start
    for status in statuses:
        state = after(state, status) or state
    return state


@pytest.mark.parametrize("order", list(permutations([D.SERVER_ACK, D.DELIVERY_ACK, D.READ])))
def test_acks_end_in_read_in_whatever_order_they_come(order):
    assert climbed(S.SENT, order) == S.READ


def test_a_late_delivery_after_read_changes_nothing():
    assert after(S.READ, D.DELIVERY_ACK) is None


def test_the_same_ack_twice_changes_nothing():
    assert after(S.DELIVERED, D.DELIVERY_ACK) is None


def test_read_without_delivered_before_it_counts():
    assert after(S.SENT, D.READ) == S.READ


@pytest.mark.parametrize("state", [S.SENDING, S.UNCONFIRMED, S.SENT])
def test_an_error_fails_what_has_not_arrived(state):
    assert after(state, D.ERROR) == S.FAILED


@pytest.mark.parametrize("state", [S.DELIVERED, S.READ, S.PLAYED, S.EXPIRED, S.CANCELLED, S.RECEIVED, S.QUEUED])
def test_an_error_does_not_take_back_what_has_arrived_or_was_never_out(state):
    assert after(state, D.ERROR) is None


def test_arrival_proves_an_error_wrong_but_the_servers_word_does_not():
    assert after(S.FAILED, D.DELIVERY_ACK) == S.DELIVERED
    assert after(S.FAILED, D.SERVER_ACK) is None


@pytest.mark.parametrize("status", [D.PENDING, D.DELETED, D.UNKNOWN])
def test_words_that_say_nothing_about_arrival_change_nothing(status):
    assert [after(state, status) for state in S] == [None] * len(S)


def test_every_move_of_the_ladder_is_declared_in_the_table():
    wanted = {(state, target) for state in S for status in D if (target := after(state, status))}

    assert wanted
    assert [move for move in wanted if move[1] not in MESSAGE_MOVES[move[0]]] == [], UndeclaredMove
