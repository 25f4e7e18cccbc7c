"""Clearing up what nobody knows: did an unconfirmed message go out, and what became of a sent one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from navalha.core.states import move
from navalha.core.wake import wake
from navalha.evolution import jids
from navalha.evolution.types import StoredMessage
from navalha.live import topics
from navalha.live.publish import publish

from .acks import CLOCK_SLACK, learn
from .identity import is_to
from .models import MessageState, WhatsAppMessage
from .outcomes import UNKNOWABLE, wait_before, why_unknowable

log = structlog.get_logger(__name__)

# How many of the newest own messages are read; the server hands out at most as many in one look.
SEEN = 200
LOOK_AGAIN = timedelta(seconds=5)
DECIDES_WITHIN = timedelta(minutes=15)


def clear_up(message: WhatsAppMessage, stored: Sequence[StoredMessage], *, now: datetime) -> None:
    """Settle one unconfirmed message by the newest own messages of its number, as the server has stored them."""
    candidates = [other for other in stored if _has_its_words(message, other)]
    for other in sorted(candidates, key=lambda found: found.sent_at):
        phone, lid = jids.phone_of(other.remote_jid), other.remote_jid if jids.is_lid(other.remote_jid) else None
        same = is_to(message, phone=phone, lid=lid)
        if same is None:  # whose LID it is nobody has told us: proof neither of having been sent nor of absence
            return _undecided(message, now=now)
        if same and _claim(message, other, now=now):
            return None
    if _is_proof_of_absence(message, stored, now):
        return _send_again(message, now=now)
    return _look_when_settled(message, now=now)


def _has_its_words(message: WhatsAppMessage, other: StoredMessage) -> bool:
    assert message.attempted_at is not None, "what is unconfirmed was attempted"  # noqa: S101
    in_time = other.sent_at >= message.attempted_at - CLOCK_SLACK
    return other.from_me and in_time and other.text.strip() == message.text.strip()


def _claim(message: WhatsAppMessage, other: StoredMessage, *, now: datetime) -> bool:
    """Take the stored message for ours unless another row has it: equal words to one person are two messages."""
    rows = message.shop.messages.filter(instance_id=message.instance_id, wa_id=other.key_id)
    if rows.exclude(pk=message.pk).exists():
        return False
    return learn(
        message,
        other.key_id,
        sent_at=min(other.sent_at, now),
        now=now,
        reason=_("Conferimos no WhatsApp: a mensagem saiu."),
    )


def _is_proof_of_absence(message: WhatsAppMessage, stored: Sequence[StoredMessage], now: datetime) -> bool:
    """Only when the server can no longer be about to send it, and its list reaches back to the attempt."""
    assert message.attempted_at is not None  # noqa: S101
    settled = now >= _settles_at(message)
    reaches_back = len(stored) < SEEN or min(other.sent_at for other in stored) < message.attempted_at - CLOCK_SLACK
    return settled and reaches_back


def _settles_at(message: WhatsAppMessage) -> datetime:
    assert message.attempted_at is not None  # noqa: S101
    return message.attempted_at + timedelta(seconds=settings.UNCONFIRMED_SETTLE_SECONDS)


def _look_when_settled(message: WhatsAppMessage, *, now: datetime) -> None:
    settles_at = _settles_at(message)
    if now >= settles_at:
        return _undecided(message, now=now)
    return _look_at(message, min(now + LOOK_AGAIN, settles_at))


def _undecided(message: WhatsAppMessage, *, now: datetime) -> None:
    """What the server has stored says neither yes nor no. For a while an echo may still decide, then only a person:
    later messages to the same customer wait for this one."""
    if now - message.state_changed_at >= DECIDES_WITHIN:
        return give_to_person(message)
    return look_later(message, now=now)


def look_later(message: WhatsAppMessage, *, now: datetime) -> None:
    """The look told nothing: look again, each time later."""
    known_for = now - message.state_changed_at
    _look_at(message, now + max(wait_before(1), min(known_for, timedelta(minutes=10))))


def _look_at(message: WhatsAppMessage, due_at: datetime) -> None:
    _unchanged(message).update(due_at=due_at)


def give_to_person(message: WhatsAppMessage) -> None:
    """No look-up can help: the number was paired anew or is gone, or what is stored decides nothing. Later messages
    need not wait for this one."""
    changed = _unchanged(message).update(
        error_code=UNKNOWABLE, error_message=why_unknowable(), needs_person=message.customer_id is not None
    )
    if changed:
        log.warning("message cannot be looked up", message=message.pk, shop=message.shop_id)
        publish(message.shop_id, topics.MESSAGES)
        wake("outbox", shop_id=message.shop_id)


@transaction.atomic
def _send_again(message: WhatsAppMessage, *, now: datetime) -> None:
    """It is not there: back to the queue, or expired if it has lost its sense meanwhile."""
    if not _unchanged(message).select_for_update().exists():
        return
    expired = message.expires_at is not None and message.expires_at <= now
    move(
        message,
        to=MessageState.EXPIRED if expired else MessageState.QUEUED,
        now=now,
        reason=_("Conferimos no WhatsApp: a mensagem não tinha saído."),
        due_at=now,
        error_code="",
        error_message="",
    )
    publish(message.shop_id, topics.MESSAGES)
    wake("outbox", shop_id=message.shop_id)


def _unchanged(message: WhatsAppMessage) -> "QuerySet[WhatsAppMessage]":
    """The row if it is still unconfirmed from the attempt we read: another look may have settled it meanwhile."""
    same_attempt = message.shop.messages.filter(state=MessageState.UNCONFIRMED, attempts=message.attempts)
    return same_attempt.filter(pk=message.pk)
