"""Taking back the last step of a visit: a wrong press within minutes, or later with a reason."""

from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from navalha.accounts.models import User
from navalha.core.errors import Refused
from navalha.core.states import move
from navalha.live import topics
from navalha.live.publish import publish

from . import queries, seats
from .actions import LOST_RACE
from .deposits import ends as deposit_ends
from .models import APPOINTMENT_UNDOS, NOWHERE, Appointment, AppointmentChange, AppointmentState
from .moving import actions as moving

S = AppointmentState
# What somebody may find out a day later to have been wrong; the other steps are taken back while they are fresh.
REOPENABLE = (S.DONE, S.NO_SHOW)


def last_change(appointment: Appointment) -> AppointmentChange | None:
    """The newest thing that happened to the visit."""
    changes = appointment.changes.select_related("by", "from_professional", "to_professional")
    return changes.order_by("-at", "-pk").first()


def can_undo(appointment: Appointment, change: AppointmentChange | None, *, now: datetime) -> bool:
    """Whether `change`, the newest of the visit, is a fresh step or move of a member that can be taken back."""
    if change is None or change.by_id is None or now - change.at > moving.UNDO_FOR:
        return False
    if change.version is not None:
        return change.version == appointment.version and appointment.state in moving.MOVABLE
    return change.to_state == appointment.state and _goes_back(change)


def undo(appointment: Appointment, change_id: int, *, by: User, now: datetime) -> None:
    """Take back the change with this key if it still is the newest of the visit. Raises Refused else."""
    change = last_change(appointment)
    if change is None or change.pk != change_id:
        raise Refused(_("Este horário mudou de novo depois disso e não dá mais para desfazer."))
    if not can_undo(appointment, change, now=now):
        raise Refused(_("Não dá mais para desfazer. Abra o horário e mude o que for preciso."))
    if change.version is not None:
        moving.undo_move(appointment, change, by=by, now=now)
    else:
        _step_back(appointment, change, by=by, now=now, reason=moving.UNDONE)


def reopen(appointment: Appointment, *, by: User, reason: str, now: datetime) -> None:
    """Call a visit that was closed by mistake open again, with the reason for the history. Raises Refused."""
    change = _last_step(appointment)
    if change is None or appointment.state not in REOPENABLE or change.to_state != appointment.state:
        raise Refused(
            _("Este horário já está como “%(state)s” e não pode mais mudar assim.")
            % {"state": appointment.get_state_display()}
        )
    if not _goes_back(change):
        raise Refused(_("Não dá para saber como este horário estava antes. Marque outro."))
    _step_back(appointment, change, by=by, now=now, reason=reason)


def _last_step(appointment: Appointment) -> AppointmentChange | None:
    """The newest change of its state; a visit that was done may have given back the rest of its time since then."""
    return appointment.changes.exclude(from_state=F("to_state")).order_by("-at", "-pk").first()


def _goes_back(change: AppointmentChange) -> bool:
    return change.from_state in APPOINTMENT_UNDOS.get(change.to_state, NOWHERE)


@transaction.atomic
def _step_back(appointment: Appointment, change: AppointmentChange, *, by: User, now: datetime, reason: str) -> None:
    if change.to_state in queries.FREED:  # it takes a chair again; in the order of all who do, before the row itself
        seats.stand_in_line(appointment.shop, [appointment.professional_id])
    rows = appointment.shop.appointments.select_for_update(no_key=True, of=("self",))
    appointment.refresh_from_db(fields=["state"], from_queryset=rows)
    if appointment.state != change.to_state:
        raise Refused(_("Este horário acabou de mudar. Veja como ele está agora."))
    was_done = appointment.state == S.DONE
    fields: dict[str, Any] = {"paid_cents": None, "paid_with": ""} if was_done else {}
    if change.to_state in queries.FREED:
        fields["chair"] = _chair(appointment, now)
    try:
        with transaction.atomic():
            move(appointment, to=change.from_state, now=now, by=by, reason=reason[:200], remind_at=now, **fields)
    except DatabaseError as error:
        if not isinstance(error.__cause__, LOST_RACE):
            raise
        raise Refused(_("O horário já foi ocupado por outra visita. Marque outro.")) from error
    if change.to_state == S.NO_SHOW:
        deposit_ends.reopen(appointment, by=by, now=now, reason=reason[:200])
    if was_done:
        appointment.done_items.all().delete()
    publish(appointment.shop_id, topics.AGENDA)


def _chair(appointment: Appointment, now: datetime) -> int | None:
    """Any chair of the shop: the one before may be taken by now. Raises Refused when all are."""
    blocked = appointment.blocked_from, appointment.blocked_until
    chair = seats.free_chair(appointment.shop, blocked, now=now, leaving=appointment)
    if chair == seats.NONE_FREE:
        raise Refused(_("Todas as cadeiras da barbearia estão ocupadas neste horário. Nada foi mudado."))
    return chair
