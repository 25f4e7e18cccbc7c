"""What becomes of a deposit when its visit is cancelled, missed or moved. Called with the visit's row locked."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from navalha.accounts.models import User
from navalha.core.states import move

from ..models import Appointment, AppointmentState, CancelledBy, Deposit
from . import notices, rules
from .states import AWAITED, DepositState

S = DepositState
IN_TIME = gettext_noop("Cancelado dentro do prazo")
BY_SHOP = gettext_noop("Cancelado pela barbearia")
TOO_LATE = gettext_noop("Cancelado fora do prazo")
MISSED = gettext_noop("O cliente faltou")
NEVER_PAID = gettext_noop("O horário acabou antes do pagamento")


def of(appointment: Appointment) -> Deposit | None:
    """The visit's deposit as it is now: one query."""
    return appointment.shop.deposits.filter(appointment=appointment).first()


def lock(appointment: Appointment) -> None:
    """Whoever changes the visit or its deposit waits; what the caller holds may be as old as its page."""
    rows = appointment.shop.appointments.select_for_update(no_key=True, of=("self",))
    fields = ["state", "state_changed_at", "starts_at", "ends_at", "cancelled_by", "total_cents", "version"]
    appointment.refresh_from_db(fields=fields, from_queryset=rows)


def settle(appointment: Appointment, *, by: User | None, now: datetime) -> Deposit | None:
    """Of a visit that has just been cancelled or missed: what was paid goes back or is kept, what was not is over.

    A receipt that nobody has checked stays to be checked. The deposit, None for a visit without.
    """
    deposit = of(appointment)
    if deposit is None:
        return None
    if deposit.state == S.PENDING:
        move(deposit, to=S.VOID, now=now, by=by, reason=NEVER_PAID)
        notices.drop_unsent(deposit, appointment, now=now)
    elif deposit.state == S.PAID:
        to, reason = where_it_goes(appointment, deposit)
        move(deposit, to=to, now=now, by=by, reason=reason)
    return deposit


def where_it_goes(appointment: Appointment, deposit: Deposit) -> tuple[DepositState, str]:
    """Of what was paid for a visit that will not be: to give back or to keep, and why."""
    if appointment.state == AppointmentState.NO_SHOW:
        return S.KEPT, MISSED
    if appointment.cancelled_by != CancelledBy.CUSTOMER:
        return S.OWED, BY_SHOP
    in_time = appointment.state_changed_at <= deposit.refund_until
    return (S.OWED, IN_TIME) if in_time else (S.KEPT, TOO_LATE)


def reopen(appointment: Appointment, *, by: User, now: datetime, reason: str) -> None:
    """The customer had not missed the visit after all: what was kept for that counts as paid again."""
    deposit = of(appointment)
    if deposit is not None and deposit.state == S.KEPT:
        move(deposit, to=S.PAID, now=now, by=by, reason=reason)


def follow(appointment: Appointment, *, by: User | None, now: datetime) -> None:
    """The visit has another time: the deposit stays with it.

    A customer who moves it when the time to get the money back is over does not get it back that way.
    """
    deposit = of(appointment)
    if deposit is None or deposit.state not in (*AWAITED, S.PAID):
        return
    if deposit.state in AWAITED:
        deposit.due_at = min(deposit.due_at, rules.due_at(rules.A_DAY, appointment.starts_at, now))
    if by is not None or now <= deposit.refund_until:
        deposit.refund_until = appointment.starts_at - timedelta(minutes=deposit.refund_minutes)
    deposit.save(update_fields=["due_at", "refund_until"])
