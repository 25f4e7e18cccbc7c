"""Whoever has the code of a booking writes first: the confirmation goes into the conversation that they began.

What the code proves is who made the booking, not whose the phone is that was typed into it. So nobody becomes one with
a customer of whom the shop knows anything: who writes from elsewhere is told of this visit alone, by their own name.
"""

from datetime import datetime, timedelta

import structlog

from navalha.customers import actions as customers
from navalha.customers.models import Customer, IdentityKind
from navalha.evolution import jids
from navalha.live import topics
from navalha.live.publish import publish
from navalha.messaging import opened
from navalha.messaging.actions import decide
from navalha.messaging.decisions import Decision
from navalha.messaging.models import Direction, MessageState, WhatsAppMessage

from .. import notices, queries
from ..deposits import ends as deposit_ends
from ..deposits import notices as deposit_notices
from ..models import Appointment, AppointmentState, DepositState, Opener
from ..replies import answers
from .queries import meant

log = structlog.get_logger(__name__)

# Messages of one person in an hour: who writes more is trying codes, and none of theirs counts.
MOST_TRIES = 30


def handle(message: WhatsAppMessage, *, now: datetime) -> bool:
    """Act on a message that holds the code of a booking, once; False when it is to be read like any other."""
    opener = meant(message)
    if opener is None or _is_guessing(message):
        return False
    visit = _locked(opener)
    if opener.opened_at is not None and opener.writer_id != message.customer_id:
        return False  # somebody else had it first
    code = "opened_again" if opener.opened_at is not None else _open(message, opener, visit, now)
    decide(message, decision=Decision.of_visit(code, visit.starts_at), needs_person=False, now=now)
    log.info("opened", opener=opener.pk, message=message.pk, shop=message.shop_id, decision=code)
    return True


def _is_guessing(message: WhatsAppMessage) -> bool:
    since = message.created_at - timedelta(hours=1)
    theirs = message.shop.messages.filter(customer=message.customer_id, direction=Direction.IN)
    return theirs.filter(created_at__gt=since).count() > MOST_TRIES


def _locked(opener: Opener) -> Appointment:
    """The visit, locked before all else as everybody does; then the opener as it is now."""
    rows = opener.shop.appointments.select_for_update(no_key=True, of=("self",))
    visit = rows.select_related("customer", "professional", "shop").get(pk=opener.appointment_id)
    opener.refresh_from_db(from_queryset=opener.shop.openers.select_for_update(no_key=True))
    return visit


def _open(message: WhatsAppMessage, opener: Opener, visit: Appointment, now: datetime) -> str:
    """Note who wrote, and answer; the code of what was decided."""
    if message.customer is None:
        raise ValueError("nobody wrote it")
    is_open = visit.state in queries.OPEN and visit.starts_at > now
    is_proven = message.customer_id == visit.customer_id
    _note(message, opener, is_proven=is_proven, now=now)
    if not is_open:
        return _closed(message, visit, now)
    if not is_proven and _may_be_one(message, visit):
        _make_one(message, visit, now)
    there = opened.Conversation(message.customer, message.address)
    if message.customer_id == visit.customer_id:
        if not _confirm_to_customer(there, visit, now) and not is_proven:
            _say_where_it_went(message, visit, now)
        return "opened"
    _confirm_to_holder(there, visit, now)
    return "opened_hidden" if jids.is_lid(message.address) else "opened_other"


def _note(message: WhatsAppMessage, opener: Opener, *, is_proven: bool, now: datetime) -> None:
    """Before anybody is made one with anybody: parting them again then gives the writer back, too."""
    opener.opened_at, opener.writer, opener.address = now, message.customer, message.address
    opener.is_proven = is_proven
    opener.save(update_fields=["opened_at", "writer", "address", "is_proven"])
    publish(message.shop_id, topics.AGENDA)
    publish(message.shop_id, topics.CUSTOMERS)


# ---- whose number it is


