"""Working off the inbox: in the order of arrival for each instance, many at a time, each exactly once.

The effects of an event and its `processed` commit together, so a worker that dies anywhere leaves the event to be
done again and its effects undone.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Collate

from navalha.core.wake import wake_now
from navalha.evolution.events import Event, parse
from navalha.live import topics
from navalha.live.publish import collecting, publish
from navalha.whatsapp.models import EventState, WebhookEvent, WhatsAppInstance

from . import failures, inbound
from .order import ORDERED, ConnectionOrder
from .together import Happened, handle_all

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

BATCH = 100
ROUNDS = 20  # of one job: then somebody else's instance has its turn
# How long a late delivery can come after its successor: Evolution tries for about twenty minutes (FACTS C).
OVERTAKEN_WITHIN = timedelta(minutes=45)
LOCK = 7_261  # the name space of our advisory locks


def drain(instance_id: int, *, now: datetime) -> int:
    """Apply what waits for one instance; returns how many. Raises OperationalError when the database goes away."""
    done = 0
    for _ in range(ROUNDS):
        count = _round(instance_id, now)
        done += count
        if count < BATCH:
            return done
    wake_now("inbox", instance_id=instance_id)
    return done


def waiting_instances(now: datetime) -> list[int]:
    """Instances that have something to do: retries that are due, and rows whose wake-up was lost."""
    rows = _due(WebhookEvent.across_shops.all(), now).order_by().values_list("instance_id", flat=True)
    return sorted(set(rows.distinct()))


def _due(rows: "QuerySet[WebhookEvent]", now: datetime) -> "QuerySet[WebhookEvent]":
    # What is new needs no look at a clock: the web process's may be ahead of ours.
    return rows.filter(Q(state=EventState.STORED) | Q(state=EventState.LATER, due_at__lte=now))


def _round(instance_id: int, now: datetime) -> int:
    """One batch in one transaction; when one of them fails, all of them again, each by itself."""
    try:
        return _locked(instance_id, lambda instance: _together(instance, now))
    except Exception as error:  # noqa: BLE001 - whatever an event does, it must not stop the others
        failures.reraise_if_gone(error)
        log.warning("batch is done one by one", instance=instance_id, error=type(error).__name__)
    rows = _locked(instance_id, lambda instance: _batch(instance, now))
    return sum(_alone(instance_id, row, now) for row in rows)


def _locked(instance_id: int, act: Callable[[WhatsAppInstance], Result]) -> Result:
    """Run `act` in a transaction in which nobody else works on this instance.

    The job's lock says so already; but a job whose worker was given up may still be running.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, instance_id])
        return act(WhatsAppInstance.across_shops.select_related("shop").get(pk=instance_id))


def _batch(instance: WhatsAppInstance, now: datetime) -> list[WebhookEvent]:
    return list(_due(instance.webhook_events.all(), now).order_by("pk")[:BATCH])


def _together(instance: WhatsAppInstance, now: datetime) -> int:
    rows = _batch(instance, now)
    order = _order(instance, rows, now)
    with collecting(), _without_savepoints():
        handle_all(instance, (Happened(event, row.received_at) for row in rows for event in _news(row, order)), now=now)
        instance.webhook_events.filter(pk__in=[row.pk for row in rows]).update(
            state=EventState.PROCESSED, processed_at=now, error=""
        )
        if rows:
            publish(topics.EVERY_SHOP, topics.EVENTS)
    return len(rows)


@contextlib.contextmanager
def _without_savepoints() -> Iterator[None]:
    """Let inner `atomic` blocks do without savepoints, which are half of all statements of a message.

    An error inside one then spoils the whole transaction, also one that its code would have survived: Django refuses
    the next statement, the batch is rolled back, and its events are done one by one, with savepoints.
    """
    features = connection.features
    features.uses_savepoints = False
    try:
        yield
    finally:
        features.uses_savepoints = True


def _alone(instance_id: int, row: WebhookEvent, now: datetime) -> int:
    """One event in its own transaction; its failure is written down and the next one goes on."""

    def act(instance: WhatsAppInstance) -> None:
        rows = _due(instance.webhook_events.filter(pk=row.pk), now)
        if rows.update(state=EventState.PROCESSED, processed_at=now, error=""):
            for event in _news(row, _order(instance, [row], now)):
                inbound.handle(instance, event, at=row.received_at, now=now)
            publish(topics.EVERY_SHOP, topics.EVENTS)

    try:
        _locked(instance_id, act)
    except Exception as error:  # noqa: BLE001 - it is kept with the event, for a person
        failures.reraise_if_gone(error)
        failures.put_off(row, error, now=now)
    return 1


def _news(row: WebhookEvent, order: ConnectionOrder) -> tuple[Event, ...]:
    return parse(row.payload, received_at=row.received_at) if order.is_news(row.payload) else ()


def _order(instance: WhatsAppInstance, rows: Sequence[WebhookEvent], now: datetime) -> ConnectionOrder:
    if not any(row.event in ORDERED for row in rows):
        return ConnectionOrder()
    recent = instance.webhook_events.filter(event__in=ORDERED, state=EventState.PROCESSED)
    # Of this remote instance: the clock of an earlier one, maybe on another server, says nothing.
    recent = recent.filter(received_at__gte=now - OVERTAKEN_WITHIN, payload__instance=instance.remote_name)
    # By the database: while WhatsApp is away there are 150,000 of them for each number.
    moment = Collate(KeyTextTransform("date_time", "payload"), "C")
    newest = recent.exclude(pk__in=[row.pk for row in rows]).aggregate(newest=Max(moment))["newest"]
    return ConnectionOrder(newest or "")
