"""Asking for a deposit: of whoever books by themselves, by the shop's policy, or of one visit by a member."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from navalha.accounts.models import User
from navalha.core import brcode
from navalha.core.errors import Refused
from navalha.live import topics
from navalha.live.publish import publish

from .. import queries
from ..errors import DepositNeeded
from ..models import Appointment, Deposit, DepositPolicy, DepositState, Service, WhyPays
from . import ends, notices, rules

log = structlog.get_logger(__name__)

# No 0 and O, 1 and I: somebody may look for it in a bank statement.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
TXID_LETTERS = 12  # of 32: two alike among a million are a matter of one in a million


def begin(
    appointment: Appointment, *, services: Sequence[Service], agreed_cents: int | None, now: datetime
) -> Deposit | None:
    """Ask for the deposit that the shop's policy wants for a visit that was just booked; None for none.

    Raises DepositNeeded when it is more than `agreed_cents`: what the customer has seen. None asks without that.
    """
    policy = rules.policy_of(appointment.shop)
    total = appointment.total_cents
    ask = rules.asked_of(policy, appointment.customer, services, total) if policy else None
    if policy is None or ask is None:
        return None
    if agreed_cents is not None and ask.amount_cents > agreed_cents:
        raise DepositNeeded(ask.amount_cents)
    return _make(appointment, policy, ask, by=None, now=now)


@transaction.atomic
def ask(appointment: Appointment, *, by: User, now: datetime) -> Deposit:
    """A member wants a deposit for a visit to come. Raises Refused without a policy, and for a visit that has one."""
    ends.lock(appointment)
    policy = rules.policy_of(appointment.shop)
    if policy is None or not policy.pix_key:
        raise Refused(_("Diga antes a chave Pix e o valor do sinal, em Ajustes › Sinal."))
    if appointment.state not in queries.OPEN or appointment.starts_at <= now:
        raise Refused(_("Só dá para pedir sinal de um horário que ainda vai acontecer."))
    if ends.of(appointment) is not None:
        raise Refused(_("Este horário já tem um sinal."))
    if not (appointment.customer.phone or appointment.customer.identities.exists()):
        raise Refused(_("Este cliente não tem telefone para receber o código. Anote o WhatsApp dele antes."))
    amount = rules.amount_of(policy, appointment.total_cents)
    if not amount:
        raise Refused(_("Este horário não tem preço: não há do que pedir sinal."))
    deposit = _make(appointment, policy, rules.Ask(WhyPays.ASKED, amount), by=by, now=now)
    notices.asked(deposit, appointment, now=now)
    return deposit


def _make(
    appointment: Appointment, policy: DepositPolicy, asked: rules.Ask, *, by: User | None, now: datetime
) -> Deposit:
    txid = "".join(secrets.choice(ALPHABET) for _ in range(TXID_LETTERS))
    deposit = appointment.shop.deposits.create(
        appointment=appointment,
        state=DepositState.PENDING,
        state_changed_at=now,
        created_at=now,
        why=asked.why,
        amount_cents=asked.amount_cents,
        txid=txid,
        code=code_of(policy, amount_cents=asked.amount_cents, txid=txid),
        due_at=rules.due_at(policy.minutes_to_pay, appointment.starts_at, now),
        refund_minutes=policy.refund_minutes,
        refund_until=appointment.starts_at - timedelta(minutes=policy.refund_minutes),
    )
    deposit.changes.create(shop=appointment.shop, from_state="", to_state=DepositState.PENDING, at=now, by=by)
    publish(appointment.shop_id, topics.AGENDA)
    log.info("deposit asked", deposit=deposit.pk, appointment=appointment.pk, shop=appointment.shop_id)
    return deposit


def code_of(policy: DepositPolicy, *, amount_cents: int | None, txid: str = brcode.NO_TXID) -> str:
    """The BR Code that pays to the policy's key."""
    return brcode.payload(brcode.StaticCode(policy.pix_key, policy.holder, policy.city, amount_cents, txid))
