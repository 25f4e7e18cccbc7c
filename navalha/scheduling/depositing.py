"""Every write of a deposit. Each command locks the visit first and then reads the deposit, so two at once take turns.

`seen` is the state that the person had before their eyes: who decides on an older one is told and decides anew.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from navalha.accounts.models import User
from navalha.core import brcode
from navalha.core.errors import Refused
from navalha.core.states import move
from navalha.live import topics
from navalha.live.publish import publish
from navalha.messaging.models import WhatsAppMessage

from . import deposit_ends, deposit_notices, deposit_rules, queries, visits
from .deposit_states import AWAITED, DEPOSIT_UNDOS, DepositState
from .errors import DepositNeeded
from .models import Appointment, AppointmentState, Deposit, DepositChange, DepositPolicy, Service, WhyPays

log = structlog.get_logger(__name__)

S = DepositState
UNDO_FOR = timedelta(minutes=15)
UNDONE = gettext_noop("Desfeito")
SAID = gettext_noop("O cliente disse que pagou")
SENT = gettext_noop("O cliente mandou um comprovante")
UNPAID = gettext_noop("O sinal não foi pago no prazo")
UNCHECKED = gettext_noop("Ninguém achou o pagamento no prazo")
BEGUN = gettext_noop("O horário chegou")
# No 0 and O, 1 and I: somebody may look for it in a bank statement.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
TXID_LETTERS = 12  # of 32: two alike among a million are a matter of one in a million


def begin(
    appointment: Appointment, *, services: Sequence[Service], agreed_cents: int | None, now: datetime
) -> Deposit | None:
    """Ask for the deposit that the shop's policy wants for a visit that was just booked; None for none.

    Raises DepositNeeded when it is more than `agreed_cents`: what the customer has seen. None asks without that.
    """
    policy = deposit_rules.policy_of(appointment.shop)
    total = appointment.total_cents
    ask = deposit_rules.asked_of(policy, appointment.customer, services, total) if policy else None
    if policy is None or ask is None:
        return None
    if agreed_cents is not None and ask.amount_cents > agreed_cents:
        raise DepositNeeded(ask.amount_cents)
    return _make(appointment, policy, ask, by=None, now=now)


@transaction.atomic
def ask(appointment: Appointment, *, by: User, now: datetime) -> Deposit:
    """A member wants a deposit for a visit to come. Raises Refused without a policy, and for a visit that has one."""
    _lock(appointment)
    policy = deposit_rules.policy_of(appointment.shop)
    if policy is None or not policy.pix_key:
        raise Refused(_("Diga antes a chave Pix e o valor do sinal, em Ajustes › Sinal."))
    if appointment.state not in queries.OPEN or appointment.starts_at <= now:
        raise Refused(_("Só dá para pedir sinal de um horário que ainda vai acontecer."))
    if deposit_ends.of(appointment) is not None:
        raise Refused(_("Este horário já tem um sinal."))
    if not (appointment.customer.phone or appointment.customer.identities.exists()):
        raise Refused(_("Este cliente não tem telefone para receber o código. Anote o WhatsApp dele antes."))
    amount = deposit_rules.amount_of(policy, appointment.total_cents)
    if not amount:
        raise Refused(_("Este horário não tem preço: não há do que pedir sinal."))
    deposit = _make(appointment, policy, deposit_rules.Ask(WhyPays.ASKED, amount), by=by, now=now)
    deposit_notices.asked(deposit, appointment, now=now)
    return deposit


@transaction.atomic
def claim(appointment: Appointment, *, now: datetime, receipt: WhatsAppMessage | None = None) -> Deposit:
    """The customer says that they have paid, or sends a `receipt`: the clock stops and somebody of the shop looks.

    Raises Refused when nothing is waited for, and for a mere word when the shop has looked already.
    """
    deposit = _read(appointment)
    if deposit.state == S.RECEIPT:
        if receipt is not None and deposit.receipt_id is None:
            deposit.receipt = receipt
            deposit.save(update_fields=["receipt"])
            publish(deposit.shop_id, topics.AGENDA)
        return deposit
    if deposit.state == S.PAID:
        return deposit
    if deposit.state != S.PENDING:
        raise Refused(_("Este sinal não está mais em aberto. Fale com a barbearia."))
    if deposit.not_found_at is not None and receipt is None:
        raise Refused(_("A barbearia não achou o pagamento. Mande o comprovante pelo WhatsApp."))
    until = deposit_rules.check_until(appointment.starts_at, now)
    _move(deposit, S.RECEIPT, now=now, by=None, reason=SENT if receipt else SAID, due_at=until, receipt=receipt)
    deposit_notices.tell_shop_of_receipt(deposit, appointment, now=now)
    return deposit


@transaction.atomic
def receive(appointment: Appointment, *, by: User, seen: str, now: datetime) -> Deposit:
    """A member has seen the money. The visit is confirmed by it; for one that will not be, it is owed or kept."""
    deposit = _read(appointment, seen)
    if deposit.state in (S.LAPSED, S.VOID):
        _move(deposit, S.OWED, now=now, by=by, reason=gettext_noop("O pagamento chegou depois"))
    elif appointment.state in queries.FREED:
        to, reason = deposit_ends.where_it_goes(appointment, deposit)
        _move(deposit, to, now=now, by=by, reason=reason)
    else:
        _move(deposit, S.PAID, now=now, by=by)
        if appointment.state == AppointmentState.PENDING:
            visits.confirm(appointment, by=by, now=now, reason=gettext_noop("Sinal pago"), tell_customer=False)
        deposit_notices.told_later("deposit_paid", deposit, appointment, now=now)
    return deposit


@transaction.atomic
def not_found(appointment: Appointment, *, by: User, seen: str, now: datetime) -> Deposit:
    """A member has looked and there is no money: the customer has time again, or nothing is owed any more."""
    deposit = _read(appointment, seen)
    reason = gettext_noop("Pagamento não encontrado")
    if appointment.state in queries.FREED or appointment.starts_at <= now:
        _move(deposit, S.VOID, now=now, by=by, reason=reason)
        return deposit
    until = deposit_rules.due_at(_minutes_to_pay(appointment), appointment.starts_at, now)
    _move(deposit, S.PENDING, now=now, by=by, reason=reason, due_at=until, not_found_at=now)
    deposit_notices.told_later("deposit_not_found", deposit, appointment, now=now)
    return deposit


@transaction.atomic
def waive(appointment: Appointment, *, by: User, seen: str, now: datetime) -> Deposit:
    """It need not be paid: the visit stands without."""
    deposit = _read(appointment, seen)
    _move(deposit, S.WAIVED, now=now, by=by)
    deposit_notices.drop_unsent(deposit, appointment, now=now)
    deposit_notices.told_later("deposit_waived", deposit, appointment, now=now)
    return deposit


@transaction.atomic
def give_back(appointment: Appointment, *, by: User, seen: str, now: datetime) -> Deposit:
    """A member has sent the money back."""
    deposit = _read(appointment, seen)
    _move(deposit, S.RETURNED, now=now, by=by)
    deposit_notices.told_later("deposit_returned", deposit, appointment, now=now)
    return deposit


@transaction.atomic
def owe(appointment: Appointment, *, by: User, seen: str, now: datetime) -> Deposit:
    """What the rule lets the shop keep shall go back all the same."""
    deposit = _read(appointment, seen)
    _move(deposit, S.OWED, now=now, by=by, reason=gettext_noop("A barbearia preferiu devolver"))
    return deposit


@transaction.atomic
def undo(appointment: Appointment, change_id: int, *, by: User, now: datetime) -> Deposit:
    """Take back the change with this key if it still is the newest of the deposit and fresh. Raises Refused else."""
    deposit = _read(appointment)
    change = last_change(deposit)
    if change is None or change.pk != change_id or not can_undo(deposit, change, now=now):
        raise Refused(_("Não dá mais para desfazer. Veja como o sinal está agora."))
    fields: dict[str, Any] = {}
    if change.from_state in AWAITED:
        if appointment.state in queries.FREED and change.from_state == S.PENDING:
            raise Refused(_("O horário foi cancelado depois disso e não dá mais para desfazer."))
        fields["due_at"] = max(deposit.due_at, now + deposit_rules.LEAST_TO_CHECK)
    if deposit.state == S.PENDING:
        fields["not_found_at"] = None
    _move(deposit, DepositState(change.from_state), now=now, by=by, reason=UNDONE, **fields)
    deposit_notices.take_back(appointment, now=now)
    if deposit.state == S.PENDING:
        deposit_notices.send_code_again(deposit, appointment, now=now)
    return deposit


def last_change(deposit: Deposit) -> DepositChange | None:
    return deposit.changes.select_related("by").order_by("-at", "-pk").first()


def can_undo(deposit: Deposit, change: DepositChange | None, *, now: datetime) -> bool:
    """Whether `change`, the newest of the deposit, is a fresh step of a member that can be taken back."""
    if change is None or change.by_id is None or now - change.at > UNDO_FOR or change.reason == UNDONE:
        return False
    return change.to_state == deposit.state and change.from_state in DEPOSIT_UNDOS.get(deposit.state, ())


@transaction.atomic
def lapse(appointment: Appointment, *, now: datetime) -> bool:
    """What has waited too long: the visit is cancelled and the time is free. Whether something was to be done.

    A receipt in a picture is not thrown away unseen: the shop is told once more, and the visit stands.
    """
    deposit = _read(appointment)
    if not deposit.is_awaited or deposit.due_at > now:
        return False
    begun = appointment.starts_at <= now or appointment.state not in queries.OPEN
    if deposit.state == S.RECEIPT and (begun or deposit.receipt_id is not None):
        return _remind(deposit, appointment, now)
    if begun:
        _move(deposit, S.VOID, now=now, by=None, reason=BEGUN)
        return True
    reason = UNPAID if deposit.state == S.PENDING else UNCHECKED
    _move(deposit, S.LAPSED, now=now, by=None, reason=reason)
    visits.release(appointment, reason=reason, now=now)
    deposit_notices.drop_unsent(deposit, appointment, now=now)
    deposit_notices.lapsed(deposit, appointment, now=now)
    return True


def _remind(deposit: Deposit, appointment: Appointment, now: datetime) -> bool:
    if deposit.reminded_at is not None:
        return False
    deposit.reminded_at = now
    deposit.save(update_fields=["reminded_at"])
    deposit_notices.tell_shop_of_receipt(deposit, appointment, now=now, again=True)
    publish(deposit.shop_id, topics.AGENDA)
    return True


def _make(
    appointment: Appointment, policy: DepositPolicy, asked: deposit_rules.Ask, *, by: User | None, now: datetime
) -> Deposit:
    txid = "".join(secrets.choice(ALPHABET) for _ in range(TXID_LETTERS))
    deposit = appointment.shop.deposits.create(
        appointment=appointment,
        state=S.PENDING,
        state_changed_at=now,
        created_at=now,
        why=asked.why,
        amount_cents=asked.amount_cents,
        txid=txid,
        code=code_of(policy, amount_cents=asked.amount_cents, txid=txid),
        due_at=deposit_rules.due_at(policy.minutes_to_pay, appointment.starts_at, now),
        refund_minutes=policy.refund_minutes,
        refund_until=appointment.starts_at - timedelta(minutes=policy.refund_minutes),
    )
    deposit.changes.create(shop=appointment.shop, from_state="", to_state=S.PENDING, at=now, by=by)
    publish(appointment.shop_id, topics.AGENDA)
    log.info("deposit asked", deposit=deposit.pk, appointment=appointment.pk, shop=appointment.shop_id)
    return deposit


def code_of(policy: DepositPolicy, *, amount_cents: int | None, txid: str = brcode.NO_TXID) -> str:
    """The BR Code that pays to the policy's key."""
    return brcode.payload(brcode.StaticCode(policy.pix_key, policy.holder, policy.city, amount_cents, txid))


