"""Every write of messages but the sending itself (`sending.py`) and what WhatsApp tells (`inbox.py`, `acks.py`)."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Replace
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from navalha.accounts.models import Shop, User
from navalha.core.errors import Refused
from navalha.core.states import MovedFirst, move
from navalha.core.wake import wake
from navalha.customers.models import Customer
from navalha.live import topics
from navalha.live.publish import publish
from navalha.whatsapp.models import WhatsAppInstance

from . import plan, wording
from .acks import record_delivery, record_sent_echo
from .decisions import Decision
from .inbox import receive
from .models import Direction, MessageState, WhatsAppMessage
from .pace import Hold
from .together import addresses

__all__ = [
    "cancel_queued",
    "decide",
    "queue_template",
    "queue_test",
    "queue_text",
    "queue_through",
    "receive",
    "record_delivery",
    "record_sent_echo",
    "replace_in_unsent",
    "reply",
    "resend",
    "resolve",
    "say_arrived",
    "see",
]

# What nobody could send for a day would surprise whoever gets it now: a number that comes back must not send a heap.
LIFETIME = timedelta(hours=24)
# A double tap is one test.
TEST_EVERY = timedelta(seconds=5)


def queue_template(
    key: str,
    *,
    shop: Shop,
    to: Customer | str,
    context: Mapping[str, object],
    dedupe_key: str,
    now: datetime,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    customer_first: bool = False,
) -> WhatsAppMessage | None:
    """Queue the text `key` of `wording` once for `dedupe_key`; None when it was queued before.

    In the caller's transaction: it goes out if and only if that commits. `to` is a customer of the shop or a phone in
    E.164; it waits until `due_at`, and with `customer_first` no longer than until the customer writes; without
    `expires_at` it loses its sense after a day. Raises `MissingVariable`.
    """
    text = wording.render(key, context)
    return _queue(
        shop,
        to=to,
        dedupe_key=dedupe_key,
        text=text,
        purpose=key,
        created_at=now,
        due_at=due_at or now,
        expires_at=expires_at or now + LIFETIME,
        hold_code=Hold.CUSTOMER_FIRST if customer_first else "",
    )


def queue_text(
    shop: Shop,
    *,
    to: Customer | str,
    text: str,
    purpose: str,
    dedupe_key: str | None,
    now: datetime,
    by: User | None = None,
    quoted: WhatsAppMessage | None = None,
) -> WhatsAppMessage | None:
    """Queue words of a person (`by`) or of a reply; None when `dedupe_key` was queued before."""
    return _queue(
        shop,
        to=to,
        dedupe_key=dedupe_key,
        text=text,
        purpose=purpose,
        created_at=now,
        due_at=now,
        expires_at=now + LIFETIME,
        written_by=by,
        quoted_wa_id=(quoted.wa_id or "") if quoted else "",
    )


@transaction.atomic
def queue_test(number: WhatsAppInstance, *, to: str, now: datetime) -> WhatsAppMessage | None:
    """Queue a test that only `number` may send; None when one was asked for a moment ago. Raises `Refused`."""
    number = number.locked()  # of two at once the second sees the test of the first
    if not number.is_connected:
        raise Refused(_("Este número não está conectado ao WhatsApp. Conecte-o e envie o teste de novo."))
    if number.shop.messages.filter(instance=number, purpose="test", created_at__gt=now - TEST_EVERY).exists():
        return None
    key = f"test:{number.pk}:{now.timestamp()}"
    return queue_through(number, "test", to=to, context={"shop": number.shop.name}, dedupe_key=key, now=now)


def queue_through(
    number: WhatsAppInstance,
    key: str,
    *,
    to: str,
    context: Mapping[str, object],
    dedupe_key: str,
    now: datetime,
    expires_at: datetime | None = None,
) -> WhatsAppMessage | None:
    """Queue the text `key` (of `wording.THROUGH_ITS_NUMBER`) to a phone of the shop's people, that only `number` may
    send; None when `dedupe_key` was queued before. In the caller's transaction."""
    return _queue(
        number.shop,
        to=to,
        dedupe_key=dedupe_key,
        text=wording.render(key, context),
        purpose=key,
        instance=number,
        created_at=now,
        due_at=now,
        expires_at=expires_at or now + LIFETIME,
    )


def _queue(shop: Shop, *, to: Customer | str, dedupe_key: str | None, **fields: Any) -> WhatsAppMessage | None:
    customer = to if isinstance(to, Customer) else None
    values = {
        "customer": customer,
        "address": addresses(shop, [customer])[customer.pk] if customer else to,
        "direction": Direction.OUT,
        "state": MessageState.QUEUED,
        "state_changed_at": fields["created_at"],
        **fields,
    }
    if fields["purpose"] not in wording.ALERTS:
        values |= plan.held_by_plan(shop, now=fields["created_at"])
    with transaction.atomic():
        if dedupe_key is None:
            message, is_new = shop.messages.create(**values), True
        else:  # under a race the unique constraint decides; get_or_create keeps the refusal inside a savepoint
            message, is_new = shop.messages.get_or_create(dedupe_key=dedupe_key, defaults=values)
        if not is_new:
            return None
        publish(shop.pk, topics.MESSAGES)
        wake("outbox", shop_id=shop.pk)
    return message


