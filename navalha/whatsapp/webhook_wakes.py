"""When to tell the worker that an instance has something new: at once for the first, then seldom enough to be cheap."""

from collections.abc import Iterable

# A busy worker finds later rows in the same round anyway. PostgreSQL's NOTIFY takes a short global lock at commit and
# a job costs some milliseconds, so one for each webhook would cost more than the webhook.
EVERY_SECONDS = 0.1


class WakeUps:
    """Which instances still have to be woken, and from when on. Times are of one monotonic clock, in seconds."""

    def __init__(self) -> None:
        self._pending: set[int] = set()
        self._woken: dict[int, float] = {}

    def add(self, instance_ids: Iterable[int]) -> None:
        self._pending.update(instance_ids)

    def take(self, now: float) -> list[int]:
        """The instances to wake now, in order; they count as woken."""
        self._woken = {key: at for key, at in self._woken.items() if now - at < EVERY_SECONDS}
        ready = sorted(self._pending - self._woken.keys())
        self._pending.difference_update(ready)
        self._woken.update(dict.fromkeys(ready, now))
        return ready

    def wait(self, now: float) -> float | None:
        """Seconds until `take` would return something; None when nothing is pending."""
        if not self._pending:
            return None
        return max(0.0, min(self._woken.get(key, 0.0) + EVERY_SECONDS - now for key in self._pending))
