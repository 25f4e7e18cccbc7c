"""Queueing many messages of one shop at once: what `actions.queue_text` does, in few statements for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from navalha.accounts.models import Shop
from navalha.core.wake import wake
from navalha.customers.models import Customer, IdentityKind
from navalha.live import topics
from navalha.live.publish import publish

from . import plan
from .models import Direction, MessageState, WhatsAppMessage


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to a customer who has an address (`addresses`); queued once for `dedupe_key`."""

    to: Customer
    text: str
    purpose: str
    dedupe_key: str
    expires_at: datetime


def addresses(shop: Shop, customers: Sequence[Customer]) -> dict[int, str]:
    """Where WhatsApp reaches each of them, by customer: the phone, or the LID of who never showed one.

    Who has neither is missing. One query, when somebody has no phone.
    """
    found = {one.pk: one.phone for one in customers if one.phone}
    without = [one.pk for one in customers if not one.phone]
    if without:
        lids = shop.identities.filter(customer__in=without, kind=IdentityKind.LID).order_by("learnt_at", "pk")
        found |= dict(lids.values_list("customer", "value"))
    return found


def queue_together(
    shop: Shop, items: Sequence[Outgoing], where: Mapping[int, str], *, now: datetime
) -> dict[str, WhatsAppMessage]:
    """Queue what was not queued before; the message of each dedupe key. In the caller's transaction.

    `where` is what `addresses` says. Raises IntegrityError when somebody else queues one of the keys meanwhile.
    """
    keys = [item.dedupe_key for item in items]
    known = {str(row.dedupe_key): row for row in shop.messages.filter(dedupe_key__in=keys)}
    new = [item for item in items if item.dedupe_key not in known]
    if not new:
        return known
    held = _held(shop, len(new), now)
    rows = [_row(shop, item, where, now, fields) for item, fields in zip(new, held, strict=True)]
    known |= {str(row.dedupe_key): row for row in shop.messages.bulk_create(rows)}
    publish(shop.pk, topics.MESSAGES, topics.AGENDA)
    wake("outbox", shop_id=shop.pk)
    return known


def reword(message: WhatsAppMessage, text: str) -> bool:
    """Say `text` instead, if the message still waits in the queue; whether it did."""
    waiting = message.shop.messages.filter(pk=message.pk, state=MessageState.QUEUED)
    return bool(waiting.update(text=text))


def _held(shop: Shop, count: int, now: datetime) -> list[dict[str, Any]]:
    """For each of so many new messages the fields that keep it until tomorrow, when the plan has none left for it."""
    left = plan.left_today(shop, now=now)
    if left is None:
        return [{}] * count
    held = plan.until_tomorrow(shop, now=now)
    return [{} if place < left else held for place in range(count)]


def _row(
    shop: Shop, item: Outgoing, where: Mapping[int, str], now: datetime, fields: Mapping[str, Any]
) -> WhatsAppMessage:
    values = {
        "customer": item.to,
        "address": where[item.to.pk],
        "direction": Direction.OUT,
        "state": MessageState.QUEUED,
        "state_changed_at": now,
        "text": item.text,
        "purpose": item.purpose,
        "dedupe_key": item.dedupe_key,
        "created_at": now,
        "due_at": now,
        "expires_at": item.expires_at,
        **fields,
    }
    return WhatsAppMessage(shop=shop, **values)
