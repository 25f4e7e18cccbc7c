"""Free times: the only code that knows the shop's wall clock. Pure: no tables, no clock of its own, no Django.

Hours are kept as the shop says them ("das 9 às 18"), everything else in UTC. Where a clock change skips a wall time,
that time is not offered; where it repeats one, the first of the two is meant; a length is always elapsed time.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

Stretch = tuple[datetime, datetime]  # half-open, in UTC
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A time that can be booked with one professional; both ends in UTC, `ends_at` excluded."""

    starts_at: datetime
    ends_at: datetime
    professional_id: int


@dataclass(frozen=True, slots=True)
class Rules:
    """How a shop offers its times: on its clock, each `step` from opening, from `notice` ahead, for so many days."""

    zone: ZoneInfo
    step: timedelta
    notice: timedelta
    horizon_days: int

    def first_start(self, now: datetime) -> datetime:
        return now + self.notice

    def last_day(self, now: datetime) -> date:
        return local_day(now, self.zone) + timedelta(days=self.horizon_days)


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """Open from `starts` to `ends` on each `weekday` (0 is Monday), on the shop's clock."""

    weekday: int
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class Calendar:
    """One professional's week, when they are away, and what has been taken."""

    professional_id: int
    hours: Sequence[Hours]
    away: Sequence[Stretch] = ()
    taken: Sequence[Stretch] = ()


def free_slots(
    rules: Rules, calendars: Iterable[Calendar], *, duration: timedelta, first_day: date, days: int, now: datetime
) -> list[Slot]:
    """Every time at which `duration` fits, in the `days` local days from `first_day`, by time and then as given."""
    wanted = list(_days(rules, first_day, days, now))
    grid: dict[tuple[date, tuple[Hours, ...]], list[tuple[list[datetime], datetime]]] = {}
    found: list[Slot] = []
    for calendar in calendars:
        week = _week(calendar.hours)
        blocked = merged([*calendar.away, *calendar.taken])
        for day in wanted:
            key = (day, week[day.weekday()])
            if key not in grid:
                grid[key] = [_starts(hours, day, rules) for hours in key[1]]
            for starts, closes in grid[key]:
                found.extend(_fitting(calendar.professional_id, starts, closes, duration, blocked, now + rules.notice))
    return sorted(found, key=lambda slot: slot.starts_at)


def offers(rules: Rules, calendar: Calendar, *, starts_at: datetime, duration: timedelta, now: datetime) -> bool:
    """Whether `starts_at` is one of the times of this professional, taken or not."""
    open_week = Calendar(calendar.professional_id, calendar.hours, calendar.away)
    day = local_day(starts_at, rules.zone)
    return any(
        slot.starts_at == starts_at
        for slot in free_slots(rules, [open_week], duration=duration, first_day=day, days=1, now=now)
    )


def is_free(calendar: Calendar, stretch: Stretch) -> bool:
    """Whether nothing taken overlaps `stretch`; back to back is free."""
    return not any(overlap(stretch, taken) for taken in calendar.taken)


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


def open_stretches(hours: Iterable[Hours], day: date, zone: ZoneInfo) -> list[Stretch]:
    """When the doors are open on a local day: sorted, without overlap."""
    today = _week(hours)[day.weekday()]
    stretches = ((_reaches(day, one.starts, zone), _reaches(day, one.ends, zone)) for one in today)
    return [stretch for stretch in stretches if stretch[0] < stretch[1]]


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


def first_at_each_time(slots: Iterable[Slot]) -> list[Slot]:
    """One slot for each time: what somebody who takes any professional chooses from."""
    return list({slot.starts_at: slot for slot in reversed(list(slots))}.values())[::-1]


def nearest(slots: Iterable[Slot], around: datetime, count: int) -> list[Slot]:
    """The `count` slots nearest to `around`, by time; of two equally near the earlier."""
    by_distance = sorted(slots, key=lambda slot: (abs(slot.starts_at - around), slot.starts_at))
    return sorted(by_distance[:count], key=lambda slot: slot.starts_at)


def _days(rules: Rules, first_day: date, days: int, now: datetime) -> Iterator[date]:
    """The wanted days that are neither over nor beyond the horizon."""
    day = max(first_day, local_day(now, rules.zone))
    last = rules.last_day(now)
    if first_day <= last:  # adding days to a far date would overflow
        last = min(last, first_day + (days - 1) * DAY)
    while day <= last:
        yield day
        day += DAY


def _week(hours: Iterable[Hours]) -> list[tuple[Hours, ...]]:
    """The hours of each weekday, sorted, those that touch joined: a visit may go over such a seam."""
    week: list[list[Hours]] = [[] for _ in range(7)]
    for one in sorted(hours):
        today = week[one.weekday]
        if today and one.starts <= today[-1].ends:
            one = Hours(one.weekday, today[-1].starts, max(today.pop().ends, one.ends))
        today.append(one)
    return [tuple(today) for today in week]


def _starts(hours: Hours, day: date, rules: Rules) -> tuple[list[datetime], datetime]:
    """Every existing wall time each `step` from opening, as instants, and the instant of closing."""
    wall, ends = datetime.combine(day, hours.starts), datetime.combine(day, hours.ends)
    walls = []
    while wall < ends:
        walls.append(wall.time())
        wall += rules.step
    found = [local_moment(day, at, rules.zone) for at in walls]
    return [instant for instant in found if instant is not None], _reaches(day, hours.ends, rules.zone)


def _fitting(
    professional_id: int,
    starts: Sequence[datetime],
    closes: datetime,
    duration: timedelta,
    blocked: Sequence[Stretch],
    not_before: datetime,
) -> Iterator[Slot]:
    """The starts after which `duration` fits before closing and beside what is blocked (sorted, not overlapping)."""
    if not starts:
        return
    at = max(bisect_right(blocked, (starts[0], starts[0])) - 1, 0)
    for starts_at in starts:
        ends_at = starts_at + duration
        if ends_at > closes:
            return
        while at < len(blocked) and blocked[at][1] <= starts_at:
            at += 1
        if starts_at >= not_before and (at == len(blocked) or blocked[at][0] >= ends_at):
            yield Slot(starts_at, ends_at, professional_id)


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
