"""State is one word in one column; moving it is a compare-and-set.

A row that moves has `state`, `state_changed_at`, a table `MOVES` beside its states, and `changes`: the history that
people read. Two workers, or a webhook and a click, may want to move the same row at once: exactly one of them does.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Protocol

import structlog
from django.db import transaction

log = structlog.get_logger(__name__)


class UndeclaredMove(Exception):
    """The code asked for a move that the table does not have: our fault, never the visitor's."""


class MovedFirst(Exception):
    """Somebody else moved the row since it was read. Read it again and decide anew."""


class Movable(Protocol):
    """What `move` needs of a row."""

    MOVES: ClassVar[Mapping[str, frozenset[str]]]
    pk: Any
    state: Any
    changes: Any
    shop_id: Any


def can_move(row: Movable, to: str) -> bool:
    """Whether the table of moves allows it from where the row stands now."""
    return to in row.MOVES[row.state]


def move(row: Movable, *, to: str, now: datetime, by: Any = None, reason: str = "", **fields: Any) -> None:
    """Move `row` to state `to`, writing `fields` in the same UPDATE, a history row and a log line.

    Raises `UndeclaredMove` when `MOVES` lacks it, `MovedFirst` when the row is no longer where we read it.
    """
    before = row.state
    if not can_move(row, to):
        raise UndeclaredMove(f"{type(row).__name__} {row.pk}: {before} -> {to}")
    with transaction.atomic():
        rows = type(row)._base_manager  # type: ignore[attr-defined]
        if not rows.filter(pk=row.pk, state=before).update(state=to, state_changed_at=now, **fields):
            raise MovedFirst(f"{type(row).__name__} {row.pk} is no longer {before}")
        row.changes.create(shop_id=row.shop_id, from_state=before, to_state=to, at=now, by=by, reason=reason)
    for name, value in {"state": to, "state_changed_at": now, **fields}.items():
        setattr(row, name, value)
    log.info("moved", row=type(row).__name__, id=row.pk, shop=row.shop_id, before=str(before), after=str(to))
