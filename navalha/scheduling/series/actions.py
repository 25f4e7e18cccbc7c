"""Visits that come back every few weeks, at the same time of the shop's clock: begun, ended, and what is left of them.

That twelve of them remain ahead is for `topping_up.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, islice
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from navalha.accounts.models import User
from navalha.core.errors import Refused
from navalha.live import topics
from navalha.live.publish import publish

from .. import actions, notices, queries, slots, visits, wishes
from ..models import Appointment, Professional, Service, VisitSeries
from ..reminders import terms as reminders
from ..wishes import Wish
from . import gaps

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
    services = services_of(appointment)
    return [
        Occurrence(starts_at, _problem(appointment, services, starts_at, now))
        for starts_at in _starts(appointment, every_weeks, now)
    ]


@transaction.atomic
def repeat(appointment: Appointment, *, every_weeks: int, by: User, now: datetime) -> list[Occurrence]:
    """Book what can be booked and return all, with their problems. The customer gets one message about all of them.

    What has no place is kept as gaps. Raises Refused for a visit that repeats already, and when not a single one can
    be booked.
    """
    list(appointment.shop.appointments.select_for_update(no_key=True).filter(pk=appointment.pk).values_list("pk"))
    appointment.refresh_from_db(fields=["series"])
    if appointment.series is not None and appointment.series.ended_at is None:
        raise Refused(_("Esta visita já se repete."))
    starts = list(_starts(appointment, every_weeks, now))
    series = appointment.shop.visit_series.create(
        every_weeks=every_weeks,
        professional=appointment.professional,
        anchor_at=appointment.starts_at,
        planned_until=starts[-1],
        told_until=starts[-1],
        created_by=by,
        created_at=now,
    )
    booked, found = book_all(series, appointment, starts, by=by, now=now)
    if not booked:
        raise Refused(_("Nenhuma das próximas visitas cabe na agenda. Escolha outro horário ou outro intervalo."))
    appointment.shop.appointments.filter(pk=appointment.pk).update(series=series)
    near = reminders.promise(appointment.shop)
    notices.tell_customer("series_booked", appointment, now=now, options=lines(booked), near=near)
    return found


@transaction.atomic
def end(appointment: Appointment, *, by: User, now: datetime) -> int:
    """Cancel this visit and the later ones of its series that are still to come; how many they were. It is over."""
    # First of all, or the worker that tops it up meanwhile would book visits that nobody cancels.
    series = appointment.shop.visit_series.select_for_update(no_key=True, of=("self",)).filter(visits=appointment)
    list(series.values_list("pk"))
    coming = list(following(appointment, now=now))
    if not coming:
        raise Refused(_("Não há mais visitas desta repetição para cancelar."))
    for visit in coming:
        visits.cancel(visit, by=by, now=now, reason=ENDED, tell_customer=False)
    notices.tell_customer("series_cancelled", coming[0], now=now)
    appointment.shop.visit_series.filter(visits=appointment, ended_at=None).update(ended_at=now)
    return len(coming)


def stop(series: VisitSeries, *, now: datetime) -> None:
    """No more visits than those that are booked."""
    _set_end(series, now)


def go_on(series: VisitSeries, *, now: datetime) -> None:
    """The series goes on where it was: the worker fills it up. Raises Refused when nothing of it is left ahead."""
    if not series.visits.filter(state__in=queries.OPEN, starts_at__gt=now).exists():
        raise Refused(_("Não há mais visitas desta repetição. Abra uma visita do cliente e repita de novo."))
    _set_end(series, None)


def following(appointment: Appointment, *, now: datetime) -> Sequence[Appointment]:
    """This visit and the later ones of its series, as far as they are still to come."""
    if appointment.series_id is None:
        return []
    rows = appointment.shop.appointments.filter(series=appointment.series_id, state__in=queries.OPEN)
    coming = rows.filter(starts_at__gte=max(appointment.starts_at, now)).order_by("starts_at", "pk")
    return list(coming.select_related("customer", "professional", "shop").prefetch_related("items"))


def occurrences(anchor_at: datetime, every_weeks: int, zone: ZoneInfo, *, after: datetime) -> Iterator[datetime]:
    """The times of a rhythm after `anchor_at` and `after`, without end.

    The same weekday and time of the clock; a day on which the clock skips that time is left out.
    """
    local = anchor_at.astimezone(zone)
    step = timedelta(weeks=every_weeks)
    passed = (after.astimezone(zone).date() - local.date()) // step
    for number in count(max(passed, 1)):
        moment = slots.local_moment(local.date() + step * number, local.time(), zone)
        if moment is not None and moment > after:
            yield moment


def book_all(
    series: VisitSeries, pattern: Appointment, starts: Sequence[datetime], *, by: User | None, now: datetime
) -> tuple[list[Appointment], list[Occurrence]]:
    """Book each of `starts` as `pattern` was, or keep it as a gap: what was booked, and all with their problems."""
    services = services_of(pattern)
    booked, found = [], []
    for starts_at in starts:
        try:
            with override(settings.LANGUAGE_CODE):
                booked.append(book_one(series, pattern, services, starts_at, by=by, now=now))
            found.append(Occurrence(starts_at))
        except Refused as refusal:  # in the shop's own language, as all that rows keep
            gaps.note(series, starts_at, str(refusal), now=now)
            found.append(Occurrence(starts_at, str(refusal)))
    return booked, found


def book_one(
    series: VisitSeries,
    pattern: Appointment,
    services: Sequence[Service],
    starts_at: datetime,
    *,
    by: User | None,
    now: datetime,
) -> Appointment:
    """One visit of the series. Raises Refused."""
    visit = actions.book(
        series.shop,
        services=services,
        professional=_professional(series),
        starts_at=starts_at,
        name="",
        phone="",
        customer=pattern.customer,
        source="series",
        by=by,
        for_shop=True,
        now=now,
        tell=False,
    )
    series.shop.appointments.filter(pk=visit.pk).update(series=series)
    return visit


def services_of(appointment: Appointment) -> list[Service]:
    """What was agreed, as it is offered now."""
    return [item.service for item in appointment.items.select_related("service")]


def lines(booked: Sequence[Appointment]) -> str:
    """The days, one on each line, for the customer."""
    zone = queries.zone_of(booked[0].shop)
    return "\n".join(f"• {visit.starts_at.astimezone(zone):%d/%m/%Y às %H:%M}" for visit in booked)


def _professional(series: VisitSeries) -> Professional:
    if series.professional is None:
        raise ValueError(f"series {series.pk} is with nobody")
    return series.professional


def _set_end(series: VisitSeries, at: datetime | None) -> None:
    series.ended_at = at
    series.save(update_fields=["ended_at"])
    publish(series.shop_id, topics.AGENDA)


def _starts(appointment: Appointment, every_weeks: int, now: datetime) -> Iterator[datetime]:
    zone = queries.zone_of(appointment.shop)
    return islice(occurrences(appointment.starts_at, every_weeks, zone, after=now), AHEAD)


def _problem(appointment: Appointment, services: Sequence[Service], starts_at: datetime, now: datetime) -> str:
    wish = Wish(appointment.shop, services, appointment.professional, starts_at, for_staff=True)
    try:
        wishes.candidates(wish, now=now)
    except Refused as refusal:
        return str(refusal)
    return ""
