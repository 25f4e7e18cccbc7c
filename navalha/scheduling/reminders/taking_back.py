"""Keeping reminders that still wait in the queue from going out."""

from datetime import datetime

from django.db import transaction

from navalha.core.errors import Refused
from navalha.messaging.actions import cancel_queued
from navalha.messaging.models import MessageState

from ..appointments import Appointment
from .models import Dropped, VisitReminder


@transaction.atomic
def take_back(row: VisitReminder, dropped: Dropped, reason: str, *, now: datetime) -> bool:
    """Cancel the reminder's message and note why. False when the worker has just taken it: it goes out."""
    if row.message is None:
        return False
    try:
        cancel_queued(row.message, now=now, reason=reason)
    except Refused:
        return False
    row.dropped = dropped
    row.save(update_fields=["dropped"])
    return True


def drop_unsent(visit: Appointment, *, now: datetime, reason: str) -> None:
    """The visit will not be, or not then: nothing that waits in the queue may tell of it any more."""
    for row in visit.reminders.filter(message__state=MessageState.QUEUED).select_related("message__shop"):
        take_back(row, Dropped.MOVED, reason, now=now)
