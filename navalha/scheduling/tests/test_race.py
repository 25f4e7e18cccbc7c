"""A hundred people who want the same chair in the same instant."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from conftest import make_professional
from navalha.scheduling import actions, wishes
from navalha.scheduling.actions import SlotTaken
from navalha.scheduling.models import Appointment
from navalha.scheduling.tests.constraints import all_read_before_any_writes, without

AT = datetime(2026, 11, 25, 15, tzinfo=ZoneInfo("America/Sao_Paulo")).astimezone(UTC)
PEOPLE = 100
AT_ONCE = 25  # connections: more than a web process has

pytestmark = pytest.mark.django_db(transaction=True)


def all_at_once(action: Callable[[int], Any], *, people: int = PEOPLE, at_once: int = AT_ONCE) -> list[Any]:
    """Run `action(n)` for each of `people`, in waves that start together; what it returned or raised."""
    barrier = Barrier(at_once)

    def one(number: int) -> Any:
        barrier.wait(timeout=60)
        try:
            return action(number)
        except SlotTaken as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(one, range(people)))


def booking(shop, haircut, professional, now, **fields) -> Callable[[int], Appointment]:
    def book(number: int) -> Appointment:
        given = {"phone": f"+55119{80000000 + number}", "name": f"Cliente {number}", **fields}
        return actions.book(shop, services=[haircut], professional=professional, starts_at=AT, now=now, **given)

    return book


def test_a_hundred_bookings_of_one_time_make_one_and_the_others_get_the_three_nearest(shop, haircut, ze, now):
    outcomes = all_at_once(booking(shop, haircut, ze, now))

    assert Counter(type(outcome).__name__ for outcome in outcomes) == {"Appointment": 1, "SlotTaken": PEOPLE - 1}
    refusals = [outcome for outcome in outcomes if isinstance(outcome, SlotTaken)]
    assert all(len(refusal.nearest) == 3 for refusal in refusals)
    assert shop.appointments.count() == 1
    assert shop.messages.filter(purpose="booked").count() == 1
    assert shop.customers.count() == 1  # who got nothing leaves nothing


def test_a_hundred_bookings_with_anybody_of_three_make_exactly_three(shop, haircut, ze, now):
    make_professional(shop, "Ana", [haircut], position=1)
    make_professional(shop, "Léo", [haircut], position=2)

    outcomes = all_at_once(booking(shop, haircut, None, now))

    assert Counter(type(outcome).__name__ for outcome in outcomes) == {"Appointment": 3, "SlotTaken": PEOPLE - 3}
    assert shop.appointments.values("professional").distinct().count() == 3


def test_overlapping_times_are_one_race_too(shop, haircut, ze, now):
    def book(number: int) -> Appointment:
        starts_at = AT.replace(minute=15 * (number % 2))
        return actions.book(
            shop,
            services=[haircut],
            professional=ze,
            starts_at=starts_at,
            name="Rafa",
            phone=f"+55119{80000000 + number}",
            now=now,
        )

    outcomes = all_at_once(book)

    assert sum(isinstance(outcome, Appointment) for outcome in outcomes) == 1


def test_without_the_constraint_the_reading_before_the_writing_would_not_be_enough(shop, haircut, ze, now):
    """The constraint is what makes it true: everything else together lets several in."""
    with without("one_visit_at_a_time"), all_read_before_any_writes(ze, people=AT_ONCE):
        outcomes = all_at_once(booking(shop, haircut, ze, now))

    assert sum(isinstance(outcome, Appointment) for outcome in outcomes) >= AT_ONCE


def test_a_hundred_holds_of_one_time_keep_it_for_one(shop, haircut, ze, now):
    def hold(number: int) -> Any:
        return actions.hold(shop, services=[haircut], professional=ze, starts_at=AT, visitor=f"v{number}", now=now)

    outcomes = all_at_once(hold)

    assert Counter(type(outcome).__name__ for outcome in outcomes) == {"SlotHold": 1, "SlotTaken": PEOPLE - 1}


def test_two_tabs_of_one_visitor_keep_one_time(shop, haircut, ze, now):
    def hold(number: int) -> Any:
        starts_at = AT.replace(hour=18 + number % 2)
        return actions.hold(shop, services=[haircut], professional=ze, starts_at=starts_at, visitor="v", now=now)

    all_at_once(hold, people=20, at_once=4)

    assert shop.slot_holds.count() == 1


def test_one_phone_cannot_pass_its_limit_by_booking_at_once(shop, haircut, ze, now):
    def book(number: int) -> Any:
        try:
            return actions.book(
                shop,
                services=[haircut],
                professional=ze,
                starts_at=AT.replace(hour=12 + number),
                name="Rafa",
                phone="+5511988887777",
                now=now,
            )
        except actions.Refused as refusal:
            return refusal

    all_at_once(book, people=8, at_once=8)

    assert shop.appointments.count() == actions.MOST_OPEN_PER_CUSTOMER


def test_a_double_submit_at_the_same_instant_makes_one_visit_and_both_get_it(shop, haircut, ze, now):
    make_professional(shop, "Ana", [haircut], position=1)
    same = {"phone": "+5511988887777", "key": "form-1"}

    outcomes = all_at_once(booking(shop, haircut, None, now, **same), people=4, at_once=4)

    assert len({outcome.pk for outcome in outcomes}) == 1
    assert shop.appointments.count() == 1


def test_the_reading_of_a_loser_saw_the_time_free(shop, haircut, ze, now):
    """What the hundred go through: told that the chair is free, and only the constraint says otherwise."""
    wish = wishes.Wish(shop, [haircut], ze, AT)
    assert wishes.candidates(wish, now=now) == [ze.pk]
    booking(shop, haircut, ze, now)(1)

    lost = actions._seat(wish, [ze.pk], shop.customers.get(), now=now, source="public", key="")

    assert lost is None
