"""The states of a deposit (sinal), and the written tables of its moves."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class DepositState(models.TextChoices):
    PENDING = "pending", _("Aguardando o sinal")
    RECEIPT = "receipt", _("Sinal a conferir")
    PAID = "paid", _("Sinal pago")
    LAPSED = "lapsed", _("Sinal não pago")
    WAIVED = "waived", _("Sinal dispensado")
    VOID = "void", _("Sinal sem efeito")
    OWED = "owed", _("Sinal a devolver")
    RETURNED = "returned", _("Sinal devolvido")
    KEPT = "kept", _("Sinal retido")


S = DepositState
Moves = Mapping[str, frozenset[str]]
# What people and the clock do. A receipt on a cancelled visit stays to be checked: only then is something owed.
DEPOSIT_STEPS: Moves = {
    S.PENDING: frozenset({S.RECEIPT, S.PAID, S.LAPSED, S.WAIVED, S.VOID}),
    S.RECEIPT: frozenset({S.PAID, S.PENDING, S.LAPSED, S.WAIVED, S.VOID, S.OWED, S.KEPT}),
    S.PAID: frozenset({S.OWED, S.KEPT}),
    S.LAPSED: frozenset({S.OWED}),  # the money came after all
    S.WAIVED: frozenset(),
    S.VOID: frozenset({S.OWED}),
    S.OWED: frozenset({S.RETURNED}),
    S.RETURNED: frozenset(),
    S.KEPT: frozenset({S.OWED}),  # the shop is kind
}
# Somebody pressed the wrong button: only `actions.undo` does it, within minutes.
DEPOSIT_UNDOS: Moves = {
    S.PAID: frozenset({S.PENDING, S.RECEIPT}),
    S.PENDING: frozenset({S.RECEIPT}),
    S.WAIVED: frozenset({S.PENDING, S.RECEIPT}),
    S.RETURNED: frozenset({S.OWED}),
    S.OWED: frozenset({S.RECEIPT, S.LAPSED, S.VOID, S.KEPT}),
    S.KEPT: frozenset({S.RECEIPT}),
    S.VOID: frozenset({S.RECEIPT}),
}
# A visit that was noted as missed, and was not: only `ends` does it.
DEPOSIT_REOPENINGS: Moves = {S.KEPT: frozenset({S.PAID})}
DEPOSIT_MOVES: Moves = {
    state: frozenset().union(
        *(table.get(state, frozenset()) for table in (DEPOSIT_STEPS, DEPOSIT_UNDOS, DEPOSIT_REOPENINGS))
    )
    for state in S
}
# The visit holds its chair for it, and the clock runs.
AWAITED = (S.PENDING, S.RECEIPT)
# What somebody of the shop has to do something about.
FOR_SHOP = (S.RECEIPT, S.OWED)
