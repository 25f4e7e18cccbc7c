"""The days and the times that a visitor chooses from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils.translation import gettext as _

from navalha.accounts.models import Shop
from navalha.scheduling import queries, slots
from navalha.scheduling.models import Appointment
from navalha.scheduling.moving import another_time
from navalha.scheduling.slots import Board, Rules, Slot
from navalha.scheduling.waitlist.suiting import EVENING, NOON

from . import words
from .front import Choice, Front

WINDOW = 14  # days on one page: two rows of a week
FIRST_TIMES = 8  # of each day under "primeiro horário livre"
FIRST_DAYS = 2


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the strip; `state` is free, full, over (today, when it is too late for any time) or closed."""

    day: date
    state: str
    url: str
    is_chosen: bool

    @property
    def weekday(self) -> str:
        return words.day_short(self.day)

    @property
    def label(self) -> str:
        return words.day_long(self.day)


@dataclass(frozen=True, slots=True)
class Group:
    """Times under one heading: a day, or a part of the chosen one."""

    title: str
    starts: Sequence[datetime]  # on the shop's clock
    more_url: str = ""


@dataclass(frozen=True, slots=True)
class Times:
    """What the page shows once services are chosen."""

    days: list[Day]
    groups: list[Group]
    earlier_url: str
    later_url: str
    last_day: date

    @property
    def next_free(self) -> Day | None:
        """The first free day after the chosen one: where to send somebody whose day has nothing."""
        chosen = next((one.day for one in self.days if one.is_chosen), date.min)
        return next((one for one in self.days if one.state == "free" and one.day > chosen), None)


def find(front: Front, choice: Choice, *, now: datetime, visitor: str, visit: Appointment | None = None) -> Times:
    """The days around the chosen one and the free times, in a fixed number of queries whatever they hold.

    With `visit`, the times to which it can be moved: what it takes itself is free, and it keeps its length.
    """
    rules = queries.ranked(front.shop, queries.rules_of(front.shop))
    today, last_day = slots.local_day(now, rules.zone), rules.last_day(now)
    first_day = window_start(choice.day or today, today)
    among = [one.pk for one in front.able(choice.services) if choice.professional in (None, one)]
    if visit is None:
        board = _board(front, choice, among, first_day, now, visitor)
    else:
        board = another_time.board(visit, among, first_day=first_day, days=WINDOW, now=now, visitor=visitor)
    found = slots.free_slots(rules, board, first_day=first_day, days=WINDOW, now=now)
    if visit is not None:
        found = another_time.elsewhere(visit, found)
    free = _by_day(found, rules)
    states = _states(rules, board, free, first_day, now)
    span = [first_day + timedelta(days=n) for n in range(WINDOW) if first_day + timedelta(days=n) <= last_day]
    return Times(
        days=[_day(front.shop, choice, day, states.get(day, "closed")) for day in span],
        groups=_parts(free.get(choice.day, [])) if choice.day else _first_free(front.shop, choice, free, today),
        earlier_url=_window_url(front.shop, choice, first_day - timedelta(days=WINDOW), today, last_day),
        later_url=_window_url(front.shop, choice, first_day + timedelta(days=WINDOW), today, last_day),
        last_day=last_day,
    )


def window_start(day: date, today: date) -> date:
    """The first of the fortnight, counted from today, in which `day` lies."""
    return today + timedelta(days=(day - today).days // WINDOW * WINDOW)


def _board(front: Front, choice: Choice, among: Sequence[int], first_day: date, now: datetime, visitor: str) -> Board:
    return queries.board_of(
        front.shop,
        among,
        choice.services,
        first_day=first_day,
        days=WINDOW,
        now=now,
        visitor=visitor,
        own=front.own,
    )


def _by_day(found: Iterable[Slot], rules: Rules) -> dict[date, list[Slot]]:
    """Local day -> free times, each once, with their starts on the shop's clock."""
    shown = [slot._replace(starts_at=slot.starts_at.astimezone(rules.zone)) for slot in slots.first_at_each_time(found)]
    return {day: list(times) for day, times in groupby(shown, key=lambda slot: slot.starts_at.date())}


def _open_days(rules: Rules, board: Board, first_day: date) -> set[date]:
    """The days on which the visit would fit if nobody had booked, nor the hour come: the others are closed."""
    before = slots.day_bounds(first_day, 1, rules.zone)[0] - rules.notice
    found = slots.free_slots(rules, board.untouched(), first_day=first_day, days=WINDOW, now=before)
    return {slots.local_day(slot.starts_at, rules.zone) for slot in found}


def _states(rules: Rules, board: Board, free: Iterable[date], first_day: date, now: datetime) -> dict[date, str]:
    """What the days are that are not closed."""
    today = slots.local_day(now, rules.zone)
    states = dict.fromkeys(_open_days(rules, board, first_day), "full") | dict.fromkeys(free, "free")
    if states.get(today) == "full" and not slots.free_slots(
        rules, board.untouched(), first_day=today, days=1, now=now
    ):  # it is too late for today, however little has been booked
        states[today] = "over"
    return states


def _day(shop: Shop, choice: Choice, day: date, state: str) -> Day:
    return Day(day, state, replace(choice, day=day).url(shop), day == choice.day)


def _parts(free: Iterable[Slot]) -> list[Group]:
    """The times of one day by morning, afternoon, evening."""
    starts = [slot.starts_at for slot in free]
    parts = (
        (_("Manhã"), [start for start in starts if start.hour < NOON]),
        (_("Tarde"), [start for start in starts if NOON <= start.hour < EVENING]),
        (_("Noite"), [start for start in starts if start.hour >= EVENING]),
    )
    return [Group(title, times) for title, times in parts if times]


def _first_free(shop: Shop, choice: Choice, free: dict[date, list[Slot]], today: date) -> list[Group]:
    """A few times of the first free days: those first that leave the shop no gap which nobody can use."""
    near = {today: _("hoje"), today + timedelta(days=1): _("amanhã")}
    return [
        Group(
            near.get(day) or words.day_long(day),
            sorted(slot.starts_at for slot in slots.tidy_first(free[day])[:FIRST_TIMES]),
            replace(choice, day=day).url(shop) if len(free[day]) > FIRST_TIMES else "",
        )
        for day in sorted(free)[:FIRST_DAYS]
    ]


def _window_url(shop: Shop, choice: Choice, day: date, today: date, last_day: date) -> str:
    return replace(choice, day=day).url(shop) if today <= day <= last_day else ""
