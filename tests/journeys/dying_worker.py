"""Workers that send and kill themselves (-9) at a named step, each in a process of its own.

A nursery: it loads the product once and forks a worker for each order on its standard input, so that a test pays the
start of a process once. Orders, one on a line: `start STEP SHOP` answers the worker's process id; `wait ID` waits for
its end and answers its exit code, negative for a signal.

A worker runs the real `work.send_due`; the only thing added is the death. Steps, in the order in which a send passes
them: `claimed` (chosen, not committed), `taken` (committed, nothing asked yet), `answered` (the server has answered,
nothing written), `written` (everything of it written, not committed), `next` (the one after it chosen, not committed),
`recorded` (both committed). `never` does not die.

Those of the waitlist run `waitlist.work.look` instead: `kept` (the time is held, nothing else written), `asked` (all
written, not committed), `offered` (committed).

Those of the reminders run `reminders.work.remind`: `queued` (the messages are in the queue, nothing else written),
`planned` (all written, not committed), `reminded` (committed).
"""

import itertools
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

OF_THE_WAITLIST = ("kept", "asked", "offered")
OF_THE_REMINDERS = ("queued", "planned", "reminded")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying_after(function: Callable[..., Any], times: int = 1) -> Callable[..., Any]:
    """`function` so many times, and then death."""
    calls = itertools.count(1)

    def fatal(*args: Any, **fields: Any) -> Any:
        result = function(*args, **fields)
        if next(calls) == times:
            die()
        return result

    return fatal


def arm(step: str) -> None:
    """Put death behind the step. Raises KeyError for a step that does not exist."""
    from navalha.evolution.client import EvolutionClient
    from navalha.messaging import acks, sending, together
    from navalha.scheduling import actions
    from navalha.scheduling.reminders import work as reminders
    from navalha.scheduling.reminders.planning import Look
    from navalha.scheduling.waitlist import offering
    from navalha.scheduling.waitlist import work as waitlist_work

    places: dict[str, tuple[Any, str]] = {
        "claimed": (sending, "move"),
        "taken": (sending, "take"),
        "answered": (EvolutionClient, "send_text"),
        "written": (acks, "tell"),
        "next": (sending, "_take"),
        "recorded": (sending, "record_and_take"),
        "kept": (actions, "keep"),
        "asked": (offering, "_ask"),
        "offered": (waitlist_work, "_offer_one"),
        "queued": (together, "queue_together"),
        "planned": (Look, "write"),
        "reminded": (reminders, "look"),
    }
    if step != "never":
        place, name = places[step]
        setattr(place, name, dying_after(getattr(place, name), times=2 if step == "next" else 1))


def work_and_end(step: str, shop_id: int) -> None:
    """The life of one worker; its exit code is 1 when the product raised."""
    from django.utils import timezone

    from navalha.messaging import work
    from navalha.scheduling.reminders import work as reminders
    from navalha.scheduling.waitlist import work as waitlist_work

    code = 1
    try:
        arm(step)
        if step in OF_THE_REMINDERS:
            reminders.remind(timezone.now())
        else:
            act = waitlist_work.look if step in OF_THE_WAITLIST else work.send_due
            act(shop_id, timezone.now())
        code = 0
    finally:
        os._exit(code)  # what the nursery had begun must not be ended twice


def obey(order: str) -> int:
    match order.split():
        case ["start", step, shop_id]:
            return os.fork() or work_and_end(step, int(shop_id)) or 0
        case ["wait", process]:
            return os.waitstatus_to_exitcode(os.waitpid(int(process), 0)[1])
    raise ValueError(order)


def main() -> None:
    import django

    django.setup()
    # Loaded before the first fork, and no connection opened: a child must have its own.
    import navalha.messaging.work
    import navalha.scheduling.reminders.work
    import navalha.scheduling.waitlist.work  # noqa: F401

    print("ready", flush=True)
    for order in sys.stdin:
        print(obey(order), flush=True)


if __name__ == "__main__":
    main()
