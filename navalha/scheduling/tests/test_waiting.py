"""The expected wait as a property: it never lies in the direction that hurts."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from navalha.scheduling import slots
from navalha.scheduling.queue import waiting
from navalha.scheduling.queue.waiting import Chair, Wait

NOW = datetime(2026, 11, 24, 13, tzinfo=UTC)
OPEN = [(NOW - timedelta(hours=2), NOW + timedelta(hours=8))]
minutes = st.integers(5, 120).map(lambda count: timedelta(minutes=count))
stretch = st.builds(
    lambda start, length: (NOW + timedelta(minutes=start), NOW + timedelta(minutes=start) + length),
    st.integers(-60, 500),
    minutes,
)
booked = st.lists(stretch, max_size=6)
chairs = st.lists(booked, min_size=1, max_size=4).map(
    lambda days: [Chair(pk, slots.without(OPEN, day)) for pk, day in enumerate(days)]
)
lengths = st.lists(minutes, min_size=1, max_size=8)


def anybody(found, people):
    return [Wait(at, {chair.professional_id: length for chair in people}) for at, length in enumerate(found)]


@given(chairs, lengths)
def test_nobody_waits_less_than_nothing_and_nobody_is_served_while_the_chair_is_taken(people, found):
    line = anybody(found, people)
    turns = waiting.turns(line, people, now=NOW)

    served = [(turns[one.key], one) for one in line if turns[one.key]]
    assert all(turn.starts_at >= NOW for turn, _ in served)
    for turn, one in served:
        end = turn.starts_at + one.lengths[turn.professional_id]
        assert any(start <= turn.starts_at and end <= until for start, until in people[turn.professional_id].free)
    for pk in range(len(people)):
        mine = [(t.starts_at, t.starts_at + one.lengths[pk]) for t, one in served if t.professional_id == pk]
        assert all(before[1] <= after[0] for before, after in pairwise(mine))


seats = st.lists(st.lists(stretch, max_size=4).map(slots.merged), min_size=1, max_size=3)


# Served out of the order of time, as the third and the last here: no seat may be left in crumbs by that.
FOUND = [timedelta(minutes=n) for n in (12, 12, 5, 5, 5, 6, 6, 5)]
BREAK = [(NOW.replace(hour=13, minute=15), NOW.replace(hour=13, minute=20))]
CRUMBS = [Chair(pk, slots.without(OPEN, BREAK if pk == 2 else [])) for pk in range(4)]


@example(CRUMBS, FOUND, [[]])
@given(chairs, lengths, seats)
def test_nobody_is_served_where_no_seat_is_free_and_a_seat_for_each_changes_nothing(people, found, taken):
    line = anybody(found, people)
    turns = waiting.turns(line, people, now=NOW, seats=taken)

    served = [(turn.starts_at, turn.starts_at + one.lengths[0]) for one in line if (turn := turns[one.key])]
    booked = [stretch for seat in taken for stretch in seat]
    for moment, _end in served:
        assert sum(start <= moment < end for start, end in [*served, *booked]) <= len(taken)
    plenty: list[list[slots.Stretch]] = [[] for _ in people]
    assert waiting.turns(line, people, now=NOW, seats=plenty) == waiting.turns(line, people, now=NOW)


@given(chairs, minutes, st.integers(2, 8))
def test_of_equal_wishes_nobody_is_served_before_those_who_came_earlier(people, length, count):
    turns = waiting.turns(anybody([length] * count, people), people, now=NOW)

    never = datetime.max.replace(tzinfo=UTC)
    starts = [turn.starts_at if (turn := turns[at]) else never for at in range(count)]
    assert starts == sorted(starts)


@given(chairs, lengths, minutes)
def test_who_comes_later_makes_nobody_before_them_wait(people, found, one_more):
    before = waiting.turns(anybody(found, people), people, now=NOW)
    after = waiting.turns(anybody([*found, one_more], people), people, now=NOW)

    assert before == {key: after[key] for key in before}


@given(booked, lengths, stretch)
def test_a_visit_booked_in_between_pushes_and_never_pulls(day, found, one_more):
    free, fuller = (Chair(0, slots.without(OPEN, taken)) for taken in (day, [*day, one_more]))
    before = waiting.turns(anybody(found, [free]), [free], now=NOW)
    after = waiting.turns(anybody(found, [fuller]), [fuller], now=NOW)

    first = after[0]
    assert first is None or before[0] is not None
    assert first is None or before[0].starts_at <= first.starts_at
    if None not in after.values():
        assert all(before[key].starts_at <= turn.starts_at for key, turn in after.items())


@given(st.integers(0, 600), st.integers(0, 600))
def test_the_range_that_people_are_told_holds_the_wait_and_grows_with_it(one, other):
    shorter, longer = sorted((one, other))
    least, most = waiting.minutes_between(timedelta(minutes=longer))
    assert 0 <= least <= longer <= most
    assert least % waiting.STEP == most % waiting.STEP == 0
    assert waiting.minutes_between(timedelta(minutes=shorter)) <= (least, most)
