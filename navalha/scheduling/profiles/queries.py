"""Customers with what they came for: the list of a shop, and one of them. A constant number of queries."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.functional import cached_property

from navalha.accounts.models import Shop
from navalha.customers.models import Customer
from navalha.customers.queries import matching

from .. import slots
from ..attendance import NOTHING_MISSED, Missed, books_alone, missed
from ..deposits import queries as deposit_queries
from ..models import Appointment, AppointmentState, Professional
from ..queries import FREED, OPEN, zone_of
from . import rhythm

PER_PAGE = 30
PAST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed by; empty ones narrow nothing."""

    search: str = ""
    tag: str = ""
    birthdays: bool = False
    absent_days: int | None = None

    @property
    def any(self) -> bool:
        return bool(self.search.strip() or self.tag or self.birthdays or self.absent_days)


def listed(shop: Shop, filters: Filters, *, page: int, now: datetime) -> "Page[Any]":
    """One page of the shop's customers by name, each with `last_at` (done) and `next_at`: two queries."""
    visits = shop.appointments.filter(customer=OuterRef("pk"))
    done = visits.filter(state=AppointmentState.DONE).order_by("-starts_at")
    coming = visits.filter(state__in=OPEN, starts_at__gte=now).order_by("starts_at")
    rows = filtered(shop, filters, now=now).annotate(
        last_at=Subquery(done.values("starts_at")[:1]), next_at=Subquery(coming.values("starts_at")[:1])
    )
    return Paginator(rows.order_by("name", "pk"), PER_PAGE).get_page(page)


def filtered(shop: Shop, filters: Filters, *, now: datetime) -> "QuerySet[Customer]":
    """Those of the shop's customers whom the filters leave, in no order."""
    rows = matching(shop.customers.all(), filters.search)
    if filters.tag:
        rows = rows.filter(tags__contains=[filters.tag])
    if filters.birthdays:
        rows = rows.filter(birth_month=slots.local_day(now, zone_of(shop)).month)
    if filters.absent_days:
        done = shop.appointments.filter(state=AppointmentState.DONE).order_by()
        since = now - timedelta(days=filters.absent_days)
        rows = rows.filter(pk__in=done.values("customer")).exclude(
            pk__in=done.filter(starts_at__gt=since).values("customer")
        )
    return rows


@dataclass(frozen=True)
class Profile:
    """What the visits of one customer say; money in cents."""

    coming: list[Appointment]
    past: list[Appointment]  # the newest ones
    more_past: int
    done: list[Any]  # every visit that was done: start, agreed and paid
    missed: Missed
    books_alone: bool
    preferred: Professional | None
    today: date
    deposits: dict[str, Any]  # `deposits.queries.figures`

    @property
    def visits(self) -> int:
        return len(self.done)

    @cached_property
    def value_cents(self) -> int:
        """What was paid; what was agreed where nobody said what was paid."""
        return sum(total if paid is None else paid for _start, total, paid in self.done)

    @property
    def ticket_cents(self) -> int:
        return self.value_cents // self.visits if self.visits else 0

    @cached_property
    def rhythm_days(self) -> int | None:
        return rhythm.days_between(start.date() for start, _total, _paid in self.done)

    @property
    def last_on(self) -> date | None:
        return max((start.date() for start, _total, _paid in self.done), default=None)

    @property
    def overdue_days(self) -> int:
        """How many days past their rhythm; 0 for whoever has none, is within it, or has a visit to come."""
        if self.rhythm_days is None or self.last_on is None or self.coming:
            return 0
        return max((self.today - self.last_on).days - self.rhythm_days, 0)


def profile(shop: Shop, customer: Customer, *, now: datetime) -> Profile:
    """Eight queries; one more where the shop limits who books alone."""
    zone = zone_of(shop)
    visits = shop.appointments.filter(customer=customer)
    shown = visits.select_related("professional").prefetch_related("items")
    to_come = Q(starts_at__gte=now) & ~Q(state__in=[*FREED, AppointmentState.DONE])
    past = list(shown.exclude(to_come).order_by("-starts_at", "-pk")[:PAST_SHOWN])
    done = visits.filter(state=AppointmentState.DONE).values_list("starts_at", "total_cents", "paid_cents")
    return Profile(
        coming=list(shown.filter(to_come).order_by("starts_at", "pk")),
        past=past,
        more_past=max(visits.exclude(to_come).count() - len(past), 0),
        done=[(start.astimezone(zone), total, paid) for start, total, paid in done],
        missed=missed(shop, [customer.pk]).get(customer.pk, NOTHING_MISSED),
        books_alone=books_alone(shop, customer, now=now),
        preferred=preferred(shop, customer),
        today=slots.local_day(now, zone),
        deposits=deposit_queries.figures(customer),
    )


def preferred(shop: Shop, customer: Customer) -> Professional | None:
    """By whom the customer likes to be served, as it was said last."""
    said = shop.preferences.filter(customer=customer).select_related("professional").first()
    return said.professional if said else None
