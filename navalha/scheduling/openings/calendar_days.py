"""The holidays of Brazil and its states, as the `holidays` package knows them. Pure: no tables.

Cities have holidays of their own that no calendar lists: shops note them by hand.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays

FIRST_YEAR, LAST_YEAR = 1950, 2200  # outside, moving feasts are not worth their computing


@dataclass(frozen=True, slots=True, order=True)
class CalendarDay:
    """One holiday. An optional one (carnival, Corpus Christi) closes only what chooses to close."""

    on: date
    name: str
    is_optional: bool
    is_national: bool


@lru_cache(maxsize=512)  # 27 states by the years that people look at, in two languages
def of_year(region: str, year: int, language: str) -> tuple[CalendarDay, ...]:
    """The holidays of a year by date: the national ones, those of `region` ("SP"; "" for none), the optional ones.

    Their names are English when `language` ("en", "pt-br", …) is, and Portuguese otherwise.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return ()
    names_in = "en_US" if language.startswith("en") else "pt_BR"
    national, public = _named("", year, "public", names_in), _named(region, year, "public", names_in)
    optional = _named(region, year, "optional", names_in)
    days = [CalendarDay(on, name, False, on in national) for on, name in public.items()]
    days += [CalendarDay(on, name, True, True) for on, name in optional.items() if on not in public]
    return tuple(sorted(days))


def _named(region: str, year: int, category: str, names_in: str) -> dict[date, str]:
    found = holidays.country_holidays(
        "BR", subdiv=region or None, years=year, categories=(category,), language=names_in, expand=False
    )
    return {on: name.replace("; ", ", ") for on, name in found.items()}
