"""How a background task is declared; `tasks.py` is the list."""

from collections.abc import Callable
from typing import Any

from procrastinate.contrib.django import app

# Two lanes, so that a server that hangs holds up nobody's incoming webhooks: `rows` asks only our own database and is
# quick, `network` talks to the Evolution servers and may wait a minute.
ROWS, NETWORK = "rows", "network"
# What finds out that a server hangs must not wait behind all the sends that hang on it.
BEFORE_ROWS = 1


def for_row(name: str, *, lane: str) -> Callable[[Callable[..., Any]], Any]:
    """A task that `core.wake.wake(name, …)` asks for."""
    return app.task(name=f"navalha.{name}", queue=lane)


def every(cron: str, *, lane: str, alone: bool = True) -> Callable[[Callable[..., Any]], Any]:
    """A task that runs by the clock (`cron`: the sixth field is seconds), at most one of it waiting.

    `alone`: and at most one running, on all machines together.
    """

    def declare(function: Callable[..., Any]) -> Any:
        key = f"every:{function.__name__}"
        task = app.task(
            name=f"navalha.{function.__name__}",
            queue=lane,
            queueing_lock=key,
            lock=key if alone else None,
            priority=BEFORE_ROWS,
        )
        return app.periodic(cron=cron)(task(function))

    return declare
