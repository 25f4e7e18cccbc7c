"""What may stand in the way of a visit at another place of the agenda, in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from navalha.accounts.models import Shop
from navalha.core.errors import Refused
from navalha.web import elapsed

from .. import queries, slots
from ..models import Appointment
from ..slots import Stretch
from ..waitlist.models import FOR_WAITLIST
from ..wishes import LONGEST_VISIT

if TYPE_CHECKING:
    from .actions import Place

SHORTEST_VISIT = timedelta(minutes=5)


def check(shop: Shop, place: Place, *, now: datetime) -> None:
    """Raises Refused for what no visit can be: too short, too long, on a day that is over, with somebody who left."""
    if place.professional.shop_id != shop.pk:
        raise ValueError("a professional of another shop")
    if not SHORTEST_VISIT <= place.ends_at - place.starts_at <= LONGEST_VISIT:
        raise Refused(_("A visita deve durar entre 5 minutos e 8 horas."))
    zone = queries.zone_of(shop)
    if slots.local_day(place.starts_at, zone) < slots.local_day(now, zone):
        raise Refused(_("Este dia já passou. Escolha hoje ou um dia mais à frente."))
    if place.starts_at > now + timedelta(days=queries.STAFF_HORIZON_DAYS):
        raise Refused(_("A agenda vai só até um ano à frente. Escolha um dia antes."))
    if not place.professional.is_active:
        raise Refused(_("%(name)s não atende mais. Escolha outro profissional.") % {"name": place.professional.name})


def concern(appointment: Appointment, place: Place, *, now: datetime) -> str:
    """What is unusual about the place, as a sentence; empty when nothing is. Other visits are not asked about."""
    professional, name = place.professional, {"name": place.professional.name}
    stretch = (place.starts_at, place.ends_at)
    if _is_closed(appointment.shop, place, now):
        return _("Fora do expediente de %(name)s.") % name
    held = appointment.shop.slot_holds.filter(professional=professional, expires_at__gt=now)
    holder = held.filter(starts_at__lt=stretch[1], ends_at__gt=stretch[0]).values_list("visitor", flat=True).first()
    if holder is not None:
        if holder.startswith(FOR_WAITLIST):
            return _("Este horário está oferecido a alguém da lista de espera, que ainda pode responder.")
        return _("Um cliente está escolhendo este horário agora, na página de agendamento.")
    wanted = {item.service_id for item in appointment.items.all()}
    if wanted - set(professional.services.values_list("pk", flat=True)):
        return _("%(name)s não faz todos os serviços desta visita.") % name
    return ""


def _is_closed(shop: Shop, place: Place, now: datetime) -> bool:
    zone = queries.zone_of(shop)
    day = slots.local_day(place.starts_at, zone)
    [calendar] = queries.calendars_of(shop, [place.professional.pk], between=slots.day_bounds(day, 2, zone), now=now)
    stretch = (place.starts_at, place.ends_at)
    opened = [one for each in (day, day + slots.DAY) for one in slots.open_stretches(calendar, each, zone)]
    is_open = any(start <= stretch[0] and stretch[1] <= end for start, end in slots.merged(opened))
    return not is_open or any(slots.overlap(stretch, away) for away in calendar.away)


def who_moved(appointment: Appointment) -> str:
    """For the second of two who move the same visit: what the first one did."""
    change = appointment.changes.filter(version=appointment.version).select_related("by", "to_professional").first()
    if change is None or change.to_starts_at is None:
        return _("Este horário acabou de ser mudado. Veja como ele está agora.")
    return _("%(who)s moveu este horário para %(time)s com %(professional)s, %(ago)s. Veja se ainda quer mudar.") % {
        "who": change.by or _("O cliente"),
        "time": f"{timezone.localtime(change.to_starts_at, queries.zone_of(appointment.shop)):%d/%m, %H:%M}",
        "professional": change.to_professional,
        "ago": elapsed.since(change.at, timezone.now()),
    }


def blocked_at(appointment: Appointment, place: Place) -> Stretch:
    """What the visit would take of the chair there: its preparation and cleaning go with it."""
    before = timedelta(minutes=appointment.buffer_before_minutes)
    return place.starts_at - before, place.ends_at + timedelta(minutes=appointment.buffer_after_minutes)


def who_is_there(appointment: Appointment, place: Place) -> str:
    """Whom the visit would overlap."""
    others = appointment.shop.appointments.exclude(pk=appointment.pk).exclude(state__in=queries.FREED)
    blocked = blocked_at(appointment, place)
    other = (
        others.filter(professional=place.professional, blocked_from__lt=blocked[1], blocked_until__gt=blocked[0])
        .select_related("customer")
        .order_by("starts_at", "pk")
        .first()
    )
    if other is None:
        return _("Este horário acabou de ser ocupado. Escolha outro.")
    zone = queries.zone_of(appointment.shop)
    return _("%(professional)s já tem %(customer)s das %(from)s às %(to)s. Nada foi mudado.") % {
        "professional": place.professional,
        "customer": other.customer,
        "from": f"{other.starts_at.astimezone(zone):%H:%M}",
        "to": f"{other.ends_at.astimezone(zone):%H:%M}",
    }
