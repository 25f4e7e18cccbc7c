"""What waits for a customer goes into the conversation that they have just begun, as an answer.

Each write says which state it found: a message that a worker has taken meanwhile goes where it was going.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Value
from django.db.models.functions import Replace
from django.utils.translation import gettext_noop

from navalha.accounts.models import Shop
from navalha.core.phones import phone_key
from navalha.core.states import MovedFirst, move
from navalha.core.wake import wake
from navalha.customers.models import Customer
from navalha.live import topics
from navalha.live.publish import publish
from navalha.whatsapp.models import WhatsAppInstance

from .delivery import ARRIVED
from .models import Direction, MessageState, WhatsAppMessage
from .wording import greeting

# States of a message that some phone has, or may have.
HANDED_OVER = (MessageState.SENDING, MessageState.UNCONFIRMED, MessageState.SENT, *ARRIVED)
RETRIED = gettext_noop("O cliente escreveu primeiro: enviada de novo, na conversa dele.")


@dataclass(frozen=True, slots=True)
class Conversation:
    """What somebody began by writing: who they are, and where they read the answer."""

    customer: Customer
    address: str


def has_chat(number: WhatsAppInstance, customer: Customer) -> bool:
    """Whether the phone of `number` and the customer have talked: they wrote, or have got something."""
    mine = number.shop.messages.filter(customer=customer, own_phone=phone_key(number.number))
    return mine.filter(direction=Direction.IN).exists() or mine.filter(state__in=ARRIVED).exists()


def is_out(shop: Shop, keys: Collection[str]) -> bool:
    """Whether some phone has one of the messages `keys`, or may have."""
    return shop.messages.filter(dedupe_key__in=keys, state__in=HANDED_OVER).exists()


def send_there(there: Conversation, keys: Collection[str], *, named: str, now: datetime) -> int:
    """Send what is still queued of the messages `keys` into a conversation, at once and in its customer's name.

    Returns how many that were. What a pause or a limit of the pace held is released: it answers somebody now. `named`
    is who the texts greet so far.
    """
    shop = there.customer.shop
    waiting = shop.messages.filter(dedupe_key__in=keys, state=MessageState.QUEUED)
    waiting.exclude(hold_code="").update(due_at=now, hold_code="")
    text = Replace("text", Value(greeting(named)), Value(greeting(there.customer.name)))
    count = waiting.update(customer=there.customer, address=there.address, text=text)
    if count:
        _told(shop)
    return count


def try_again(there: Conversation, message: WhatsAppMessage, *, now: datetime) -> None:
    """Send once more what failed: with who wrote first there is a conversation now."""
    fields: dict[str, Any] = {"address": there.address, "wa_id": None, "due_at": now, "attempts": 0}
    fields |= {"lease_until": None, "error_code": "", "error_message": ""}
    try:
        move(message, to=MessageState.QUEUED, now=now, reason=RETRIED, **fields)
    except MovedFirst:
        return  # a person has just sent it again
    _told(message.shop)


def _told(shop: Shop) -> None:
    publish(shop.pk, topics.MESSAGES)
    publish(shop.pk, topics.AGENDA)
    wake("outbox", shop_id=shop.pk)
