"""Free times: the only code that knows the shop's wall clock. Pure: no tables, no clock of its own, no Django.

Hours are kept as the shop says them ("das 9 às 18"), everything else in UTC. Where a clock change skips a wall time,
that time is not offered; where it repeats one, the first of the two is meant; a length is always elapsed time.

A visit stays inside the hours and beside what its professional is away for. Its buffers may reach into closed time,
where somebody sweeps, but never into another visit or its buffers.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_date

Stretch = tuple[datetime, datetime]  # half-open, in UTC
Wall = tuple[time, time]  # from, to on the shop's clock; one that ends no later than it starts ends on the next day
Span = tuple[time, int, time]  # the same with the number of midnights between: 0 or 1
DAY = timedelta(days=1)
ZERO = timedelta(0)
ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
NO_CHAIR, NO_LIMIT = -1, -2
LONGEST = timedelta(days=1)  # of a visit with its buffers: keeps the sums inside the calendar


class Slot(NamedTuple):
    """A time that can be booked with one professional; both ends in UTC, `ends_at` excluded.

    `is_tidy`: what it leaves free before and after it is nothing, or enough for the shortest service.
    """

    starts_at: datetime
    ends_at: datetime
    professional_id: int
    is_tidy: bool = True


@dataclass(frozen=True, slots=True)
class Rules:
    """How a shop offers its times: on its clock, each `step` from opening, from `notice` ahead, for so many days.

    A free gap shorter than `shortest` is of no use to anybody.
    """

    zone: ZoneInfo
    step: timedelta
    notice: timedelta
    horizon_days: int
    shortest: timedelta = ZERO

    def first_start(self, now: datetime) -> datetime:
        return now + self.notice

    def last_day(self, now: datetime) -> date:
        return local_day(now, self.zone) + timedelta(days=self.horizon_days)


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """Open from `starts` to `ends` on each `weekday` (0 is Monday), on the shop's clock; as `Wall` ends."""

    weekday: int
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class Need:
    """What a visit asks of a chair: its own time, and how long before and after the chair is blocked too."""

    duration: timedelta
    before: timedelta = ZERO
    after: timedelta = ZERO

    def blocked(self, starts_at: datetime) -> Stretch:
        return starts_at - self.before, starts_at + self.duration + self.after


@dataclass(frozen=True, slots=True)
class Calendar:
    """One professional's week, when they are away, and what blocks their chair (visits with their buffers).

    The stretches of a date in `special` replace the week on it.
    """

    professional_id: int
    hours: Sequence[Hours]
    away: Sequence[Stretch] = ()
    taken: Sequence[Stretch] = ()
    special: Mapping[date, Sequence[Wall]] = field(default_factory=dict)

    def spans(self, days: Iterable[date]) -> tuple[tuple[Span, ...], ...]:
        """When this professional works on each of the local days, as said: sorted, those that touch joined."""
        week: list[list[Wall]] = [[] for _ in range(7)]
        for one in self.hours:
            week[one.weekday].append((one.starts, one.ends))
        usual = [_joined(today) for today in week]
        return tuple([_joined(self.special[day]) if day in self.special else usual[day.weekday()] for day in days])


@dataclass(frozen=True, slots=True)
class Board:
    """The calendars of those who could serve a visit, and what it needs of each (primary key -> need).

    `chairs`, where a shop has fewer chairs than people: what takes each of them, sorted and without overlap. None:
    everybody has their own.
    """

    calendars: Sequence[Calendar]
    needs: Mapping[int, Need]
    chairs: Sequence[Sequence[Stretch]] | None = None

    def untouched(self) -> "Board":
        """The same people on a day on which nobody has booked."""
        chairs = None if self.chairs is None else [() for _ in self.chairs]
        return Board([replace(one, taken=()) for one in self.calendars], self.needs, chairs)


