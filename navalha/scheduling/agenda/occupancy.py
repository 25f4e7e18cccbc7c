"""How full the chairs are: the share of each professional's working time that is booked, and that was really done.

Working time is what their hours leave after days off, closures and holidays, and what they worked beyond it, so that a
share is never more than all of it. Preparation and cleaning count as booked. Who did not come leaves the time empty.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from navalha.accounts.models import Membership, Role, Shop

from .. import queries, slots
from ..models import AppointmentState, Professional
from ..slots import Stretch
from . import day
from .week import DAYS, SevenDays


@dataclass(frozen=True, slots=True)
class Share:
    """Of so much working time, so much is booked, and of that so much done."""

    working: timedelta = slots.ZERO
    booked: timedelta = slots.ZERO
    done: timedelta = slots.ZERO

    def __add__(self, other: "Share") -> "Share":
        return Share(self.working + other.working, self.booked + other.booked, self.done + other.done)

    @property
    def percent(self) -> int | None:
        """Booked, of a hundred; None for who does not work."""
        return round(100 * (self.booked / self.working)) if self.working else None

    @property
    def done_percent(self) -> int | None:
        return round(100 * (self.done / self.working)) if self.working else None


@dataclass(frozen=True, slots=True)
class DayShare:
    on: date
    share: Share


@dataclass(frozen=True, slots=True)
class Line:
    """One professional's week, or with nobody everybody's; `before` is the week before it."""

    professional: Professional | None
    days: list[DayShare]
    before: Share

    @property
    def total(self) -> Share:
        return sum((one.share for one in self.days), Share())

    @property
    def change(self) -> int | None:
        """How many percentage points more than in the week before; None where one of the two had no working time."""
        now, before = self.total.percent, self.before.percent
        return None if now is None or before is None else now - before


@dataclass(frozen=True, slots=True)
class Occupancy(SevenDays):
    """Everybody's line first, when there is more than one."""

    lines: list[Line]


def build(shop: Shop, on: date, *, member: Membership) -> Occupancy:
    """The week of `on`; a barber sees their own. Six queries, however many work there and however full they are."""
    first = on - timedelta(days=on.weekday())
    before = first - DAYS * slots.DAY
    zone = queries.zone_of(shop)
    bounds = slots.day_bounds(before, 2 * DAYS, zone)
    people = day.people_of(shop, bounds)
    if member.role < Role.RECEPTION:
        people = [one for one in people if one.user_id == member.user_id]
    booked, done = _taken(shop, people, bounds)
    lines = []
    for calendar, person in zip(queries.openings_of(shop, [p.pk for p in people], between=bounds), people, strict=True):
        work = slots.at_work(calendar, before, 2 * DAYS, zone)
        days = [
            DayShare(each, _share(work, booked[person.pk], done[person.pk], slots.day_bounds(each, 1, zone)))
            for each in (before + number * slots.DAY for number in range(2 * DAYS))
        ]
        lines.append(Line(person, days[DAYS:], sum((one.share for one in days[:DAYS]), Share())))
    return Occupancy(first, [*_everybody(lines), *lines])


def _everybody(lines: Sequence[Line]) -> Iterator[Line]:
    if len(lines) > 1:
        days = [
            DayShare(same[0].on, sum((one.share for one in same), Share()))
            for same in zip(*(line.days for line in lines), strict=True)
        ]
        yield Line(None, days, sum((line.before for line in lines), Share()))


Stretches = defaultdict[int, list[Stretch]]


def _taken(shop: Shop, people: Sequence[Professional], bounds: Stretch) -> tuple[Stretches, Stretches]:
    """What each has booked and done, with its preparation and cleaning; one query."""
    rows = shop.appointments.filter(professional__in=people, starts_at__lt=bounds[1], ends_at__gt=bounds[0])
    booked: Stretches = defaultdict(list)
    done: Stretches = defaultdict(list)
    columns = ("professional", "blocked_from", "blocked_until", "state")
    for pk, start, end, state in rows.exclude(state__in=queries.FREED).order_by().values_list(*columns):
        booked[pk].append((start, end))
        if state == AppointmentState.DONE:
            done[pk].append((start, end))
    return booked, done


def _share(work: Sequence[Stretch], booked: Sequence[Stretch], done: Sequence[Stretch], bounds: Stretch) -> Share:
    taken = _inside(booked, bounds)
    return Share(_length([*_inside(work, bounds), *taken]), _length(taken), _length(_inside(done, bounds)))


def _inside(stretches: Iterable[Stretch], bounds: Stretch) -> list[Stretch]:
    return [
        (max(start, bounds[0]), min(end, bounds[1]))
        for start, end in stretches
        if start < bounds[1] and bounds[0] < end
    ]


def _length(stretches: Iterable[Stretch]) -> timedelta:
    return sum((end - start for start, end in slots.merged(stretches)), slots.ZERO)
