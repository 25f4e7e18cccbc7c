"""Asking the customers of finished visits for a review, as part of a look (`planning`)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from navalha.accounts.models import Shop
from navalha.messaging.models import MessageState

from ..models import Appointment, AppointmentState
from . import moments, words
from .models import Dropped, Kind, VisitReminder
from .notes import Notes
from .terms import Terms

# Who marks a visit as done days later does not want its customer to be asked about it then.
WITHIN = timedelta(days=2)
# A request that could not go out for so long would surprise.
LASTS = timedelta(days=2)
NEVER_WENT_OUT = (MessageState.CANCELLED, MessageState.EXPIRED, MessageState.FAILED)


def is_asked(visit: Appointment, found: Terms) -> bool:
    """Whether the customer of a finished visit is asked for a review, as far as the visit itself is concerned."""
    done_at = visit.state_changed_at
    in_time = done_at >= found.policy.review_since and done_at <= visit.ends_at + WITHIN
    return found.asks_for_reviews and in_time


def due_at(visit: Appointment, found: Terms) -> datetime:
    return moments.review_at(visit.state_changed_at, found.policy.review_hours, found.quiet)


def asked_lately(shop: Shop, visits: Sequence[Appointment], found: Terms, *, now: datetime) -> set[int]:
    """Customers of finished `visits` who were asked, or soon will be, within the days that the shop leaves them alone.

    One query, when anybody may be asked at all.
    """
    people = {visit.customer_id for visit in visits if visit.state == AppointmentState.DONE}
    if not people or not found.asks_for_reviews:
        return set()
    rows = shop.visit_reminders.filter(
        kind=Kind.REVIEW,
        dropped="",
        created_at__gt=now - timedelta(days=found.policy.review_days),
        appointment__customer__in=people,
    )
    return set(rows.exclude(message__state__in=NEVER_WENT_OUT).values_list("appointment__customer", flat=True))


def ask(row: VisitReminder | None, visit: Appointment, found: Terms, notes: Notes, lately: set[int]) -> None:
    """The moment has come: have the request queued, or note why not. Whom it asks joins `lately`."""
    row = row or VisitReminder(kind=Kind.REVIEW, minutes=0, of_starts_at=visit.starts_at)
    row.planned_at = due_at(visit, found)
    if row.planned_at + LASTS <= notes.now:
        notes.drop(row, visit, Dropped.LATE)
    elif visit.customer_id not in notes.where:
        notes.drop(row, visit, Dropped.NO_ADDRESS)
    elif visit.customer_id in lately:
        notes.drop(row, visit, Dropped.ASKED_LATELY)
    else:
        lately.add(visit.customer_id)
        text, until = words.review(visit, found.policy), notes.now + LASTS
        # Not of the visit's own count of messages without an answer: who came has answered its reminders.
        notes.queue(row, visit, text, purpose="review", key=f"review:r{visit.pk}", until=until)
