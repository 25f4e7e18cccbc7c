"""What happens to series unasked: they are topped up, and their customers reminded of what was booked long ago."""

from datetime import datetime, timedelta
from functools import partial

from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from navalha.accounts.models import ShopState
from navalha.core.one_by_one import one_by_one
from navalha.messaging.models import WhatsAppMessage

from .. import queries
from ..models import Appointment, VisitSeries
from . import actions, topping_up

AT_ONCE = 200
REMINDED_BEFORE = timedelta(hours=24)


def top_up_series(now: datetime) -> int:
    """Plan what came due of every series; how many visits were booked.

    One transaction each: one that fails is tried again the next time, and holds up nobody else's.
    """
    due = VisitSeries.across_shops.filter(_is_due(now), ended_at=None, shop__state=ShopState.ACTIVE)
    rows = due.select_related("shop").order_by("planned_until", "pk")[:AT_ONCE]
    top_up = partial(topping_up.top_up, now=now)
    return sum(one_by_one(rows, top_up, failed="series could not be topped up", key="series"))


def remind_of_series(now: datetime) -> int:
    """Queue the reminder of each visit of a series that begins within a day; how many."""
    told = WhatsAppMessage.across_shops.filter(
        shop=OuterRef("shop"), dedupe_key=Concat(Value("booked:"), Cast(OuterRef("pk"), CharField()))
    )
    near = Appointment.across_shops.filter(
        ~Exists(told),
        source="series",
        state__in=queries.OPEN,
        starts_at__gt=now,
        starts_at__lte=now + REMINDED_BEFORE,
        shop__state=ShopState.ACTIVE,
    )
    visits = near.select_related("customer", "professional", "shop").order_by("starts_at", "pk")[:AT_ONCE]
    remind = partial(topping_up.remind, now=now)
    return len(one_by_one(visits, remind, failed="reminder could not be queued", key="appointment"))


def _is_due(now: datetime) -> Q:
    """Fewer than twelve of its times lie between now and where it is planned; an hour more or less at clock changes."""
    due = Q()
    for weeks in actions.EVERY:
        last = now + timedelta(weeks=weeks * (actions.AHEAD - 1))
        due |= Q(every_weeks=weeks, planned_until__lte=last)
    return due
