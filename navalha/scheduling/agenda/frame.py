"""The shown part of a day, as a grid of five minutes: what stands where on it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from navalha.messaging.models import WhatsAppMessage

from .. import slots
from ..models import Appointment, Deposit, WaitlistOffer
from ..slots import Stretch
from .commands import Command

UNIT = timedelta(minutes=5)
HOUR = timedelta(hours=1)
USUAL = (time(9), time(18))  # shown on a day on which nobody works
SHORTEST = timedelta(minutes=30)  # of a gap that is offered to tap


@dataclass(frozen=True, slots=True)
class Card:
    """What a block says of its visit without being opened, and what can be done from there.

    `missed` is how often this customer did not come or cancelled late; `steps` are the one or two next commands.
    """

    visit: Appointment
    message: WhatsAppMessage | None = None
    missed: int = 0
    deposit: Deposit | None = None
    is_movable: bool = False
    steps: Sequence[Command] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a lane: `at` units below its top, `units` long."""

    at: int
    units: int
    starts_at: datetime
    ends_at: datetime
    card: Card | None = None
    reason: str = ""
    time_off: int | None = None
    offer: WaitlistOffer | None = None

    @property
    def visit(self) -> Appointment | None:
        return self.card.visit if self.card else None

    @property
    def message(self) -> WhatsAppMessage | None:
        return self.card.message if self.card else None


@dataclass(frozen=True, slots=True)
class Frame:
    """Whole hours around all that is open or booked."""

    starts_at: datetime
    ends_at: datetime

    @property
    def units(self) -> int:
        return (self.ends_at - self.starts_at) // UNIT

    def block(self, stretch: Stretch, **what: object) -> Block | None:
        """The part of `stretch` that is shown; None when nothing of it is."""
        starts_at, ends_at = max(stretch[0], self.starts_at), min(stretch[1], self.ends_at)
        if starts_at >= ends_at:
            return None
        at = (starts_at - self.starts_at) // UNIT
        units = max(1, -((self.starts_at - ends_at) // UNIT) - at)
        return Block(at, units, starts_at, ends_at, **what)  # type: ignore[arg-type]

    def blocks_of(self, stretches: Iterable[Stretch]) -> list[Block]:
        return [block for stretch in stretches if (block := self.block(stretch)) is not None]

    def closed(self, opened: Iterable[Stretch], away: Iterable[Stretch], told: Iterable[Stretch]) -> list[Block]:
        """When nobody can be booked, less what says of itself why."""
        shut = slots.without([(self.starts_at, self.ends_at)], opened)
        return self.blocks_of(slots.without(slots.merged([*shut, *away]), told))

    def at(self, moment: datetime) -> int | None:
        """Where the line of now stands; None outside."""
        return (moment - self.starts_at) // UNIT if self.starts_at <= moment < self.ends_at else None

    def hours(self, zone: ZoneInfo) -> Iterator[tuple[int, time]]:
        """Each full hour: where it stands, and what the shop's clock shows then."""
        moment = self.starts_at
        while moment < self.ends_at:
            yield (moment - self.starts_at) // UNIT, moment.astimezone(zone).time()
            moment += HOUR


def around(on: date, zone: ZoneInfo, stretches: Sequence[Stretch]) -> Frame:
    """The frame of one day around `stretches`; usual hours when there are none."""
    stretches = stretches or [_usual(on, zone)]
    first, last = min(start for start, _ in stretches), max(end for _, end in stretches)
    day = slots.day_bounds(on, 1, zone)
    return Frame(max(whole_hour(first), day[0]), min(_next_hour(last), day[1]))


def gaps(opened: Iterable[Stretch], blocked: Iterable[Stretch], now: datetime) -> list[Stretch]:
    """What is free from now on, cut at full hours: a tap in the afternoon should not ask for the morning."""
    free = slots.without(opened, blocked)
    ahead = [(max(start, now), end) for start, end in free if end - max(start, now) >= SHORTEST]
    return [piece for stretch in ahead for piece in _by_hour(stretch)]


def whole_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _next_hour(moment: datetime) -> datetime:
    return whole_hour(moment + HOUR - timedelta(microseconds=1))


def _usual(on: date, zone: ZoneInfo) -> Stretch:
    starts, ends = (datetime.combine(on, at, zone).astimezone(UTC) for at in USUAL)
    return starts, ends


def _by_hour(stretch: Stretch) -> Iterator[Stretch]:
    start, end = stretch
    while start < end:
        cut = min(whole_hour(start) + HOUR, end)
        yield start, cut
        start = cut
