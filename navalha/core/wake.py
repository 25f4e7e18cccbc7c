"""Wake-ups: telling the worker to look now. The rows are the truth, so losing or repeating one is harmless."""

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


def wake(task: str, **number: int) -> None:
    """After commit, ask the worker to run `task` (`inbox`, `outbox`…) for one row, e.g. `wake("outbox", shop_id=5)`.

    At commit and not inside the transaction: a queueing lock taken there would make every other booking of the shop
    wait for this one's commit. Should the process die in between, the periodic look finds the rows.
    """
    transaction.on_commit(lambda: wake_now(task, **number), robust=True)


def wake_now(task: str, **number: int) -> None:
    """As `wake`, at once. One waiting wake-up for each row is enough: more of them coalesce."""
    key = ":".join([task, *(str(value) for value in number.values())])
    try:
        with transaction.atomic():  # the queueing lock is a unique index: its refusal must not spoil the caller's
            app.configure_task(f"navalha.{task}", lock=key, queueing_lock=key).defer(**number)
    except AlreadyEnqueued:
        return
