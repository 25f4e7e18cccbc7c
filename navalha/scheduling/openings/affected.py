"""Changes of hours and the visits that are booked already: none is dropped, and none is forgotten.

A change is tried, and what it leaves outside working hours is listed. Nothing is written until somebody has seen it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import ngettext

from navalha.accounts.models import Shop
from navalha.core.errors import Refused

from .. import queries, slots
from ..models import Appointment, Professional


class Affects(Refused):
    """The change would leave booked `visits` without anybody at work (by time). Nothing was written."""

    def __init__(self, visits: Sequence[Appointment]) -> None:
        count = len(visits)
        super().__init__(
            ngettext(
                "Há %(count)d horário marcado que ficaria fora do expediente. Nada foi mudado ainda.",
                "Há %(count)d horários marcados que ficariam fora do expediente. Nada foi mudado ainda.",
                count,
            )
            % {"count": count}
        )
        self.visits = list(visits)


def change(shop: Shop, act: Callable[[], object], *, now: datetime, agreed: bool) -> list[Appointment]:
    """Do `act`; the visits that it left outside working hours, by time. Raises Affects unless they were agreed to."""
    with transaction.atomic():
        before = {visit.pk for visit in stranded(shop, now=now)}
        act()
        left = [visit for visit in stranded(shop, now=now) if visit.pk not in before]
        if left and not agreed:
            raise Affects(left)
    return left


def stranded(shop: Shop, *, now: datetime) -> list[Appointment]:
    """The coming visits at whose time nobody works for them, by time: a fixed number of queries."""
    coming = coming_visits(shop, now=now)
    if not coming:
        return []
    zone = queries.zone_of(shop)
    first = slots.local_day(coming[0].starts_at, zone)
    days = (slots.local_day(max(visit.ends_at for visit in coming), zone) - first).days + 1
    people = sorted({visit.professional_id for visit in coming})
    between = queries.around(shop, first, days)
    working = {
        one.professional_id: slots.at_work(one, first, days, zone)
        for one in queries.openings_of(shop, people, between=between)
    }
    return [
        visit
        for visit in coming
        if not slots.holds_all(working[visit.professional_id], (visit.starts_at, visit.ends_at))
    ]


def coming_visits(shop: Shop, *, now: datetime, professional: Professional | None = None) -> list[Appointment]:
    """What is booked and still to come, by time."""
    rows = shop.appointments.filter(state__in=queries.OPEN, ends_at__gt=now, starts_at__gt=now - timedelta(days=1))
    if professional is not None:
        rows = rows.filter(professional=professional)
    return list(rows.select_related("customer", "professional").order_by("starts_at", "pk"))
