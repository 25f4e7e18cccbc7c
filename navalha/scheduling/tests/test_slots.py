"""Free times against a slow reading of the same rules, on every Brazilian clock and one that still changes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from navalha.accounts.brazil import BRAZILIAN_TIME_ZONES
from navalha.scheduling import slots
from navalha.scheduling.slots import DAY, Board, Calendar, Hours, Need, Rules, Slot, Wall

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NEW_YORK = ZoneInfo("America/New_York")
ZONES = [ZoneInfo(name) for name, _ in BRAZILIAN_TIME_ZONES] + [NEW_YORK]
MINUTE = timedelta(minutes=1)
TICK = timedelta(minutes=5)
# Making a failing story smaller takes minutes, and it can be read as it is.
UNSHRUNK = settings(phases=[Phase.explicit, Phase.reuse, Phase.generate])
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
def walls(draw, near_midnight: bool) -> Wall:
    """From, to; one in four goes on over midnight."""
    latest = draw(st.sampled_from([48, 287])) if near_midnight else 287
    starts = draw(st.integers(0, latest - 1)) * 5
    if draw(st.integers(0, 3)) == 0:
        return clock(starts), clock(draw(st.integers(0, min(starts // 5, 60))) * 5 if starts else 0)
    return clock(starts), clock(draw(st.integers(starts // 5 + 1, latest)) * 5)


def has_length(wall: Wall) -> bool:
    return wall[0] != wall[1]


@st.composite
def stories(draw) -> tuple[Rules, Board, date, int, datetime]:
    changes = draw(st.booleans())
    zone, day = draw(st.sampled_from(CHANGES) if changes else ANY_DAY)
    first_day = day - timedelta(days=draw(st.integers(0, 1)))
    said = walls(changes).filter(has_length)
    week = [Hours(draw(st.integers(0, 6)), *wall) for wall in draw(st.lists(said, min_size=1, max_size=8))]
    week += [Hours(day.weekday(), one.starts, one.ends) for one in week[:2]]
    special = {day + timedelta(days=at): found for at in (-1, 0) if (found := draw(st.lists(said, max_size=2)))}
    midnight = datetime.combine(first_day, time(0), UTC)
    minutes = st.tuples(st.integers(-60, 600), st.integers(1, 120))
    taken = [
        (midnight + start * TICK, midnight + (start + length) * TICK)
        for start, length in draw(st.lists(minutes, max_size=6))
    ]
    step = draw(st.sampled_from([5, 10, 15, 20, 30, 60]))
    how = Rules(
        zone,
        timedelta(minutes=step),
        timedelta(minutes=draw(st.sampled_from([0, 30, 600]))),
        draw(st.integers(1, 4)),
        draw(st.sampled_from([0, 3, 8])) * TICK,
    )
    need = Need(draw(st.integers(1, 24)) * TICK, draw(st.integers(0, 3)) * TICK, draw(st.integers(0, 3)) * TICK)
    now = midnight + draw(st.integers(-1500, 1500)) * MINUTE
    calendar = Calendar(7, week, taken[:2], taken[2:], special)
    return how, Board([calendar], {7: need}), first_day, draw(st.integers(1, 2)), now


def slow_reading(how, board, first_day, days, now) -> Iterator[Slot]:
    """The same rules, tick by tick: no arithmetic on wall times, no sorting, no joining."""
    [calendar], need = board.calendars, board.needs[7]
    wanted = {first_day + timedelta(days=n) for n in range(days)}
    today = now.astimezone(how.zone).date()
    wanted &= {today + timedelta(days=n) for n in range(how.horizon_days + 1)}
    opened = _open_ticks(how, calendar, first_day, days)
    starts = [at for at in sorted(_grid_ticks(how, calendar, first_day, days)) if at >= now + how.notice]
    fits = [at for at in starts if _fits(opened, calendar, need, at)]
    for together in _gaps(opened, calendar, need, fits):
        for at in together:
            if at.astimezone(how.zone).date() in wanted:
                sides = at - together[0], together[-1] - at
                tidy = all(side == timedelta(0) or side >= how.shortest for side in sides)
                yield Slot(at, at + need.duration, 7, tidy)


def _gaps(opened, calendar, need, fits) -> list[list[datetime]]:
    gaps = []
    for at in fits:
        if gaps and _same_gap(opened, calendar, need, gaps[-1][-1], at):
            gaps[-1].append(at)
        else:
            gaps.append([at])
    return gaps


def _ticks(first_day, days) -> Iterator[datetime]:
    instant = datetime.combine(first_day, time(0), UTC) - timedelta(hours=39)
    while instant < datetime.combine(first_day, time(0), UTC) + timedelta(days=days, hours=64):
        yield instant
        instant += TICK


def _said_of(calendar, day) -> list[Wall]:
    if day in calendar.special:
        return list(calendar.special[day])
    return [(one.starts, one.ends) for one in calendar.hours if one.weekday == day.weekday()]


def _open_ticks(how, calendar, first_day, days) -> set[datetime]:
    """The ticks at which somebody works: from where the clock first reaches an opening to where it reaches its end."""
    shown = [(tick, tick.astimezone(how.zone).replace(tzinfo=None)) for tick in _ticks(first_day, days)]
    found = set()
    for day in _days_read(first_day, days):
        for starts, ends in _said_of(calendar, day):
            opens, closes = datetime.combine(day, starts), datetime.combine(day + DAY * (ends <= starts), ends)
            reached = [next(tick for tick, wall in shown if wall >= at) for at in (opens, closes)]
            found |= {tick for tick, _ in shown if reached[0] <= tick < reached[1]}
    return found


def _days_read(first_day, days) -> set[date]:
    return {first_day + timedelta(days=n) for n in range(-1, days + 1)}


def _grid_ticks(how, calendar, first_day, days) -> set[datetime]:
    """Each `step` of existing wall time from where a day's hours open; the first of two equal ones."""
    since = {day: _since_opening(calendar, day) for day in _days_read(first_day, days)}
    found = set()
    for tick in _ticks(first_day, days):
        shown = tick.astimezone(how.zone)
        for day, minute in ((shown.date(), _minute(shown)), (shown.date() - DAY, _minute(shown) + 1440)):
            open_for = since.get(day, {}).get(minute)
            if not shown.fold and open_for is not None and open_for * MINUTE % how.step == timedelta(0):
                found.add(tick)
    return found


