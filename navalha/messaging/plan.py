"""How many messages the shop's plan lets out in a day of its own clock.

A person is told at once. What the product says by itself waits for the next day, and expires when that is too late.
"""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from navalha.accounts.models import Shop
from navalha.accounts.plans import limits_of
from navalha.core.errors import Refused
from navalha.web.sentences import to_keep

from .models import Direction, MessageState

# What will never go out is not counted.
NOT_SENT = (MessageState.FAILED, MessageState.EXPIRED, MessageState.CANCELLED)


def refuse_beyond_the_day(shop: Shop, *, now: datetime) -> None:
    """Raise `Refused` when today's messages are used up."""
    if left_today(shop, now=now) == 0:
        raise Refused(
            _("As mensagens de hoje do seu plano (%(count)d) acabaram. Espere o dia seguinte ou fale com o suporte.")
            % {"count": limits_of(shop).messages_a_day}
        )


def held_by_plan(shop: Shop, *, now: datetime) -> dict[str, Any]:
    """Fields that keep a new message until tomorrow when today's are used up; none otherwise."""
    return until_tomorrow(shop, now=now) if left_today(shop, now=now) == 0 else {}


def left_today(shop: Shop, *, now: datetime) -> int | None:
    """How many messages of today the plan has left; None without a limit."""
    most = limits_of(shop).messages_a_day
    if most is None:
        return None
    today = shop.messages.filter(direction=Direction.OUT, created_at__gte=_day_of(shop, now), created_at__lte=now)
    return max(most - today.exclude(state__in=NOT_SENT).count(), 0)


def until_tomorrow(shop: Shop, *, now: datetime) -> dict[str, Any]:
    """Fields that keep a new message until the plan's next day."""
    why = _("O limite de mensagens do plano acabou por hoje. Esta sai amanhã.")
    return {"due_at": _day_of(shop, now) + timedelta(days=1), "error_code": "plan", "error_message": to_keep(why)}


def _day_of(shop: Shop, now: datetime) -> datetime:
    """When the shop's day began."""
    zone = ZoneInfo(shop.timezone)
    return datetime.combine(now.astimezone(zone).date(), time(), zone)
