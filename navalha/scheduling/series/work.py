"""What happens to series unasked: they are topped up."""

from datetime import datetime, timedelta
from functools import partial

from django.db.models import Q

from navalha.accounts.models import ShopState
from navalha.core.one_by_one import one_by_one

from ..models import VisitSeries
from . import actions, topping_up

AT_ONCE = 200


def top_up_series(now: datetime) -> int:
    """Plan what came due of every series; how many visits were booked.

    One transaction each: one that fails is tried again the next time, and holds up nobody else's.
    """
    due = VisitSeries.across_shops.filter(_is_due(now), ended_at=None, shop__state=ShopState.ACTIVE)
    rows = due.select_related("shop").order_by("planned_until", "pk")[:AT_ONCE]
    top_up = partial(topping_up.top_up, now=now)
    return sum(one_by_one(rows, top_up, failed="series could not be topped up", key="series"))


def _is_due(now: datetime) -> Q:
    """Fewer than twelve of its times lie between now and where it is planned; an hour more or less at clock changes."""
    due = Q()
    for weeks in actions.EVERY:
        last = now + timedelta(weeks=weeks * (actions.AHEAD - 1))
        due |= Q(every_weeks=weeks, planned_until__lte=last)
    return due
