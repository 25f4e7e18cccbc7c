"""What the agenda's templates say about time."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from babel.dates import format_date
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, to_locale

from navalha.web import icons, sentences
from navalha.web.badges import APPOINTMENT, BADGES, DEPOSIT, MESSAGE

from ..agenda.commands import COMMANDS

register = template.Library()
# Everything that a block of the grid may draw.
DRAWN = sorted(
    {
        *(badge.icon for badge in (*APPOINTMENT.values(), *MESSAGE.values(), *DEPOSIT.values())),
        *(command.icon for command in COMMANDS.values()),
        *("globe2", "shop", "person-walking", "hourglass-split", "arrow-repeat", "person-x", "plus", "lock"),
    }
)


@register.simple_tag
def grid_symbols() -> SafeString:
    """The drawings of the grid, once for the page: inline in each block they were four fifths of it."""
    drawings = "".join(icons.symbol(name) for name in DRAWN)
    return mark_safe(f'<svg hidden aria-hidden="true">{drawings}</svg>')  # noqa: S308 - our own drawings


@register.simple_tag
def drawn(name: str) -> SafeString:
    """`{% drawn "lock" %}`: as `{% icon %}`, on pages with `{% grid_symbols %}`."""
    return mark_safe(icons.use(name))  # noqa: S308 - the names come from us


@register.simple_tag
def mark(state: str, reason: str = "") -> SafeString:
    """`{% mark visit.state %}`: as `{% tick %}`, on pages with `{% grid_symbols %}`."""
    return _mark(state, reason, get_language() or "pt-br")


@lru_cache(maxsize=512)  # a week has hundreds of marks and a dozen different ones
def _mark(state: str, reason: str, _language: str) -> SafeString:
    look = BADGES[state]
    words = f"{look.words}: {sentences.to_read(reason)}" if reason else str(look.words)
    html = '<span class="tick tone-{}" title="{}">{}<span class="visually-hidden">{}</span></span>'
    return format_html(html, look.tone, words, drawn(look.icon), words)


@register.filter
def in_words(key: str) -> str:
    """`{{ deposit.badge|in_words }}`: the words of a badge, without its drawing."""
    return str(BADGES[key].words)


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
def weekday(moment: datetime) -> str:
    """`sexta-feira`, `Friday`: within a sentence of the page's language, on the shop's clock."""
    return format_date(timezone.localtime(moment).date(), "EEEE", locale=to_locale(get_language() or "pt-br"))


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


@register.filter
def unix(moment: datetime) -> int:
    """`{{ visit.starts_at|unix }}`: seconds, as scripts count; `date:"U"` says the same ten times slower."""
    return int(moment.timestamp())


@register.filter
def hours(length: timedelta) -> str:
    """`6 h 30`, `45 min`: a length as people say it."""
    whole, minutes = divmod(length // timedelta(minutes=1), 60)
    if not whole:
        return f"{minutes} min"
    return f"{whole} h {minutes:02}" if minutes else f"{whole} h"


@register.filter
def from_hundred(percent: int) -> int:
    """Where a bar that grows from the floor begins."""
    return 100 - percent