def free_slots(rules: Rules, board: Board, *, first_day: date, days: int, now: datetime) -> list[Slot]:
    """Every time at which the visit fits, in the `days` local days from `first_day`, by time and then as given."""
    wanted = list(_days(rules, first_day, days, now))
    if not wanted:
        return []
    bounds = day_bounds(wanted[0], len(wanted), rules.zone)
    opening = [wanted[0] - DAY, *wanted, wanted[-1] + DAY]  # a night before reaches in, a visit reaches out
    read: dict[tuple[tuple[Span, ...], ...], tuple[list[datetime], list[Stretch]]] = {}
    found: list[Slot] = []
    for calendar in board.calendars:
        key = calendar.spans(opening)
        if key not in read:
            read[key] = _grid(opening, key, rules, now), _windows(opening, key, rules.zone)
        starts, windows = read[key]
        found.extend(_fitting(calendar, board.needs[calendar.professional_id], starts, windows, rules.shortest))
    inside = [slot for slot in found if bounds[0] <= slot.starts_at < bounds[1]]
    if board.chairs is not None:
        inside = [slot for slot in inside if _seated(board, slot)]
    return sorted(inside, key=_start)


def offers(rules: Rules, board: Board, professional_id: int, *, starts_at: datetime, now: datetime) -> bool:
    """Whether `starts_at` is one of the times of this professional, taken or not."""
    own = [one for one in board.untouched().calendars if one.professional_id == professional_id]
    day = local_day(starts_at, rules.zone)
    found = free_slots(rules, Board(own, board.needs), first_day=day, days=1, now=now)
    return any(slot.starts_at == starts_at for slot in found)


def is_free(board: Board, calendar: Calendar, starts_at: datetime) -> bool:
    """Whether the chair of this professional, and one of the shop, is free then; back to back is free."""
    blocked = board.needs[calendar.professional_id].blocked(starts_at)
    return not any(overlap(blocked, taken) for taken in calendar.taken) and chair_for(board.chairs, blocked) != NO_CHAIR


def chair_for(chairs: Sequence[Sequence[Stretch]] | None, blocked: Stretch) -> int:
    """The index of the first chair that is free for all of `blocked`, NO_CHAIR, or NO_LIMIT."""
    if chairs is None:
        return NO_LIMIT
    return next((index for index, taken in enumerate(chairs) if _beside(taken, blocked)), NO_CHAIR)


def _seated(board: Board, slot: Slot) -> bool:
    return chair_for(board.chairs, board.needs[slot.professional_id].blocked(slot.starts_at)) != NO_CHAIR


def _beside(taken: Sequence[Stretch], stretch: Stretch) -> bool:
    """Whether nothing of `taken` (sorted, without overlap) overlaps `stretch`."""
    before = bisect_left(taken, (stretch[1], stretch[1])) - 1
    return before < 0 or taken[before][1] <= stretch[0]


