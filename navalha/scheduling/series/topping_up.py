"""A series goes on by itself: twelve of its visits remain planned ahead, until somebody ends it.

Rows are the truth: how far a series is planned stands in its row, which is locked meanwhile. Two workers at once, or
one that was killed and comes again, plan each time once.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

import structlog
from django.db import transaction

from navalha.accounts.models import User

from .. import notices, queries
from ..models import Appointment, SeriesGap, VisitSeries
from ..reminders import terms as reminders
from . import actions, gaps

log = structlog.get_logger(__name__)

# The customer hears of new days when so many have come together, and so always knows the next eight.
TOLD_TOGETHER = 4


@transaction.atomic
def top_up(series: VisitSeries, *, now: datetime) -> int:
    """Plan what is missing of the twelve ahead; how many visits were booked. Nothing while another worker does it."""
    row = _locked(series)
    if row is None:
        return 0
    pattern = _pattern(row)
    if pattern is None or row.professional is None or not _goes_on(row, now):
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        log.info("series ended by itself", series=row.pk, shop=row.shop_id)
        return 0
    booked, _found = actions.book_all(row, pattern, starts := _missing(row, now), by=None, now=now)
    if starts:
        row.planned_until = starts[-1]
        row.save(update_fields=["planned_until"])
    _tell(row, now)
    log.info("series topped up", series=row.pk, shop=row.shop_id, booked=len(booked), gaps=len(starts) - len(booked))
    return len(booked)


@transaction.atomic
def fill(gap: SeriesGap, *, by: User, now: datetime) -> Appointment | None:
    """Book the time of a gap after all; None when somebody settled it meanwhile. Raises Refused while it is taken."""
    rows = gap.shop.series_gaps.select_for_update(no_key=True, of=("self",))
    gap.refresh_from_db(fields=["settled_at"], from_queryset=rows)
    pattern = _pattern(gap.series)
    if gap.settled_at is not None or pattern is None:
        return None
    services = actions.services_of(pattern)
    visit = actions.book_one(gap.series, pattern, services, gap.starts_at, by=by, now=now)
    gaps.settle(gap, by=by, now=now)
    return visit


def _locked(series: VisitSeries) -> VisitSeries | None:
    rows = series.shop.visit_series.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return rows.select_related("shop", "professional").filter(pk=series.pk, ended_at=None).first()


def _pattern(series: VisitSeries) -> Appointment | None:
    """Who comes for what: as in the last visit of the series, however it went."""
    return series.visits.select_related("customer", "shop").order_by("-starts_at", "-pk").first()


def _goes_on(series: VisitSeries, now: datetime) -> bool:
    """One of which no visit is left ahead has ended: somebody cancelled them one by one, or nothing had a place."""
    return series.visits.filter(state__in=queries.OPEN, starts_at__gt=now).exists()


def _missing(series: VisitSeries, now: datetime) -> list[datetime]:
    zone = queries.zone_of(series.shop)
    ahead = islice(actions.occurrences(series.anchor_at, series.every_weeks, zone, after=now), actions.AHEAD)
    return [starts_at for starts_at in ahead if starts_at > series.planned_until]


def _tell(series: VisitSeries, now: datetime) -> None:
    untold = _untold(series, now)
    if len(untold) < TOLD_TOGETHER:
        return
    near = reminders.promise(series.shop)
    notices.tell_customer("series_more", untold[0], now=now, options=actions.lines(untold), near=near)
    series.told_until = untold[-1].starts_at
    series.save(update_fields=["told_until"])


def _untold(series: VisitSeries, now: datetime) -> Sequence[Appointment]:
    rows = series.visits.filter(source="series", state__in=queries.OPEN, starts_at__gt=max(series.told_until, now))
    return list(rows.select_related("customer", "professional", "shop").order_by("starts_at", "pk"))
