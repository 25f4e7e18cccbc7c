"""An event that cannot be applied: later, again and again more patiently, and in the end a person's."""

import traceback
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from django.db import InterfaceError, OperationalError

from navalha.live import topics
from navalha.live.publish import publish
from navalha.whatsapp.models import EventState, WebhookEvent

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 8  # the last one about ten minutes after the first
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=30)
TO_DO = (EventState.STORED, EventState.LATER)


def reraise_if_gone(error: Exception) -> None:
    """Raise `error` again when it means that the database went away: no event's fault."""
    if isinstance(error, OperationalError | InterfaceError) and _is_gone(error):
        raise error


def _is_gone(error: Exception) -> bool:
    """By PostgreSQL's codes: none at all (the line was cut), 08 (connection), 57P (shutting down, starting up)."""
    code = getattr(error.__cause__, "sqlstate", None)
    return code is None or code.startswith(("08", "57P"))


def put_off(event: WebhookEvent, error: Exception, *, now: datetime) -> None:
    """Write the failure down; a deadlock and its like are not counted as attempts."""
    blamed = not isinstance(error, OperationalError)
    attempts = event.attempts + blamed
    state = EventState.QUARANTINED if attempts >= MAX_ATTEMPTS else EventState.LATER
    rows = WebhookEvent.across_shops.filter(pk=event.pk, state__in=TO_DO)
    rows.update(state=state, attempts=attempts, due_at=now + wait_after(attempts), error=described(error))
    publish(topics.EVERY_SHOP, topics.EVENTS)
    log.error("event failed", row=event.pk, instance=event.instance_id, state=str(state), error=type(error).__name__)


def wait_after(attempts: int) -> timedelta:
    """5 s, 10 s, 20 s… but never longer than half an hour."""
    return min(FIRST_WAIT * 2 ** min(max(attempts - 1, 0), 20), LONGEST_WAIT)


def described(error: Exception) -> str:
    """What a developer needs to find the fault: the error and the last of our places it went through.

    Only its first line: PostgreSQL's details quote the row.
    """
    places = [place for place in traceback.extract_tb(error.__traceback__) if "navalha" in place.filename][-5:]
    path = " < ".join(f"{place.name} ({Path(place.filename).name}:{place.lineno})" for place in reversed(places))
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:400] + f"\n{path}"
