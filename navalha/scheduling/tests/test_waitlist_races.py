"""An offer that several want to end at once, and a list at which several workers look."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from conftest import make_number
from navalha.core.errors import Refused
from navalha.scheduling.models import OfferState, WaitlistOffer, WaitState
from navalha.scheduling.moving import actions as moving
from navalha.scheduling.moving.actions import Place
from navalha.scheduling.waitlist import actions as waitlist_actions
from navalha.scheduling.waitlist import offering
from navalha.scheduling.waitlist import work as waitlist_work

from .waitlist_helpers import MINUTE, at, fill, free, join, offered

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house(shop, server, ze, now):
    make_number(shop, server, "ze-0001", connected_at=now)
    shop.visits = fill(shop, ze, now)
    return shop


@pytest.fixture
def made(house, haircut, now) -> WaitlistOffer:
    """15:00, offered to Rafa a moment ago."""
    join(house, [haircut], now)
    free(next(one for one in house.visits if one.starts_at == at(15)), now)
    return offered(house, now)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each returned or refused; they begin together, each on a connection of its own."""
    barrier = Barrier(len(acts))

    def one(act: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=30)
            return act()
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def fresh(made: WaitlistOffer) -> WaitlistOffer:
    return made.shop.waitlist_offers.select_related("shop", "entry").get(pk=made.pk)


def accepting(made: WaitlistOffer, now) -> Callable[[], Any]:
    own = fresh(made)
    return lambda: offering.accept(own, said_at=now, now=now)


def visits_at_three(shop) -> int:
    rows = shop.appointments.exclude(state__in=["cancelled", "no_show"])
    return rows.filter(starts_at__lt=at(15, 30), ends_at__gt=at(15)).count()


def test_a_yes_by_message_and_by_tap_at_once_are_one_visit(house, made, now):
    outcomes = at_once(*(accepting(made, now + MINUTE) for _ in range(4)))

    assert len({visit.pk for visit in outcomes}) == 1
    assert visits_at_three(house) == 1
    assert house.messages.filter(purpose="booked").count() == 1
    assert fresh(made).state == OfferState.ACCEPTED


def test_a_yes_at_the_moment_of_the_end_counts_or_it_does_not(house, made):
    end = made.expires_at + offering.GRACE
    in_time, own = made.expires_at - timedelta(seconds=1), fresh(made)

    yes, _ = at_once(
        lambda: offering.accept(own, said_at=in_time, now=end - timedelta(seconds=1)),
        lambda: waitlist_work.settle(fresh(made), now=end),
    )

    state, entry = fresh(made).state, house.waitlist.get()
    if isinstance(yes, Refused):
        assert (state, entry.state, visits_at_three(house)) == (OfferState.LAPSED, WaitState.WAITING, 0)
    else:
        assert (state, entry.state, visits_at_three(house)) == (OfferState.ACCEPTED, WaitState.FULFILLED, 1)
    assert not house.slot_holds.exists()


def test_a_yes_while_the_shop_moves_a_visit_there_leaves_one_of_the_two(house, made, ze, owner, now):
    other = next(one for one in house.visits if one.starts_at == at(10))
    place = Place(ze, at(15), at(15, 30))

    yes, _ = at_once(
        accepting(made, now + MINUTE),
        lambda: moving.reschedule(other, place, seen=0, by=owner, now=now, even_if_closed=True, tell_customer=False),
    )

    assert visits_at_three(house) == 1
    expected = OfferState.WITHDRAWN if isinstance(yes, Refused) else OfferState.ACCEPTED
    assert fresh(made).state == expected
    assert not house.slot_holds.exists()


def test_who_says_yes_and_leaves_at_once_has_a_visit_or_has_left(house, made, now):
    entry = house.waitlist.select_related("shop").get()

    yes, _left = at_once(accepting(made, now + MINUTE), lambda: waitlist_actions.leave(entry, now=now + MINUTE))

    entry.refresh_from_db()
    booked = not isinstance(yes, Refused)
    assert entry.state == (WaitState.FULFILLED if booked else WaitState.LEFT)
    assert visits_at_three(house) == int(booked)


def test_several_workers_at_once_offer_a_time_to_one_person(house, haircut, now):
    for number, name in enumerate(("Ana", "Bia", "Caio")):
        join(house, [haircut], now, name=name, phone=f"+551197777000{number}")
    free(next(one for one in house.visits if one.starts_at == at(15)), now)

    at_once(*(lambda: waitlist_work.look(house.pk, now) for _ in range(4)))

    assert house.waitlist_offers.get().entry.customer.name == "Ana"
    assert house.messages.filter(purpose="waitlist_offer").count() == 1


def test_two_members_who_offer_overlapping_times_at_once_offer_one(house, haircut, ze, owner, now):
    entries = [join(house, [haircut], now, name=name, phone=f"+55119777700{name}") for name in ("01", "02")]
    for start in (at(15), at(15, 30)):
        free(next(one for one in house.visits if one.starts_at == start), now)

    outcomes = at_once(
        *(
            lambda entry=entry, start=start: offering.offer(entry, professional=ze, starts_at=start, by=owner, now=now)
            for entry, start in zip(entries, (at(15), at(15, 15)), strict=True)
        )
    )

    assert sorted(isinstance(one, Refused) for one in outcomes) == [False, True]
    assert house.slot_holds.count() == 1
    assert sorted(house.waitlist.values_list("state", flat=True)) == [WaitState.OFFERED, WaitState.WAITING]


def test_the_same_wish_sent_at_once_is_one_place(house, haircut, now):
    at_once(*(lambda: join(house, [haircut], now) for _ in range(4)))

    assert house.waitlist.count() == 1
