"""Moving many rows at once: what `states.move` does, in two statements for all of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import connection

from .states import Movable, MovedFirst, UndeclaredMove, can_move

log = structlog.get_logger(__name__)


class Moves:
    """Moves of rows of one table, in the order in which they are added; `write()` makes them true.

    The caller has locked the rows. One row may move several times: each step leaves its history row.
    """

    def __init__(self) -> None:
        self._before: dict[Any, str] = {}
        self._rows: dict[Any, Movable] = {}
        self._fields = {"state", "state_changed_at"}
        self._steps: list[tuple[Movable, dict[str, Any]]] = []

    def add(self, row: Movable, *, to: str, now: datetime, reason: str = "", **fields: Any) -> None:
        """Move `row` in memory. Raises `UndeclaredMove`."""
        if not can_move(row, to):
            raise UndeclaredMove(f"{type(row).__name__} {row.pk}: {row.state} -> {to}")
        self._rows.setdefault(row.pk, row)
        self._before.setdefault(row.pk, row.state)
        step = {"shop": row.shop_id, "from_state": row.state, "to_state": to, "at": now, "by": None, "reason": reason}
        self._steps.append((row, step))
        self._fields |= fields.keys()
        for name, value in {"state": to, "state_changed_at": now, **fields}.items():
            setattr(row, name, value)

    def write(self) -> None:
        """Write states, fields and history. Raises `MovedFirst` when a row was not locked and has moved."""
        if not self._steps:
            return
        rows, history = list(self._rows.values()), self._steps[0][0].changes
        names = sorted(self._fields)
        values = {name: [getattr(row, name) for row in rows] for name in names}
        if _update(rows, list(self._before.values()), values) != len(rows):
            raise MovedFirst(f"{type(rows[0]).__name__}: one of {len(rows)} has moved")
        steps = {name: [step[name] for _, step in self._steps] for name in self._steps[0][1]}
        _insert(history.model, {history.field.name: [row.pk for row, _ in self._steps], **steps})
        for row, step in self._steps:
            before, after = str(step["from_state"]), str(step["to_state"])
            log.info("moved", row=type(row).__name__, id=row.pk, shop=row.shop_id, before=before, after=after)


def _update(rows: Sequence[Movable], before: Sequence[str], values: dict[str, list[Any]]) -> int:
    """How many rows were still where they were read."""
    options, quote = type(rows[0])._meta, connection.ops.quote_name  # type: ignore[attr-defined]
    columns = _columns(options, values)
    sets = ", ".join(f"{quote(name)} = asked.{quote(name)}" for name, _type, _values in columns)
    # Only names of our own models become part of the text; every value is a parameter.
    sql = (
        f"UPDATE {quote(options.db_table)} AS held SET {sets}"  # noqa: S608
        f" FROM unnest(%s::bigint[], %s::text[], {_arrays(columns)}) AS asked (row_id, state_before, {_names(columns)})"
        f" WHERE held.id = asked.row_id AND held.state = asked.state_before"
    )
    with connection.cursor() as cursor:
        keys = [[row.pk for row in rows], [str(state) for state in before]]
        cursor.execute(sql, [*keys, *(array for _name, _type, array in columns)])
        return int(cursor.rowcount)


def _insert(model: Any, values: dict[str, list[Any]]) -> None:
    columns, quote = _columns(model._meta, values), connection.ops.quote_name
    sql = (
        f"INSERT INTO {quote(model._meta.db_table)} ({_names(columns)})"  # noqa: S608
        f" SELECT * FROM unnest({_arrays(columns)})"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [array for _name, _type, array in columns])


Column = tuple[str, str, list[Any]]


def _columns(options: Any, values: dict[str, list[Any]]) -> list[Column]:
    """Name, type and database values of each field."""
    found = []
    for name, array in values.items():
        field = options.get_field(name)
        prepared = [field.get_db_prep_save(value, connection) for value in array]
        found.append((field.column, field.db_type(connection), prepared))
    return found


def _names(columns: Sequence[Column]) -> str:
    return ", ".join(connection.ops.quote_name(name) for name, _type, _values in columns)


def _arrays(columns: Sequence[Column]) -> str:
    return ", ".join(f"%s::{kind}[]" for _name, kind, _values in columns)