@transaction.atomic
def decide(message: WhatsAppMessage, *, decision: Decision | None, needs_person: bool, now: datetime) -> None:
    """Write into the thread what was made of an inbound message (None: nothing), and whether a person must look."""
    if decision is not None:
        message.decision_code, message.decision_values = decision.code, dict(decision.values)
    message.needs_person = needs_person
    message.save(update_fields=["decision_code", "decision_values", "needs_person"])
    publish(message.shop_id, topics.MESSAGES)


@transaction.atomic
def reply(shop: Shop, customer: Customer, *, text: str, key: str, by: User, now: datetime) -> None:
    """Queue what a person wrote to `customer`, once for each `key`; nothing of theirs waits for a person then.

    Raises `Refused` when the shop's plan has no message left today.
    """
    dedupe_key = f"reply:{customer.pk}:{key}"
    plan.refuse_beyond_the_day(shop, now=now)
    queue_text(shop, to=customer, text=text, purpose="person", dedupe_key=dedupe_key, now=now, by=by)
    resolve(shop, customer, now=now)


@transaction.atomic
def resolve(shop: Shop, customer: Customer, *, now: datetime) -> None:
    """Somebody has taken care: nothing of this customer waits for a person any more."""
    if shop.messages.filter(customer=customer, needs_person=True).update(needs_person=False):
        publish(shop.pk, topics.MESSAGES)


@transaction.atomic
def see(shop: Shop, customer: Customer, *, now: datetime) -> None:
    """A member has the conversation open. Of an inbound message, `read_at` is when the shop saw it."""
    unseen = shop.messages.filter(customer=customer, direction=Direction.IN, read_at=None)
    if unseen.update(read_at=now):
        publish(shop.pk, topics.MESSAGES)


@transaction.atomic
def resend(message: WhatsAppMessage, *, by: User, now: datetime) -> None:
    """A person wants a failed or unconfirmed message to go out (again). Raises `Refused`."""
    plan.refuse_beyond_the_day(message.shop, now=now)
    _moved_by_person(
        message,
        to=MessageState.QUEUED,
        now=now,
        by=by,
        reason=gettext_noop("Reenviada por uma pessoa."),
        wa_id=None,
        due_at=now,
        attempts=0,
        expires_at=now + LIFETIME,
        lease_until=None,
        error_code="",
        error_message="",
    )
    wake("outbox", shop_id=message.shop_id)


@transaction.atomic
def say_arrived(message: WhatsAppMessage, *, by: User, now: datetime) -> None:
    """A person has seen on the phone that an unconfirmed message went out. Raises `Refused`."""
    _moved_by_person(
        message,
        to=MessageState.SENT,
        now=now,
        by=by,
        reason=gettext_noop("Uma pessoa viu a mensagem no celular."),
        sent_at=message.attempted_at or now,
        lease_until=None,
        error_code="",
        error_message="",
    )


@transaction.atomic
def cancel_queued(message: WhatsAppMessage, *, by: User | None = None, now: datetime, reason: str = "") -> None:
    """Keep a message that still waits from going out. Raises `Refused` when it is too late."""
    _moved_by_person(message, to=MessageState.CANCELLED, now=now, by=by, reason=reason)


def replace_in_unsent(shop: Shop, keys: Collection[str], old: str, new: str) -> None:
    """Say `new` for `old` in the messages with these dedupe keys that never left: also when they are sent again.

    What is under way or may have arrived stays as it was written: by that it is recognised when WhatsApp is asked.
    """
    unsent = shop.messages.filter(dedupe_key__in=keys, state__in=[MessageState.QUEUED, MessageState.FAILED])
    unsent.update(text=Replace("text", Value(old), Value(new)))


FROM = {
    MessageState.QUEUED: frozenset({MessageState.FAILED, MessageState.UNCONFIRMED}),
    MessageState.SENT: frozenset({MessageState.UNCONFIRMED}),
    MessageState.CANCELLED: frozenset({MessageState.QUEUED, MessageState.UNCONFIRMED}),
}


def _moved_by_person(message: WhatsAppMessage, *, to: MessageState, now: datetime, **fields: Any) -> None:
    """Move if it still stands where the person saw it; the table alone would let a queued one be called sent."""
    if message.state not in FROM[to]:
        raise Refused(_("Esta mensagem já mudou de situação. Veja como ela está agora."))
    try:
        move(message, to=to, now=now, **fields)
    except MovedFirst as error:
        raise Refused(_("Esta mensagem acabou de mudar de situação. Veja como ela está agora.")) from error
    if message.needs_person:
        message.shop.messages.filter(pk=message.pk).update(needs_person=False)
        message.needs_person = False
    publish(message.shop_id, topics.MESSAGES)
    publish(message.shop_id, topics.AGENDA)
