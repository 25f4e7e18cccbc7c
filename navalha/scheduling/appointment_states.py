"""The states of a visit, and the written tables of its moves."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class AppointmentState(models.TextChoices):
    PENDING = "pending", _("Pendente")
    CONFIRMED = "confirmed", _("Confirmado")
    ARRIVED = "arrived", _("Chegou")
    IN_SERVICE = "in_service", _("Em atendimento")
    DONE = "done", _("Concluído")
    NO_SHOW = "no_show", _("Faltou")
    CANCELLED = "cancelled", _("Cancelado")


S = AppointmentState
Moves = Mapping[str, frozenset[str]]
# The way of a visit through its day: what a command may do.
APPOINTMENT_STEPS: Moves = {
    S.PENDING: frozenset({S.CONFIRMED, S.ARRIVED, S.NO_SHOW, S.CANCELLED}),
    S.CONFIRMED: frozenset({S.ARRIVED, S.NO_SHOW, S.CANCELLED}),
    S.ARRIVED: frozenset({S.IN_SERVICE, S.NO_SHOW}),
    S.IN_SERVICE: frozenset({S.DONE}),
    S.DONE: frozenset(),
    S.NO_SHOW: frozenset(),
    S.CANCELLED: frozenset(),
}
# One step back, because somebody pressed the wrong button: only `undoing` does it, and says why in the history.
APPOINTMENT_UNDOS: Moves = {
    S.ARRIVED: frozenset({S.PENDING, S.CONFIRMED}),
    S.IN_SERVICE: frozenset({S.ARRIVED}),
    S.DONE: frozenset({S.IN_SERVICE}),
    S.NO_SHOW: frozenset({S.PENDING, S.CONFIRMED, S.ARRIVED}),
}
# Another time or professional: only `moving` does it. A yes to one time is no yes to another; an undo brings it back.
APPOINTMENT_STAYS: Moves = {
    S.PENDING: frozenset({S.PENDING, S.CONFIRMED}),
    S.CONFIRMED: frozenset({S.CONFIRMED, S.PENDING}),
    S.ARRIVED: frozenset({S.ARRIVED}),
    S.IN_SERVICE: frozenset({S.IN_SERVICE}),
    S.DONE: frozenset({S.DONE}),  # only `queue.sitting`: it ended early, and the next person took the rest of its time
}
# Somebody was taken from the line by mistake: only `queue.actions.undo` does it.
APPOINTMENT_BACK_IN_LINE: Moves = {S.IN_SERVICE: frozenset({S.CANCELLED})}
NOWHERE: frozenset[str] = frozenset()
APPOINTMENT_MOVES: Moves = {
    state: frozenset().union(
        *(
            table.get(state, NOWHERE)
            for table in (APPOINTMENT_STEPS, APPOINTMENT_UNDOS, APPOINTMENT_STAYS, APPOINTMENT_BACK_IN_LINE)
        )
    )
    for state in S
}
