"""Seven days of the shop: the grid of one professional, or the lists of all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from navalha.accounts.models import Membership, Shop

from .. import queries, slots
from ..models import Professional, TimeOff, WaitlistOffer
from ..openings import closures
from ..openings.closures import Holiday
from ..slots import Calendar, Stretch
from ..waitlist import queries as waitlist_queries
from . import day
from .cards import cards_of
from .day import Column
from .frame import Card, Frame

DAYS = 7
WHOLE_DAY = 24  # hours


@dataclass(frozen=True, slots=True)
class WeekDay:
    """One day: its visits by time, and its lane when the week is one professional's."""

    on: date
    cards: list[Card]
    frame: Frame | None
    lane: Column | None
    now_at: int | None
    is_today: bool
    holiday: Holiday | None


@dataclass(frozen=True, slots=True)
class SevenDays:
    """Monday, which is `first`, to Sunday; `before` and `after` are the Mondays beside it."""

    first: date

    @property
    def last(self) -> date:
        return self.first + (DAYS - 1) * slots.DAY

    @property
    def before(self) -> date:
        return self.first - DAYS * slots.DAY

    @property
    def after(self) -> date:
        return self.first + DAYS * slots.DAY


@dataclass(frozen=True, slots=True)
class Week(SevenDays):
    """`person` None is everybody; `tones` are the colours of the professionals."""

    days: list[WeekDay]
    people: list[Professional]
    person: Professional | None
    hours: list[tuple[int, time]]
    tones: dict[int, int]

    @property
    def visit_count(self) -> int:
        return sum(len(one.cards) for one in self.days)


def build(shop: Shop, on: date, *, person_id: int | None, now: datetime, member: Membership | None = None) -> Week:
    """The week of `on`; the number of queries does not depend on how full it is."""
    zone = queries.zone_of(shop)
    first = on - timedelta(days=on.weekday())
    bounds = slots.day_bounds(first, DAYS, zone)
    people = day.people_of(shop, bounds)
    person = next((one for one in people if one.pk == person_id), None)
    shown = [visit for visit in day.visits_between(shop, bounds, person) if visit.state not in queries.FREED]
    cards = cards_of(shop, shown, now=now, member=member)
    tones = {one.pk: tone % day.TONES for tone, one in enumerate(people)}
    grid = _grid(shop, person, first, bounds, cards, tones, now) if person else None
    feasts = {one.on: one for one in closures.holidays(shop, first, first + (DAYS - 1) * slots.DAY)}
    dates = [first + number * slots.DAY for number in range(DAYS)]
    days = [_day(one, zone, cards, grid, now, feasts.get(one)) for one in dates]
    hours = list(days[0].frame.hours(zone)) if days[0].frame else []
    return Week(first, days, people, person, hours, tones)


@dataclass(frozen=True, slots=True)
class _Grid:
    """What the lanes of one professional's week are made of."""

    person: Professional
    calendar: Calendar
    off: Sequence[TimeOff]
    offers: Sequence[WaitlistOffer]
    frames: dict[date, Frame]
    tone: int


def _grid(
    shop: Shop,
    person: Professional,
    first: date,
    bounds: Stretch,
    cards: Sequence[Card],
    tones: dict[int, int],
    now: datetime,
) -> _Grid:
    zone = queries.zone_of(shop)
    [calendar] = queries.calendars_of(shop, [person.pk], between=bounds, now=now)
    booked = [(card.visit.blocked_from, card.visit.blocked_until) for card in cards]
    off = day.times_off(shop, [person], bounds)[person.pk]
    offers = waitlist_queries.kept_between(shop, bounds)
    return _Grid(person, calendar, off, offers, _frames(first, zone, calendar, booked), tones[person.pk])


def _day(
    on: date, zone: ZoneInfo, cards: Sequence[Card], grid: _Grid | None, now: datetime, holiday: Holiday | None
) -> WeekDay:
    mine = [card for card in cards if slots.local_day(card.visit.starts_at, zone) == on]
    is_today = slots.local_day(now, zone) == on
    if grid is None:
        return WeekDay(on, mine, None, None, None, is_today, holiday)
    shown, opened = grid.frames[on], day.opened_on(grid.calendar, on, zone)
    lane = day.column(shown, grid.person, grid.calendar, opened, cards, grid.off, grid.offers, now, grid.tone)
    return WeekDay(on, mine, shown, lane, shown.at(now), is_today, holiday)


def _frames(first: date, zone: ZoneInfo, calendar: Calendar, booked: Sequence[Stretch]) -> dict[date, Frame]:
    """The same hours of the clock on each day, around all that is open or booked in the week."""
    days = [first + number * slots.DAY for number in range(DAYS)]
    opened = [stretch for on in days for stretch in day.opened_on(calendar, on, zone)]
    from_hour, to_hour = _hours([*opened, *booked], zone)
    return {on: Frame(_moment(on, from_hour, zone), _moment(on, to_hour, zone)) for on in days}


def _hours(stretches: Sequence[Stretch], zone: ZoneInfo) -> tuple[int, int]:
    """From which full hour to which; a stretch over midnight reaches both ends of the day."""
    starts, ends = {9}, {18}
    if stretches:
        starts, ends = set(), set()
    for start, end in stretches:
        first, last = start.astimezone(zone), (end - timedelta(microseconds=1)).astimezone(zone)
        starts.add(first.hour if first.date() == last.date() else 0)
        ends.add(last.hour + 1 if first.date() == last.date() else WHOLE_DAY)
    return min(starts), max(ends)


def _moment(on: date, hour: int, zone: ZoneInfo) -> datetime:
    """When the clock shows `hour` on that day; the start of the day when a clock change skips that."""
    if hour == WHOLE_DAY:
        return slots.day_bounds(on, 1, zone)[1]
    return slots.local_moment(on, time(hour), zone) or slots.day_bounds(on, 1, zone)[0]
