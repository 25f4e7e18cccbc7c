"""What people decide about the pace of a number: its rules, an end to its pause, a message that goes all the same."""

from collections.abc import Collection
from datetime import datetime, time

import structlog
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from navalha.accounts.models import Shop, User
from navalha.core.errors import Refused
from navalha.core.wake import wake
from navalha.customers.models import Customer
from navalha.live import topics
from navalha.live.publish import publish

from .models import MessageState, Pace, WhatsAppMessage
from .pace import Hold

log = structlog.get_logger(__name__)

# What an answer changes: the chat exists then, and nothing is unanswered.
ENDED_BY_ANSWER = (Hold.NEW_CONTACTS, Hold.UNANSWERED, Hold.PAUSED, Hold.CUSTOMER_FIRST)


@transaction.atomic
def send_anyway(message: WhatsAppMessage, *, by: User, now: datetime) -> None:
    """Let a held message go whatever the rules say; the small gap stays. Raises `Refused`."""
    waiting = message.shop.messages.filter(pk=message.pk, state=MessageState.QUEUED).exclude(hold_code="")
    if not waiting.update(due_at=now, hold_code="", hold_waived_at=now):
        raise Refused(_("Esta mensagem já não está esperando. Veja como ela está agora."))
    message.changes.create(
        shop=message.shop,
        from_state=MessageState.QUEUED,
        to_state=MessageState.QUEUED,
        at=now,
        by=by,
        reason=gettext_noop("Mandada sair já, apesar do ritmo de envio."),
    )
    log.info("hold waived", message=message.pk, shop=message.shop_id, by=by.pk)
    _told(message.shop)


@transaction.atomic
def lift_pause(row: Pace, *, by: User, now: datetime) -> None:
    """Write to new people again: what WhatsApp refused until now counts no more."""
    row.lifted_at, row.lifted_by = now, by
    row.save(update_fields=["lifted_at", "lifted_by"])
    log.info("pause lifted", pace=row.pk, shop=row.shop_id, by=by.pk)
    release(row.shop, now=now)


@transaction.atomic
def set_rules(
    row: Pace, *, quiet_from: time, quiet_until: time, per_day: int, new_per_day: int, by: User, now: datetime
) -> None:
    """Change the rules of one phone; what waits is looked at anew."""
    row.quiet_from, row.quiet_until, row.per_day, row.new_per_day = quiet_from, quiet_until, per_day, new_per_day
    row.save(update_fields=["quiet_from", "quiet_until", "per_day", "new_per_day"])
    log.info("pace changed", pace=row.pk, shop=row.shop_id, by=by.pk, per_day=per_day, new_per_day=new_per_day)
    release(row.shop, now=now)


def release(shop: Shop, *, now: datetime) -> None:
    """Have everything that the pace holds looked at again: the rules have changed."""
    held = shop.messages.filter(state=MessageState.QUEUED).exclude(hold_code__in=["", Hold.CUSTOMER_FIRST])
    held.update(due_at=now, hold_code="")
    _told(shop)


def release_who_wrote(shop: Shop, customer: Customer, *, now: datetime) -> None:
    """Somebody wrote: what waited for that may go. Called for each message that comes in."""
    waiting = shop.messages.filter(state=MessageState.QUEUED, customer=customer, hold_code__in=ENDED_BY_ANSWER)
    if waiting.update(due_at=now, hold_code=""):
        _told(shop)


def awaited(shop: Shop, customer_ids: Collection[int]) -> set[int]:
    """Those of the customers whose writing releases something."""
    if not customer_ids:
        return set()
    waiting = shop.messages.filter(state=MessageState.QUEUED, customer__in=customer_ids, hold_code__in=ENDED_BY_ANSWER)
    return {row.customer_id for row in waiting.only("customer_id") if row.customer_id is not None}


def _told(shop: Shop) -> None:
    publish(shop.pk, topics.MESSAGES)
    publish(shop.pk, topics.WHATSAPP)
    wake("outbox", shop_id=shop.pk)
