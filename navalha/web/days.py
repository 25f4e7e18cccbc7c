"""A day in words, in the way of the page's language."""

from datetime import date

from babel.dates import format_date
from django.utils.translation import get_language, to_locale

LONG = {"pt_BR": "EEEE, d 'de' MMMM"}  # the skeletons of CLDR shorten the weekday


def day_long(day: date) -> str:
    """`terça-feira, 24 de novembro`; in English `Tuesday, November 24`."""
    return format_date(day, LONG.get(locale(), "EEEE, MMMM d"), locale=locale())


def day_short(day: date) -> str:
    """`ter`; in English `Tue`."""
    return format_date(day, "EEE", locale=locale()).rstrip(".")


def locale() -> str:
    """The page's language as Babel names it."""
    return to_locale(get_language() or "pt-br")
