"""What a shop's policy asks of one visit: whether, how much and until when. Its writes are in `policy`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from navalha.accounts.models import Shop
from navalha.customers.models import Customer

from .. import attendance
from ..models import AppointmentState, DepositPolicy, Service, WhoPays, WhyPays

# The chair must be free again a little before the visit; nobody is asked to pay in less than LEAST.
BEFORE_VISIT, LEAST = timedelta(minutes=10), timedelta(minutes=5)
A_DAY = 24 * 60  # minutes
# How long the shop has to find the payment that somebody tells of, and how long before the visit at the latest.
# A whole day: somebody of the shop has been there, whatever the hour at which it was told.
TO_CHECK, CHECK_BEFORE, LEAST_TO_CHECK = timedelta(hours=24), timedelta(hours=1), timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Ask:
    """A deposit that a visit needs, and the rule that asks for it."""

    why: WhyPays
    amount_cents: int


def policy_of(shop: Shop) -> DepositPolicy | None:
    """The shop's policy with its services; None for a shop that has none: one query, or two."""
    return shop.deposit_policies.prefetch_related("services").first()


def can_ask(shop: Shop) -> bool:
    """Whether the shop has said where deposits go, though its rule may ask nobody: one query."""
    return shop.deposit_policies.exclude(pix_key="").exists()


def amount_of(policy: DepositPolicy, total_cents: int) -> int:
    """Cents, half of one counts as one; never more than the visit costs."""
    share = (total_cents * policy.percent + 50) // 100 if policy.percent else policy.fixed_cents or 0
    return min(share, total_cents)


def whoever_comes(policy: DepositPolicy | None, services: Collection[Service], total_cents: int) -> Ask | None:
    """What is asked of everybody for these services; None when it depends on who comes, or when nobody pays."""
    if policy is None or policy.who == WhoPays.NOBODY:
        return None
    if policy.who == WhoPays.EVERYBODY:
        return _ask(policy, WhyPays.EVERYBODY, total_cents)
    if _by_service(policy, services):
        return _ask(policy, WhyPays.SERVICE, total_cents)
    if policy.price_from_cents is not None and total_cents >= policy.price_from_cents:
        return _ask(policy, WhyPays.PRICE, total_cents)
    return None


def depends_on_customer(policy: DepositPolicy | None) -> bool:
    return policy is not None and policy.who == WhoPays.SOME and bool(policy.new_customers or policy.missed_from)


def asked_of(
    policy: DepositPolicy | None, customer: Customer, services: Collection[Service], total_cents: int
) -> Ask | None:
    """What is asked of this customer for these services; None for nothing."""
    ask = whoever_comes(policy, services, total_cents)
    if ask or policy is None or not depends_on_customer(policy):
        return ask
    if policy.new_customers and not customer.appointments.filter(state=AppointmentState.DONE).exists():
        return _ask(policy, WhyPays.NEW, total_cents)
    if policy.missed_from and _missed(customer) >= policy.missed_from:
        return _ask(policy, WhyPays.MISSED, total_cents)
    return None


def due_at(minutes: int, starts_at: datetime, now: datetime) -> datetime:
    """Until when a deposit is to be paid: in `minutes`, less before a visit that is soon."""
    latest = max(starts_at - BEFORE_VISIT, min(now + LEAST, starts_at))
    return min(now + timedelta(minutes=minutes), latest)


def check_until(starts_at: datetime, now: datetime) -> datetime:
    """Until when the shop has to look for a payment that somebody tells of."""
    return min(now + TO_CHECK, max(starts_at - CHECK_BEFORE, now + LEAST_TO_CHECK))


def _by_service(policy: DepositPolicy, services: Collection[Service]) -> bool:
    named = {service.pk for service in policy.services.all()}
    return any(service.pk in named for service in services)


def _missed(customer: Customer) -> int:
    found = attendance.missed(customer.shop, [customer.pk])
    return found.get(customer.pk, attendance.NOTHING_MISSED).total


def _ask(policy: DepositPolicy, why: WhyPays, total_cents: int) -> Ask | None:
    amount = amount_of(policy, total_cents)
    return Ask(why, amount) if amount > 0 else None
