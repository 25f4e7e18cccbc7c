"""Messages that came: from people, and our own that were typed on the shop's phone."""

from datetime import datetime
from typing import Any

import structlog
from django.db import IntegrityError, transaction

from navalha.core.phones import masked, phone_key
from navalha.customers import actions as customers
from navalha.customers import allowed
from navalha.customers.identities import sighting
from navalha.customers.models import Customer
from navalha.evolution import jids
from navalha.evolution.types import Message, MessageKind
from navalha.live import topics
from navalha.live.publish import publish
from navalha.whatsapp.models import WhatsAppInstance

from . import rules
from .identity import address_of
from .models import Direction, MessageState, WhatsAppMessage

log = structlog.get_logger(__name__)

# The purpose of what the product did not write: typed on the phone, or sent by another program.
OWN = "own"
# What is read by a machine when its sender may have it read: invoices, boletos, receipts.
PROCESSED = frozenset({MessageKind.IMAGE, MessageKind.DOCUMENT})


@transaction.atomic
def receive(instance: WhatsAppInstance, message: Message, *, now: datetime) -> WhatsAppMessage | None:
    """Store a message of a private conversation; None for repeats, groups, status and newsletters.

    Its `created_at` is WhatsApp's own time: what waited while the phone was off comes late and says when it was
    written. `state_changed_at` is its arrival.
    """
    if message.from_me:
        return store_own(instance, message, now=now)
    if is_nobodys(message) or _is_stored(instance, message):
        return None
    customer = _customer(instance, message, name=message.push_name, now=now)
    stored = _insert(
        instance,
        message,
        now=now,
        customer=customer,
        direction=Direction.IN,
        state=MessageState.RECEIVED,
        sender_allowed=_sender_allowed(instance, message),
    )
    if stored is not None:
        rules.release_who_wrote(instance.shop, customer, now=now)
        if stored.sender_allowed is not None:
            verdict = "número autorizado" if stored.sender_allowed else "número bloqueado"
            log.info(verdict, message=stored.pk, shop=instance.shop_id, who=masked(stored.address))
    return stored


def _sender_allowed(instance: WhatsAppInstance, message: Message) -> bool | None:
    """Whether what was sent may be processed; None of what nobody would process."""
    if message.kind not in PROCESSED:
        return None
    return allowed.is_allowed(instance.shop, sighting(message.phone, message.lid))


def store_own(instance: WhatsAppInstance, message: Message, *, now: datetime) -> WhatsAppMessage | None:
    """Store a message of the shop that the product did not send; None when its id is already ours."""
    if is_nobodys(message) or _is_stored(instance, message):
        return None
    # The push name of an own message is ours ("Você"), not the customer's.
    customer = _customer(instance, message, name="", now=now)
    return _insert(
        instance,
        message,
        now=now,
        customer=customer,
        direction=Direction.OUT,
        state=MessageState.SENT,
        purpose=OWN,
        sent_at=min(message.sent_at, now),
    )


def is_nobodys(message: Message) -> bool:
    """Of no private conversation: a group, a status, a newsletter, or from an address that names nobody."""
    if message.is_group or jids.is_ignored(message.remote_jid):
        return True
    if message.phone is None and message.lid is None:
        log.warning("message without a known address", message=message.key_id)
        return True
    return False


def _is_stored(instance: WhatsAppInstance, message: Message) -> bool:
    return instance.messages.filter(wa_id=message.key_id).exists()


def _customer(instance: WhatsAppInstance, message: Message, *, name: str, now: datetime) -> Customer:
    return customers.recognise(instance.shop, phone=message.phone, lid=message.lid, name=name, now=now)


def _insert(instance: WhatsAppInstance, message: Message, *, now: datetime, **fields: Any) -> WhatsAppMessage | None:
    """Insert unless somebody else just did: two workers may hold two deliveries of one message."""
    row = row_of(instance, message, now=now, **fields)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        if not _is_stored(instance, message):
            raise
        return None
    tell_stored(row)
    return row


def row_of(instance: WhatsAppInstance, message: Message, *, now: datetime, **fields: Any) -> WhatsAppMessage:
    """The row of a message that reached us at `now`, not saved yet."""
    return WhatsAppMessage(
        shop=instance.shop,
        instance=instance,
        address=address_of(message.phone, message.lid),
        own_phone=phone_key(instance.number),
        kind=message.kind.value,
        text=message.text or message.choice or "",
        wa_id=message.key_id,
        quoted_wa_id=quoted_by(message)[:80],
        created_at=min(message.sent_at, now),  # a phone whose clock is ahead must not stay last for ever
        state_changed_at=now,
        **fields,
    )


def quoted_by(message: Message) -> str:
    """The id of the message that `message` answers or reacts to; empty for none."""
    return message.quoted_id or message.reacted_id or ""


def tell_stored(row: WhatsAppMessage) -> None:
    publish(row.shop_id, topics.MESSAGES)
    log.info("message stored", message=row.pk, shop=row.shop_id, who=masked(row.address))
