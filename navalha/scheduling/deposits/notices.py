"""What a deposit makes the product say on WhatsApp. The code goes in a message of its own: a long press copies it."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_noop

from navalha.core.errors import Refused
from navalha.core.money import reais
from navalha.customers.models import Customer
from navalha.messaging.actions import cancel_queued
from navalha.messaging.models import MessageState

from .. import links, notices, queries, slots
from ..models import Appointment, Deposit
from .states import DepositState

# What a member did is told after a moment: an undo within it says nothing.
GRACE = timedelta(seconds=20)
OF_MEMBERS = ("deposit_paid", "deposit_not_found", "deposit_waived", "deposit_returned")


def booked(
    deposit: Deposit,
    appointment: Appointment,
    *,
    now: datetime,
    dedupe_key: str = "",
    due_at: datetime | None = None,
    tell_shop: bool = True,
) -> None:
    """The confirmation of a visit that is kept only until its deposit comes; then the code alone."""
    key = dedupe_key or f"booked:{appointment.pk}"
    said = words_of(deposit, appointment, now)
    if notices.tell_customer("booked_deposit", appointment, now=now, dedupe_key=key, due_at=due_at, **said):
        send_code(deposit, appointment, now=now, due_at=due_at)
    if tell_shop:
        notices.tell_shop(
            "notice_booked_deposit", appointment, now=now, dedupe_key=f"notice_booked:{appointment.pk}", **said
        )


def asked(deposit: Deposit, appointment: Appointment, *, now: datetime) -> None:
    """The shop wants a deposit for a visit that was booked before."""
    if notices.tell_customer("deposit_asked", appointment, now=now, **words_of(deposit, appointment, now)):
        send_code(deposit, appointment, now=now)


def cancelled(
    deposit: Deposit | None,
    appointment: Appointment,
    *,
    now: datetime,
    template: str = "cancelled",
    dedupe_key: str = "",
    link: str = "",
    to: Customer | None = None,
) -> None:
    """The news of a cancellation, with what becomes of the money when there is some."""
    key, said = dedupe_key or f"cancelled:{appointment.pk}", after_cancel(deposit)
    template = f"{template}_deposit" if said else template
    notices.tell_customer(
        template, appointment, now=now, dedupe_key=key, to=to, link=link or links.again_url(appointment), deposit=said
    )


def after_cancel(deposit: Deposit | None) -> str:
    """One sentence for the customer of a visit that will not be; empty when there is nothing to say."""
    amount = reais(deposit.amount_cents) if deposit else ""
    match deposit.state if deposit else None:
        case DepositState.OWED:
            return f"A barbearia vai devolver o seu sinal de {amount}."
        case DepositState.KEPT:
            return f"O sinal de {amount} fica com a barbearia, como combinado: o prazo para cancelar tinha passado."
        case DepositState.RECEIPT:
            return f"O pagamento do sinal de {amount} ainda está sendo conferido pela barbearia."
    return ""


def send_code(deposit: Deposit, appointment: Appointment, *, now: datetime, due_at: datetime | None = None) -> None:
    notices.tell_customer(
        "deposit_code", appointment, now=now, due_at=due_at, expires_at=deposit.due_at, code=deposit.code
    )


def send_code_again(deposit: Deposit, appointment: Appointment, *, now: datetime) -> None:
    """What was waived by mistake is to be paid after all: the code that was held back goes out."""
    key = f"deposit_code:{appointment.pk}"
    appointment.shop.messages.filter(dedupe_key=key, state=MessageState.CANCELLED).update(dedupe_key=None)
    send_code(deposit, appointment, now=now)


def told_later(key: str, deposit: Deposit, appointment: Appointment, *, now: datetime) -> None:
    """What a member has just said of the deposit; to nobody when the visit has passed."""
    said = words_of(deposit, appointment, now)
    notices.tell_customer(key, appointment, now=now, due_at=now + GRACE, **said)


def take_back(appointment: Appointment, *, now: datetime) -> None:
    """What a member said and took back within the moment is not told, and may be said again."""
    keys = [f"{key}:{appointment.pk}" for key in OF_MEMBERS]
    _cancel(appointment, keys, now=now, reason=gettext_noop("Desfeito"), free=True)


def drop_unsent(deposit: Deposit, appointment: Appointment, *, now: datetime) -> None:
    """Nobody shall pay for a visit that will not be."""
    keys = [f"{key}:{deposit.appointment_id}" for key in ("deposit_asked", "deposit_code", *OF_MEMBERS)]
    _cancel(appointment, keys, now=now, reason=gettext_noop("Sinal sem efeito"))


def lapsed(deposit: Deposit, appointment: Appointment, *, now: datetime) -> None:
    """The time was freed. Keyed as every news of a cancellation: what is answered to it is about this visit."""
    key = f"cancelled:{appointment.pk}"
    said = words_of(deposit, appointment, now) | {"link": links.again_url(appointment)}
    notices.tell_customer("deposit_lapsed", appointment, now=now, dedupe_key=key, **said)
    notices.tell_shop("notice_deposit_lapsed", appointment, now=now, **said)


def tell_shop_of_receipt(deposit: Deposit, appointment: Appointment, *, now: datetime, again: bool = False) -> None:
    key = "notice_deposit_again" if again else "notice_deposit"
    notices.tell_shop(key, appointment, now=now, **words_of(deposit, appointment, now))


def words_of(deposit: Deposit, appointment: Appointment, now: datetime) -> dict[str, Any]:
    """The variables of the texts on deposits, in Portuguese and on the shop's clock."""
    return {
        "amount": reais(deposit.amount_cents),
        "until": _moment(deposit.due_at, appointment, now),
        "refund": _refund(deposit, appointment, now),
        "rest": reais(max(appointment.total_cents - deposit.amount_cents, 0)),
        "txid": deposit.txid,
    }


def _refund(deposit: Deposit, appointment: Appointment, now: datetime) -> str:
    """One sentence on the money of who cancels; of a visit so soon that it is too late already, that."""
    if deposit.refund_until <= now:
        return "Se você cancelar, o sinal fica com a barbearia: o prazo para recebê-lo de volta já passou."
    return f"Cancelando até {_moment(deposit.refund_until, appointment, now)}, o sinal volta para você."


def _moment(at: datetime, appointment: Appointment, now: datetime) -> str:
    """`15:30` of the same day, else `terça-feira, 24/11, às 15:30`."""
    zone = queries.zone_of(appointment.shop)
    if slots.local_day(at, zone) == slots.local_day(now, zone):
        return slots.hour_words(at, zone)
    return notices.when_words(at, appointment)


def _cancel(appointment: Appointment, keys: list[str], *, now: datetime, reason: str, free: bool = False) -> None:
    waiting = appointment.shop.messages.filter(dedupe_key__in=keys, state=MessageState.QUEUED)
    for message in waiting:
        try:
            cancel_queued(message, now=now, reason=reason)
        except Refused:
            continue  # the worker has just taken it
        if free:
            appointment.shop.messages.filter(pk=message.pk).update(dedupe_key=None)
