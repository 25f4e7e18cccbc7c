"""What a member can do with a visit, as the buttons of the agenda: which are shown, and to whom."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import Membership, Role

from .. import actions, queries, slots
from ..models import APPOINTMENT_STEPS, Appointment, AppointmentState, Professional
from ..moving import actions as moving

S = AppointmentState


@dataclass(frozen=True, slots=True)
class Command:
    """One button: the last part of its address, what it does, where it leads, what is said when it is done."""

    path: str
    act: Callable[..., None]
    to: S
    words: str | Promise
    icon: str
    done: str | Promise
    asks: bool = False  # a form first: its page is at the same address


COMMANDS = {
    command.path: command
    for command in (
        Command("confirmar", actions.confirm, S.CONFIRMED, _("Confirmar"), "check-lg", _("Horário confirmado.")),
        Command("chegou", actions.arrive, S.ARRIVED, _("Chegou"), "geo-alt", _("Chegada anotada.")),
        Command("atender", actions.start, S.IN_SERVICE, _("Começar"), "scissors", _("Em atendimento.")),
        Command(
            "concluir", actions.finish, S.DONE, _("Concluir"), "check2-circle", _("Atendimento concluído."), asks=True
        ),
        Command("faltou", actions.no_show, S.NO_SHOW, _("Faltou"), "person-x", _("Falta anotada.")),
    )
}


def may_change(membership: Membership, visit: Appointment) -> bool:
    """A barber moves their own visits; the reception and above move everybody's."""
    return membership.role >= Role.RECEPTION or visit.professional.user_id == membership.user_id


def may_give(membership: Membership, visit: Appointment, professional: Professional) -> bool:
    """A barber moves their own visits about their own day; only the reception and above hand them to somebody else."""
    return membership.role >= Role.RECEPTION or professional.pk == visit.professional_id


def open_to(visit: Appointment, *, now: datetime) -> list[Command]:
    """The commands that make sense for `visit` at `now`, in the order of a visit."""
    steps = APPOINTMENT_STEPS[visit.state]
    return [command for command in COMMANDS.values() if command.to in steps and _in_time(command, visit, now)]


def can_move(visit: Appointment) -> bool:
    """Whether the visit can get another time or professional."""
    return visit.state in moving.MOVABLE


def can_cancel(visit: Appointment) -> bool:
    return S.CANCELLED in APPOINTMENT_STEPS[visit.state]


def _in_time(command: Command, visit: Appointment, now: datetime) -> bool:
    if command.to is S.ARRIVED:
        zone = queries.zone_of(visit.shop)
        return slots.local_day(visit.starts_at, zone) == slots.local_day(now, zone)
    if command.to is S.NO_SHOW:
        return visit.starts_at <= now
    return True
