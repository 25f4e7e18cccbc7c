"""What WhatsApp tells about our own messages: acks and echoes. Never refuses, safe to repeat, any order."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils.translation import gettext as _

from navalha.core.states import MovedFirst, move
from navalha.evolution.types import DeliveryStatus, Message
from navalha.live import topics
from navalha.live.publish import publish
from navalha.whatsapp import actions as whatsapp
from navalha.whatsapp.models import WhatsAppInstance

from . import delivery
from .identity import is_to
from .inbox import OWN, store_own
from .models import Direction, MessageState, PendingDelivery, WhatsAppMessage

log = structlog.get_logger(__name__)

# WhatsApp times are whole seconds on another machine's clock.
CLOCK_SLACK = timedelta(minutes=2)
FIRST_ACK_CHECK = timedelta(minutes=2)
LOOK = """
SELECT
  NOT EXISTS (SELECT 1 FROM messaging_whatsappmessage
              WHERE instance_id = %(number)s AND wa_id = %(wa_id)s AND direction = 'out'),
  EXISTS (SELECT 1 FROM messaging_pendingdelivery WHERE instance_id = %(number)s AND wa_id = %(wa_id)s)
"""


@transaction.atomic
def record_delivery(instance: WhatsAppInstance, key_id: str, status: DeliveryStatus, *, now: datetime) -> None:
    """Lift the message with WhatsApp's id `key_id`; keep the ack when nobody has that id yet."""
    message = _known(instance, key_id)
    if message is None:
        # Whoever is about to learn the id holds this lock until it is visible, and looks for kept acks after it.
        lock_ids(instance, [key_id])
        message = _known(instance, key_id)
    if message is not None:
        _climb(message, status, now)
    else:
        keep(instance, [(key_id, status, now)])
    if delivery.is_sign_of_life(status):
        whatsapp.record_ack(instance, now=now)  # last: everybody locks a message, or its id, before its number


def _known(instance: WhatsAppInstance, key_id: str) -> WhatsAppMessage | None:
    """The row of ours with that id. Raw: asked for each ack and each send, and the ORM's building of it costs more
    than the asking."""
    sql = "SELECT * FROM messaging_whatsappmessage WHERE instance_id = %s AND wa_id = %s AND direction = 'out'"
    return next(iter(instance.messages.raw(sql, [instance.pk, key_id])), None)


def lock_ids(instance: WhatsAppInstance, key_ids: Iterable[str]) -> None:
    """Until the transaction ends nobody else learns these ids. In one order, or two could wait for ever."""
    names = sorted(f"message-id:{instance.pk}:{key_id}" for key_id in key_ids)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(%s::text[]) name", [names])


def keep(instance: WhatsAppInstance, told: Iterable[tuple[str, DeliveryStatus, datetime]]) -> None:
    """Keep acks of ids that nobody has yet, but for those that would never change anything."""
    rows = [
        PendingDelivery(shop_id=instance.shop_id, instance=instance, wa_id=key_id, status=status.value, at=at)
        for key_id, status, at in told
        if delivery.is_sign_of_life(status) or status is DeliveryStatus.ERROR
    ]
    instance.pending_deliveries.bulk_create(rows, ignore_conflicts=True)


def _climb(message: WhatsAppMessage, status: DeliveryStatus, now: datetime) -> None:
    """Move up the ladder; when somebody moves the row meanwhile, look again from where it stands now."""
    while (target := delivery.after(message.state, status)) is not None:
        try:
            move(message, to=target, now=now, reason=reason_of(target), **marks_of(message, target, now))
        except MovedFirst:
            message.refresh_from_db()
            continue
        tell(message)


def marks_of(message: WhatsAppMessage, target: MessageState, now: datetime) -> dict[str, Any]:
    """The times that `target` proves. Read without delivered means that the delivery's ack was lost."""
    if target is MessageState.FAILED:
        return {"error_code": "refused", "error_message": reason_of(target), "lease_until": None, "refused_at": now}
    marks: dict[str, Any] = {"sent_at": message.sent_at or now, "lease_until": None}
    if target is not MessageState.SENT:
        marks |= {"delivered_at": message.delivered_at or now, "error_code": "", "error_message": ""}
    if target in (MessageState.READ, MessageState.PLAYED):
        marks["read_at"] = message.read_at or now
    return marks


def reason_of(target: MessageState) -> str:
    if target is not MessageState.FAILED:
        return ""
    return _("O WhatsApp recusou a mensagem. Peça ao cliente que mande um oi para o número da barbearia e reenvie.")


