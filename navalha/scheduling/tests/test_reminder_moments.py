"""When somebody is reminded: examples that people can check, and rules that hold for every zone, visit and offset."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navalha.messaging import pace
from navalha.messaging.pace import Policy
from navalha.scheduling.reminders import moments
from navalha.scheduling.reminders.moments import BEFORE_QUIET, Offset, WhyNot, known_since, review_at

SAO_PAULO, NEW_YORK, LORD_HOWE = (
    ZoneInfo(name) for name in ("America/Sao_Paulo", "America/New_York", "Australia/Lord_Howe")
)
ZONES = (SAO_PAULO, NEW_YORK, LORD_HOWE, ZoneInfo("America/Noronha"), ZoneInfo("Europe/Lisbon"))
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
DAY, HOUR = 24 * 60, 60


def quiet(zone=SAO_PAULO, first=time(20), last=time(9)) -> Policy:
    return Policy(zone=zone, quiet_from=first, quiet_until=last, per_day=300, new_per_day=80)


def local(text: str, zone=SAO_PAULO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def due(starts_at, *minutes, known_at=LONG_AGO, hours=None) -> list[tuple[int, datetime]]:
    """The reminders that there are to be: how long before, and when on the shop's clock."""
    hours = hours or quiet()
    offsets = [Offset(one, LONG_AGO) for one in minutes]
    found = moments.moments(starts_at, offsets, known_at=known_at, quiet=hours)
    return [(one.minutes, one.at.astimezone(hours.zone)) for one in found if one.why_not is None]


def test_a_visit_in_the_afternoon_is_reminded_of_at_its_offsets():
    found = due(local("2026-11-24 15:00"), DAY, 2 * HOUR, 15)

    assert found == [
        (DAY, local("2026-11-23 15:00")),
        (2 * HOUR, local("2026-11-24 13:00")),
        (15, local("2026-11-24 14:45")),
    ]


def test_a_visit_at_seven_wakes_nobody_and_is_reminded_of_in_time():
    found = due(local("2026-11-24 07:00"), DAY, 2 * HOUR, 15)

    assert found == [
        (DAY, local("2026-11-23 09:00")),  # the morning before: most of the day is left
        (2 * HOUR, local("2026-11-23 19:30")),  # on the evening before, instead of at five
        (15, local("2026-11-24 06:45")),  # who comes at seven is up
    ]


def test_two_that_the_night_brings_together_are_one():
    assert due(local("2026-11-24 08:00"), 12 * HOUR, 3 * HOUR) == [(3 * HOUR, local("2026-11-23 19:30"))]


def test_two_that_are_near_because_the_shop_wants_it_are_two():
    assert len(due(local("2026-11-24 15:00"), 15, 30)) == 2


def test_a_visit_after_midnight_is_reminded_of_before_the_quiet_evening():
    assert due(local("2026-11-25 00:30"), 2 * HOUR) == [(2 * HOUR, local("2026-11-24 19:30"))]


def test_the_twenty_ninth_of_february_is_a_day():
    assert due(local("2028-03-01 10:30"), DAY) == [(DAY, local("2028-02-29 10:30"))]
    assert due(local("2028-02-29 10:30"), DAY) == [(DAY, local("2028-02-28 10:30"))]


@pytest.mark.parametrize(
    ("starts", "reminded"),
    [
        ("2027-03-14 12:00", "2027-03-13 11:00"),  # the clock went forward in between: 24 hours, not a day
        ("2027-11-07 12:00", "2027-11-06 13:00"),
    ],
)
def test_so_many_hours_are_hours_where_the_clock_changes(starts, reminded):
    found = due(local(starts, NEW_YORK), DAY, hours=quiet(NEW_YORK))
    assert found == [(DAY, local(reminded, NEW_YORK))]


def test_a_moment_that_has_passed_when_the_visit_is_made_makes_no_late_reminder():
    starts_at = local("2026-11-24 15:00")
    assert due(starts_at, DAY, 2 * HOUR, known_at=starts_at - timedelta(hours=3)) == [
        (2 * HOUR, local("2026-11-24 13:00"))
    ]
    assert due(starts_at, 2 * HOUR, known_at=starts_at - timedelta(hours=2, minutes=5)) == []
    assert due(starts_at, 15, known_at=starts_at - timedelta(minutes=25)) == [(15, local("2026-11-24 14:45"))]


