"""The editor of a week: what is typed for each day, with breaks, and copied from one day to the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.text import capfirst

from navalha.scheduling.models import Weekday, WorkingHours
from navalha.scheduling.slots import Wall

from .fields import BadStretches, shown_clock, walls

SPARE = 1  # empty rows below those that are filled
LEAST = 2  # rows of a day: with one break
MOST = 6


@dataclass(slots=True)
class Day:
    """One weekday as typed: `rows` are pairs of texts."""

    number: int
    rows: list[tuple[str, str]]
    error: str = ""
    walls: list[Wall] = field(default_factory=list)

    @property
    def name(self) -> str:
        return capfirst(str(Weekday(self.number).label))

    @property
    def number_text(self) -> str:
        return str(self.number)

    @property
    def shown(self) -> list[tuple[str, str]]:
        """The rows with room for one more stretch."""
        wanted = min(max(len(self.rows) + SPARE, LEAST), MOST)
        return [*self.rows, *[("", "")] * (wanted - len(self.rows))]

    @property
    def is_open(self) -> bool:
        return bool(self.rows)

    def check(self) -> bool:
        try:
            self.walls = walls(self.rows)
        except BadStretches as bad:
            self.error = str(bad)
        return not self.error


class Week:
    """Seven days from Monday."""

    def __init__(self, days: list[Day]) -> None:
        self.days = days

    @classmethod
    def of(cls, hours: Iterable[WorkingHours]) -> "Week":
        """The week that is kept."""
        days = [Day(number, []) for number in range(7)]
        for one in hours:
            days[one.weekday].rows.append((f"{one.starts:%H:%M}", f"{one.ends:%H:%M}"))
        return cls(days)

    @classmethod
    def typed(cls, data: QueryDict) -> "Week":
        """The week that somebody typed: `from-0` and `to-0` for each stretch of Monday, and so on."""
        return cls([Day(number, typed_rows(data, f"-{number}")) for number in range(7)])

    def is_valid(self) -> bool:
        return not [day for day in self.days if not day.check()]  # every day says what is wrong with it

    def walls(self) -> Mapping[int, list[Wall]]:
        return {day.number: day.walls for day in self.days}

    def copy(self, number: int) -> None:
        """The rows of one day for Monday to Saturday, and for Sunday if it is open: nothing is kept by that."""
        for day in self.days:
            if day.number != Weekday.SUNDAY or day.is_open:
                day.rows = list(self.days[number].rows)

    def pairs(self) -> list[tuple[str, str]]:
        """The same as fields of a form, to send it again."""
        return [
            pair
            for day in self.days
            for starts, ends in day.rows
            for pair in ((f"from-{day.number}", starts), (f"to-{day.number}", ends))
        ]


def typed_rows(data: QueryDict, which: str = "") -> list[tuple[str, str]]:
    """The pairs of `from…` and `to…` in which something is typed."""
    pairs = zip(data.getlist(f"from{which}")[:MOST], data.getlist(f"to{which}")[:MOST], strict=False)
    return [(starts, ends) for starts, ends in pairs if starts.strip() or ends.strip()]


def rows_of(stretches: Iterable[Wall]) -> list[tuple[str, str]]:
    return [(shown_clock(starts), shown_clock(ends)) for starts, ends in stretches]