def _may_be_one(message: WhatsAppMessage, visit: Appointment) -> bool:
    """Whether who wrote may be the customer of the visit: they showed no phone, no phone of theirs is known, and behind
    the typed one nobody stands but who made this booking."""
    writer = message.customer
    if writer is None or not jids.is_lid(message.address):
        return False
    if writer.identities.filter(kind=IdentityKind.PHONE).exists():
        return False
    if visit.customer.identities.filter(kind=IdentityKind.LID).exists():
        return False
    return _came_with(visit.customer, visit)


def _came_with(customer: Customer, visit: Appointment) -> bool:
    """Whether the shop knows the customer by this booking alone."""
    if customer.created_at != visit.created_at or customer.edited_at is not None or customer.imported_id is not None:
        return False
    if customer.notes or customer.tags or customer.identities.count() != 1:
        return False
    wrote = customer.messages.filter(direction=Direction.IN)
    return not wrote.exists() and not customer.appointments.exclude(pk=visit.pk).exists()


def _make_one(message: WhatsAppMessage, visit: Appointment, now: datetime) -> None:
    """The two are one from now on, until somebody of the shop parts them."""
    first, second = sorted([visit.customer_id, message.customer_id or 0])
    customer = customers.merge(message.shop, keep_id=first, gone_id=second, now=now, by_code=True)
    visit.customer = message.customer = customer


# ---- the one confirmation


def _keys(visit: Appointment) -> list[str]:
    """The dedupe keys of what tells a customer of the time that they have."""
    told = [queries.rescheduled_key(visit.pk, version) for version in range(1, visit.version + 1)]
    return [f"booked:{visit.pk}", *told]


def _confirm_to_customer(there: opened.Conversation, visit: Appointment, now: datetime) -> bool:
    """What waits goes now, where they write; what was refused goes once more. False when they must have it already."""
    pix = f"deposit_code:{visit.pk}"
    if opened.send_there(there, [*_keys(visit), pix], named=visit.customer.name, now=now):
        return True
    if opened.is_out(visit.shop, _keys(visit)):
        return False
    newest = [queries.last_told(visit.shop, [visit]).get(visit.pk), visit.shop.messages.filter(dedupe_key=pix).first()]
    for message in newest:
        if message is not None and message.state == MessageState.FAILED:
            opened.try_again(there, message, now=now)
    return True


def _say_where_it_went(message: WhatsAppMessage, visit: Appointment, now: datetime) -> None:
    """Where WhatsApp hides the phone nobody can know that the confirmation stands in this very conversation."""
    end = visit.customer.phone[-4:]
    answers.say(
        message,
        f"A confirmação do seu horário foi para o WhatsApp de final {end}. Se não chegou, responda aqui: "
        "alguém da barbearia ajuda.",
        now=now,
    )


def _confirm_to_holder(there: opened.Conversation, visit: Appointment, now: datetime) -> None:
    """Who booked writes from another number than they typed: they are told, in their own conversation.

    What still waits for the typed number goes to them instead. Where that has heard of the visit already they are told
    besides, and it goes on hearing: it was typed for that.
    """
    keys, pix = _keys(visit), f"deposit_code:{visit.pk}"
    if not opened.is_out(visit.shop, keys) and opened.send_there(there, keys, named=visit.customer.name, now=now):
        opened.send_there(there, [pix], named=visit.customer.name, now=now)
        return
    key, deposit = f"opened:{visit.pk}", deposit_ends.of(visit)
    if deposit is not None and deposit.state == DepositState.PENDING:
        said = deposit_notices.words_of(deposit, visit, now)
        notices.tell_customer("reply_confirmed_deposit", visit, now=now, dedupe_key=key, to=there.customer, **said)
    else:
        notices.tell_customer("booked", visit, now=now, dedupe_key=key, to=there.customer)


def _closed(message: WhatsAppMessage, visit: Appointment, now: datetime) -> str:
    """The visit was cancelled, or has begun, before the message came."""
    if visit.state == AppointmentState.CANCELLED or (visit.state in queries.OPEN and visit.starts_at <= now):
        answers.closed(message, visit, now=now)
        return "was_cancelled" if visit.state == AppointmentState.CANCELLED else "is_over"
    return "begun"
