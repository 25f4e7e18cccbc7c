"""How often somebody comes, from the days on which they came. No database."""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from statistics import median

FEWEST_GAPS = 2  # one gap is a chance, two begin to be a habit


def days_between(visits: Iterable[date]) -> int | None:
    """The median number of days between the days of visits; None while there are too few to tell.

    The median, because one holiday abroad says nothing about a habit.
    """
    gaps = [(later - earlier).days for earlier, later in pairwise(sorted(set(visits)))]
    return round(median(gaps)) if len(gaps) >= FEWEST_GAPS else None
