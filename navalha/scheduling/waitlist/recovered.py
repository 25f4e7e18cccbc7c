"""What the waitlist was worth: the visits that filled a freed time."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from navalha.accounts.models import Shop

from .. import queries, slots
from ..models import AppointmentState

SOURCE = "waitlist"


@dataclass(frozen=True, slots=True)
class Recovered:
    """In cents, of the visits of a month: those that are done, by what was paid where somebody said it, and those to
    come. What was cancelled or missed recovered nothing."""

    done_cents: int
    coming_cents: int
    count: int

    @property
    def cents(self) -> int:
        return self.done_cents + self.coming_cents


def this_month(shop: Shop, *, now: datetime) -> Recovered:
    """Of the visits that begin in this month of the shop's clock: one query."""
    zone = queries.zone_of(shop)
    first = slots.local_day(now, zone).replace(day=1)
    days = (first.replace(month=first.month % 12 + 1, year=first.year + first.month // 12) - first).days
    between = slots.day_bounds(first, days, zone)
    rows = shop.appointments.filter(source=SOURCE, starts_at__gte=between[0], starts_at__lt=between[1])
    done = Q(state=AppointmentState.DONE)
    found = rows.exclude(state__in=queries.FREED).aggregate(
        done=Sum(Coalesce("paid_cents", F("total_cents")), filter=done),
        coming=Sum("total_cents", filter=~done),
        count=Count("pk"),
    )
    return Recovered(found["done"] or 0, found["coming"] or 0, found["count"])
