"""Free times against a slow reading of the same rules, on every Brazilian clock and one that still changes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from navalha.accounts.models import BRAZILIAN_TIME_ZONES
from navalha.scheduling import slots
from navalha.scheduling.slots import Calendar, Hours, Rules, Slot

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NEW_YORK = ZoneInfo("America/New_York")
ZONES = [ZoneInfo(name) for name, _ in BRAZILIAN_TIME_ZONES] + [NEW_YORK]
MINUTE = timedelta(minutes=1)
TICK = timedelta(minutes=5)
# When and where clocks changed: Brazil's last summer times (at midnight) and New York's of 2026 (at two).
CHANGES = [
    (SAO_PAULO, date(2018, 2, 17)),
    (SAO_PAULO, date(2018, 11, 4)),
    (ZoneInfo("America/Cuiaba"), date(2019, 2, 16)),
    (NEW_YORK, date(2026, 3, 8)),
    (NEW_YORK, date(2026, 11, 1)),
]
ANY_DAY = st.tuples(st.sampled_from(ZONES), st.dates(date(2017, 1, 1), date(2030, 12, 31)))


def rules(zone=SAO_PAULO, *, step=15, notice=0, horizon=30) -> Rules:
    return Rules(zone, timedelta(minutes=step), timedelta(minutes=notice), horizon)


def every_day(starts: time, ends: time) -> list[Hours]:
    return [Hours(weekday, starts, ends) for weekday in range(7)]


def clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


@st.composite
def hours(draw, near_midnight: bool) -> Hours:
    latest = draw(st.sampled_from([48, 287])) if near_midnight else 287
    starts = draw(st.integers(0, latest - 1)) * 5
    ends = draw(st.integers(starts // 5 + 1, latest)) * 5
    return Hours(draw(st.integers(0, 6)), clock(starts), clock(ends))


@st.composite
def stories(draw) -> tuple[Rules, Calendar, timedelta, date, int, datetime]:
    changes = draw(st.booleans())
    zone, day = draw(st.sampled_from(CHANGES) if changes else ANY_DAY)
    first_day = day - timedelta(days=draw(st.integers(0, 1)))
    week = draw(st.lists(hours(changes), min_size=1, max_size=12))
    week += [Hours(day.weekday(), one.starts, one.ends) for one in week[:2]]
    midnight = datetime.combine(first_day, time(0), UTC)
    minutes = st.tuples(st.integers(-300, 3000), st.integers(1, 600))
    taken = [
        (midnight + start * MINUTE, midnight + (start + length) * MINUTE)
        for start, length in draw(st.lists(minutes, max_size=6))
    ]
    step = draw(st.sampled_from([5, 10, 15, 20, 30, 60]))
    how = rules(zone, step=step, notice=draw(st.sampled_from([0, 30, 600])), horizon=draw(st.integers(1, 4)))
    duration = timedelta(minutes=draw(st.integers(1, 24)) * 5)
    now = midnight + draw(st.integers(-1500, 1500)) * MINUTE
    return how, Calendar(7, week, taken[:2], taken[2:]), duration, first_day, draw(st.integers(1, 2)), now


def slow_reading(how, calendar, duration, first_day, days, now) -> Iterator[Slot]:
    """The same rules, minute by minute: no arithmetic on wall times, no sorting, no joining."""
    instant = datetime.combine(first_day, time(0), UTC) - timedelta(hours=14)
    until = datetime.combine(first_day, time(0), UTC) + timedelta(days=days, hours=14)
    today = now.astimezone(how.zone).date()
    while instant < until:
        shown = instant.astimezone(how.zone)
        wanted = first_day <= shown.date() < first_day + timedelta(days=days)
        in_time = instant >= now + how.notice and today <= shown.date() <= today + timedelta(days=how.horizon_days)
        if wanted and in_time and not shown.fold and _starts_here(how, calendar, shown):
            stretch = (instant, instant + duration)
            if _stays_open(how, calendar, shown, stretch) and not _blocked(calendar, stretch):
                yield Slot(*stretch, calendar.professional_id)
        instant += TICK


def _open_around(calendar, shown) -> tuple[int, int] | None:
    """The seamless stretch of open minutes of that weekday around the time shown."""
    minutes = [False] * 1441
    for one in calendar.hours:
        if one.weekday == shown.weekday():
            for minute in range(_minute(one.starts), _minute(one.ends)):
                minutes[minute] = True
    at = first = last = _minute(shown)
    if not minutes[at]:
        return None
    while first > 0 and minutes[first - 1]:
        first -= 1
    while minutes[last]:
        last += 1
    return first, last


def _minute(at) -> int:
    return at.hour * 60 + at.minute


def _starts_here(how, calendar, shown) -> bool:
    around = _open_around(calendar, shown)
    return around is not None and (_minute(shown) - around[0]) * MINUTE % how.step == timedelta(0)


def _stays_open(how, calendar, shown, stretch) -> bool:
    around = _open_around(calendar, shown)
    instant = stretch[0]
    while instant < stretch[1]:
        then = instant.astimezone(how.zone)
        if then.date() != shown.date() or _minute(then) >= around[1]:
            return False
        instant += TICK
    return True


def _blocked(calendar, stretch) -> bool:
    return any(one[0] < stretch[1] and stretch[0] < one[1] for one in [*calendar.away, *calendar.taken])


@settings(max_examples=300, deadline=None)
@given(stories())
def test_free_slots_are_those_of_the_slow_reading(story):
    how, calendar, duration, first_day, days, now = story

    found = slots.free_slots(how, [calendar], duration=duration, first_day=first_day, days=days, now=now)

    assert found == list(slow_reading(how, calendar, duration, first_day, days, now))


@settings(max_examples=150, deadline=None)
@given(stories())
def test_a_free_slot_is_offered_and_one_a_minute_beside_it_is_not(story):
    how, calendar, duration, first_day, days, now = story
    found = slots.free_slots(how, [calendar], duration=duration, first_day=first_day, days=days, now=now)

    for slot in found[:5]:
        asked = {"duration": duration, "now": now}
        assert slots.offers(how, calendar, starts_at=slot.starts_at, **asked)
        assert slots.is_free(calendar, (slot.starts_at, slot.ends_at))
        assert not slots.offers(how, calendar, starts_at=slot.starts_at + MINUTE, **asked)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), max_size=12))
def test_merging_keeps_exactly_the_same_time(pairs):
    start = datetime(2026, 11, 24, tzinfo=UTC)
    stretches = [(start + at * MINUTE, start + (at + length) * MINUTE) for at, length in pairs]

    joined = slots.merged(stretches)

    def minutes(of):
        return {begin + n * MINUTE for begin, end in of for n in range(int((end - begin) / MINUTE))}

    assert minutes(joined) == minutes(stretches)
    assert all(one[1] < other[0] for one, other in pairwise(joined))


def offered(zone, day, calendar_hours, *, duration=30, step=30) -> list[str]:
    found = slots.free_slots(
        rules(zone, step=step),
        [Calendar(1, calendar_hours)],
        duration=timedelta(minutes=duration),
        first_day=day,
        days=1,
        now=datetime.combine(day - timedelta(days=1), time(12), UTC),
    )
    return [f"{slot.starts_at.astimezone(zone):%H:%M}" for slot in found]


def test_a_wall_time_that_the_clock_skips_is_not_offered():
    # New York, 8 March 2026: 02:00 becomes 03:00.
    assert offered(NEW_YORK, date(2026, 3, 8), every_day(time(1), time(4))) == ["01:00", "01:30", "03:00", "03:30"]


def test_closing_at_a_wall_time_that_the_clock_skips_means_closing_before_it():
    week = every_day(time(1), time(2, 30))

    assert offered(NEW_YORK, date(2026, 3, 8), week, duration=60) == ["01:00"]


def test_a_wall_time_that_the_clock_repeats_is_offered_once():
    # New York, 1 November 2026: 02:00 becomes 01:00 again.
    assert offered(NEW_YORK, date(2026, 11, 1), every_day(time(1), time(2, 30))) == ["01:00", "01:30", "02:00"]


def test_a_day_that_begins_at_one_in_the_morning_has_its_times():
    # São Paulo, 4 November 2018: midnight became 01:00.
    assert offered(SAO_PAULO, date(2018, 11, 4), every_day(time(0), time(2))) == ["01:00", "01:30"]


def test_times_count_from_opening_and_leave_out_the_break():
    day = date(2026, 11, 24)
    week = [*every_day(time(9, 10), time(10, 30)), *every_day(time(11), time(12))]

    assert offered(SAO_PAULO, day, week) == ["09:10", "09:40", "11:00", "11:30"]


def test_a_visit_may_go_over_the_seam_of_two_stretches_that_touch():
    day = date(2026, 11, 24)
    week = [*every_day(time(9), time(10)), *every_day(time(10), time(11))]

    assert offered(SAO_PAULO, day, week, duration=90) == ["09:00", "09:30"]


def test_days_that_are_over_or_beyond_the_horizon_hold_nothing_even_at_the_ends_of_the_calendar():
    calendar = Calendar(1, every_day(time(9), time(18)))
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)

    for first_day in (date.min, date(2026, 11, 23), date(2026, 12, 25), date.max):
        found = slots.free_slots(
            rules(), [calendar], duration=timedelta(minutes=30), first_day=first_day, days=1, now=now
        )
        assert found == []


def test_anybodys_times_come_once_each_with_the_first_as_given():
    calendars = [Calendar(pk, every_day(time(9), time(10))) for pk in (3, 1)]
    day = date(2026, 11, 24)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    found = slots.free_slots(rules(step=30), calendars, duration=timedelta(minutes=30), first_day=day, days=1, now=now)

    assert [slot.professional_id for slot in found] == [3, 1, 3, 1]
    assert [slot.professional_id for slot in slots.first_at_each_time(found)] == [3, 3]


@pytest.mark.parametrize(
    ("around", "expected"), [((12, 0), ["11:00", "12:00", "13:00"]), ((9, 0), ["09:00", "10:00", "11:00"])]
)
def test_the_nearest_times_come_from_both_sides_and_in_order(around, expected):
    day = datetime(2026, 11, 24, tzinfo=SAO_PAULO)
    found = [Slot(day.replace(hour=hour), day.replace(hour=hour + 1), 1) for hour in range(9, 18)]

    chosen = slots.nearest(found, day.replace(hour=around[0], minute=around[1]), 3)

    assert [f"{slot.starts_at:%H:%M}" for slot in chosen] == expected


def test_words_for_customers_are_portuguese_and_on_the_shops_clock():
    moment = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)

    assert slots.day_words(moment, SAO_PAULO) == "terça-feira, 24/11"
    assert slots.hour_words(moment, SAO_PAULO) == "22:30"
    assert slots.hour_words(moment, ZoneInfo("America/Rio_Branco")) == "20:30"


def test_open_stretches_of_a_day_are_sorted_and_joined():
    week = [Hours(1, time(13), time(18)), Hours(1, time(9), time(12)), Hours(1, time(11), time(12, 30))]

    found = slots.open_stretches(week, date(2026, 11, 24), SAO_PAULO)

    assert [(f"{a.astimezone(SAO_PAULO):%H:%M}", f"{b.astimezone(SAO_PAULO):%H:%M}") for a, b in found] == [
        ("09:00", "12:30"),
        ("13:00", "18:00"),
    ]
