"""Sending, step by step: each step is one short transaction, and the network call stands between two of them.

A worker may die between any two: what it leaves is `sending` with a lease. When that runs out nobody knows whether
the message is out, so it becomes `unconfirmed` and is looked up (`lookup.py`); it is never sent again blindly.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from navalha.core.claims import claim
from navalha.core.phones import phone_key
from navalha.core.states import move
from navalha.customers import actions as customers
from navalha.evolution import jids
from navalha.evolution.errors import EvolutionError, Rejected, Unconfirmed, Unreachable
from navalha.evolution.types import Sent
from navalha.live import topics
from navalha.live.publish import collecting, publish
from navalha.whatsapp.models import WhatsAppInstance

from . import pacing
from .acks import learn
from .models import MessageState, WhatsAppMessage
from .outcomes import wait_before, why_held, why_refused, why_unconfirmed

log = structlog.get_logger(__name__)

FIRST_LOOK = timedelta(seconds=2)

# By hand, for it is what every message of every shop passes: through the ORM the building of it costs more than its
# running. The next statement sees what the lock's last holder has committed.
LOCK = """
SELECT 1 FROM whatsapp_whatsappinstance
WHERE id = %s AND state = 'connected' AND remote_name = %s AND server_id = %s AND is_primary = %s
  AND EXISTS (SELECT 1 FROM accounts_shop WHERE accounts_shop.id = shop_id AND accounts_shop.state = 'active')
FOR NO KEY UPDATE
"""


def take(number: WhatsAppInstance, now: datetime) -> WhatsAppMessage | None:
    """Take the next message that may go out from `number` now: it is `sending` and ours until its lease runs out.

    The number's row is locked meanwhile, so that two workers never have two messages of one number under way, nor
    send two within one gap.
    """
    with _step():
        return _take(number, now)


def _take(number: WhatsAppInstance, now: datetime) -> WhatsAppMessage | None:
    message = pacing.choose(number, now) if _lock(number) else None
    if message is None:
        return None
    message.shop = number.shop
    move(
        message,
        to=MessageState.SENDING,
        now=now,
        attempts=message.attempts + 1,
        attempted_at=now,
        lease_until=now + timedelta(seconds=settings.SEND_LEASE_SECONDS),
        remote_name=number.remote_name,
        instance=number,
        own_phone=phone_key(number.number),
        first_contact=message.first_contact,
        hold_code="",
    )
    publish(message.shop_id, topics.MESSAGES)
    return message


@contextmanager
def _step() -> Iterator[None]:
    """A transaction that tells nobody before its end: PostgreSQL lets one commit with a NOTIFY through at a time, and
    this one waits for the disk. What a crash between the two loses is a tick, not a state."""
    with transaction.atomic(), collecting(after_commit=True):
        yield


def _lock(number: WhatsAppInstance) -> bool:
    """Whether `number` still is the connected number that the caller has a client for; then locked.

    And its shop active: what a suspended one has queued is held.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [number.pk, number.remote_name, number.server_id, number.is_primary])
        return cursor.fetchone() is not None


def record_and_take(
    message: WhatsAppMessage, sent: Sent, number: WhatsAppInstance, *, now: datetime
) -> WhatsAppMessage | None:
    """The server handed `message` to WhatsApp: write that down, and `take` the next of the same number.

    In one transaction, for a transaction costs more than what these two do. When the next one cannot be taken, what
    went out is written down all the same.
    """
    try:
        with _step():
            _learn(message, sent, now)
            following = _take(number, now)
            _meet(message, sent, now)
    except Exception:
        message.refresh_from_db()
        record_sent(message, sent, now=now)
        raise
    return following


def record_sent(message: WhatsAppMessage, sent: Sent, *, now: datetime) -> None:
    """The server handed it to WhatsApp."""
    with _step():
        _learn(message, sent, now)
        _meet(message, sent, now)


def _learn(message: WhatsAppMessage, sent: Sent, now: datetime) -> None:
    """An echo or an ack may have told us before the server's answer did."""
    learn(message, sent.key_id, sent_at=min(sent.sent_at, now), now=now)


def _meet(message: WhatsAppMessage, sent: Sent, now: datetime) -> None:
    """The answer may tell the LID of a phone. Last of all: who applies webhooks locks a number before its people."""
    if jids.is_lid(sent.remote_jid) and message.customer and not jids.is_lid(message.address):
        customers.recognise(message.shop, phone=message.address, lid=sent.remote_jid, now=now)


def record_failure(message: WhatsAppMessage, error: EvolutionError, *, now: datetime) -> None:
    """Back to the queue, given up, or unconfirmed: what `error` allows."""
    log.warning("send failed", message=message.pk, shop=message.shop_id, error=type(error).__name__, why=str(error))
    with _still_ours(message) as ours:
        if not ours:
            return
        if isinstance(error, Rejected):
            _give_up(message, error, now)
        elif isinstance(error, Unreachable):
            _hold(message, error, now)
        else:
            doubt(message, now=now, first_look=now + FIRST_LOOK)
        publish(message.shop_id, topics.MESSAGES)
        publish(message.shop_id, topics.AGENDA)


def _hold(message: WhatsAppMessage, error: Unreachable, now: datetime) -> None:
    """Nothing went out: the message keeps its place in its conversation and tries again later."""
    why = why_held(error)
    due_at = now + wait_before(message.attempts)
    move(message, to=MessageState.QUEUED, now=now, reason=why, due_at=due_at, lease_until=None, error_message=why[:200])


def _give_up(message: WhatsAppMessage, error: Rejected, now: datetime) -> None:
    why = why_refused(error)
    move(
        message,
        to=MessageState.FAILED,
        now=now,
        reason=why,
        lease_until=None,
        error_code=error.reason.value,
        error_message=why,
    )


def doubt(message: WhatsAppMessage, *, now: datetime, first_look: datetime) -> None:
    """Nobody knows whether it went out: to be looked up, and not to be sent again before that."""
    why = why_unconfirmed()
    move(
        message,
        to=MessageState.UNCONFIRMED,
        now=now,
        reason=why,
        due_at=first_look,
        lease_until=None,
        error_code=Unconfirmed.__name__.lower(),
        error_message=why,
    )


def end_lease(message: WhatsAppMessage, *, now: datetime) -> None:
    """Doubt what was under way at a worker that is gone."""
    with _still_ours(message) as ours:
        if ours:
            doubt(message, now=now, first_look=now)
            publish(message.shop_id, topics.MESSAGES)


@contextmanager
def _still_ours(message: WhatsAppMessage) -> Iterator[bool]:
    """Lock the row and tell whether it is still under way in *this* attempt.

    The state alone does not tell: a worker that slept through its lease could find the row `sending` again, by
    somebody else.
    """
    with transaction.atomic():
        same_attempt = message.shop.messages.filter(state=MessageState.SENDING, attempts=message.attempts)
        yield same_attempt.select_for_update().filter(pk=message.pk).exists()


@transaction.atomic
def expire_some(late: "QuerySet[WhatsAppMessage]", *, now: datetime) -> int:
    """Take some of the queued messages `late` out of the queue; returns how many, 0 when there are no more."""
    why = _("A mensagem perdeu o sentido antes de poder sair.")
    rows = claim(late.order_by("pk"), limit=100)
    for message in rows:
        move(message, to=MessageState.EXPIRED, now=now, reason=why, error_message=why)
    for shop_id in {message.shop_id for message in rows}:
        publish(shop_id, topics.MESSAGES)
        publish(shop_id, topics.AGENDA)
    return len(rows)
