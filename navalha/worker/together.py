"""A batch of events in few statements: the same rows as `inbound.handle` writes, one event after another.

Only acks and what people wrote wait to be written together. Acks change nothing for a message but where they speak of
the same customer; and what may be an answer is stored and answered in its place. Everything else is done by itself,
after all that came before it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from navalha.evolution.events import DeliveryChanged, Event, MessageArrived, MessageDeleted, MessageEdited, Unknown
from navalha.evolution.types import Message
from navalha.messaging.actions import decide
from navalha.messaging.inbox import PROCESSED, quoted_by
from navalha.messaging.many import Ack, Arrivals, Deliveries, seen_in
from navalha.messaging.models import WhatsAppMessage
from navalha.scheduling.openers.codes import found_in
from navalha.scheduling.replies import actions as reply_actions
from navalha.whatsapp import records
from navalha.whatsapp.models import WhatsAppInstance

from . import inbound


class Happened(NamedTuple):
    """One event, and when it reached us."""

    event: Event
    at: datetime


def handle_all(instance: WhatsAppInstance, events: Iterable[Happened], *, now: datetime) -> None:
    """As `inbound.handle` for each event in turn, in the caller's transaction."""
    waiting: list[Happened] = []
    for happened in events:
        if _may_wait(happened.event):
            waiting.append(happened)
            continue
        if not isinstance(happened.event, MessageEdited | MessageDeleted | Unknown):  # those change nothing
            _write(instance, waiting, now)
            waiting.clear()
        inbound.handle(instance, happened.event, at=happened.at, now=now)
    _write(instance, waiting, now)


def _may_wait(event: Event) -> bool:
    """An ack, or a message that a person wrote to the shop.

    Not a picture or a document: whether it may be processed depends on what was learnt of its sender just before.
    Nor what may hold the code of a booking: who sent it may be one with who booked from then on.
    """
    if isinstance(event, MessageArrived):
        message = event.message
        return not message.from_me and message.kind not in PROCESSED and not found_in(message.text or "")
    return isinstance(event, DeliveryChanged)


def _write(instance: WhatsAppInstance, waiting: Sequence[Happened], now: datetime) -> None:
    """As many as can be written together, then the one that cannot by itself, and so on."""
    done = 0
    while done < len(waiting):
        done += Part(instance, waiting[done:], now).write()
        if done < len(waiting):
            inbound.handle(instance, waiting[done].event, at=waiting[done].at, now=now)
            done += 1


class Part:
    """The first of the events in `waiting`, up to one of which it is not clear who wrote it."""

    def __init__(self, instance: WhatsAppInstance, waiting: Sequence[Happened], now: datetime) -> None:
        self._instance, self._waiting, self._now = instance, waiting, now
        events = [happened.event for happened in waiting]
        self._deliveries = Deliveries(instance, [one.key_id for one in events if isinstance(one, DeliveryChanged)])
        self._arrivals = Arrivals(instance, [one.message for one in events if isinstance(one, MessageArrived)])
        self._told = reply_actions.told_of_visits(instance.shop, self._arrivals.crowd.known)

    def write(self) -> int:
        """Write them; returns how many."""
        count = 0
        for event, at in self._waiting:
            if isinstance(event, DeliveryChanged):
                self._deliveries.add(Ack(event.key_id, event.status, at))
            elif isinstance(event, MessageArrived) and not self._takes(event.message, at):
                break
            count += 1
        self._deliveries.write()
        self._arrivals.save()
        return count

    def _takes(self, message: Message, at: datetime) -> bool:
        is_new = self._arrivals.is_new(message)
        if is_new and not self._arrivals.crowd.is_clear(seen_in(message)):
            return False
        records.record_inbound(self._instance, now=at)
        if is_new:
            self._store(message, at)
        return True

    def _store(self, message: Message, at: datetime) -> None:
        """As `inbound` does: the booking understands it, or a person of the shop reads it."""
        sender = self._arrivals.crowd.owner(seen_in(message))
        told, quotes = sender is not None and sender.pk in self._told, bool(quoted_by(message))
        for_person = reply_actions.is_surely_none(message.kind.value, quotes=quotes, was_told=told)
        stored = self._arrivals.add(message, at=at, needs_person=for_person)
        if not for_person:
            self._answer(stored)

    def _answer(self, stored: WhatsAppMessage) -> None:
        if self._deliveries.concern(stored.customer_id):
            self._deliveries.write()
        self._arrivals.save()
        if not reply_actions.handle(stored, now=self._now):
            decide(stored, decision=None, needs_person=True, now=self._now)