def _since_opening(calendar, day) -> dict[int, int]:
    """Minute of the day -> for how long the hours have run by then; after midnight the minutes count on from 1440."""
    found: dict[int, int] = {}
    for minute in range(2880):
        if any(_minute(a) <= minute < _minute(b) + 1440 * (b <= a) for a, b in _said_of(calendar, day)):
            found[minute] = found.get(minute - 1, -1) + 1
    return found


def _minute(at) -> int:
    return at.hour * 60 + at.minute


def _during(start, end) -> list[datetime]:
    return [start + n * TICK for n in range(round((end - start) / TICK))]


def _fits(opened, calendar, need, at) -> bool:
    visit = (at, at + need.duration)
    blocked = (at - need.before, at + need.duration + need.after)
    inside = all(tick in opened for tick in _during(*visit))
    return inside and not _touched(calendar.away, visit) and not _touched(calendar.taken, blocked)


def _touched(stretches, stretch) -> bool:
    return any(one[0] < stretch[1] and stretch[0] < one[1] for one in stretches)


def _same_gap(opened, calendar, need, one, other) -> bool:
    """Whether nothing lies between two visits that fit: no closed door, nobody away, no visit."""
    first, last = min(one, other), max(one, other)
    visit = (first, last + need.duration)
    inside = all(tick in opened for tick in _during(*visit))
    blocked = (first - need.before, visit[1] + need.after)
    return inside and not _touched(calendar.away, visit) and not _touched(calendar.taken, blocked)


