"""Times of a series that had no place: noted, and settled by a person."""

from datetime import datetime

from django.db.models import QuerySet

from navalha.accounts.models import Membership, Role, Shop, User
from navalha.live import topics
from navalha.live.publish import publish

from ..models import SeriesGap, VisitSeries


def note(series: VisitSeries, starts_at: datetime, problem: str, *, now: datetime) -> None:
    """Keep that this time of the series could not be booked; once for each time."""
    fields = {"shop": series.shop, "problem": problem[:300], "found_at": now}
    series.gaps.get_or_create(starts_at=starts_at, defaults=fields)


def settle(gap: SeriesGap, *, by: User, now: datetime) -> None:
    """Somebody has seen to it, or leaves it as it is."""
    _set(gap, now, by)


def unsettle(gap: SeriesGap) -> None:
    """It was a slip of the finger."""
    _set(gap, None, None)


def open_ones(shop: Shop, member: Membership, *, now: datetime) -> "QuerySet[SeriesGap]":
    """What still has to be seen to, soonest first: a barber sees their own series."""
    rows = shop.series_gaps.filter(settled_at=None, starts_at__gt=now, series__ended_at=None)
    if member.role < Role.RECEPTION:
        rows = rows.filter(series__professional__user=member.user_id)
    return rows


def _set(gap: SeriesGap, at: datetime | None, by: User | None) -> None:
    gap.settled_at, gap.settled_by = at, by
    gap.save(update_fields=["settled_at", "settled_by"])
    publish(gap.shop_id, topics.AGENDA)
