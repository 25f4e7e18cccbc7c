"""One day of the shop as the agenda shows it: a column for each professional, on a grid of five minutes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q, QuerySet

from navalha.accounts.models import Membership, Shop

from .. import queries, slots
from ..models import Appointment, AppointmentState, Professional, TimeOff, WaitlistOffer
from ..openings import closures
from ..openings.closures import Holiday
from ..slots import Calendar, Stretch
from ..waitlist import queries as waitlist_queries
from . import frame
from .cards import cards_of
from .frame import Block, Card, Frame

TONES = 8  # colours of professionals in tokens.css


@dataclass(frozen=True, slots=True)
class Column:
    """One professional's day: what is booked or kept, when nobody can be booked, why, and the gaps."""

    professional: Professional
    visits: list[Block]
    closed: list[Block]
    away: list[Block]
    buffers: list[Block]  # of visits: the chair is blocked longer than the customer sees
    gaps: list[Block]
    kept: list[Block]  # for whoever of the waitlist is asked whether they want the time
    tone: int  # of the professional's colour


@dataclass(frozen=True, slots=True)
class Day:
    """What the page of a day shows. `now_at` is where the red line stands, None on other days."""

    on: date
    columns: list[Column]
    frame: Frame
    hours: list[tuple[int, time]]
    now_at: int | None
    unconfirmed: list[Block]
    freed: list[Appointment]
    is_today: bool
    is_over: bool
    holiday: Holiday | None

    @property
    def units(self) -> int:
        return self.frame.units

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


def build(shop: Shop, on: date, *, now: datetime, member: Membership | None = None) -> Day:
    """The day `on` of `shop` as `member` sees it; the number of queries does not depend on how full it is."""
    zone = queries.zone_of(shop)
    bounds = slots.day_bounds(on, 1, zone)
    visits = visits_between(shop, bounds)
    people = people_of(shop, bounds)
    calendars = queries.calendars_of(shop, [one.pk for one in people], between=bounds, now=now)
    columns_frame, columns = _columns(
        shop, on, zone, people, calendars, cards_of(shop, visits, now=now, member=member), now
    )
    is_today = slots.local_day(now, zone) == on
    return Day(
        on=on,
        columns=columns,
        frame=columns_frame,
        hours=list(columns_frame.hours(zone)),
        now_at=columns_frame.at(now) if is_today else None,
        unconfirmed=_unconfirmed(columns, now),
        freed=[visit for visit in visits if visit.state in queries.FREED],
        is_today=is_today,
        is_over=bounds[1] <= now,
        holiday=next(iter(closures.holidays(shop, on, on)), None),
    )


def visits_between(shop: Shop, bounds: Stretch, person: Professional | None = None) -> list[Appointment]:
    """All visits that touch `bounds`, the freed ones too, of `person` or of everybody; two queries.

    What was agreed of each is the list `agreed`: for hundreds of visits `items` costs three times as much.
    """
    rows = _touching(shop, bounds)
    if person is not None:
        rows = rows.filter(professional=person)
    return list(rows.select_related("customer", "professional").prefetch_related(Prefetch("items", to_attr="agreed")))


def people_of(shop: Shop, bounds: Stretch) -> list[Professional]:
    """Who works here, and who left but still has a visit that touches `bounds`; one query."""
    expected = _touching(shop, bounds).exclude(state__in=queries.FREED).order_by().values("professional")
    return list(shop.professionals.filter(Q(is_active=True) | Q(pk__in=expected)))


def _touching(shop: Shop, bounds: Stretch) -> "QuerySet[Appointment]":
    return shop.appointments.filter(starts_at__lt=bounds[1], ends_at__gt=bounds[0])


def times_off(shop: Shop, people: Sequence[Professional], bounds: Stretch) -> dict[int, list[TimeOff]]:
    """Why each of `people` is away in `bounds`; one query."""
    rows = shop.times_off.filter(starts_at__lt=bounds[1], ends_at__gt=bounds[0])
    off: dict[int, list[TimeOff]] = {one.pk: [] for one in people}
    for row in rows:
        for professional_id in off if row.professional_id is None else [row.professional_id]:
            if professional_id in off:
                off[professional_id].append(row)
    return off


