"""The deposits of a shop as its people look after them: what to check, what to give back, what is awaited."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Sum

from navalha.accounts.models import Shop
from navalha.customers.models import Customer

from ..models import Appointment, Deposit
from . import commands as deposit_commands
from .commands import DepositCommand
from .states import FOR_SHOP, DepositState

RECENT, MOST_RECENT = timedelta(days=30), 30
S = DepositState


@dataclass(frozen=True, slots=True)
class Row:
    deposit: Deposit
    visit: Appointment
    commands: Sequence[DepositCommand]


@dataclass(frozen=True, slots=True)
class Deposits:
    """The soonest first; `recent` are those that ended lately, the newest first."""

    to_check: list[Row]
    owed: list[Row]
    pending: list[Row]
    recent: list[Row]

    @property
    def is_empty(self) -> bool:
        return not (self.to_check or self.owed or self.pending or self.recent)


def build(shop: Shop, *, now: datetime) -> Deposits:
    """Two queries, however many there are."""
    deposits = shop.deposits.select_related("appointment__customer", "appointment__professional")
    open_ones = list(deposits.filter(state__in=(*FOR_SHOP, S.PENDING)).order_by("due_at", "pk"))
    ended = deposits.filter(state_changed_at__gt=now - RECENT).exclude(state__in=(*FOR_SHOP, S.PENDING))
    return Deposits(
        to_check=_rows(shop, open_ones, S.RECEIPT),
        owed=_rows(shop, open_ones, S.OWED),
        pending=_rows(shop, open_ones, S.PENDING),
        recent=_rows(shop, ended.order_by("-state_changed_at", "-pk")[:MOST_RECENT]),
    )


def of_visits(shop: Shop, visits: Iterable[Appointment]) -> dict[int, Deposit]:
    """The deposit of each visit that has one, by visit: one query."""
    found = shop.deposits.filter(appointment__in=[visit.pk for visit in visits])
    return {deposit.appointment_id: deposit for deposit in found}


def waiting(shop: Shop) -> Counter[str]:
    """How many are to be checked and how many to be given back: one query."""
    rows = shop.deposits.filter(state__in=FOR_SHOP).order_by().values_list("state")
    return Counter(dict(rows.annotate(Count("pk"))))


def figures(customer: Customer) -> dict[str, Any]:
    """What became of the customer's deposits: `state` -> how many, and cents that were paid: one query."""
    rows = customer.shop.deposits.filter(appointment__customer=customer).order_by()
    found = {state: (count, cents) for state, count, cents in _sums(rows)}
    came = (S.PAID, S.OWED, S.RETURNED, S.KEPT)
    return {
        "paid": sum(found[state][0] for state in came if state in found),
        "paid_cents": sum(found[state][1] for state in came if state in found),
        "lapsed": found.get(S.LAPSED, (0, 0))[0],
        "kept": found.get(S.KEPT, (0, 0))[0],
        "any": bool(found),
    }


def _sums(rows: Any) -> Iterable[tuple[str, int, int]]:
    found: Iterable[tuple[str, int, int]] = rows.values_list("state").annotate(Count("pk"), Sum("amount_cents"))
    return found


def _rows(shop: Shop, deposits: Iterable[Deposit], state: DepositState | None = None) -> list[Row]:
    found = []
    for deposit in deposits:
        if state is None or deposit.state == state:
            visit = deposit.appointment
            visit.shop = shop  # the row's own shop, without a query for each
            found.append(Row(deposit, visit, deposit_commands.open_to(deposit, visit)))
    return found