def overlap(one: Stretch, other: Stretch) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time as sorted stretches that neither touch nor overlap."""
    joined: list[Stretch] = []
    for starts, ends in sorted(stretches):
        if joined and starts <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ends))
        else:
            joined.append((starts, ends))
    return joined


def without(stretches: Iterable[Stretch], holes: Iterable[Stretch]) -> list[Stretch]:
    """What remains of `stretches`, sorted."""
    left: list[Stretch] = []
    gone = merged(holes)
    for starts, ends in merged(stretches):
        for hole in gone[max(bisect_right(gone, (starts, starts)) - 1, 0) :]:
            if hole[0] >= ends:
                break
            if hole[1] > starts:
                if hole[0] > starts:
                    left.append((starts, hole[0]))
                starts = hole[1]
        if starts < ends:
            left.append((starts, ends))
    return left


def open_stretches(calendar: Calendar, day: date, zone: ZoneInfo) -> list[Stretch]:
    """When this professional works on a local day, those away or not: sorted, without overlap, cut at midnight."""
    opening = [day - DAY, day]
    starts, ends = day_bounds(day, 1, zone)
    windows = _windows(opening, calendar.spans(opening), zone)
    return [(max(one[0], starts), min(one[1], ends)) for one in windows if one[0] < ends and starts < one[1]]


def at_work(calendar: Calendar, first_day: date, days: int, zone: ZoneInfo) -> list[Stretch]:
    """When this professional works and is not away, in the local days and the nights before and after them."""
    opening = [first_day + number * DAY for number in range(-1, days + 1)]
    return without(_windows(opening, calendar.spans(opening), zone), calendar.away)


def holds_all(stretches: Sequence[Stretch], stretch: Stretch) -> bool:
    """Whether `stretch` lies in one of `stretches` (sorted, without overlap)."""
    at = bisect_right(stretches, (stretch[0], ALWAYS[1])) - 1
    return at >= 0 and stretch[1] <= stretches[at][1]


def day_bounds(first_day: date, days: int, zone: ZoneInfo) -> Stretch:
    """The stretch of `days` local days; a day of a clock change has 23 or 25 hours."""
    return _instant(first_day, time(0), zone), _instant(first_day + days * DAY, time(0), zone)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The date on the shop's wall."""
    return moment.astimezone(zone).date()


def local_moment(day: date, at: time, zone: ZoneInfo) -> datetime | None:
    """The instant, in UTC, at which the shop's clock shows `at` on `day`; None when a clock change skips it."""
    instant = _instant(day, at, zone)
    shown = instant.astimezone(zone)
    return instant if (shown.date(), shown.time()) == (day, at) else None


def day_words(moment: datetime, zone: ZoneInfo) -> str:
    """`terça-feira, 24/11`, for messages to customers, which are always Portuguese."""
    return format_date(local_day(moment, zone), "EEEE, dd/MM", locale="pt_BR")


def hour_words(moment: datetime, zone: ZoneInfo) -> str:
    """`15:00` on the shop's clock."""
    return f"{moment.astimezone(zone):%H:%M}"


_start = itemgetter(0)  # of a slot, and quicker than its name: a month has thousands


def first_at_each_time(slots: Iterable[Slot]) -> list[Slot]:
    """One slot for each time: what somebody who takes any professional chooses from. A tidy one, if there is one."""
    best: dict[datetime, Slot] = {}
    for slot in slots:
        known = best.get(slot.starts_at)
        if known is None or (slot.is_tidy and not known.is_tidy):
            best[slot.starts_at] = slot
    return sorted(best.values(), key=_start)


def tidy_first(slots: Iterable[Slot]) -> list[Slot]:
    """All of them: first those that leave no gap which nobody can use, each part by time."""
    return sorted(slots, key=lambda slot: (not slot.is_tidy, slot.starts_at))


def nearest(slots: Iterable[Slot], around: datetime, count: int) -> list[Slot]:
    """The `count` slots nearest to `around`, by time; of two equally near the tidy one, then the earlier."""
    by_distance = sorted(slots, key=lambda slot: (abs(slot.starts_at - around), not slot.is_tidy, slot.starts_at))
    return sorted(by_distance[:count], key=_start)


def _days(rules: Rules, first_day: date, days: int, now: datetime) -> Iterator[date]:
    """The wanted days that are neither over nor beyond the horizon."""
    day = max(first_day, local_day(now, rules.zone))
    last = rules.last_day(now)
    if first_day <= last:  # adding days to a far date would overflow
        last = min(last, first_day + (days - 1) * DAY)
    while day <= last:
        yield day
        day += DAY


def _joined(walls: Iterable[Wall]) -> tuple[Span, ...]:
    """Sorted, those that touch joined: the times of both count from the first opening."""
    joined: list[Span] = []
    for starts, ends in sorted(walls):
        over = int(ends <= starts)
        if joined and joined[-1][1:] >= (0, starts):
            first, last_over, last_ends = joined.pop()
            joined.append((first, *max((last_over, last_ends), (over, ends))))
        else:
            joined.append((starts, over, ends))
    return tuple(joined)


