"""Many acks and many messages of one number at once. The specification is `acks` and `inbox`, one by one.

Nothing is decided here that they do not decide; only the statements are fewer.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from navalha.core.moves import Moves
from navalha.customers.crowd import Crowd
from navalha.customers.identities import Sighting, sighting
from navalha.evolution.types import DeliveryStatus, Message
from navalha.whatsapp import actions as whatsapp
from navalha.whatsapp.models import WhatsAppInstance

from . import acks, delivery, rules
from .inbox import is_nobodys, row_of, tell_stored
from .models import Direction, MessageState, WhatsAppMessage


class Ack(NamedTuple):
    """What WhatsApp said of one message, and when that reached us."""

    key_id: str
    status: DeliveryStatus
    at: datetime


class Deliveries:
    """Acks of one number, written together by `write()`. Inside one transaction."""

    def __init__(self, instance: WhatsAppInstance, ids: Iterable[str]) -> None:
        """Look at once for all messages that acks may be added of, and lock them."""
        self._instance = instance
        self._known = _held(instance, set(ids))
        self._moves, self._kept = Moves(), list[Ack]()
        self._moved: set[int | None] = set()

    def add(self, ack: Ack) -> None:
        """As `acks.record_delivery`."""
        if delivery.is_sign_of_life(ack.status):
            whatsapp.record_ack(self._instance, now=ack.at)
        message = self._known.get(ack.key_id)
        if message is None:
            self._kept.append(ack)
        else:
            self._climb(message, ack)

    def concern(self, customer_id: int | None) -> bool:
        """Whether something of this customer's messages waits to be written."""
        return customer_id in self._moved

    def write(self) -> None:
        self._moves.write()
        acks.keep(self._instance, [(ack.key_id, ack.status, ack.at) for ack in self._kept])
        self._moves, self._kept, self._moved = Moves(), [], set()

    def _climb(self, message: WhatsAppMessage, ack: Ack) -> None:
        target = delivery.after(message.state, ack.status)
        if target is not None:
            marks = acks.marks_of(message, target, ack.at)
            self._moves.add(message, to=target, now=ack.at, reason=acks.reason_of(target), **marks)
            self._moved.add(message.customer_id)
            acks.tell(message)


def _held(instance: WhatsAppInstance, ids: set[str]) -> dict[str, WhatsAppMessage]:
    """Our messages with those ids, locked; and the ids that nobody has, locked against being learnt meanwhile."""
    known = _locked_rows(instance, ids) if ids else {}
    missing = ids - known.keys()
    if missing:
        acks.lock_ids(instance, missing)
        known |= _locked_rows(instance, missing)
    return known


def _locked_rows(instance: WhatsAppInstance, ids: Iterable[str]) -> dict[str, WhatsAppMessage]:
    sql = (
        "SELECT * FROM messaging_whatsappmessage WHERE instance_id = %s AND wa_id = ANY(%s) AND direction = 'out'"
        " ORDER BY id FOR NO KEY UPDATE"
    )
    return {str(row.wa_id): row for row in instance.messages.raw(sql, [instance.pk, sorted(ids)])}


class Arrivals:
    """Messages that people wrote over one number, stored together by `save()`. Inside one transaction."""

    def __init__(self, instance: WhatsAppInstance, messages: Iterable[Message]) -> None:
        """Look at once for all `messages` that may be added. Raises `customers.actions.Vanished`."""
        private = [message for message in messages if not is_nobodys(message)]
        self._instance = instance
        self._stored = _stored(instance, [message.key_id for message in private])
        self.crowd = Crowd(instance.shop, [seen_in(message) for message in private])
        self._awaited = rules.awaited(instance.shop, self.crowd.known)
        self._rows: list[WhatsAppMessage] = []

    def is_new(self, message: Message) -> bool:
        """Not a repeat, and of a private conversation."""
        return not is_nobodys(message) and message.key_id not in self._stored

    def add(self, message: Message, *, at: datetime, needs_person: bool) -> WhatsAppMessage:
        """The row of a new message of a clear sender. It is in the database after the next `save()`."""
        customer = self.crowd.recognise(seen_in(message), name=message.push_name, now=at)
        self._stored.add(message.key_id)
        if customer.pk in self._awaited:
            rules.release_who_wrote(self._instance.shop, customer, now=at)
        row = row_of(
            self._instance,
            message,
            now=at,
            customer=customer,
            direction=Direction.IN,
            state=MessageState.RECEIVED,
            needs_person=needs_person,
        )
        self._rows.append(row)
        return row

    def save(self) -> None:
        self.crowd.save()
        for row in self._instance.shop.messages.bulk_create(self._rows):
            tell_stored(row)
        self._rows = []


def seen_in(message: Message) -> Sighting:
    return sighting(message.phone, message.lid)


def _stored(instance: WhatsAppInstance, ids: list[str]) -> set[str]:
    found = instance.messages.filter(wa_id__in=ids).values_list("wa_id", flat=True) if ids else ()
    return {str(wa_id) for wa_id in found}