@settings(UNSHRUNK, max_examples=200)
@given(stories())
def test_free_slots_are_those_of_the_slow_reading(story):
    how, board, first_day, days, now = story

    found = slots.free_slots(how, board, first_day=first_day, days=days, now=now)

    assert found == list(slow_reading(how, board, first_day, days, now))


@settings(UNSHRUNK, max_examples=80)
@given(stories())
def test_a_free_slot_is_offered_and_one_a_minute_beside_it_is_not(story):
    how, board, first_day, days, now = story
    found = slots.free_slots(how, board, first_day=first_day, days=days, now=now)

    for slot in found[:5]:
        assert slots.offers(how, board, 7, starts_at=slot.starts_at, now=now)
        assert slots.is_free(board, board.calendars[0], slot.starts_at)
        assert not slots.offers(how, board, 7, starts_at=slot.starts_at + MINUTE, now=now)


@settings(UNSHRUNK, max_examples=80)
@given(stories(), st.integers(1, 2))
def test_a_slot_is_offered_where_a_chair_is_free_and_nowhere_else(story, chairs):
    how, board, first_day, days, now = story
    [calendar], need = board.calendars, board.needs[7]
    seated = [slots.merged(calendar.taken[at::chairs]) for at in range(chairs)]
    alone = Board([Calendar(7, calendar.hours, calendar.away, (), calendar.special)], board.needs)

    found = slots.free_slots(how, Board(alone.calendars, board.needs, seated), first_day=first_day, days=days, now=now)

    everything = slots.free_slots(how, alone, first_day=first_day, days=days, now=now)
    free = [s for s in everything if any(not _touched(one, need.blocked(s.starts_at)) for one in seated)]
    assert found == free


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), max_size=12))
def test_merging_keeps_exactly_the_same_time(pairs):
    start = datetime(2026, 11, 24, tzinfo=UTC)
    stretches = [(start + at * MINUTE, start + (at + length) * MINUTE) for at, length in pairs]

    joined = slots.merged(stretches)

    def minutes(of):
        return {begin + n * MINUTE for begin, end in of for n in range(int((end - begin) / MINUTE))}

    assert minutes(joined) == minutes(stretches)
    assert all(one[1] < other[0] for one, other in pairwise(joined))


def find(how, calendars, *, day, minutes=30, before=0, after=0, days=1, now=None) -> list[Slot]:
    need = Need(timedelta(minutes=minutes), timedelta(minutes=before), timedelta(minutes=after))
    board = Board(calendars, {one.professional_id: need for one in calendars})
    said = now or datetime.combine(day - timedelta(days=1), time(12), UTC)
    return slots.free_slots(how, board, first_day=day, days=days, now=said)


def offered(zone, day, calendar_hours, *, duration=30, step=30, **more) -> list[str]:
    found = find(rules(zone, step=step), [Calendar(1, calendar_hours)], day=day, minutes=duration, **more)
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
        assert find(rules(), [calendar], day=first_day, now=now) == []


def test_anybodys_times_come_once_each_with_the_first_as_given():
    calendars = [Calendar(pk, every_day(time(9), time(10))) for pk in (3, 1)]
    found = find(rules(step=30), calendars, day=date(2026, 11, 24))

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


def opened(calendar, day) -> list[tuple[str, str]]:
    found = slots.open_stretches(calendar, day, SAO_PAULO)
    return [(f"{a.astimezone(SAO_PAULO):%H:%M}", f"{b.astimezone(SAO_PAULO):%H:%M}") for a, b in found]


def test_open_stretches_of_a_day_are_sorted_and_joined():
    week = [Hours(1, time(13), time(18)), Hours(1, time(9), time(12)), Hours(1, time(11), time(12, 30))]

    assert opened(Calendar(1, week), date(2026, 11, 24)) == [("09:00", "12:30"), ("13:00", "18:00")]


