"""How much of a time a number was in service, from its history alone. Pure.

In service is `connected` and nothing else: unstable is what customers feel as down. Before its first connection a
number had nothing to be down from, and after its removal neither: that is no data, not downtime.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import ConnectionState

UP, OVER = ConnectionState.CONNECTED, ConnectionState.REMOVED


@dataclass(frozen=True, slots=True, order=True)
class Turn:
    """From `at` on the number was in `state`."""

    at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Share:
    """How a stretch of time divides; the three spans add up to its length."""

    starts_at: datetime
    ends_at: datetime
    up: timedelta
    down: timedelta
    unknown: timedelta

    @property
    def percent(self) -> float | None:
        """Of the time of which something is known: 0 to 100; None when nothing is."""
        known = self.up + self.down
        return 100 * (self.up / known) if known else None

    @property
    def tenths(self) -> float | None:
        """The percentage to show, rounded down: 99.97 is not a hundred."""
        return None if self.percent is None else floor(10 * self.percent) / 10

    @property
    def level(self) -> str:
        """For a colour: `up`, `most` (98 % and more), `some`, `down`, `unknown`."""
        percent = self.percent
        if percent is None:
            return "unknown"
        if percent == 100:
            return "up"
        if percent == 0:
            return "down"
        return "most" if percent >= 98 else "some"


def share(turns: Iterable[Turn], starts_at: datetime, ends_at: datetime, *, now: datetime) -> Share:
    """How the time from `starts_at` to `ends_at` divides. `turns` in any order; what is after `now` is unknown."""
    up = down = timedelta()
    for begins, ends, state in _stretches(sorted(turns), min(ends_at, now)):
        span = max(ends - max(begins, starts_at), timedelta())
        if state == UP:
            up += span
        elif state != OVER:
            down += span
    return Share(starts_at, ends_at, up, down, (ends_at - starts_at) - up - down)


def _stretches(turns: Sequence[Turn], until: datetime) -> Iterable[tuple[datetime, datetime, str]]:
    """From the first connection on: from when until when the number was in which state."""
    first = next((place for place, turn in enumerate(turns) if turn.state == UP), len(turns))
    served = turns[first:]
    for turn, ends in zip(served, [*(turn.at for turn in served[1:]), until], strict=False):
        if turn.at < min(ends, until):
            yield turn.at, min(ends, until), turn.state


def bars(turns: Iterable[Turn], *, now: datetime, length: timedelta, count: int) -> list[Share]:
    """The last `length` as `count` equal bars, the oldest first; the last one ends now."""
    known, step = list(turns), length / count
    starts = [now - length + place * step for place in range(count)]
    return [share(known, start, start + step, now=now) for start in starts]


@dataclass(frozen=True, slots=True)
class Window:
    """A time to look back on: its name, its length, its number of bars, and whether a bar is named by its day."""

    key: str
    words: str | Promise
    length: timedelta
    count: int
    by_day: bool


DAY = Window("24h", _("24 horas"), timedelta(hours=24), 24, by_day=False)
WEEK = Window("7d", _("7 dias"), timedelta(days=7), 28, by_day=True)
MONTH = Window("30d", _("30 dias"), timedelta(days=30), 30, by_day=True)


@dataclass(frozen=True, slots=True)
class Strip:
    """A window as it is drawn: the whole, and its bars."""

    window: Window
    total: Share
    bars: list[Share]


def strip(window: Window, turns: Iterable[Turn], *, now: datetime) -> Strip:
    known = list(turns)
    total = share(known, now - window.length, now, now=now)
    return Strip(window, total, bars(known, now=now, length=window.length, count=window.count))
