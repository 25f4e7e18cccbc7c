"""Visits that come back every few weeks: up to twelve ahead, at the same time of the shop's clock."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from navalha.accounts.models import User
from navalha.core.errors import Refused

from . import actions, notices, queries, slots, visits, wishes
from .models import Appointment, Service
from .wishes import Wish

AHEAD = 12
EVERY = (1, 2, 3, 4)  # weeks: twelve times four still lie within the year that the agenda is open to the shop
ENDED = gettext_noop("Fim da repetição")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One of the coming visits; `problem` says why it cannot be, empty when it can."""

    starts_at: datetime
    problem: str = ""


def plan(appointment: Appointment, *, every_weeks: int, now: datetime) -> list[Occurrence]:
    """The coming visits and what stands in the way of each, without writing anything."""
    services = _services(appointment)
    return [
        Occurrence(starts_at, _problem(appointment, services, starts_at, now))
        for starts_at in _starts(appointment, every_weeks, now)
    ]


@transaction.atomic
def repeat(appointment: Appointment, *, every_weeks: int, by: User, now: datetime) -> list[Occurrence]:
    """Book what can be booked and return all, with their problems. The customer gets one message about all of them.

    Raises Refused for a visit that repeats already, and when not a single one can be booked.
    """
    list(appointment.shop.appointments.select_for_update(no_key=True).filter(pk=appointment.pk).values_list("pk"))
    appointment.refresh_from_db(fields=["series"])
    if appointment.series_id is not None:
        raise Refused(_("Esta visita já se repete."))
    services = _services(appointment)
    series = appointment.shop.visit_series.create(every_weeks=every_weeks, created_by=by, created_at=now)
    found, booked = [], []
    for starts_at in _starts(appointment, every_weeks, now):
        try:
            booked.append(_book(appointment, services, starts_at, by, now))
            found.append(Occurrence(starts_at))
        except Refused as refusal:
            found.append(Occurrence(starts_at, str(refusal)))
    if not booked:
        raise Refused(_("Nenhuma das próximas visitas cabe na agenda. Escolha outro horário ou outro intervalo."))
    ids = [appointment.pk, *(visit.pk for visit in booked)]
    appointment.shop.appointments.filter(pk__in=ids).update(series=series)
    notices.tell_customer("series_booked", appointment, now=now, options=_lines(booked))
    return found


@transaction.atomic
def end(appointment: Appointment, *, by: User, now: datetime) -> int:
    """Cancel this visit and the later ones of its series that are still to come; how many they were."""
    coming = list(following(appointment, now=now))
    if not coming:
        raise Refused(_("Não há mais visitas desta repetição para cancelar."))
    for visit in coming:
        visits.cancel(visit, by=by, now=now, reason=ENDED, tell_customer=False)
    notices.tell_customer("series_cancelled", coming[0], now=now)
    return len(coming)


def following(appointment: Appointment, *, now: datetime) -> Sequence[Appointment]:
    """This visit and the later ones of its series, as far as they are still to come."""
    if appointment.series_id is None:
        return []
    rows = appointment.shop.appointments.filter(series=appointment.series_id, state__in=queries.OPEN)
    coming = rows.filter(starts_at__gte=max(appointment.starts_at, now)).order_by("starts_at", "pk")
    return list(coming.select_related("customer", "professional", "shop").prefetch_related("items"))


def _starts(appointment: Appointment, every_weeks: int, now: datetime) -> Iterator[datetime]:
    """The same weekday and time of the clock; a day on which the clock skips that time is left out."""
    zone = queries.zone_of(appointment.shop)
    local = appointment.starts_at.astimezone(zone)
    for number in range(1, AHEAD + 1):
        day = local.date() + timedelta(weeks=every_weeks * number)
        moment = slots.local_moment(day, local.time(), zone)
        if moment is not None and moment > now:
            yield moment


def _services(appointment: Appointment) -> list[Service]:
    return [item.service for item in appointment.items.select_related("service")]


def _wish(appointment: Appointment, services: Sequence[Service], starts_at: datetime) -> Wish:
    return Wish(appointment.shop, services, appointment.professional, starts_at, for_staff=True)


def _problem(appointment: Appointment, services: Sequence[Service], starts_at: datetime, now: datetime) -> str:
    try:
        wishes.candidates(_wish(appointment, services, starts_at), now=now)
    except Refused as refusal:
        return str(refusal)
    return ""


def _book(
    appointment: Appointment, services: Sequence[Service], starts_at: datetime, by: User, now: datetime
) -> Appointment:
    return actions.book(
        appointment.shop,
        services=services,
        professional=appointment.professional,
        starts_at=starts_at,
        name="",
        phone="",
        customer=appointment.customer,
        source="series",
        by=by,
        now=now,
        tell=False,
    )


def _lines(booked: Sequence[Appointment]) -> str:
    zone = queries.zone_of(booked[0].shop)
    return "\n".join(f"• {visit.starts_at.astimezone(zone):%d/%m/%Y às %H:%M}" for visit in booked)
