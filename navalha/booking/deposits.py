"""The deposit on the public pages: said before somebody books, paid and told of afterwards."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from navalha.customers.models import Customer
from navalha.scheduling.deposits import ends as deposit_ends
from navalha.scheduling.deposits import rules as deposit_rules
from navalha.scheduling.deposits import words as deposit_words
from navalha.scheduling.errors import DepositNeeded
from navalha.scheduling.models import Appointment, DepositState, WhyPays
from navalha.scheduling.wishes import Wish
from navalha.web import elapsed
from navalha.whatsapp.qr import qr_png

PART_OF_PRICE = (DepositState.PENDING, DepositState.RECEIPT, DepositState.PAID)


@dataclass(frozen=True, slots=True)
class Notice:
    """What a visitor reads before they book. Not `is_certain`: it depends on who they are."""

    amount_cents: int
    why: str
    time_to_pay: str
    refund: str
    is_certain: bool


def notice(
    wish: Wish, total_cents: int, *, known: Customer | None, needed: DepositNeeded | None, now: datetime
) -> Notice | None:
    """What the shop asks for `wish`; None for nothing. `needed` is what a first attempt to book was told.

    Who only typed a phone does not read here what the shop knows of it, but the shop's rule.
    """
    policy = deposit_rules.policy_of(wish.shop)
    if policy is None:
        return None
    services = wish.services
    if known:
        ask = deposit_rules.asked_of(policy, known, services, total_cents)
    else:
        ask = deposit_rules.whoever_comes(policy, services, total_cents)
    amount = needed.amount_cents if needed else ask.amount_cents if ask else 0
    is_certain = bool(amount)
    if not amount and known is None and deposit_rules.depends_on_customer(policy):
        amount = deposit_rules.amount_of(policy, total_cents)
    if not amount:
        return None
    until = deposit_rules.due_at(policy.minutes_to_pay, wish.starts_at, now)
    why = _why(ask.why if ask else None, deposit_words.about_customers(policy))
    refund = deposit_words.refund_for(policy, wish.starts_at, now=now)
    return Notice(amount, why, elapsed.lasting(until - now), refund, is_certain)


def _why(why: WhyPays | None, about_customers: str) -> str:
    match why:
        case WhyPays.EVERYBODY:
            return _("Esta barbearia guarda os horários com um sinal.")
        case WhyPays.SERVICE:
            return _("Este serviço é marcado com um sinal.")
        case WhyPays.PRICE:
            return _("Visitas deste valor são marcadas com um sinal.")
    return _("A barbearia pede um sinal de %(who)s.") % {"who": about_customers}


def told_of(visit: Appointment, *, now: datetime) -> dict[str, Any]:
    """What the pages of a visit say of its deposit: one query. `deposit` is None for a visit without."""
    deposit = deposit_ends.of(visit)
    if deposit is None:
        return {"deposit": None}
    is_part = deposit.state in PART_OF_PRICE
    return {
        "deposit": deposit,
        "deposit_seconds": max(int((deposit.due_at - now).total_seconds()), 0),
        "deposit_until": elapsed.moment(deposit.due_at, now),
        "deposit_rule": deposit_words.refund_until(deposit, now=now) if is_part else "",
        "deposit_if_cancelled": deposit_words.if_cancelled(deposit, now=now),
        "deposit_if_moved": deposit_words.if_moved(deposit, now=now),
        "deposit_rest_cents": max(visit.total_cents - deposit.amount_cents, 0),
        "paid_before_cents": deposit.amount_cents if is_part else 0,
    }


def picture(told: dict[str, Any]) -> dict[str, str]:
    """The QR of a deposit that is to be paid; drawn only for the page that shows it."""
    deposit = told["deposit"]
    return {"deposit_qr": qr_png(deposit.code)} if deposit and deposit.state == DepositState.PENDING else {}
