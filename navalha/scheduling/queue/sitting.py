"""Somebody of the line sits down: whether the chair is free is for the exclusion constraints of visits to say.

What is read before only explains the refusal.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from navalha.accounts.models import Shop, User
from navalha.core.errors import Refused
from navalha.core.states import move

from .. import queries, seats, slots, terms
from ..actions import LOST_RACE, note_services
from ..models import Appointment, AppointmentState, Professional, Service
from . import queries as queue_queries
from .models import QueueEntry

GAVE_BACK = gettext_noop("Terminou antes: o resto do tempo ficou livre")


def sit_down(
    entry: QueueEntry, services: Sequence[Service], professional: Professional, *, by: User, now: datetime
) -> Appointment:
    """The visit of `entry`, in service from now on. Call in a transaction. Raises Refused with who is in the way."""
    shop, starts_at = entry.shop, now.replace(second=0, microsecond=0)
    own = terms.own_terms(shop, services)
    need = replace(terms.need(services, own, professional.pk), before=slots.ZERO)  # they are here: nothing to prepare
    seats.stand_in_line(shop, [professional.pk])
    _give_back(shop, professional, starts_at, by=by, now=now)
    if (there := _in_the_way(shop, professional, need.blocked(starts_at), now)) is not None:
        raise Refused(_words(there, now))
    agreed = terms.lines(services, own, professional.pk)
    try:
        with transaction.atomic():
            chair = seats.free_chair(shop, need.blocked(starts_at), now=now)
            if chair == seats.NONE_FREE:
                raise Refused(_("Não há cadeira livre agora. Espere um atendimento terminar."))
            visit = shop.appointments.create(
                customer=entry.customer or shop.customers.create(name=entry.name, created_at=now),
                state=AppointmentState.IN_SERVICE,
                state_changed_at=now,
                created_at=now,
                total_cents=sum(line.price_cents for line in agreed),
                source="queue",
                chair=chair,
                **seats.place(starts_at, need, professional.pk),
            )
    except DatabaseError as error:
        if not isinstance(error.__cause__, LOST_RACE):
            raise
        raise Refused(_("A cadeira acabou de ser ocupada. Veja a agenda.")) from error
    note_services(visit, agreed)
    return visit


def _give_back(shop: Shop, professional: Professional, at: datetime, *, by: User, now: datetime) -> None:
    """Visits that were finished early give back the rest of their time: of `professional`, and of the shop's chairs."""
    theirs = Q(professional=professional) | Q(chair__isnull=False)
    early = shop.appointments.filter(theirs, state=AppointmentState.DONE, starts_at__lt=at, blocked_until__gt=at)
    for visit in early.select_for_update(no_key=True, of=("self",)).select_related("professional").order_by("pk"):
        _shorten(visit, min(visit.ends_at, at), by=by, now=now)


def _shorten(visit: Appointment, ends_at: datetime, *, by: User, now: datetime) -> None:
    before = {"professional": visit.professional, "starts_at": visit.starts_at, "ends_at": visit.ends_at}
    after = {**before, "ends_at": ends_at}
    version = visit.version + 1
    noted: dict[str, Any] = {"version": version}
    noted |= {f"from_{name}": value for name, value in before.items()}
    noted |= {f"to_{name}": value for name, value in after.items()}
    move(
        visit,
        to=visit.state,
        now=now,
        by=by,
        reason=GAVE_BACK,
        noted=noted,
        version=version,
        ends_at=ends_at,
        buffer_after_minutes=0,
        state_changed_at=visit.state_changed_at,  # it has been done as long as before
    )


def _in_the_way(shop: Shop, professional: Professional, blocked: slots.Stretch, now: datetime) -> Appointment | None:
    """Who sits in the chair, or has it booked before we would be through."""
    under_way = Q(state=AppointmentState.IN_SERVICE, starts_at__gt=now - queue_queries.LASTS)
    booked = Q(blocked_from__lt=blocked[1], blocked_until__gt=blocked[0])
    rows = shop.appointments.filter(under_way | booked, professional=professional).exclude(state__in=queries.FREED)
    return rows.select_related("customer", "professional").order_by("starts_at", "pk").first()


def _words(there: Appointment, now: datetime) -> str:
    zone = queries.zone_of(there.shop)
    said = {
        "professional": there.professional.name,
        "customer": there.customer.name or _("outra pessoa"),
        "from": slots.hour_words(there.starts_at, zone),
        "until": slots.hour_words(there.ends_at, zone),
    }
    if there.state == AppointmentState.IN_SERVICE and there.ends_at <= now:
        return _("%(professional)s ainda está atendendo %(customer)s. Conclua esse atendimento antes.") % said
    if there.state == AppointmentState.IN_SERVICE:
        return _("%(professional)s está atendendo %(customer)s até %(until)s.") % said
    return _("Não cabe agora: %(professional)s tem %(customer)s das %(from)s às %(until)s.") % said
