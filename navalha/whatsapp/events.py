"""The inbox of webhooks as people handle it: trying events again, and how long each kind is kept."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from navalha.accounts.models import Shop
from navalha.core.wake import wake
from navalha.live import topics
from navalha.live.publish import publish

from .models import EventState, WebhookEvent

STUCK = frozenset({EventState.LATER, EventState.QUARANTINED})
DONE = frozenset({EventState.PROCESSED})
# What a server says all day long and nobody looks up later: the number has its history.
CHATTER = ("connection.update", "qrcode.updated")


@transaction.atomic
def replay(events: Iterable[WebhookEvent], *, now: datetime, also_done: bool = False) -> int:
    """Have the worker apply failed events again as if they were new, and with `also_done` those that went well; how
    many. Safe: every handler may run twice."""
    states = STUCK | DONE if also_done else STUCK
    chosen = [event for event in events if event.state in states]
    count = 0
    for shop_id in sorted({event.shop_id for event in chosen}):
        keys = [event.pk for event in chosen if event.shop_id == shop_id]
        rows = Shop(pk=shop_id).webhook_events.filter(pk__in=keys, state__in=states)
        count += rows.update(state=EventState.STORED, attempts=0, due_at=now, error="", processed_at=None)
    for instance_id in sorted({event.instance_id for event in chosen}):
        wake("inbox", instance_id=instance_id)
    publish(topics.EVERY_SHOP, topics.EVENTS)
    return count


def processed_for() -> timedelta:
    """How long an applied event is kept. Longer than Evolution repeats one: its dedupe key must still be there."""
    return timedelta(days=max(1, settings.EVENTS_KEPT_DAYS))


def chatter_for() -> timedelta:
    """How long applied `CHATTER` is kept."""
    return min(timedelta(days=1), processed_for())


def quarantined_for() -> timedelta:
    """How long a person has to look at an event that failed."""
    return timedelta(days=max(1, settings.QUARANTINED_EVENTS_KEPT_DAYS))
