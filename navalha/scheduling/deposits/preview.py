"""What a deposit policy means in plain words, and whom it would have asked in the last weeks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from navalha.accounts.models import Shop

from .. import attendance
from ..models import AppointmentState, DepositPolicy, WhoPays
from . import rules, words
from .states import AWAITED

COUNTED = timedelta(days=30)
SOMETHING_CENTS = 45_00  # an example for a shop without services


@dataclass(frozen=True, slots=True)
class Preview:
    """`asked` of `booked` are those of COUNTED; `price_cents` and `example_cents` are a service and its deposit."""

    who: str
    how_much: str
    refund: str
    asked: int
    booked: int
    awaited: int  # deposits that keep the terms they were asked on
    example: str
    price_cents: int
    example_cents: int


def build(shop: Shop, policy: DepositPolicy, *, now: datetime) -> Preview:
    """Seven queries at most, whatever the number of bookings."""
    service = shop.services.filter(is_active=True, price_cents__gt=0).first()
    price = service.price_cents if service else SOMETHING_CENTS
    asked, booked = _of_the_last_weeks(shop, policy, now)
    return Preview(
        who=words.who_pays(policy),
        how_much=words.how_much(policy),
        refund=words.refund_rule(policy),
        asked=asked,
        booked=booked,
        awaited=shop.deposits.filter(state__in=AWAITED).count(),
        example=service.name if service else "",
        price_cents=price,
        example_cents=max(rules.amount_of(policy, price), 1),
    )


def _of_the_last_weeks(shop: Shop, policy: DepositPolicy, now: datetime) -> tuple[int, int]:
    """How many of the public bookings would have been asked, and how many there were.

    Who is new is seen as of each booking; what somebody has missed, as of now.
    """
    earlier = shop.appointments.filter(
        customer=OuterRef("customer"), state=AppointmentState.DONE, starts_at__lt=OuterRef("created_at")
    )
    rows = shop.appointments.filter(source="public", created_at__gt=now - COUNTED, created_at__lte=now)
    visits = list(rows.annotate(has_come=Exists(earlier)).prefetch_related("items__service").order_by())
    missed = attendance.missed(shop, {visit.customer_id for visit in visits}) if policy.missed_from else {}
    return sum(_is_asked(policy, visit, missed) for visit in visits), len(visits)


def _is_asked(policy: DepositPolicy, visit: Any, missed: dict[int, attendance.Missed]) -> bool:
    services = [item.service for item in visit.items.all()]
    if rules.whoever_comes(policy, services, visit.total_cents):
        return True
    if policy.who != WhoPays.SOME or not rules.amount_of(policy, visit.total_cents):
        return False
    times = missed.get(visit.customer_id, attendance.NOTHING_MISSED).total
    return bool((policy.new_customers and not visit.has_come) or (policy.missed_from and times >= policy.missed_from))
