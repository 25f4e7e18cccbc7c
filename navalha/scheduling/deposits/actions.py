"""What people do with a deposit that was asked for (`asking`).

Each command locks the visit first and then reads the deposit, so two at once take turns. `seen` is the state that the
person had before their eyes: who decides on an older one is told and decides anew.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from navalha.accounts.models import User
from navalha.core.errors import Refused
from navalha.core.states import move
from navalha.live import topics
from navalha.live.publish import publish
from navalha.messaging.models import WhatsAppMessage

from .. import queries, visits
from ..models import Appointment, AppointmentState, Deposit, DepositChange
from . import ends, notices, rules
from .states import AWAITED, DEPOSIT_UNDOS, DepositState

S = DepositState
UNDO_FOR = timedelta(minutes=15)
UNDONE = gettext_noop("Desfeito")
SAID = gettext_noop("O cliente disse que pagou")
SENT = gettext_noop("O cliente mandou um comprovante")


@transaction.atomic
def claim(appointment: Appointment, *, now: datetime, receipt: WhatsAppMessage | None = None) -> Deposit:
    """The customer says that they have paid, or sends a `receipt`: the clock stops and somebody of the shop looks.

    Raises Refused when nothing is waited for, and for a mere word when the shop has looked already.
    """
    deposit = read(appointment)
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
    until = rules.check_until(appointment.starts_at, now)
    step(deposit, S.RECEIPT, now=now, by=None, reason=SENT if receipt else SAID, due_at=until, receipt=receipt)
    notices.tell_shop_of_receipt(deposit, appointment, now=now)
    return deposit


@transaction.atomic
def receive(appointment: Appointment, *, by: User, seen: str, now: datetime) -> Deposit:
    """A member has seen the money. The visit is confirmed by it; for one that will not be, it is owed or kept."""
    deposit = read(appointment, seen)
    if deposit.state in (S.LAPSED, S.VOID):
        step(deposit, S.OWED, now=now, by=by, reason=gettext_noop("O pagamento chegou depois"))
    elif appointment.state in queries.FREED:
        to, reason = ends.where_it_goes(appointment, deposit)
        step(deposit, to, now=now, by=by, reason=reason)
    else:
        step(deposit, S.PAID, now=now, by=by)
        if appointment.state == AppointmentState.PENDING:
            visits.confirm(appointment, by=by, now=now, reason=gettext_noop("Sinal pago"), tell_customer=False)
        notices.told_later("deposit_paid", deposit, appointment, now=now)
    return deposit


@transaction.atomic
def not_found(appointment: Appointment, *, by: User, seen: str, now: datetime) -> Deposit:
    """A member has looked and there is no money: the customer has time again, or nothing is owed any more."""
    deposit = read(appointment, seen)
    reason = gettext_noop("Pagamento não encontrado")
    if appointment.state in queries.FREED or appointment.starts_at <= now:
        step(deposit, S.VOID, now=now, by=by, reason=reason)
        return deposit
    until = rules.due_at(_minutes_to_pay(appointment), appointment.starts_at, now)
    step(deposit, S.PENDING, now=now, by=by, reason=reason, due_at=until, not_found_at=now, reminded_at=None)
    notices.told_later("deposit_not_found", deposit, appointment, now=now)
    return deposit


@transaction.atomic
def waive(appointment: Appointment, *, by: User, seen: str, now: datetime) -> Deposit:
    """It need not be paid: the visit stands without."""
    deposit = read(appointment, seen)
    step(deposit, S.WAIVED, now=now, by=by)
    notices.drop_unsent(deposit, appointment, now=now)
    notices.told_later("deposit_waived", deposit, appointment, now=now)
    return deposit


@transaction.atomic
def give_back(appointment: Appointment, *, by: User, seen: str, now: datetime) -> Deposit:
    """A member has sent the money back."""
    deposit = read(appointment, seen)
    step(deposit, S.RETURNED, now=now, by=by)
    notices.told_later("deposit_returned", deposit, appointment, now=now)
    return deposit


@transaction.atomic
def owe(appointment: Appointment, *, by: User, seen: str, now: datetime) -> Deposit:
    """What the rule lets the shop keep shall go back all the same."""
    deposit = read(appointment, seen)
    step(deposit, S.OWED, now=now, by=by, reason=gettext_noop("A barbearia preferiu devolver"))
    return deposit


@transaction.atomic
def undo(appointment: Appointment, change_id: int, *, by: User, now: datetime) -> Deposit:
    """Take back the change with this key if it still is the newest of the deposit and fresh. Raises Refused else."""
    deposit = read(appointment)
    change = last_change(deposit)
    if change is None or change.pk != change_id or not can_undo(deposit, change, now=now):
        raise Refused(_("Não dá mais para desfazer. Veja como o sinal está agora."))
    fields: dict[str, Any] = {}
    if change.from_state in AWAITED:
        if appointment.state in queries.FREED and change.from_state == S.PENDING:
            raise Refused(_("O horário foi cancelado depois disso e não dá mais para desfazer."))
        fields["due_at"] = max(deposit.due_at, now + rules.LEAST_TO_CHECK)
    if deposit.state == S.PENDING:
        fields["not_found_at"] = None
    step(deposit, DepositState(change.from_state), now=now, by=by, reason=UNDONE, **fields)
    notices.take_back(appointment, now=now)
    if deposit.state == S.PENDING:
        notices.send_code_again(deposit, appointment, now=now)
    return deposit


def last_change(deposit: Deposit) -> DepositChange | None:
    return deposit.changes.select_related("by").order_by("-at", "-pk").first()


def can_undo(deposit: Deposit, change: DepositChange | None, *, now: datetime) -> bool:
    """Whether `change`, the newest of the deposit, is a fresh step of a member that can be taken back."""
    if change is None or change.by_id is None or now - change.at > UNDO_FOR or change.reason == UNDONE:
        return False
    return change.to_state == deposit.state and change.from_state in DEPOSIT_UNDOS.get(deposit.state, ())


def _minutes_to_pay(appointment: Appointment) -> int:
    policy = rules.policy_of(appointment.shop)
    return policy.minutes_to_pay if policy else rules.A_DAY


def read(appointment: Appointment, seen: str = "") -> Deposit:
    """The deposit, with its visit locked. Raises Refused for none, and when it is no longer as `seen`."""
    ends.lock(appointment)
    deposit = ends.of(appointment)
    if deposit is None:
        raise Refused(_("Este horário não tem sinal."))
    if seen and deposit.state != seen:
        raise Refused(
            _("O sinal acabou de mudar: agora está como “%(state)s”. Veja e decida de novo.")
            % {"state": deposit.get_state_display()}
        )
    return deposit


def step(
    deposit: Deposit, to: DepositState, *, now: datetime, by: User | None, reason: str = "", **fields: Any
) -> None:
    """Move it and tell the open pages. Raises Refused for a step that its state does not have."""
    if to not in deposit.MOVES[deposit.state]:
        raise Refused(
            _("O sinal já está como “%(state)s” e não pode mais mudar assim.") % {"state": deposit.get_state_display()}
        )
    move(deposit, to=to, now=now, by=by, reason=reason, **fields)
    publish(deposit.shop_id, topics.AGENDA)