def opened_on(calendar: Calendar, on: date, zone: ZoneInfo) -> list[Stretch]:
    """When somebody works within a local day; a night before may reach into it."""
    day = slots.day_bounds(on, 1, zone)
    reaching = [*slots.open_stretches(calendar, on - slots.DAY, zone), *slots.open_stretches(calendar, on, zone)]
    inside = [(max(start, day[0]), min(end, day[1])) for start, end in reaching]
    return slots.merged(stretch for stretch in inside if stretch[0] < stretch[1])


def buffers_of(visits: Iterable[Appointment]) -> list[Stretch]:
    """What the visits take of the chair beside their own time."""
    edges = [
        edge
        for visit in visits
        for edge in ((visit.blocked_from, visit.starts_at), (visit.ends_at, visit.blocked_until))
    ]
    return [edge for edge in edges if edge[0] < edge[1]]


def column(
    shown: Frame,
    person: Professional,
    calendar: Calendar,
    opened: list[Stretch],
    cards: Sequence[Card],
    off: Sequence[TimeOff],
    offers: Iterable[WaitlistOffer],
    now: datetime,
    tone: int,
) -> Column:
    """One lane of the grid."""
    blocked = [*calendar.away, *calendar.taken]
    return Column(
        professional=person,
        visits=_blocks(shown, cards),
        closed=shown.closed(opened, calendar.away, [(row.starts_at, row.ends_at) for row in off]),
        away=_away(shown, off),
        buffers=shown.blocks_of(buffers_of(card.visit for card in cards)),
        gaps=shown.blocks_of(frame.gaps(opened, blocked, now)),
        kept=_kept(shown, (one for one in offers if one.professional_id == person.pk)),
        tone=tone % TONES,
    )


def _columns(
    shop: Shop,
    on: date,
    zone: ZoneInfo,
    people: Sequence[Professional],
    calendars: Sequence[Calendar],
    cards: Sequence[Card],
    now: datetime,
) -> tuple[Frame, list[Column]]:
    opened = {one.professional_id: opened_on(one, on, zone) for one in calendars}
    seated = [card for card in cards if card.visit.state not in queries.FREED]
    booked = [(card.visit.blocked_from, card.visit.blocked_until) for card in seated]
    shown = frame.around(on, zone, [*(stretch for one in opened.values() for stretch in one), *booked])
    mine: defaultdict[int, list[Card]] = defaultdict(list)
    for card in seated:
        mine[card.visit.professional_id].append(card)
    bounds = slots.day_bounds(on, 1, zone)
    off, offers = times_off(shop, people, bounds), waitlist_queries.kept_between(shop, bounds)
    return shown, [
        column(shown, person, calendar, opened[person.pk], mine[person.pk], off[person.pk], offers, now, tone)
        for tone, (person, calendar) in enumerate(zip(people, calendars, strict=True))
    ]


def _blocks(shown: Frame, cards: Iterable[Card]) -> list[Block]:
    blocks = (shown.block((card.visit.starts_at, card.visit.ends_at), card=card) for card in cards)
    return [block for block in blocks if block is not None]


def _away(shown: Frame, off: Iterable[TimeOff]) -> list[Block]:
    blocks = (shown.block((row.starts_at, row.ends_at), reason=str(row), time_off=row.pk) for row in off)
    return [block for block in blocks if block is not None]


def _kept(shown: Frame, offers: Iterable[WaitlistOffer]) -> list[Block]:
    blocks = (shown.block((one.starts_at, one.ends_at), offer=one) for one in offers)
    return [block for block in blocks if block is not None]


def _unconfirmed(columns: Iterable[Column], now: datetime) -> list[Block]:
    waiting = [
        block
        for column in columns
        for block in column.visits
        if block.visit and block.visit.state == AppointmentState.PENDING and block.visit.ends_at > now
    ]
    return sorted(waiting, key=lambda block: block.starts_at)
