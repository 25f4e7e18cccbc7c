"""Bookings under the shop's rules: buffers, own terms, combos, dates, holidays, chairs and fair shares."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError
from django.utils import translation

from conftest import make_customer, make_professional
from navalha.scheduling import actions, queries
from navalha.scheduling.actions import SlotTaken
from navalha.scheduling.openings import closures
from navalha.scheduling.shop import house
from navalha.scheduling.tests.constraints import all_read_before_any_writes, without
from navalha.scheduling.tests.test_race import AT, AT_ONCE, PEOPLE, all_at_once

ZONE = ZoneInfo("America/Sao_Paulo")


def at(hour, minute=0, day=25):
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def book(shop, services, professional, starts_at, now, number=0):
    return actions.book(
        shop,
        services=services,
        professional=professional,
        starts_at=starts_at,
        name=f"Cliente {number}",
        phone=f"+55119{80000000 + number}",
        now=now,
    )


def clock(found):
    return [f"{slot.starts_at.astimezone(ZONE):%H:%M}" for slot in found]


@pytest.fixture
def buffered(shop, ze):
    service = shop.services.create(
        name="Luzes", duration_minutes=30, price_cents=9000, buffer_before_minutes=10, buffer_after_minutes=15
    )
    service.professionals.add(ze)
    return service


def test_a_visit_blocks_its_buffers_and_shows_its_own_time(shop, buffered, haircut, ze, now):
    visit = book(shop, [buffered], ze, at(15), now)

    assert (visit.starts_at, visit.ends_at) == (at(15), at(15, 30))
    assert (visit.blocked_from, visit.blocked_until) == (at(14, 50), at(15, 45))
    with pytest.raises(SlotTaken):
        book(shop, [haircut], ze, at(15, 30), now, 1)
    assert book(shop, [haircut], ze, at(15, 45), now, 2)
    with pytest.raises(SlotTaken):
        book(shop, [haircut], ze, at(14, 30), now, 3)


def test_a_visit_that_is_moved_takes_its_buffers_along(shop, buffered, ze, now):
    visit = book(shop, [buffered], ze, at(15), now)
    shop.appointments.filter(pk=visit.pk).update(starts_at=at(17), ends_at=at(17, 30))

    visit.refresh_from_db()
    assert (visit.blocked_from, visit.blocked_until) == (at(16, 50), at(17, 45))


def test_price_and_time_are_those_of_the_professional(shop, haircut, beard, ze, now):
    shop.service_terms.create(professional=ze, service=haircut, price_cents=6000, duration_minutes=45)

    visit = book(shop, [haircut, beard], ze, at(15), now)

    assert visit.ends_at - visit.starts_at == timedelta(minutes=65)
    assert visit.total_cents == 9000
    assert list(visit.items.values_list("price_cents", "duration_minutes")) == [(6000, 45), (3000, 20)]


def test_anybody_gets_the_end_and_the_price_of_whoever_is_found(shop, haircut, ze, now):
    slow = make_professional(shop, "Ana", [haircut], position=1)
    shop.service_terms.create(professional=slow, service=haircut, price_cents=None, duration_minutes=60)

    visits = [book(shop, [haircut], None, at(15), now, number) for number in range(2)]

    assert {(v.professional, v.ends_at - v.starts_at) for v in visits} == {
        (ze, timedelta(minutes=30)),
        (slow, timedelta(minutes=60)),
    }


@pytest.mark.usefixtures("closed_on_holidays")
def test_a_holiday_closes_the_shop_but_not_who_has_hours_for_that_date(shop, haircut, ze):
    christmas, now = date(2026, 12, 25), datetime(2026, 12, 20, 12, tzinfo=UTC)
    asked = {"services": [haircut], "first_day": christmas, "days": 1, "now": now}
    assert queries.free_slots(shop, **asked) == []

    shop.date_hours.create(professional=ze, on=christmas, starts=time(10), ends=time(11))
    assert clock(queries.free_slots(shop, **asked)) == ["10:00", "10:15", "10:30"]


@pytest.mark.usefixtures("closed_on_holidays")
@pytest.mark.parametrize(("region", "closed"), [("SP", True), ("RJ", False), ("", False)])
def test_the_holidays_of_the_state_count_only_there(shop, haircut, ze, region, closed):
    shop.region = region
    ninth_of_july, now = date(2027, 7, 9), datetime(2027, 7, 1, 12, tzinfo=UTC)

    found = queries.free_slots(shop, services=[haircut], first_day=ninth_of_july, days=1, now=now)

    assert (found == []) is closed


@pytest.mark.usefixtures("closed_on_holidays")
def test_carnival_is_a_normal_day_until_the_shop_closes_it(shop, haircut, ze, owner):
    carnival, now = date(2027, 2, 9), datetime(2027, 2, 1, 12, tzinfo=UTC)
    asked = {"services": [haircut], "first_day": carnival, "days": 1, "now": now}
    assert queries.free_slots(shop, **asked)

    house.choose_holiday(shop, carnival, is_open=False, by=owner, now=now)
    assert queries.free_slots(shop, **asked) == []


@pytest.mark.parametrize(
    ("language", "name"), [("pt-br", "Natal"), ("en", "Christmas Day"), ("en-gb", "Christmas Day"), (None, "Natal")]
)
def test_the_calendars_holidays_are_named_in_the_readers_language_and_the_shops_own_as_it_did(shop, language, name):
    shop.holidays.create(on=date(2026, 12, 26), name="Padroeiro", is_own=True)

    with translation.override(language):
        found = closures.holidays(shop, date(2026, 12, 25), date(2026, 12, 26))

    assert [holiday.name for holiday in found] == [name, "Padroeiro"]


def test_a_holiday_of_every_year_on_29_february_comes_in_leap_years_only(shop, haircut, ze):
    shop.holidays.create(on=date(2024, 2, 29), name="Padroeiro", every_year=True, is_own=True)

    def offered(day):
        now = datetime(day.year, 2, 20, 12, tzinfo=UTC)
        return bool(queries.free_slots(shop, services=[haircut], first_day=day, days=1, now=now))

    assert [offered(date(2028, 2, 29)), offered(date(2027, 2, 28)), offered(date(2027, 3, 1))] == [False, True, True]


def test_two_chairs_hold_two_people_whoever_serves_them(shop, haircut, ze, now):
    shop.chairs = 2
    shop.save(update_fields=["chairs"])
    others = [make_professional(shop, name, [haircut]) for name in ("Ana", "Léo")]

    first = book(shop, [haircut], ze, at(15), now, 0)
    second = book(shop, [haircut], others[0], at(15), now, 1)

    assert {first.chair, second.chair} == {1, 2}
    with pytest.raises(SlotTaken):
        book(shop, [haircut], others[1], at(15), now, 2)
    assert book(shop, [haircut], others[1], at(15, 30), now, 3).chair == 1


def test_anybody_is_shared_out_by_the_day_and_then_by_the_week(shop, haircut, ze, now):
    ana = make_professional(shop, "Ana", [haircut], position=1)
    rafa = make_customer(shop)
    for hour in (9, 10):  # on another day of the same week
        shop.appointments.create(
            customer=rafa, professional=ze, starts_at=at(hour, day=26), ends_at=at(hour, 30, day=26)
        )

    first = book(shop, [haircut], None, at(15), now, 1)
    second = book(shop, [haircut], None, at(16), now, 2)

    assert [first.professional, second.professional] == [ana, ze]


@pytest.mark.django_db(transaction=True)
def test_anybody_booked_at_once_at_different_times_is_shared_out_evenly(shop, haircut, ze, now):
    make_professional(shop, "Ana", [haircut], position=1)

    all_at_once(lambda n: book(shop, [haircut], None, at(9 + n), now, n), people=8, at_once=8)

    assert sorted(Counter(shop.appointments.values_list("professional", flat=True)).values()) == [4, 4]


def wish(shop, services, ze, now):
    """Overlapping, adjacent and multi-service, each with buffers or without."""

    def one(number):
        chosen = [services[:1], services[1:2], services[:2], services[2:]][number % 4]
        return book(shop, chosen, ze, AT.replace(hour=12) + timedelta(minutes=15 * (number % 16)), now, number)

    return one


def overlapping(shop) -> int:
    rows = shop.appointments.order_by("blocked_from").values_list("blocked_from", "blocked_until")
    return sum(one[1] > other[0] for one, other in pairwise(rows))


@pytest.mark.django_db(transaction=True)
def test_a_hundred_bookings_with_buffers_never_overlap(shop, haircut, beard, buffered, ze, now):
    outcomes = all_at_once(wish(shop, [haircut, beard, buffered], ze, now))

    assert {type(outcome).__name__ for outcome in outcomes} == {"Appointment", "SlotTaken"}
    assert shop.appointments.count() > 2
    assert len(outcomes) == PEOPLE
    assert overlapping(shop) == 0


@pytest.mark.django_db(transaction=True)
def test_without_the_constraint_bookings_with_buffers_would_overlap(shop, haircut, beard, buffered, ze, now):
    """The application reads before it writes: only the constraint makes what it read true."""
    with without("one_visit_at_a_time"):
        with all_read_before_any_writes(ze, people=AT_ONCE):  # many more than fit
            all_at_once(wish(shop, [haircut, beard, buffered], ze, now))
        found = overlapping(shop)

    assert found > 0


@pytest.mark.django_db(transaction=True)
def test_a_hundred_bookings_of_ten_people_fit_two_chairs(shop, haircut, ze, now):
    shop.chairs = 2
    shop.save(update_fields=["chairs"])
    people = [ze, *(make_professional(shop, f"P{n}", [haircut]) for n in range(4))]

    outcomes = all_at_once(lambda n: book(shop, [haircut], people[n % 5], AT, now, n), people=50)

    assert Counter(type(outcome).__name__ for outcome in outcomes) == {"Appointment": 2, "SlotTaken": 48}
    assert set(shop.appointments.values_list("chair", flat=True)) == {1, 2}


@pytest.mark.django_db(transaction=True)
def test_who_takes_a_chair_without_asking_meets_the_constraint_and_nothing_else(shop, haircut, ze, now):
    """Who books waits for a lock and reads the chairs anew; the constraint is there for all who ever write without."""
    shop.chairs = 2
    shop.save(update_fields=["chairs"])
    ana = make_professional(shop, "Ana", [haircut])
    seated = book(shop, [haircut], ze, at(15), now)
    unasked = {"customer": seated.customer, "professional": ana, "chair": seated.chair}

    with pytest.raises(IntegrityError, match="one_visit_in_a_chair"):
        shop.appointments.create(starts_at=at(15, 15), ends_at=at(15, 45), **unasked)
    with without("one_visit_in_a_chair"):
        shop.appointments.create(starts_at=at(15, 15), ends_at=at(15, 45), **unasked)
        assert overlapping(shop) == 1