def tell(message: WhatsAppMessage) -> None:
    publish(message.shop_id, topics.MESSAGES, topics.AGENDA)


@transaction.atomic(savepoint=False)
def learn(message: WhatsAppMessage, wa_id: str, *, sent_at: datetime, now: datetime, reason: str = "") -> bool:
    """Write down WhatsApp's id of a message that is out, and apply the acks that came before it was known.

    False when another of our messages has that id already: then this one is proved nothing.
    """
    assert message.instance is not None, "a message gets its number before it is sent"  # noqa: S101
    lock_ids(message.instance, [wa_id])
    is_new, has_acks = _look(message.instance, wa_id)
    owner = None if is_new else _known(message.instance, wa_id)
    if owner is not None and owner.pk != message.pk and not _absorb(owner):
        log.error("message id claimed twice", message=message.pk, owner=owner.pk, shop=message.shop_id)
        return False
    if owner is None or owner.pk != message.pk:
        _mark_sent(message, wa_id, sent_at, now, reason)
    if owner is not None or has_acks:
        _apply_kept(message, wa_id, owner)
    tell(message)
    return True


def _look(instance: WhatsAppInstance, wa_id: str) -> tuple[bool, bool]:
    """Whether no row of ours has that id yet, and whether acks of it wait: asked for each send, hence at once."""
    with connection.cursor() as cursor:
        cursor.execute(LOOK, {"number": instance.pk, "wa_id": wa_id})
        is_new, has_acks = cursor.fetchone()
    return is_new, has_acks


def _absorb(owner: WhatsAppMessage) -> bool:
    """Remove the row that an echo left for a message we did not recognise yet."""
    if owner.purpose != OWN:
        return False
    owner.delete()
    return True


def _mark_sent(message: WhatsAppMessage, wa_id: str, sent_at: datetime, now: datetime, reason: str) -> None:
    fields: dict[str, Any] = {
        "wa_id": wa_id,
        "sent_at": sent_at,
        "due_at": now + FIRST_ACK_CHECK,
        "lease_until": None,
        "error_code": "",
        "error_message": "",
    }
    movable = delivery.BEFORE_SENT
    while message.state in movable:
        try:
            return move(message, to=MessageState.SENT, now=now, reason=reason, **fields)
        except MovedFirst:
            message.refresh_from_db()
    # A person said that it arrived, or an ack lifted it: the id alone was missing.
    message.shop.messages.filter(pk=message.pk, wa_id=None).update(wa_id=wa_id)
    message.refresh_from_db()
    return None


def _apply_kept(message: WhatsAppMessage, wa_id: str, absorbed: WhatsAppMessage | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM messaging_pendingdelivery WHERE instance_id = %s AND wa_id = %s RETURNING status, at",
            [message.instance_id, wa_id],
        )
        statuses = [(DeliveryStatus.of(status), at) for status, at in cursor.fetchall()]
    if absorbed is not None and absorbed.pk is None:  # deleted: what had already been told of it
        statuses += [(status, absorbed.state_changed_at) for status in _told(absorbed.state)]
    for status, at in sorted(statuses, key=lambda ack: ack[0].rank):
        _climb(message, status, at)


def _told(state: str) -> Iterable[DeliveryStatus]:
    return [status for status, rung in delivery.RUNG.items() if rung == state]


@transaction.atomic
def record_sent_echo(instance: WhatsAppInstance, message: Message, *, now: datetime) -> None:
    """`send.message`: proof that a message of the API went out, often before the answer to the send itself."""
    if _known(instance, message.key_id) is not None:
        return
    ours = _in_flight(instance, message)
    if ours is not None:
        reason = "" if ours.state == MessageState.SENDING else _("O WhatsApp avisou que a mensagem saiu.")
        learn(ours, message.key_id, sent_at=min(message.sent_at, now), now=now, reason=reason)
        return
    store_own(instance, message, now=now)


def _in_flight(instance: WhatsAppInstance, echo: Message) -> WhatsAppMessage | None:
    """The oldest of our messages with these words to this person that may be the one."""
    rows = (
        instance.messages.filter(direction=Direction.OUT, wa_id=None)
        .filter(state__in=delivery.BEFORE_SENT, attempts__gt=0, attempted_at__lte=echo.sent_at + CLOCK_SLACK)
        .filter(remote_name=instance.remote_name or "")
        .select_related("customer", "instance")
        .order_by("pk")
    )
    same = (row for row in rows if row.text.strip() == echo.text.strip())
    return next((row for row in same if is_to(row, phone=echo.phone, lid=echo.lid) is not False), None)
