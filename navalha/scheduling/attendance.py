"""Who does not come: what a shop wants to know of a customer before it keeps a chair for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, F, Q

from navalha.accounts.models import Shop

from .models import AppointmentState, CancelledBy


@dataclass(frozen=True, slots=True)
class Missed:
    """How often a customer did not come, and how often they cancelled after the shop's window had ended."""

    no_shows: int = 0
    late_cancels: int = 0

    @property
    def total(self) -> int:
        return self.no_shows + self.late_cancels


NOTHING_MISSED = Missed()


def missed(shop: Shop, customers: Iterable[int]) -> dict[int, Missed]:
    """What each of `customers` (primary keys) missed; who missed nothing is left out. One query."""
    late = Q(
        state=AppointmentState.CANCELLED,
        cancelled_by=CancelledBy.CUSTOMER,
        state_changed_at__gt=F("starts_at") - timedelta(minutes=shop.cancel_window_minutes),
    )
    rows = (
        shop.appointments.filter(Q(state=AppointmentState.NO_SHOW) | late, customer__in=set(customers))
        .order_by()
        .values_list("customer_id")
        .annotate(no_shows=Count("pk", filter=Q(state=AppointmentState.NO_SHOW)), late=Count("pk", filter=late))
    )
    return {customer_id: Missed(no_shows, late_cancels) for customer_id, no_shows, late_cancels in rows}
