"""The series of a shop as its people see them. The number of queries does not depend on how many there are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from navalha.accounts.models import Membership, Role, Shop

from .. import queries
from ..models import Appointment, SeriesGap, VisitSeries
from . import gaps


@dataclass(frozen=True, slots=True)
class Running:
    """One series; `latest` is the last of its visits, which says who comes for what."""

    series: VisitSeries
    latest: Appointment
    ahead: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A time that had no place, with a visit of its series."""

    row: SeriesGap
    latest: Appointment


@dataclass(frozen=True, slots=True)
class Listing:
    """What the page shows: what has to be seen to first."""

    gaps: list[Gap]
    running: list[Running]


def build(shop: Shop, member: Membership, *, now: datetime) -> Listing:
    """Everybody's series for the reception and above, their own for a barber; three queries and one for each people."""
    coming = Q(visits__state__in=queries.OPEN, visits__starts_at__gt=now)
    rows = shop.visit_series.annotate(
        ahead=Count("visits", filter=coming), next_at=Min("visits__starts_at", filter=coming)
    )
    if member.role < Role.RECEPTION:
        rows = rows.filter(professional__user=member.user_id)
    found = list(rows.filter(Q(ended_at=None) | Q(ahead__gt=0)).select_related("professional"))
    open_gaps = list(gaps.open_ones(shop, member, now=now).select_related("series__professional"))
    latest = _latest(shop, [*(one.pk for one in found), *(gap.series_id for gap in open_gaps)])
    running = [Running(one, latest[one.pk], one.ahead, one.next_at) for one in found if one.pk in latest]
    return Listing(
        gaps=[Gap(gap, latest[gap.series_id]) for gap in open_gaps if gap.series_id in latest],
        running=sorted(running, key=lambda one: (one.next_at is None, one.next_at, one.series.pk)),
    )


def _latest(shop: Shop, series: Iterable[int]) -> dict[int, Appointment]:
    rows = (
        shop.appointments.filter(series__in=set(series))
        .order_by("series_id", "-starts_at", "-pk")
        .distinct("series_id")
    )
    visits = rows.select_related("customer").prefetch_related("items")
    return {visit.series_id: visit for visit in visits if visit.series_id is not None}
