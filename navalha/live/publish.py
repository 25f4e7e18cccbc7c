"""Telling whoever watches: one NOTIFY inside the transaction, so that a rollback tells nobody."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from functools import partial

from django.db import connection, transaction

CHANNEL = "navalha_live"
_collected: ContextVar[set[str] | None] = ContextVar("collected ticks", default=None)


def publish(shop_id: int, *topics: str) -> None:
    """Tick the open pages of a shop, and the operator's, at commit; of the operator alone for `topics.EVERY_SHOP`.

    Equal ticks of one transaction arrive as one (PostgreSQL).
    """
    ticks, collected = [f"{shop_id}:{topic}" for topic in topics], _collected.get()
    if collected is None:
        _notify(ticks)
    else:
        collected.update(ticks)


@contextlib.contextmanager
def collecting(*, after_commit: bool = False) -> Iterator[None]:
    """Inside one transaction: hold the ticks back and send each once, when the block ends without an error.

    For the worker, which applies a hundred webhooks in one transaction and would ask the database for each tick.
    `after_commit` sends them in a statement of its own, so that the transaction carries no NOTIFY.
    """
    ticks: set[str] = set()
    token = _collected.set(ticks)
    try:
        yield
    finally:
        _collected.reset(token)
    if ticks and after_commit:
        transaction.on_commit(partial(_notify, sorted(ticks)))
    elif ticks:
        _notify(sorted(ticks))


def _notify(ticks: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, tick) FROM unnest(%s::text[]) AS tick", [CHANNEL, ticks])
