"""A birthday as people tell it: day and month, maybe the year. No database."""

import re
from datetime import date
from typing import NamedTuple

TOLD = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{2}|\d{4}))?")
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")
ANY_LEAP_YEAR = 2000
OLDEST = 1900


class Birthday(NamedTuple):
    day: int | None = None
    month: int | None = None
    year: int | None = None


UNKNOWN = Birthday()


def parse(text: str, *, today: date) -> Birthday:
    """`24/11`, `24/11/90`, `24-11-1990`, `1990-11-24` -> day, month, year; nothing for an empty text.

    Raises ValueError for what is no day, or lies in the future.
    """
    text = text.strip()
    if not text:
        return UNKNOWN
    if found := ISO.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := TOLD.fullmatch(text):
        day, month = int(found[1]), int(found[2])
        year = _year(found[3], today)
    else:
        raise ValueError(text)
    born = date(year or ANY_LEAP_YEAR, month, day)
    if year and not (year >= OLDEST and born <= today):
        raise ValueError(text)
    return Birthday(day, month, year or None)


def _year(text: str | None, today: date) -> int:
    """Two digits mean the newest such year that has been; 0 for none."""
    if text is None:
        return 0
    if len(text) == 4:
        return int(text)
    year = today.year - today.year % 100 + int(text)
    return year if year <= today.year else year - 100
