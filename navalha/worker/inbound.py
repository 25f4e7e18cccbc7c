"""What happens when a webhook says something: one match. Every branch may run twice and in any order."""

from datetime import datetime

import structlog

from navalha.evolution.events import (
    ConnectionChanged,
    DeliveryChanged,
    Event,
    InstanceClosed,
    InstanceLoggedOut,
    MessageArrived,
    MessageDeleted,
    MessageEdited,
    MessageSent,
    QrLimitReached,
    QrUpdated,
    Unknown,
)
from navalha.evolution.types import Message
from navalha.messaging import acks, inbox
from navalha.messaging import actions as messaging
from navalha.scheduling.replies import actions as reply_actions
from navalha.whatsapp import records
from navalha.whatsapp.models import WhatsAppInstance

log = structlog.get_logger(__name__)

LOGGED_OUT = 401


def handle(instance: WhatsAppInstance, event: Event, *, at: datetime, now: datetime) -> None:
    """Apply one event of `instance` that reached us `at`; `now` is when we get to it.

    A code to scan, a state and an ack are true as of their arrival. A person's words are answered as of now.
    """
    match event:
        case QrUpdated():
            records.record_qr(instance, event, now=at)
        case QrLimitReached():
            records.record_qr_limit(instance, now=at)
        case ConnectionChanged():
            records.record_connection(instance, event, now=at)
        case InstanceClosed(reason=reason):
            records.record_closed(instance, reason, now=at)
        case InstanceLoggedOut():
            records.record_closed(instance, LOGGED_OUT, now=at)
        case MessageArrived(message=message):
            _arrived(instance, message, at=at, now=now)
        case MessageSent(message=message):
            acks.record_sent_echo(instance, message, now=at)
        case DeliveryChanged(key_id=key_id, status=status):
            acks.record_delivery(instance, key_id, status, now=at)
        case MessageEdited() | MessageDeleted() | Unknown():
            log.debug("event not used", instance=instance.pk, kind=type(event).__name__)


def _arrived(instance: WhatsAppInstance, message: Message, *, at: datetime, now: datetime) -> None:
    """A person wrote: the booking understands it, or a person of the shop reads it.

    What is added here is added to `together.Part` too, and to what its property test makes up.
    """
    stored = inbox.receive(instance, message, now=at)
    if message.from_me:
        return
    records.record_inbound(instance, now=at)
    if stored is not None and not reply_actions.handle(stored, now=now):
        messaging.decide(stored, decision=None, needs_person=True, now=now)
