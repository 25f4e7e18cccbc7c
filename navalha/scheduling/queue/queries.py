"""The line of a shop as it stands: who waits, in which order, and until when. A constant number of queries."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from navalha.accounts.models import Shop

from .. import queries, slots, terms
from ..agenda import day
from ..models import AppointmentState, Professional, Service
from ..slots import Stretch
from . import waiting
from .models import IN_LINE, QueueEntry
from .waiting import Chair, Turn, Wait

# A line is of one day: who still stands in it so long afterwards has gone home.
LASTS = timedelta(hours=12)
# A service that takes longer than booked ends any moment.
OVERRUN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's place: counted from 1, when their turn is expected, who could serve them."""

    entry: QueueEntry
    position: int
    turn: Turn | None
    wait: timedelta | None
    able: list[Professional]

    @property
    def minutes(self) -> tuple[int, int] | None:
        return None if self.wait is None else waiting.minutes_between(self.wait)


def standing(shop: Shop, *, now: datetime) -> "QuerySet[QueueEntry]":
    """Who is in the line now, first first."""
    return shop.queue_entries.filter(state__in=IN_LINE, joined_at__gt=now - LASTS)


def build(shop: Shop, *, now: datetime) -> list[Place]:
    """Everybody in the line with what they may expect: eleven queries at most."""
    rows = list(standing(shop, now=now).select_related("professional", "customer", "shop").prefetch_related("services"))
    if not rows:
        return []
    people = list(shop.professionals.filter(is_active=True).prefetch_related("services"))
    waits = _waits(shop, rows, people)
    taken = _taken(shop, now)
    found = waiting.turns(waits, _chairs(shop, people, taken, now), now=now, seats=_seats(shop, taken))
    return [
        Place(
            entry=row,
            position=position,
            turn=(turn := found[row.pk]),
            wait=turn.starts_at - now if turn else None,
            able=[one for one in people if one.pk in wait.lengths],
        )
        for position, (row, wait) in enumerate(zip(rows, waits, strict=True), start=1)
    ]


def _waits(shop: Shop, rows: Sequence[QueueEntry], people: Sequence[Professional]) -> list[Wait]:
    wanted = {row.pk: list(row.services.all()) for row in rows}
    own = terms.own_terms(shop, {one for services in wanted.values() for one in services})
    return [Wait(row.pk, {one.pk: _length(wanted[row.pk], own, one) for one in _able(row, people)}) for row in rows]


def _able(row: QueueEntry, people: Sequence[Professional]) -> list[Professional]:
    wanted = set(row.services.all())
    return [one for one in people if row.professional_id in (None, one.pk) and wanted <= set(one.services.all())]


def _length(services: Sequence[Service], own: terms.Own, person: Professional) -> timedelta:
    need = terms.need(services, own, person.pk)
    return need.before + need.duration + need.after


@dataclass(frozen=True, slots=True)
class _Taken:
    """A visit to come or under way, as what it takes: whose time, which of the shop's seats, until when."""

    professional_id: int
    seat: int | None
    stretch: Stretch


def _taken(shop: Shop, now: datetime) -> list[_Taken]:
    """Today's visits; a finished one has given its chair back, whatever time was booked."""
    bounds = _today(shop, now)
    rows = shop.appointments.filter(starts_at__lt=bounds[1], ends_at__gt=bounds[0])
    found = []
    for one in rows.exclude(state__in=[*queries.FREED, AppointmentState.DONE]):
        end = one.blocked_until
        if one.state == AppointmentState.IN_SERVICE:
            end = max(end, now + OVERRUN)
        found.append(_Taken(one.professional_id, one.chair, (one.blocked_from, end)))
    return found


def _chairs(shop: Shop, people: Sequence[Professional], taken: Sequence[_Taken], now: datetime) -> list[Chair]:
    """What is left of today for each: their hours without what is booked and who is in the chair."""
    zone = queries.zone_of(shop)
    today = slots.local_day(now, zone)
    booked: defaultdict[int, list[Stretch]] = defaultdict(list)
    for one in taken:
        booked[one.professional_id].append(one.stretch)
    openings = queries.openings_of(shop, [one.pk for one in people], between=_today(shop, now))
    return [
        Chair(
            one.professional_id,
            list(slots.without(day.opened_on(one, today, zone), [*one.away, *booked[one.professional_id]])),
        )
        for one in openings
    ]


def _seats(shop: Shop, taken: Sequence[_Taken]) -> list[list[Stretch]] | None:
    """What takes each of the shop's seats, for one that said how many it has."""
    if shop.chairs is None:
        return None
    return [slots.merged(one.stretch for one in taken if one.seat == seat) for seat in range(1, shop.chairs + 1)]


def _today(shop: Shop, now: datetime) -> Stretch:
    zone = queries.zone_of(shop)
    return slots.day_bounds(slots.local_day(now, zone), 1, zone)
