"""One day of the shop as the agenda shows it: a column for each professional, on a grid of five minutes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from navalha.accounts.models import Shop
from navalha.messaging.models import WhatsAppMessage

from . import queries, slots
from .models import Appointment, AppointmentState, Professional
from .slots import Calendar, Stretch

UNIT = timedelta(minutes=5)
HOUR = timedelta(hours=1)
USUAL = (time(9), time(18))  # shown on a day on which nobody works
SHORTEST = timedelta(minutes=30)  # of a gap that is offered to tap


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a column: `at` units below its top, `units` long."""

    at: int
    units: int
    starts_at: datetime
    ends_at: datetime
    visit: Appointment | None = None
    message: WhatsAppMessage | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One professional's day: what is booked, when nobody can be booked, and the gaps."""

    professional: Professional
    visits: list[Block]
    closed: list[Block]
    gaps: list[Block]


@dataclass(frozen=True, slots=True)
class Day:
    """What the page of a day shows. `now_at` is where the red line stands, None on other days."""

    on: date
    columns: list[Column]
    hours: list[tuple[int, time]]
    units: int
    now_at: int | None
    unconfirmed: list[Block]
    freed: list[Appointment]
    is_today: bool
    is_over: bool

    @property
    def before(self) -> date:
        return self.on - slots.DAY

    @property
    def after(self) -> date:
        return self.on + slots.DAY

    @property
    def is_empty(self) -> bool:
        return not any(column.visits for column in self.columns)

    @property
    def visit_count(self) -> int:
        return sum(len(column.visits) for column in self.columns)


@dataclass(frozen=True, slots=True)
class _Frame:
    """The shown part of a day: whole hours around all that is open or booked."""

    starts_at: datetime
    ends_at: datetime

    def block(self, stretch: Stretch, **what: object) -> Block | None:
        starts_at, ends_at = max(stretch[0], self.starts_at), min(stretch[1], self.ends_at)
        if starts_at >= ends_at:
            return None
        at = (starts_at - self.starts_at) // UNIT
        units = max(1, -((self.starts_at - ends_at) // UNIT) - at)
        return Block(at, units, starts_at, ends_at, **what)  # type: ignore[arg-type]

    def blocks_of(self, stretches: Iterable[Stretch]) -> list[Block]:
        return [block for stretch in stretches if (block := self.block(stretch)) is not None]


def build(shop: Shop, on: date, *, now: datetime) -> Day:
    """The day `on` of `shop`; the number of queries does not depend on how full it is."""
    zone = queries.zone_of(shop)
    bounds = slots.day_bounds(on, 1, zone)
    visits = _visits(shop, bounds)
    people = _people(shop, visits)
    calendars = queries.calendars_of(shop, [one.pk for one in people], between=bounds, now=now)
    opened = {one.professional_id: slots.open_stretches(one, on, zone) for one in calendars}
    frame = _frame(on, zone, opened.values(), visits)
    told = queries.last_told(shop, visits)
    booked = _booked(frame, visits, told)
    columns = [
        Column(
            professional=person,
            visits=booked[person.pk],
            closed=_closed(frame, opened[person.pk], calendar),
            gaps=_gaps(frame, opened[person.pk], calendar, now),
        )
        for person, calendar in zip(people, calendars, strict=True)
    ]
    is_today = slots.local_day(now, zone) == on
    return Day(
        on=on,
        columns=columns,
        hours=list(_hours(frame, zone)),
        units=(frame.ends_at - frame.starts_at) // UNIT,
        now_at=(now - frame.starts_at) // UNIT if is_today and frame.starts_at <= now < frame.ends_at else None,
        unconfirmed=_unconfirmed(columns, now),
        freed=[visit for visit in visits if visit.state in queries.FREED],
        is_today=is_today,
        is_over=bounds[1] <= now,
    )


def _visits(shop: Shop, bounds: Stretch) -> list[Appointment]:
    rows = shop.appointments.filter(starts_at__lt=bounds[1], ends_at__gt=bounds[0])
    return list(rows.select_related("customer", "professional").prefetch_related("items"))


def _people(shop: Shop, visits: Sequence[Appointment]) -> list[Professional]:
    """Who works here, and who left but still has a visit on this day."""
    expected = {visit.professional_id for visit in visits if visit.state not in queries.FREED}
    return list(shop.professionals.filter(Q(is_active=True) | Q(pk__in=expected)))


def _frame(on: date, zone: ZoneInfo, opened: Iterable[list[Stretch]], visits: Sequence[Appointment]) -> _Frame:
    stretches = [stretch for one in opened for stretch in one]
    stretches += [(visit.starts_at, visit.ends_at) for visit in visits if visit.state not in queries.FREED]
    stretches = stretches or [_usual(on, zone)]
    first, last = min(start for start, _ in stretches), max(end for _, end in stretches)
    day = slots.day_bounds(on, 1, zone)
    return _Frame(max(_whole_hour(first), day[0]), min(_whole_hour(last + HOUR - timedelta(microseconds=1)), day[1]))


def _usual(on: date, zone: ZoneInfo) -> Stretch:
    starts, ends = (datetime.combine(on, at, zone).astimezone(UTC) for at in USUAL)
    return starts, ends


def _whole_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _hours(frame: _Frame, zone: ZoneInfo) -> Iterator[tuple[int, time]]:
    moment = frame.starts_at
    while moment < frame.ends_at:
        yield (moment - frame.starts_at) // UNIT, moment.astimezone(zone).time()
        moment += HOUR


def _booked(
    frame: _Frame, visits: Iterable[Appointment], told: dict[int, WhatsAppMessage]
) -> defaultdict[int, list[Block]]:
    blocks: defaultdict[int, list[Block]] = defaultdict(list)
    for visit in visits:
        block = frame.block((visit.starts_at, visit.ends_at), visit=visit, message=told.get(visit.pk))
        if block is not None and visit.state not in queries.FREED:
            blocks[visit.professional_id].append(block)
    return blocks


def _closed(frame: _Frame, opened: list[Stretch], calendar: Calendar) -> list[Block]:
    return frame.blocks_of(slots.merged([*slots.without([(frame.starts_at, frame.ends_at)], opened), *calendar.away]))


def _gaps(frame: _Frame, opened: list[Stretch], calendar: Calendar, now: datetime) -> list[Block]:
    """What is free from now on, cut at full hours: a tap in the afternoon should not ask for the morning."""
    free = slots.without(slots.without(opened, calendar.away), calendar.taken)
    ahead = [(max(start, now), end) for start, end in free if end - max(start, now) >= SHORTEST]
    return frame.blocks_of(piece for stretch in ahead for piece in _by_hour(stretch))


def _by_hour(stretch: Stretch) -> Iterator[Stretch]:
    start, end = stretch
    while start < end:
        cut = min(_whole_hour(start) + HOUR, end)
        yield start, cut
        start = cut


def _unconfirmed(columns: Iterable[Column], now: datetime) -> list[Block]:
    waiting = [
        block
        for column in columns
        for block in column.visits
        if block.visit and block.visit.state == AppointmentState.PENDING and block.visit.ends_at > now
    ]
    return sorted(waiting, key=lambda block: block.starts_at)
