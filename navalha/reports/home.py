"""What a shop wants to know first: today's visits, who has not confirmed, who waits for an answer, and whether the
WhatsApp works. The number of queries does not depend on how busy the day is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from navalha.accounts.models import Shop, User
from navalha.customers.models import Customer
from navalha.messaging.models import Direction, MessageState, WhatsAppMessage
from navalha.scheduling import queries, slots
from navalha.scheduling.deposits import queries as deposit_queries
from navalha.scheduling.models import Appointment, AppointmentState, Professional
from navalha.scheduling.waitlist.recovered import Recovered, this_month
from navalha.whatsapp.models import WhatsAppInstance
from navalha.whatsapp.queries import Counters, cards

DAY = timedelta(hours=24)
SHOWN = 6  # of each list: the rest is one tap away
A = AppointmentState
M = MessageState
HANDED_OVER = (M.SENT, M.DELIVERED, M.READ, M.PLAYED)
WAITING = (M.QUEUED, M.SENDING, M.UNCONFIRMED)


@dataclass(frozen=True, slots=True)
class Traffic:
    """The messages that came to be in the last 24 hours: received, handed to WhatsApp, failed, still on their way."""

    received: int
    sent: int
    failed: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody whose last question only a person can answer."""

    customer: Customer
    message: WhatsAppMessage


@dataclass(frozen=True, slots=True)
class Home:
    """The first page. `own` is the professional whose visits are shown, None for everybody's.

    `deposits` are those that somebody must look at, by state.
    """

    own: Professional | None
    visits: Sequence[Appointment]
    now_serving: Sequence[Appointment]
    coming: Sequence[Appointment]
    unconfirmed: Sequence[Appointment]
    next_visit: Appointment | None
    traffic: Traffic
    waiting: Sequence[Waiting]
    waiting_count: int
    principal: WhatsAppInstance | None
    counters: Counters | None
    recovered: Recovered | None
    deposits: Mapping[str, int]

    @property
    def confirmed_count(self) -> int:
        return sum(visit.state == A.CONFIRMED for visit in self.coming)


def home_of(shop: Shop, user: User, *, now: datetime, sees_numbers: bool) -> Home:
    """The first page of `shop` as `user` sees it: who serves customers sees their own visits."""
    own = shop.professionals.filter(user=user, is_active=True).first()
    visits = _today(shop, own, now)
    coming = [visit for visit in visits if visit.state in queries.OPEN and visit.ends_at > now]
    waiting, waiting_count = _waiting(shop)
    numbers = cards(shop)
    return Home(
        own=own,
        visits=visits,
        now_serving=[visit for visit in visits if visit.state in (A.ARRIVED, A.IN_SERVICE)],
        coming=coming,
        unconfirmed=[visit for visit in coming if visit.state == A.PENDING],
        next_visit=None if coming else _next(shop, own, now),
        traffic=traffic_of(shop, now=now),
        waiting=waiting,
        waiting_count=waiting_count,
        principal=next((number for number in numbers if number.is_primary), None),
        counters=Counters.of(numbers, now=now) if sees_numbers else None,
        recovered=this_month(shop, now=now) if sees_numbers else None,
        deposits=deposit_queries.waiting(shop) if sees_numbers else {},
    )


def _visits(shop: Shop, own: Professional | None) -> "QuerySet[Appointment]":
    rows = shop.appointments.filter(professional=own) if own else shop.appointments.all()
    return rows.exclude(state__in=queries.FREED).select_related("customer", "professional").prefetch_related("items")


def _today(shop: Shop, own: Professional | None, now: datetime) -> list[Appointment]:
    """Today's visits on the shop's clock, by time; what was cancelled or missed is for the agenda."""
    zone = queries.zone_of(shop)
    begins, ends = slots.day_bounds(slots.local_day(now, zone), 1, zone)
    return list(_visits(shop, own).filter(starts_at__gte=begins, starts_at__lt=ends).order_by("starts_at", "pk"))


def _next(shop: Shop, own: Professional | None, now: datetime) -> Appointment | None:
    return _visits(shop, own).filter(starts_at__gt=now, state__in=queries.OPEN).order_by("starts_at", "pk").first()


def traffic_of(shop: Shop, *, now: datetime) -> Traffic:
    """One query, by the index of the shop's messages in time."""
    out = Q(direction=Direction.OUT)
    counts = shop.messages.filter(created_at__gte=now - DAY).aggregate(
        received=Count("pk", filter=Q(direction=Direction.IN)),
        sent=Count("pk", filter=out & Q(state__in=HANDED_OVER)),
        failed=Count("pk", filter=out & Q(state=M.FAILED)),
        waiting=Count("pk", filter=out & Q(state__in=WAITING)),
    )
    return Traffic(**counts)


def _waiting(shop: Shop) -> tuple[list[Waiting], int]:
    """Who waits longest first, with their oldest open question, and how many they are."""
    open_ones = shop.messages.filter(needs_person=True, customer__isnull=False)
    first = dict(open_ones.order_by().values_list("customer").annotate(first=Min("pk")))
    oldest = sorted(first.values())[:SHOWN]
    rows = shop.messages.filter(pk__in=oldest).select_related("customer").order_by("pk")
    return [Waiting(row.customer, row) for row in rows if row.customer], len(first)
