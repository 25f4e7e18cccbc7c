"""What the blocks of the agenda say of their visits without being opened."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from navalha.accounts.models import Membership, Shop

from .. import attendance, queries
from ..deposits import queries as deposit_queries
from ..models import Appointment, AppointmentState
from . import commands
from .commands import Command
from .frame import Card

S = AppointmentState
# Who is so late may well not come: one press notes it.
OVERDUE = timedelta(minutes=10)


def cards_of(
    shop: Shop, visits: Sequence[Appointment], *, now: datetime, member: Membership | None = None
) -> list[Card]:
    """The cards of `visits`, in their order; three queries. Without a `member` nothing can be done from them."""
    for visit in visits:
        visit.shop = shop  # the row's own shop, without a query for each
    told = queries.last_told(shop, visits)
    missed = attendance.missed(shop, {visit.customer_id for visit in visits})
    deposits = deposit_queries.of_visits(shop, visits)
    return [
        Card(
            visit,
            told.get(visit.pk),
            missed.get(visit.customer_id, attendance.NOTHING_MISSED).total,
            deposits.get(visit.pk),
            is_movable=_may(member, visit) and commands.can_move(visit),
            steps=_steps(visit, now) if _may(member, visit) else (),
        )
        for visit in visits
    ]


def _may(member: Membership | None, visit: Appointment) -> bool:
    return member is not None and commands.may_change(member, visit)


def _steps(visit: Appointment, now: datetime) -> Sequence[Command]:
    """The next step of the visit's day, and “faltou” for who is late."""
    able = {command.to: command for command in commands.open_to(visit, now=now)}
    first = next((able[to] for to in (S.DONE, S.IN_SERVICE, S.ARRIVED, S.CONFIRMED) if to in able), None)
    missing = able.get(S.NO_SHOW) if now - visit.starts_at >= OVERDUE else None
    return [command for command in (first, missing) if command is not None]
