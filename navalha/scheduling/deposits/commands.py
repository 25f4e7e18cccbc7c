"""What a member can do with a deposit, as the buttons of the agenda. Money is for the reception and above."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import Membership, Role

from .. import queries
from ..models import Appointment, Deposit
from . import actions
from .states import DepositState

S = DepositState


@dataclass(frozen=True, slots=True)
class DepositCommand:
    """One button: the last part of its address, what it does, from which states, and what is said when it is done."""

    path: str
    act: Callable[..., Deposit]
    states: frozenset[str]
    words: str | Promise
    icon: str
    done: str | Promise
    of_coming_visits: bool = False


COMMANDS = {
    command.path: command
    for command in (
        DepositCommand(
            "recebi",
            actions.receive,
            frozenset({S.PENDING, S.RECEIPT}),
            _("Recebi o sinal"),
            "check-lg",
            _("Sinal recebido."),
        ),
        DepositCommand(
            "nao-achei",
            actions.not_found,
            frozenset({S.RECEIPT}),
            _("Não achei o pagamento"),
            "search",
            _("Anotado: o pagamento não foi encontrado."),
        ),
        DepositCommand(
            "dispensar",
            actions.waive,
            frozenset({S.PENDING, S.RECEIPT}),
            _("Dispensar o sinal"),
            "slash-circle",
            _("Sinal dispensado."),
            of_coming_visits=True,
        ),
        DepositCommand(
            "chegou-depois",
            actions.receive,
            frozenset({S.LAPSED, S.VOID}),
            _("O dinheiro chegou depois"),
            "cash-coin",
            _("Anotado: o sinal está a devolver."),
        ),
        DepositCommand(
            "devolvi",
            actions.give_back,
            frozenset({S.OWED}),
            _("Devolvi o sinal"),
            "arrow-return-left",
            _("Devolução anotada. O cliente será avisado."),
        ),
        DepositCommand(
            "devolver",
            actions.owe,
            frozenset({S.KEPT}),
            _("Devolver mesmo assim"),
            "arrow-return-left",
            _("Anotado: o sinal está a devolver."),
        ),
    )
}


def may_handle(membership: Membership) -> bool:
    return membership.role >= Role.RECEPTION


def open_to(deposit: Deposit, visit: Appointment) -> list[DepositCommand]:
    """The commands that make sense, in the order of their buttons."""
    is_freed = visit.state in queries.FREED
    return [
        command
        for command in COMMANDS.values()
        if deposit.state in command.states and not (command.of_coming_visits and is_freed)
    ]
