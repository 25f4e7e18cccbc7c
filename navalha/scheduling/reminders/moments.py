"""When a visit's customer is reminded of it: pure. No tables, no clock of its own.

Lengths are elapsed time ("24 h antes" is 24 hours, whatever the clocks do in between); the quiet hours are those of
the shop's clock. A reminder whose moment is quiet goes out afterwards while that leaves half of its lead, else before
the quiet begins: "2 h antes" of a visit at 7:00 arrives on the evening before, and wakes nobody. One for the last
hour before a visit goes at its moment: whoever is about to leave is awake.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from navalha.messaging import pace
from navalha.messaging.pace import Policy

# Below this lead a reminder is for its moment, whatever the hour.
SOON = timedelta(hours=1)
# So long before the quiet hours begin: a number that writes like a person needs time for all of an evening.
BEFORE_QUIET = timedelta(minutes=30)
# What has just been booked need not be reminded of: at most so long, and never more than half of the lead.
SETTLES_IN = timedelta(minutes=30)
# Two that the quiet hours bring so near to each other say the same.
TOGETHER = timedelta(minutes=30)


class WhyNot(StrEnum):
    """Why an offset makes no reminder of a visit."""

    KNOWN_LATER = "known_later"  # its moment was before the visit got this time, or is right after it
    SET_LATER = "set_later"  # its moment was before the shop wanted it
    TOGETHER = "together"  # the quiet hours bring it together with another one


@dataclass(frozen=True, slots=True)
class Offset:
    """How long before, and since when the shop wants it."""

    minutes: int
    since: datetime

    @property
    def lead(self) -> timedelta:
        return timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a reminder is due, in UTC; with `why_not` it never is."""

    minutes: int
    at: datetime
    why_not: WhyNot | None = None


def in_units(minutes: int) -> tuple[int, str]:
    """A lead as people say it: so many of `d`, `h` or `min`. A day is 24 hours, two are days."""
    if minutes % 1440 == 0 and minutes > 1440:
        return minutes // 1440, "d"
    return (minutes // 60, "h") if minutes % 60 == 0 else (minutes, "min")


def is_soon(minutes: int) -> bool:
    """Whether a reminder so long before is one of the last hour."""
    return timedelta(minutes=minutes) < SOON


def moments(
    starts_at: datetime, offsets: Iterable[Offset], *, known_at: datetime, quiet: Policy | None
) -> list[Moment]:
    """The reminders of a visit that begins at `starts_at`, by time. `known_at`: since when it has had this time."""
    starts_at = starts_at.astimezone(UTC)  # sums of another zone's datetimes are of what its clock shows
    found = [_moment(starts_at, offset, known_at, quiet) for offset in offsets]
    found.sort(key=lambda one: (one.at, -one.minutes))
    return [_alone(one, found, starts_at) for one in found]


def review_at(done_at: datetime, hours: int, quiet: Policy | None) -> datetime:
    """When somebody is asked how a visit was that ended at `done_at`: never in quiet hours."""
    at = done_at.astimezone(UTC) + timedelta(hours=hours)
    return pace.end_of_quiet(quiet, at) if quiet is not None and pace.is_quiet(quiet, at) else at


def known_since(made_at: datetime, moves: Sequence[tuple[datetime, datetime, datetime, bool]]) -> datetime:
    """Since when a visit has had its time. `moves` in their order: when, from, to, and whether that was an undo.

    What was taken back counts as if it had not been; a change of length or professional is none of the time.
    """
    since = [made_at]
    for at, before, after, is_undo in moves:
        if before == after:
            continue
        if is_undo and len(since) > 1:
            since.pop()
        else:
            since.append(at)
    return since[-1]


def _moment(starts_at: datetime, offset: Offset, known_at: datetime, quiet: Policy | None) -> Moment:
    at = _awake(starts_at, offset.lead, quiet)
    settled_at = known_at + min(SETTLES_IN, offset.lead / 2)
    if at < settled_at:
        return Moment(offset.minutes, at, WhyNot.KNOWN_LATER)
    return Moment(offset.minutes, at, WhyNot.SET_LATER if at < offset.since else None)


def _awake(starts_at: datetime, lead: timedelta, quiet: Policy | None) -> datetime:
    at = starts_at - lead
    if quiet is None or lead < SOON or not pace.is_quiet(quiet, at):
        return at
    later = pace.end_of_quiet(quiet, at)
    if starts_at - later >= lead / 2:
        return later
    earlier = pace.start_of_quiet(quiet, at) - BEFORE_QUIET
    return earlier if not pace.is_quiet(quiet, earlier) else at


def _alone(one: Moment, among: Sequence[Moment], starts_at: datetime) -> Moment:
    """Without what another one says a little later, where the quiet hours have moved one of the two."""
    if one.why_not is None and any(_covers(other, one, starts_at) for other in among):
        return replace(one, why_not=WhyNot.TOGETHER)
    return one


def _covers(other: Moment, one: Moment, starts_at: datetime) -> bool:
    was_moved = any(moment.at != starts_at - timedelta(minutes=moment.minutes) for moment in (one, other))
    near = timedelta(0) <= other.at - one.at < TOGETHER or one.at == other.at
    return other.why_not is None and other.minutes < one.minutes and near and was_moved
