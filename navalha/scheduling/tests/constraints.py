"""The table of visits without what holds it, to see what would happen."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection

from navalha.scheduling.models import Appointment, Professional

LOCK = "SELECT 1 FROM scheduling_professional WHERE id = %s FOR NO KEY UPDATE"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
LONGEST_WAIT = 60  # seconds


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


@contextmanager
def all_read_before_any_writes(professional: Professional, *, people: int) -> Iterator[None]:
    """Of those who book with `professional`, nobody writes before so many have read that the time is free.

    They meet at the row that whoever books locks between reading and writing. A race that happens each time.
    """
    other = connection.copy()
    other.inc_thread_sharing()  # another thread lets go of what is locked here
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute(LOCK, [professional.pk])
    with ThreadPoolExecutor(1) as pool:
        met = pool.submit(_let_go, other, people)
        yield
        assert met.result(LONGEST_WAIT) >= people, "they did not meet"


def _let_go(other: Any, people: int) -> int:
    """Wait until so many stand at the lock, and free it; how many there were."""
    until, waiting = time.monotonic() + LONGEST_WAIT, 0
    try:
        with other.cursor() as cursor:
            while waiting < people and time.monotonic() < until:
                cursor.execute("SELECT pg_stat_clear_snapshot()")  # or the transaction sees who was there at first
                cursor.execute(WAITING)
                waiting = cursor.fetchone()[0]
                time.sleep(0.01)
    finally:
        other.rollback()
        other.close()
    return waiting


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
