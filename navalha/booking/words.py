"""How the public pages say days, lengths of time and the cancellation rule, in the page's language."""

from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from navalha.accounts.models import Shop
from navalha.web.days import day_long, day_short

__all__ = ["cancellation_rule", "day_long", "day_near", "day_near_short", "day_short", "minutes_long", "minutes_short"]


def day_near(day: date, today: date) -> str:
    """`hoje, terça-feira, 24 de novembro`; the long form alone from the day after tomorrow."""
    near = {today: _("hoje"), today + timedelta(days=1): _("amanhã")}
    return ", ".join(filter(None, (near.get(day), day_long(day))))


def day_near_short(day: date, today: date) -> str:
    """`hoje`, `amanhã`, `sáb, 28/11`."""
    near = {today: _("hoje"), today + timedelta(days=1): _("amanhã")}
    return near.get(day) or f"{day_short(day)}, {day:%d/%m}"


def minutes_long(minutes: int) -> str:
    """90 -> `1 hora e 30 minutos`."""
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(ngettext("%(count)d hora", "%(count)d horas", hours) % {"count": hours})
    if rest:
        parts.append(ngettext("%(count)d minuto", "%(count)d minutos", rest) % {"count": rest})
    return _(" e ").join(parts)


def minutes_short(minutes: int) -> str:
    """90 -> `1 h 30`, 50 -> `50 min`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d}" if rest else f"{hours} h"


def cancellation_rule(shop: Shop) -> str:
    """One sentence on until when a customer may change or cancel by themselves."""
    if not shop.cancel_window_minutes:
        return _("Você pode remarcar ou cancelar por aqui até a hora marcada.")
    return _("Você pode remarcar ou cancelar por aqui até %(time)s antes do horário.") % {
        "time": minutes_long(shop.cancel_window_minutes)
    }
