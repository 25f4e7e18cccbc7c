"""A worker's send, in a process of its own, that kills itself (-9) at a named step: `python dying_worker.py STEP SHOP`.

It runs the real `work.send_due`; the only thing added is the death. Steps, in the order in which a send passes them:
`claimed` (chosen, not committed), `taken` (committed, nothing asked yet), `answered` (the server has answered, nothing
written), `written` (everything written, not committed), `recorded` (committed). `never` does not die.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any


def die(*_args: Any, **_fields: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying_after(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, and then death."""

    def fatal(*args: Any, **fields: Any) -> None:
        function(*args, **fields)
        die()

    return fatal


def arm(step: str) -> None:
    """Put death behind the step. Raises KeyError for a step that does not exist."""
    from navalha.evolution.client import EvolutionClient
    from navalha.messaging import acks, sending

    places: dict[str, tuple[Any, str]] = {
        "claimed": (sending, "move"),
        "taken": (sending, "take"),
        "answered": (EvolutionClient, "send_text"),
        "written": (acks, "_apply_kept"),
        "recorded": (sending, "record_sent"),
    }
    if step != "never":
        place, name = places[step]
        setattr(place, name, dying_after(getattr(place, name)))


def main(step: str, shop_id: str) -> None:
    import django

    django.setup()
    from django.utils import timezone

    from navalha.messaging import work

    arm(step)
    print("sending", flush=True)
    work.send_due(int(shop_id), timezone.now())


if __name__ == "__main__":
    main(*sys.argv[1:])
