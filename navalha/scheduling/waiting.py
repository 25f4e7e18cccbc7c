"""How long people wait in the line. Pure: no tables, no clock of its own, no Django.

Each chair serves those of the line who come to it in their order: nobody is put before somebody who came earlier and
goes to the same chair, even where a short service would fit into a gap. So in a line of equal wishes nobody waits
less than those before, and a visit that is booked in between pushes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .slots import Stretch

STEP = 5  # minutes, to which people are told
LEAST, MOST = 0.8, 1.3  # of what is computed: what usually comes out


@dataclass(frozen=True, slots=True)
class Chair:
    """When one professional can still serve somebody today: sorted stretches without overlap."""

    professional_id: int
    free: Sequence[Stretch]


@dataclass(frozen=True, slots=True)
class Wait:
    """One of the line: how long whoever may serve them would need (professional -> length)."""

    key: int
    lengths: Mapping[int, timedelta]


@dataclass(frozen=True, slots=True)
class Turn:
    """When somebody's turn is expected, and with whom."""

    starts_at: datetime
    professional_id: int


def turns(line: Iterable[Wait], chairs: Sequence[Chair], *, now: datetime) -> dict[int, Turn | None]:
    """When each of `line`, in its order, is served; None for whom nobody has the time today."""
    ready = {chair.professional_id: now for chair in chairs}
    found: dict[int, Turn | None] = {}
    for one in line:
        turn = _earliest(one, chairs, ready)
        found[one.key] = turn
        if turn is not None:
            ready[turn.professional_id] = turn.starts_at + one.lengths[turn.professional_id]
    return found


def minutes_between(wait: timedelta) -> tuple[int, int]:
    """The wait as a range that can be told to people, in whole steps of minutes; (0, 0) for "now"."""
    minutes = wait.total_seconds() / 60
    if minutes < 1:
        return 0, 0
    least = int(minutes * LEAST // STEP) * STEP
    return least, max(-int(-minutes * MOST // STEP) * STEP, least + STEP)


def _earliest(one: Wait, chairs: Sequence[Chair], ready: Mapping[int, datetime]) -> Turn | None:
    able = [chair for chair in chairs if chair.professional_id in one.lengths]
    fits = [
        Turn(moment, chair.professional_id)
        for chair in able
        if (moment := _fit(chair.free, ready[chair.professional_id], one.lengths[chair.professional_id])) is not None
    ]
    return min(fits, key=lambda turn: turn.starts_at, default=None)  # the first of the shop's order among equals


def _fit(free: Sequence[Stretch], after: datetime, length: timedelta) -> datetime | None:
    return next((max(start, after) for start, end in free if max(start, after) + length <= end), None)
