"""Who does not come: what a shop wants to know of a customer before it keeps a chair for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q

from navalha.accounts.models import Shop
from navalha.customers.models import Customer

from .errors import OnlyByShop
from .models import AppointmentState, CancelledBy

# What counts toward a shop's limit: long enough to see a habit in who comes once a month, and nobody is shut out for
# ever.
COUNTED_FOR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Missed:
    """How often a customer did not come, and how often they cancelled after the shop's window had ended."""

    no_shows: int = 0
    late_cancels: int = 0

    @property
    def total(self) -> int:
        return self.no_shows + self.late_cancels


NOTHING_MISSED = Missed()
NO_SHOW = Q(state=AppointmentState.NO_SHOW)


def missed(shop: Shop, customers: Iterable[int]) -> dict[int, Missed]:
    """What each of `customers` (primary keys) missed; who missed nothing is left out. One query."""
    late = _late(shop)
    rows = (
        shop.appointments.filter(NO_SHOW | late, customer__in=set(customers))
        .order_by()
        .values_list("customer_id")
        .annotate(no_shows=Count("pk", filter=NO_SHOW), late=Count("pk", filter=late))
    )
    return {customer_id: Missed(no_shows, late_cancels) for customer_id, no_shows, late_cancels in rows}


def books_alone(shop: Shop, customer: Customer, *, now: datetime) -> bool:
    """Whether the shop lets this customer book without it. One query where the shop has a limit, else none.

    What they missed before the shop forgave them, or longer than `COUNTED_FOR` ago, does not count.
    """
    if shop.most_missed is None:
        return True
    rows = shop.appointments.filter(NO_SHOW | _late(shop), customer=customer, starts_at__gt=now - COUNTED_FOR)
    if customer.misses_forgiven_at is not None:
        rows = rows.filter(state_changed_at__gt=customer.misses_forgiven_at)
    return rows.count() < shop.most_missed


def check_books_alone(shop: Shop, customer: Customer, *, now: datetime) -> None:
    """Raises OnlyByShop for whoever missed too often."""
    if not books_alone(shop, customer, now=now):
        raise OnlyByShop


def _late(shop: Shop) -> Q:
    return Q(
        state=AppointmentState.CANCELLED,
        cancelled_by=CancelledBy.CUSTOMER,
        state_changed_at__gt=F("starts_at") - timedelta(minutes=shop.cancel_window_minutes),
    )
