"""The table of visits without what holds it, to see what would happen."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from navalha.scheduling.models import Appointment


@contextmanager
def without(*names: str) -> Iterator[None]:
    """These constraints are not there meanwhile; the visits that were let in are removed at the end."""
    table = Appointment._meta.db_table
    definitions = _definitions(names)
    _alter(f"ALTER TABLE {table} DROP CONSTRAINT {name}" for name in definitions)
    try:
        yield
    finally:
        Appointment.across_shops.all().delete()
        _alter(f"ALTER TABLE {table} ADD CONSTRAINT {name} {words}" for name, words in definitions.items())


def _definitions(names: tuple[str, ...]) -> dict[str, str]:
    sql = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = ANY(%s)"
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(names)])
        found = dict(cursor.fetchall())
    assert set(found) == set(names)
    return found


def _alter(statements: Iterator[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
