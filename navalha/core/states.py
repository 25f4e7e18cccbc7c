"""State is one word in one column; moving it is a compare-and-set.

A row that moves has `state`, `state_changed_at`, a table `MOVES` beside its states, and `changes`: the history that
people read. Two workers, or a webhook and a click, may want to move the same row at once: exactly one of them does.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Protocol

import structlog
from django.db import connection

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

    @property
    def shop_id(self) -> Any:
        """A column of most rows; of a shop itself its own number."""


def can_move(row: Movable, to: str) -> bool:
    """Whether the table of moves allows it from where the row stands now."""
    return to in row.MOVES[row.state]


def move(
    row: Movable,
    *,
    to: str,
    now: datetime,
    by: Any = None,
    reason: str = "",
    noted: Mapping[str, Any] | None = None,
    **fields: Any,
) -> None:
    """Move `row` to state `to`, writing `fields` in the same UPDATE, a history row and a log line.

    `noted` is what the history row says besides. Raises `UndeclaredMove` when `MOVES` lacks it, `MovedFirst` when the
    row is no longer where we read it.
    """
    before = row.state
    if not can_move(row, to):
        raise UndeclaredMove(f"{type(row).__name__} {row.pk}: {before} -> {to}")
    written = {"state": to, "state_changed_at": now, **fields}
    change = {"to_state": to, "at": now, "by": by, "reason": reason, **(noted or {})}
    if not _write(row, before, written, change):
        raise MovedFirst(f"{type(row).__name__} {row.pk} is no longer {before}")
    for name, value in written.items():
        setattr(row, name, value)
    log.info("moved", row=type(row).__name__, id=row.pk, shop=row.shop_id, before=str(before), after=str(to))


def _write(row: Movable, before: str, fields: Mapping[str, Any], change: Mapping[str, Any]) -> bool:
    """The compare-and-set and its history row in one statement; False when the row is no longer `before`.

    Written by hand: every event and every message moves a row, and the same through the ORM costs five times the
    time of the processor.
    """
    rows, history = type(row)._meta, row.changes.model._meta  # type: ignore[attr-defined]
    key = {row.changes.field.name: row.pk, "shop": row.shop_id, "from_state": before, **change}
    sets, inserts = _columns(rows, fields), _columns(history, key)
    quote = connection.ops.quote_name
    # Only names of our own models become part of the text; every value is a parameter.
    sql = (
        f"WITH moved AS (UPDATE {quote(rows.db_table)} SET {', '.join(f'{quote(name)} = %s' for name in sets)}"  # noqa: S608
        f" WHERE {quote(rows.pk.column)} = %s AND state = %s RETURNING 1)"
        f" INSERT INTO {quote(history.db_table)} ({', '.join(map(quote, inserts))})"
        f" SELECT {', '.join('%s' for _ in inserts)} FROM moved"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*sets.values(), row.pk, before, *inserts.values()])
        return bool(cursor.rowcount)


def _columns(options: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns and database values for field names and Python values; a related row counts as its key."""
    known = {options.get_field(name): getattr(value, "pk", value) for name, value in values.items()}
    return {field.column: field.get_db_prep_save(value, connection) for field, value in known.items()}
