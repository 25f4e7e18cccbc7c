"""How long ago, in the words people use."""

from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def since(moment: datetime, now: datetime) -> str:
    """`agora`, `há 3 min`, `há 2 h`, `ontem às 14:20`, `22/11 às 14:20` on the active time zone's clock.

    A moment slightly ahead of `now` (two machines, two clocks) is `agora`.
    """
    age = now - moment
    if age < timedelta(minutes=1):
        return _("agora")
    if age < timedelta(hours=1):
        return _("há %(minutes)s min") % {"minutes": age // timedelta(minutes=1)}
    local, today = localtime(moment), localtime(now).date()
    if age < timedelta(hours=12) or local.date() == today:
        return _("há %(hours)s h") % {"hours": age // timedelta(hours=1)}
    time = date_format(local, "H:i")
    if local.date() == today - timedelta(days=1):
        return _("ontem às %(time)s") % {"time": time}
    pattern = "d/m" if local.year == today.year else "d/m/Y"
    return _("%(day)s às %(time)s") % {"day": date_format(local, pattern), "time": time}


def moment(at: datetime, now: datetime) -> str:
    """`14:20` today, else `22/11 às 14:20`, on the active time zone's clock."""
    local, today = localtime(at), localtime(now).date()
    time = date_format(local, "H:i")
    if local.date() == today:
        return time
    pattern = "d/m" if local.year == today.year else "d/m/Y"
    return _("%(day)s às %(time)s") % {"day": date_format(local, pattern), "time": time}


def lasting(span: timedelta) -> str:
    """How long: `menos de 1 min`, `12 min`, `3 h 20 min`, `2 dias e 4 h`."""
    minutes = span // timedelta(minutes=1)
    if minutes < 1:
        return _("menos de 1 min")
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days, rest = divmod(hours, 24)
    words = ngettext("%(days)s dia", "%(days)s dias", days) % {"days": days}
    return _("%(days)s e %(hours)s h") % {"days": words, "hours": rest} if rest else words
