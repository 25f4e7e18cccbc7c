"""Another time, length or professional for a visit that stays the same visit, with its history.

Who moves a visit says which version of its place they saw: the second of two who move it at once is told what the
first did, and nothing is overwritten. That two visits never overlap is for the exclusion constraint to say.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from navalha.accounts.models import User
from navalha.core.errors import Refused
from navalha.core.states import move
from navalha.core.wake import wake
from navalha.live import topics
from navalha.live.publish import publish

from .. import seats
from ..actions import LOST_RACE
from ..deposits import ends as deposit_ends
from ..errors import OutOfHours, PlaceTaken
from ..models import Appointment, AppointmentChange, AppointmentState, Professional
from ..visits import BY_CUSTOMER
from . import notices, places

log = structlog.get_logger(__name__)

Known = TypeVar("Known")
S = AppointmentState
MOVABLE = (S.PENDING, S.CONFIRMED, S.ARRIVED, S.IN_SERVICE)
# So long a move can be taken back with one press.
UNDO_FOR = timedelta(minutes=15)
UNDONE = gettext_noop("Desfeito")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visit stands on the agenda."""

    professional: Professional
    starts_at: datetime
    ends_at: datetime


def place_of(appointment: Appointment) -> Place:
    return Place(appointment.professional, appointment.starts_at, appointment.ends_at)


@transaction.atomic
def reschedule(
    appointment: Appointment,
    place: Place,
    *,
    seen: int,
    by: User | None,
    now: datetime,
    even_if_closed: bool = False,
    tell_customer: bool = True,
) -> AppointmentChange | None:
    """Move a visit that was seen in version `seen`; the change, or None when it stands there already.

    With `tell_customer` the customer hears of another time or professional after a moment (an undo within it says
    nothing), and a confirmation of the earlier time ends. Raises Refused with what stands in the way; `OutOfHours` for
    what is unusual and possible: a second call with `even_if_closed` does it. `by` None is the customer, for whom
    `another_time` looks first at what the shop offers.
    """
    places.check(appointment.shop, place, now=now)
    seats.stand_in_line(appointment.shop, [place.professional.pk])
    _read_again(appointment, seen)
    if place_of(appointment) == place:
        return None
    if not even_if_closed and (concern := places.concern(appointment, place, now=now)):
        raise OutOfHours(concern)
    another_time = appointment.starts_at != place.starts_at
    asks_anew = appointment.state == S.CONFIRMED and another_time and tell_customer
    to = S.PENDING if asks_anew else appointment.state
    change = _put(appointment, place, to=to, by=by, now=now, reason="" if by else BY_CUSTOMER)
    notices.tell(appointment, change, now=now, tell_customer=tell_customer)
    return change


@transaction.atomic
def undo_move(appointment: Appointment, change: AppointmentChange, *, by: User, now: datetime) -> AppointmentChange:
    """Put the visit back to where `change` took it from. Raises Refused when it is late or moved on since then."""
    if now - change.at > UNDO_FOR:
        raise Refused(_("Já passou tempo demais para desfazer. Mova o horário de novo."))
    before = Place(_known(change.from_professional), _known(change.from_starts_at), _known(change.from_ends_at))
    seats.stand_in_line(appointment.shop, [before.professional.pk])
    _read_again(appointment, _known(change.version))
    to = change.from_state if appointment.state == change.to_state else appointment.state
    undone = _put(appointment, before, to=to, by=by, now=now, reason=UNDONE)
    notices.tell(appointment, undone, now=now)
    return undone


def _known(value: Known | None) -> Known:
    """What the constraint `whole_place_or_none` promises for a change of place."""
    if value is None:
        raise ValueError("no change of place")
    return value


def _read_again(appointment: Appointment, seen: int) -> None:
    """Lock the row and take what can change. Raises Refused when it moved since version `seen`, or cannot move."""
    # Without a join: who waited for the lock would find the row gone when its professional changed meanwhile.
    rows = appointment.shop.appointments.select_for_update(no_key=True)
    fields = ["state", "state_changed_at", "starts_at", "ends_at", "professional", "version"]
    appointment.refresh_from_db(fields=fields, from_queryset=rows)
    if appointment.version != seen:
        raise Refused(places.who_moved(appointment))
    if appointment.state not in MOVABLE:
        raise Refused(
            _("Este horário já está como “%(state)s” e não pode mais ser movido.")
            % {"state": appointment.get_state_display()}
        )


def _chair(appointment: Appointment, place: Place, now: datetime) -> int | None:
    """The chair of the shop for the new place. Raises PlaceTaken when all are taken."""
    blocked = places.blocked_at(appointment, place)
    chair = seats.free_chair(appointment.shop, blocked, now=now, leaving=appointment)
    if chair == seats.NONE_FREE:
        raise PlaceTaken(_("Todas as cadeiras da barbearia estão ocupadas neste horário. Nada foi mudado."))
    return chair


def _put(
    appointment: Appointment, place: Place, *, to: str, by: User | None, now: datetime, reason: str = ""
) -> AppointmentChange:
    """Write the new place and its history. Raises PlaceTaken when another visit is there."""
    before, version = place_of(appointment), appointment.version + 1
    noted = {
        "version": version,
        **{f"from_{name}": getattr(before, name) for name in ("professional", "starts_at", "ends_at")},
        **{f"to_{name}": getattr(place, name) for name in ("professional", "starts_at", "ends_at")},
    }
    fields = {name: getattr(place, name) for name in ("professional", "starts_at", "ends_at")} | {"remind_at": now}
    fields["chair"] = _chair(appointment, place, now)
    if to == appointment.state:  # it has been pending or confirmed as long as before
        fields["state_changed_at"] = appointment.state_changed_at
    try:
        with transaction.atomic():
            move(appointment, to=to, now=now, by=by, reason=reason, noted=noted, version=version, **fields)
    except DatabaseError as error:
        if not isinstance(error.__cause__, LOST_RACE):
            raise
        raise PlaceTaken(places.who_is_there(appointment, place)) from error
    if place.starts_at != before.starts_at:
        deposit_ends.follow(appointment, by=by, now=now)
    publish(appointment.shop_id, topics.AGENDA)
    wake("waitlist", shop_id=appointment.shop_id)
    log.info("rescheduled", id=appointment.pk, shop=appointment.shop_id, version=version)
    return appointment.changes.get(version=version)