def _minutes_to_pay(appointment: Appointment) -> int:
    policy = deposit_rules.policy_of(appointment.shop)
    return policy.minutes_to_pay if policy else deposit_rules.A_DAY


def _lock(appointment: Appointment) -> None:
    """Whoever changes the visit or its deposit waits; what the caller holds may be as old as its page."""
    rows = appointment.shop.appointments.select_for_update(no_key=True, of=("self",))
    fields = ["state", "state_changed_at", "starts_at", "ends_at", "cancelled_by", "total_cents", "version"]
    appointment.refresh_from_db(fields=fields, from_queryset=rows)


def _read(appointment: Appointment, seen: str = "") -> Deposit:
    """The deposit of the locked visit. Raises Refused for none, and when it is no longer as `seen`."""
    _lock(appointment)
    deposit = deposit_ends.of(appointment)
    if deposit is None:
        raise Refused(_("Este horário não tem sinal."))
    if seen and deposit.state != seen:
        raise Refused(
            _("O sinal acabou de mudar: agora está como “%(state)s”. Veja e decida de novo.")
            % {"state": deposit.get_state_display()}
        )
    return deposit


def _move(
    deposit: Deposit, to: DepositState, *, now: datetime, by: User | None, reason: str = "", **fields: Any
) -> None:
    if to not in deposit.MOVES[deposit.state]:
        raise Refused(
            _("O sinal já está como “%(state)s” e não pode mais mudar assim.") % {"state": deposit.get_state_display()}
        )
    move(deposit, to=to, now=now, by=by, reason=reason, **fields)
    publish(deposit.shop_id, topics.AGENDA)
