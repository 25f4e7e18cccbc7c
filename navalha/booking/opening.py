"""When somebody works at the shop: now, in a usual week, and on the coming dates that differ from it. Pure.

Derived from what the active professionals work, so it cannot promise an hour at which nobody is there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import get_day_names
from django.utils.translation import gettext as _

from navalha.scheduling import slots
from navalha.scheduling.slots import DAY, Calendar, Stretch
from navalha.web.days import locale

from . import words

AHEAD = 14  # days in which a date that differs is said
LATE = time(6)  # who works until then belongs to the evening before
ROUND_THE_CLOCK = timedelta(hours=24)

Days = dict[date, list[Stretch]]  # on the shop's clock


@dataclass(frozen=True, slots=True)
class Line:
    """One weekday, or one date that differs; no stretches is closed. `why` names the holiday."""

    name: str
    stretches: Sequence[Stretch]
    is_today: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """`state` and `until` are one sentence in two parts: `Aberto agora`, `fecha às 19:00`.

    `week` begins on Monday; `dates` are the coming ones that differ from it. `usual` is the week in numbers.
    """

    is_open: bool
    state: str
    until: str
    week: Sequence[Line]
    dates: Sequence[Line]
    usual: Mapping[int, Sequence[Stretch]]
    special: Mapping[date, Sequence[Stretch]]


def read(calendars: Sequence[Calendar], zone: ZoneInfo, *, now: datetime, holidays: Mapping[date, str]) -> Opening:
    """`calendars` reach from yesterday to AHEAD days from today; `holidays` are the names of the closed days."""
    today = slots.local_day(now, zone)
    coming = [today + number * DAY for number in range(-1, AHEAD + 1)]
    real, plain = of_days(calendars, coming, zone), of_days(map(_usual, calendars), coming, zone)
    usual = {day.weekday(): plain[day] for day in coming[1:8]}
    special = {day: real[day] for day in coming[1:-1] if real[day] != plain[day]}
    is_open, state, until = _now([one for day in coming for one in real[day]], now.astimezone(zone))
    names = get_day_names("wide", locale=locale())
    return Opening(
        is_open,
        state,
        until,
        [Line(names[number], usual[number], number == today.weekday()) for number in range(7)],
        [Line(words.day_long(day), found, why=holidays.get(day, "")) for day, found in special.items()],
        usual,
        special,
    )


def of_days(calendars: Iterable[Calendar], days: Sequence[date], zone: ZoneInfo) -> Days:
    """When anybody works on each of `days` (one after the other); a night that goes on belongs to its evening."""
    found: Days = {day: [] for day in days}
    for calendar in calendars:
        for day in days:
            found[day] += slots.without(slots.open_stretches(calendar, day, zone), calendar.away)
    shown = {day: [_on_wall(one, zone) for one in slots.merged(every)] for day, every in found.items()}
    for day in days[:-1]:
        _take_the_night(shown[day], shown[day + DAY])
    return shown


def _take_the_night(evening: list[Stretch], morning: list[Stretch]) -> None:
    """Move what goes on after midnight to the evening that it began on."""
    if evening and morning and morning[0][0] == evening[-1][1] and morning[0][1].time() <= LATE:
        evening[-1] = evening[-1][0], morning.pop(0)[1]


def _usual(calendar: Calendar) -> Calendar:
    return replace(calendar, away=(), special={})


def _on_wall(stretch: Stretch, zone: ZoneInfo) -> Stretch:
    return stretch[0].astimezone(zone), stretch[1].astimezone(zone)


def _now(stretches: Iterable[Stretch], now: datetime) -> tuple[bool, str, str]:
    joined = [_on_wall(one, now.tzinfo) for one in slots.merged(stretches)]  # type: ignore[arg-type] # the shop's zone
    for starts, ends in joined:
        if starts <= now < ends:
            until = "" if ends - now >= ROUND_THE_CLOCK else _("fecha às %(time)s") % {"time": f"{ends:%H:%M}"}
            return True, _("Aberto agora"), until
    following = next((starts for starts, _ends in joined if starts > now), None)
    return False, _("Fechado agora"), _opens(following, now) if following else ""


def _opens(starts: datetime, now: datetime) -> str:
    at = {"time": f"{starts:%H:%M}"}
    ahead = (starts.date() - now.date()).days
    if ahead == 0:
        return _("abre às %(time)s") % at
    if ahead == 1:
        return _("abre amanhã às %(time)s") % at
    return _("abre %(day)s às %(time)s") % {"day": words.day_long(starts.date()), **at}