def test_hours_that_end_after_midnight_belong_to_both_days():
    friday = [Hours(4, time(20), time(2))]

    assert opened(Calendar(1, friday), date(2026, 11, 27)) == [("20:00", "00:00")]
    assert opened(Calendar(1, friday), date(2026, 11, 28)) == [("00:00", "02:00")]


def test_a_visit_at_half_past_eleven_at_night_goes_on_after_midnight():
    friday, saturday = date(2026, 11, 27), date(2026, 11, 28)
    week = [Hours(4, time(22), time(1))]

    assert offered(SAO_PAULO, friday, week, duration=60) == ["22:00", "22:30", "23:00", "23:30"]
    assert offered(SAO_PAULO, saturday, week, duration=60) == ["00:00"]


def test_a_visit_goes_over_midnight_where_one_day_closes_and_the_next_opens():
    week = [Hours(4, time(22), time(0)), Hours(5, time(0), time(1))]

    assert offered(SAO_PAULO, date(2026, 11, 27), week, duration=60)[-1] == "23:30"


def test_the_29th_of_february_has_its_times_and_the_horizon_counts_it():
    leap = date(2028, 2, 29)
    week = every_day(time(9), time(10))

    assert offered(SAO_PAULO, leap, week) == ["09:00", "09:30"]
    found = find(
        rules(step=30, horizon=2), [Calendar(1, week)], day=leap, days=9, now=datetime(2028, 2, 28, 12, tzinfo=UTC)
    )
    days = {slots.local_day(slot.starts_at, SAO_PAULO) for slot in found}
    assert sorted(days) == [leap, date(2028, 3, 1)]


def test_the_hours_of_a_date_replace_the_week_on_it_and_open_a_day_off():
    sunday = date(2026, 11, 29)
    week = [Hours(day, time(9), time(10)) for day in range(6)]
    calendar = Calendar(1, week, special={sunday: [(time(14), time(15))], date(2026, 11, 30): [(time(7), time(8))]})

    found = find(rules(step=30), [calendar], day=sunday, days=3)

    shown = [f"{slot.starts_at.astimezone(SAO_PAULO):%d %H:%M}" for slot in found]
    assert shown == ["29 14:00", "29 14:30", "30 07:00", "30 07:30", "01 09:00", "01 09:30"]


def test_buffers_keep_visits_apart_and_may_reach_into_closed_time():
    day = date(2026, 11, 24)
    ten = datetime(2026, 11, 24, 10, tzinfo=SAO_PAULO).astimezone(UTC)
    calendar = Calendar(1, every_day(time(9), time(12)), taken=[(ten, ten + 30 * MINUTE)])

    found = find(rules(step=15), [calendar], day=day, minutes=30, before=10, after=15)

    shown = [f"{slot.starts_at.astimezone(SAO_PAULO):%H:%M}" for slot in found]
    assert shown == ["09:00", "09:15", "10:45", "11:00", "11:15", "11:30"]
    assert all(slot.ends_at - slot.starts_at == 30 * MINUTE for slot in found)  # the visit is shown without them


def test_times_that_leave_a_gap_which_nobody_can_use_come_last_and_are_all_offered():
    how = Rules(SAO_PAULO, timedelta(minutes=15), timedelta(0), 30, shortest=timedelta(minutes=30))
    found = find(how, [Calendar(1, every_day(time(9), time(10, 30)))], day=date(2026, 11, 24))

    shown = [(f"{slot.starts_at.astimezone(SAO_PAULO):%H:%M}", slot.is_tidy) for slot in slots.tidy_first(found)]
    assert shown == [("09:00", True), ("09:30", True), ("10:00", True), ("09:15", False), ("09:45", False)]


def test_of_two_professionals_at_one_time_the_tidy_one_is_shown():
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    pair = [Slot(at, at + TICK, 1, is_tidy=False), Slot(at, at + TICK, 2)]

    assert [slot.professional_id for slot in slots.first_at_each_time(pair)] == [2]
