"""One line a second for each kind of refusal: a stranger who knocks a thousand times must not fill the log."""

import time
from collections.abc import Callable


class Throttle:
    """Says which line may be written, and how many like it were not."""

    def __init__(self, *, seconds: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._last: dict[str, float] = {}
        self._hidden: dict[str, int] = {}

    def hidden(self, kind: str) -> int | None:
        """How many lines of this kind were left out since the last one; None when this one is to be left out too."""
        now = self._clock()
        if now - self._last.get(kind, -self._seconds) < self._seconds:
            self._hidden[kind] = self._hidden.get(kind, 0) + 1
            return None
        self._last[kind] = now
        return self._hidden.pop(kind, 0)
