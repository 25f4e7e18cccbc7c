"""What the agenda's templates say about time."""

from datetime import date, datetime

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
