"""Which free time suits a wish of the waitlist. Pure: no tables, no clock of its own, no Django."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .. import slots
from ..slots import Slot, Stretch

NOON, EVENING = 12, 18  # hours at which the afternoon and the evening begin
# Less than this nobody can be expected to answer in; of what begins so soon nothing is offered.
LEAST_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """A time that begins on one of the days, in one of the `parts` (none: any), from one hour to another if said."""

    first_day: date
    last_day: date
    parts: frozenset[str] = frozenset()
    starts_from: time | None = None
    starts_until: time | None = None


def part_of(start: datetime) -> str:
    """`morning`, `afternoon` or `evening`, by the hour of the shop's clock."""
    return "morning" if start.hour < NOON else "afternoon" if start.hour < EVENING else "evening"


def suits(wanted: Wanted, start: datetime) -> bool:
    """Whether a visit that begins at `start`, on the shop's clock, is what was wanted."""
    return (
        wanted.first_day <= start.date() <= wanted.last_day
        and (not wanted.parts or part_of(start) in wanted.parts)
        and (wanted.starts_from is None or wanted.starts_from <= start.time())
        and (wanted.starts_until is None or start.time() <= wanted.starts_until)
    )


def best(free: Iterable[Slot], wanted: Wanted, zone: ZoneInfo, *, asked: Sequence[Stretch] = ()) -> Slot | None:
    """The first day's first time that suits, of one day those before the others that leave no useless gap.

    Not one that overlaps what the person was `asked` about before and did not take.
    """
    suiting = [
        slot
        for slot in free
        if suits(wanted, slot.starts_at.astimezone(zone))
        and not any(slots.overlap((slot.starts_at, slot.ends_at), one) for one in asked)
    ]
    return min(
        suiting,
        key=lambda slot: (slots.local_day(slot.starts_at, zone), not slot.is_tidy, slot.starts_at),
        default=None,
    )


def minutes_to_answer(usual: int, left: timedelta) -> int:
    """The usual minutes, or fewer when only `left` remains; 0 when that is too little to ask anybody."""
    minutes = min(usual, int(left.total_seconds() // 60))
    return minutes if minutes >= LEAST_MINUTES else 0
