"""On which days the whole shop is closed: the calendar's holidays, and what the shop said about each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language

from navalha.accounts.models import Shop

from ..models import ShopHoliday
from . import calendar_days


@dataclass(frozen=True, slots=True)
class Holiday:
    """One holiday as the shop keeps it. `row` is its own word on it, if it said one."""

    on: date
    name: str
    is_open: bool
    is_optional: bool = False
    row: ShopHoliday | None = None

    @property
    def is_own(self) -> bool:
        return self.row is not None and self.row.is_own


def holidays(shop: Shop, first_day: date, last_day: date) -> list[Holiday]:
    """The holidays from `first_day` to `last_day`, both included, by date: one query.

    The calendar's close the shop unless it opens on holidays, the optional ones do not; the shop's own word wins.
    The calendar's are named in the reader's language, so a name is to be shown and never to be stored or sent.
    """
    language = get_language() or "pt-br"
    found = {
        day.on: Holiday(day.on, day.name, day.is_optional or shop.opens_on_holidays, day.is_optional)
        for year in range(first_day.year, last_day.year + 1)
        for day in calendar_days.of_year(shop.region, year, language)
    }
    for row, on in _said(shop.holidays.all(), first_day, last_day):
        known = found.get(on)
        name = row.name or (known.name if known else "")
        found[on] = Holiday(on, name, row.is_open, bool(known and known.is_optional), row)
    return [found[on] for on in sorted(found) if first_day <= on <= last_day]


def closed_days(shop: Shop, first_day: date, last_day: date) -> list[date]:
    """The holidays on which nobody works unless somebody has hours of their own for that date: one query."""
    return [day.on for day in holidays(shop, first_day, last_day) if not day.is_open]


def _said(rows: Iterable[ShopHoliday], first_day: date, last_day: date) -> Iterator[tuple[ShopHoliday, date]]:
    """The rows with the dates on which they stand; what is said of one date wins over what returns each year."""
    for row in sorted(rows, key=lambda row: not row.every_year):
        if not row.every_year:
            yield row, row.on
            continue
        for year in range(max(first_day.year, row.on.year), last_day.year + 1):
            on = in_year(row.on, year)
            if on is not None:
                yield row, on


def in_year(day: date, year: int) -> date | None:
    """The same day and month in another year; None for 29 February where there is none."""
    try:
        return day.replace(year=year)
    except ValueError:
        return None
