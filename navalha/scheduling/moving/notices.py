"""Telling of another time: the customer once for each time at which a visit comes to rest, and the professionals.

What was moved is told after a moment, so that an undo, or the second of two quick moves, does not send two messages.
What counts is what the customer was last told: a visit that is back there needs no message at all.
"""

from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from navalha.messaging.actions import queue_template
from navalha.messaging.models import MessageState

from .. import notices, queries
from ..deposits import ends as deposit_ends
from ..deposits import notices as deposit_notices
from ..models import Appointment, AppointmentChange, DepositState

GRACE = timedelta(seconds=20)
NEVER_WENT_OUT = (MessageState.QUEUED, MessageState.CANCELLED, MessageState.EXPIRED, MessageState.FAILED)


def tell(appointment: Appointment, change: AppointmentChange, *, now: datetime, tell_customer: bool = True) -> None:
    """Queue what `change` makes worth saying, in place of what still waits about the earlier time."""
    notices.drop_unsent(appointment, now=now, reason=gettext_noop("Horário mudou"))
    if appointment.state not in queries.OPEN or appointment.starts_at <= now:
        return
    told = _told(appointment)
    if tell_customer and told != (appointment.starts_at, appointment.professional_id):
        _tell_customer("booked" if told is None else "rescheduled", appointment, now)
    for address, professional_id in _addresses(appointment, change).items():
        _tell_professional(address, professional_id, appointment, change, now)


def _tell_customer(template: str, appointment: Appointment, now: datetime) -> None:
    deposit = deposit_ends.of(appointment) if template == "booked" else None
    if deposit is not None and deposit.state == DepositState.PENDING:
        key = queries.rescheduled_key(appointment.pk, appointment.version)
        deposit_notices.booked(deposit, appointment, now=now, dedupe_key=key, due_at=now + GRACE, tell_shop=False)
        return
    # The version and not the time alone: 15:00, 16:00 and 15:00 again are three things to say.
    notices.tell_customer(
        template,
        appointment,
        now=now,
        dedupe_key=queries.rescheduled_key(appointment.pk, appointment.version),
        due_at=now + GRACE,
        ask=notices.ask_of(appointment),
    )


def _told(appointment: Appointment) -> tuple[datetime, int] | None:
    """The time and professional of which the customer knows; None for one whose first message never went out."""
    keys = [queries.rescheduled_key(appointment.pk, version) for version in range(1, appointment.version + 1)]
    out = appointment.shop.messages.filter(dedupe_key__in=keys).exclude(state__in=NEVER_WENT_OUT)
    versions = [int(str(key).rsplit(":", 1)[1]) for key in out.values_list("dedupe_key", flat=True)]
    if (reminded := _reminded_of(appointment, after=max(versions, default=0))) is not None:
        return reminded
    if versions:
        last = appointment.changes.get(version=max(versions))
        return _place(last.to_starts_at, last.to_professional_id)
    if appointment.shop.messages.filter(dedupe_key=f"booked:{appointment.pk}", state__in=NEVER_WENT_OUT).exists():
        return None
    first = appointment.changes.get(version=1)
    return _place(first.from_starts_at, first.from_professional_id)


def _reminded_of(appointment: Appointment, *, after: int) -> tuple[datetime, int] | None:
    """The place of which a reminder told last, if that was later than version `after`."""
    rows = appointment.reminders.filter(message__dedupe_key__startswith="reminder:")
    keys = rows.exclude(message__state__in=NEVER_WENT_OUT).values_list("message__dedupe_key", flat=True)
    last = max((int(str(key).split(":")[2]) for key in keys), default=0)
    if last <= after:
        return None
    change = appointment.changes.get(version=last)
    return _place(change.to_starts_at, change.to_professional_id)


def _place(starts_at: datetime | None, professional_id: int | None) -> tuple[datetime, int]:
    if starts_at is None or professional_id is None:
        raise ValueError("no change of place")
    return starts_at, professional_id


def _addresses(appointment: Appointment, change: AppointmentChange) -> dict[str, int]:
    """Phone and key of who serves now and who would have served; each phone once, nobody for another length alone."""
    if (change.from_starts_at, change.from_professional_id) == (change.to_starts_at, change.to_professional_id):
        return {}
    both = (change.from_professional, change.to_professional)
    return {
        phone: person.pk for person in both if person is not None and (phone := person.phone or appointment.shop.phone)
    }


def _tell_professional(
    address: str, professional_id: int, appointment: Appointment, change: AppointmentChange, now: datetime
) -> None:
    queue_template(
        "notice_rescheduled",
        shop=appointment.shop,
        to=address,
        context={
            **notices.context_of(appointment),
            "before": notices.when_words(change.from_starts_at or appointment.starts_at, appointment),
        },
        dedupe_key=f"notice_rescheduled:{appointment.pk}:{appointment.version}:{professional_id}",
        now=now,
        due_at=now + GRACE,
        expires_at=max(appointment.ends_at, now),
    )
