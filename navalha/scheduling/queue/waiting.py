"""How long people wait in the line. Pure: no tables, no clock of its own, no Django.

Each chair serves those of the line who come to it in their order: nobody is put before somebody who came earlier and
goes to the same chair, even where a short service would fit into a gap. So in a line of equal wishes nobody waits
less than those before, and a visit that is booked in between pushes. A shop with fewer seats than people says what
takes each of them: whoever could serve may still have nowhere to do it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from ..slots import NO_CHAIR, Stretch, chair_for

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
class Seats:
    """The seats of the shop: what is booked has one of its own, who is still in the line may sit on any."""

    booked: Sequence[Sequence[Stretch]]
    line: list[Stretch] = field(default_factory=list)

    def all(self) -> list[Stretch]:
        return [*chain.from_iterable(self.booked), *self.line]

    def has_room(self, start: datetime, end: datetime) -> bool:
        """Whether one more can sit from `start` to `end`: a seat without bookings, and never more people than seats."""
        if chair_for(self.booked, (start, end)) == NO_CHAIR:
            return False
        there = [other for other in self.all() if other[0] < end and start < other[1]]
        moments = [start, *(begins for begins, _ in there if begins > start)]
        return all(sum(begins <= moment < ends for begins, ends in there) < len(self.booked) for moment in moments)

    def next_leaves(self, moment: datetime) -> datetime | None:
        """When somebody next gets up: before, no seat can be free for longer than now."""
        return min((end for _, end in self.all() if end > moment), default=None)


@dataclass(frozen=True, slots=True)
class Turn:
    """When somebody's turn is expected, and with whom."""

    starts_at: datetime
    professional_id: int


def turns(
    line: Iterable[Wait], chairs: Sequence[Chair], *, now: datetime, seats: Sequence[Sequence[Stretch]] | None = None
) -> dict[int, Turn | None]:
    """When each of `line`, in its order, is served; None for whom nobody has the time today.

    `seats` is what takes each seat of the shop (sorted, without overlap); None when there is one for everybody.
    """
    ready = {chair.professional_id: now for chair in chairs}
    taken = None if seats is None else Seats(seats)
    found: dict[int, Turn | None] = {}
    for one in line:
        turn = _earliest(one, chairs, ready, taken)
        found[one.key] = turn
        if turn is not None:
            ends_at = turn.starts_at + one.lengths[turn.professional_id]
            ready[turn.professional_id] = ends_at
            if taken is not None:
                taken.line.append((turn.starts_at, ends_at))
    return found


def minutes_between(wait: timedelta) -> tuple[int, int]:
    """The wait as a range that can be told to people, in whole steps of minutes; (0, 0) for "now"."""
    minutes = wait.total_seconds() / 60
    if minutes < 1:
        return 0, 0
    least = int(minutes * LEAST // STEP) * STEP
    return least, max(-int(-minutes * MOST // STEP) * STEP, least + STEP)


def _earliest(one: Wait, chairs: Sequence[Chair], ready: Mapping[int, datetime], seats: Seats | None) -> Turn | None:
    fits = [
        Turn(moment, pk)
        for chair in chairs
        if (pk := chair.professional_id) in one.lengths
        and (moment := _fit(chair.free, ready[pk], one.lengths[pk], seats)) is not None
    ]
    return min(fits, key=lambda turn: turn.starts_at, default=None)  # the first of the shop's order among equals


def _fit(free: Sequence[Stretch], after: datetime, length: timedelta, seats: Seats | None) -> datetime | None:
    for start, end in free:
        moment: datetime | None = max(start, after)
        while moment is not None and moment + length <= end:
            if seats is None or seats.has_room(moment, moment + length):
                return moment
            moment = seats.next_leaves(moment)
    return None
