"""The same for many rows, of which one may fail: it holds up none of the others."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

log = structlog.get_logger(__name__)

Row = TypeVar("Row")
Done = TypeVar("Done")


def one_by_one(rows: Iterable[Row], act: Callable[[Row], Done], *, failed: str, key: str) -> list[Done]:
    """What `act` returned for each of `rows`, which may be their primary keys. One that raises is logged as `failed`
    with its primary key, named `key`, and left out: whoever looks again finds it where it was, so `act` is atomic.
    """
    done = []
    for row in rows:
        try:
            done.append(act(row))
        except Exception:
            log.exception(failed, **{key: getattr(row, "pk", row)})
    return done
