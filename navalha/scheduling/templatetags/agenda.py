"""What the agenda's templates say about time."""

from datetime import date, datetime, time

from babel.dates import format_date
from django import template
from django.utils import timezone
from django.utils.translation import get_language, to_locale

register = template.Library()


@register.filter
def long_day(day: date | datetime) -> str:
    """`terça-feira, 24 de novembro de 2026`, in the way of the page's language and on the shop's clock."""
    if isinstance(day, datetime):
        day = timezone.localtime(day).date()
    return format_date(day, "full", locale=to_locale(get_language() or "pt-br"))


@register.filter
def short_day(day: date | datetime) -> str:
    """`Sáb 28/11`, in the way of the page's language and on the shop's clock."""
    if isinstance(day, datetime):
        day = timezone.localtime(day).date()
    weekday = format_date(day, "EEE", locale=to_locale(get_language() or "pt-br")).rstrip(".")
    return f"{weekday[:1].upper()}{weekday[1:]} {day:%d/%m}"


@register.filter
def iso_day(day: date | str | None) -> str:
    """For `<input type="date">`, which speaks no Portuguese; what was typed and is no day stays as typed."""
    return day.isoformat() if isinstance(day, date) else str(day or "")


@register.filter
def clock(at: time | str | None) -> str:
    """For `<input type="time">`: `15:00`."""
    return f"{at:%H:%M}" if isinstance(at, time) else str(at or "")


@register.filter
def of(values: dict[int, int], key: int) -> int:
    """`{{ week.tones|of:person.pk }}`: what a mapping says of a key."""
    return values[key]