def _grid(days: Sequence[date], spans: Sequence[Sequence[Span]], rules: Rules, now: datetime) -> list[datetime]:
    """Every existing wall time each `step` from opening that is not too soon, as instants, sorted."""
    starts = {at for day, today in zip(days, spans, strict=True) for span in today for at in _starts(day, span, rules)}
    ordered = sorted(starts)
    return ordered[bisect_left(ordered, rules.first_start(now)) :]


def _starts(day: date, span: Span, rules: Rules) -> list[datetime]:
    at, ends = datetime.combine(day, span[0]), datetime.combine(day + DAY * span[1], span[2])
    if _steady(day, rules.zone):
        first, count = _instant(day, span[0], rules.zone), -((at - ends) // rules.step)
        return [first + number * rules.step for number in range(count)]
    found = []
    while at < ends:
        found.append(local_moment(at.date(), at.time(), rules.zone))
        at += rules.step
    return [instant for instant in found if instant is not None]


def _steady(day: date, zone: ZoneInfo) -> bool:
    """Whether no clock changes on this local day or the next."""
    noon = datetime.combine(day, time(0), zone)
    return noon.utcoffset() == (noon + DAY).utcoffset() == (noon + 2 * DAY).utcoffset()


def _windows(days: Sequence[date], spans: Sequence[Sequence[Span]], zone: ZoneInfo) -> list[Stretch]:
    """The same hours as stretches; a visit may go over a seam, also the one at midnight."""
    found = []
    for day, today in zip(days, spans, strict=True):
        for starts, over, ends in today:
            found.append((_reaches(day, starts, zone), _reaches(day + DAY * over, ends, zone)))
    return merged(one for one in found if one[0] < one[1])


def _fitting(
    calendar: Calendar, need: Need, starts: Sequence[datetime], windows: Sequence[Stretch], shortest: timedelta
) -> Iterator[Slot]:
    """The starts after which the visit fits into a window beside what is away, its buffers beside what is taken."""
    if need.before + need.duration + need.after > LONGEST:
        return
    gaps = without([ALWAYS], calendar.taken)
    length, pk, at = need.duration, calendar.professional_id, 0
    for opens, closes in without(windows, calendar.away) if calendar.away else windows:
        while gaps[at][1] <= opens:
            at += 1
        for from_, until in gaps[at:]:
            if from_ >= closes:
                break
            first = opens if opens - need.before >= from_ else from_ + need.before
            last = closes - length if closes + need.after <= until else until - need.after - length
            if last >= first:
                yield from _slots(starts[bisect_left(starts, first) : bisect_right(starts, last)], length, pk, shortest)


def _slots(starts: Sequence[datetime], length: timedelta, professional_id: int, shortest: timedelta) -> Iterator[Slot]:
    """The slots of one gap. What lies before the first and after the last of them nobody can have in any case."""
    if not starts:
        return
    first, last = starts[0], starts[-1]
    early, late = first + shortest, last - shortest
    for at in starts:
        tidy = (at == first or at >= early) and (at == last or at <= late)
        yield Slot(at, at + length, professional_id, tidy)


def _instant(day: date, at: time, zone: ZoneInfo, fold: int = 0) -> datetime:
    return datetime.combine(day, at, zone).replace(fold=fold).astimezone(UTC)


def _reaches(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first instant at which the clock shows `at` or, when a clock change skips that, anything later."""
    found = local_moment(day, at, zone)
    if found is not None:
        return found
    before, after = _instant(day, at, zone, fold=1), _instant(day, at, zone)  # on the two sides of the change
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        changed = middle.astimezone(zone).utcoffset() == after.astimezone(zone).utcoffset()
        before, after = (before, middle) if changed else (middle, after)
    return after.replace(microsecond=0)