def test_what_the_shop_wants_since_a_moment_holds_from_then_on():
    starts_at = local("2026-11-24 15:00")
    [late] = moments.moments(
        starts_at, [Offset(DAY, starts_at - timedelta(hours=23))], known_at=LONG_AGO, quiet=quiet()
    )
    assert late.why_not is WhyNot.SET_LATER


def test_a_review_is_asked_for_in_waking_hours():
    assert review_at(local("2026-11-24 15:00"), 2, quiet()) == local("2026-11-24 17:00")
    assert review_at(local("2026-11-24 18:30"), 2, quiet()) == local("2026-11-25 09:00")
    assert review_at(local("2026-11-24 18:30"), 2, None) == local("2026-11-24 20:30")


def test_an_undone_move_counts_as_if_it_had_not_been():
    made, first, second = (LONG_AGO + timedelta(days=day) for day in range(3))
    three, four = local("2026-11-24 15:00"), local("2026-11-24 16:00")

    assert known_since(made, []) == made
    assert known_since(made, [(first, three, four, False)]) == first
    assert known_since(made, [(first, three, four, False), (second, four, three, True)]) == made
    assert known_since(made, [(first, three, four, False), (second, four, three, False)]) == second
    assert known_since(made, [(first, three, three, False)]) == made


zones = st.sampled_from(ZONES)
clocks = st.times().map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None))
visits = st.integers(0, 3 * 366 * DAY).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
leads = st.lists(st.integers(5, 30 * DAY), unique=True, max_size=6)


@given(zone=zones, first=clocks, last=clocks, starts_at=visits, minutes=leads, before=st.integers(0, 60 * DAY))
def test_whatever_the_zone_the_quiet_hours_and_the_offsets(zone, first, last, starts_at, minutes, before):
    known_at = starts_at - timedelta(minutes=before)
    hours = quiet(zone, first, last)
    offsets = [Offset(one, LONG_AGO) for one in minutes]

    found = moments.moments(starts_at, offsets, known_at=known_at, quiet=hours)

    assert sorted(one.minutes for one in found) == sorted(minutes), "each offset is answered for once"
    wanted = [one for one in found if one.why_not is None]
    assert [one.at for one in wanted] == sorted(one.at for one in wanted)
    for one in wanted:
        lead = timedelta(minutes=one.minutes)
        assert known_at < one.at or before == 0
        assert one.at < starts_at, "never at or after the visit"
        plain = starts_at - lead
        awake = not pace.is_quiet(hours, one.at)
        if one.minutes < HOUR or not pace.is_quiet(hours, plain):
            assert one.at == plain
        elif one.at > plain:
            assert awake
            assert starts_at - one.at >= lead / 2
        elif one.at < plain:
            assert awake
            assert plain - one.at <= timedelta(days=1, hours=2) + BEFORE_QUIET
        else:
            assert pace.is_quiet(hours, pace.start_of_quiet(hours, plain) - BEFORE_QUIET), "hardly ever awake"


@given(zone=zones, first=clocks, last=clocks, now=visits)
def test_the_two_ends_of_the_quiet_hours_belong_together(zone, first, last, now):
    hours = quiet(zone, first, last)
    if not pace.is_quiet(hours, now):
        return
    began, ends = pace.start_of_quiet(hours, now), pace.end_of_quiet(hours, now)
    assert began <= now < ends
    assert now - began <= timedelta(days=1, hours=1)


@given(starts_at=visits, minutes=leads, times=st.lists(st.integers(0, 40 * DAY), max_size=6))
def test_a_visit_that_is_looked_at_again_and_again_has_the_same_reminders(starts_at, minutes, times):
    """The moments depend on the visit alone, not on when somebody looks: so a late look finds what was missed."""
    offsets = [Offset(one, LONG_AGO) for one in minutes]
    found = {
        tuple(moments.moments(starts_at, offsets, known_at=starts_at - timedelta(days=50), quiet=quiet()))
        for _look in times
    }
    assert len(found) <= 1
