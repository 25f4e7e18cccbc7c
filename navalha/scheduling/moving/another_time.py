"""Another time for a visit, chosen by its customer: what the shop offers them for it, and taking it.

The visit keeps its length and the price that was agreed. So it may go to another professional only where the same
services cost the same and take as long; for the others the customer cancels and books anew.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from navalha.core.errors import Refused

from .. import queries, seats, slots, terms
from ..actions import release_hold
from ..errors import PlaceTaken, SlotTaken
from ..models import Appointment, AppointmentChange, Professional, Service
from ..slots import Board, Need, Slot
from ..visits import can_still_change, too_late
from . import actions
from .actions import Place

NEAREST = 3  # free times offered to whom somebody was faster


def who_can(visit: Appointment) -> list[Professional]:
    """Who may serve it: its own professional first, then those who offer its services on the same terms."""
    own = visit.professional
    services = services_of(visit)
    others = list(queries.who_offers(visit.shop, services).exclude(pk=own.pk)) if services else []
    known = terms.own_terms(visit.shop, services) if others else {}
    asked = _asked(services, known, own)
    alike = [one for one in others if _asked(services, known, one) == asked]
    return [own, *alike] if own.is_active else alike


def services_of(visit: Appointment) -> list[Service]:
    """What was booked, in its order."""
    return [item.service for item in visit.items.select_related("service")]


def board(
    visit: Appointment, among: Sequence[int], *, first_day: date, days: int, now: datetime, visitor: str = ""
) -> Board:
    """The calendars of `among` (primary keys) as if the visit were not there, and what it needs."""
    shop, between = visit.shop, queries.around(visit.shop, first_day, days)
    need = Need(
        visit.ends_at - visit.starts_at,
        timedelta(minutes=visit.buffer_before_minutes),
        timedelta(minutes=visit.buffer_after_minutes),
    )
    return Board(
        queries.calendars_of(shop, among, between=between, now=now, visitor=visitor, leaving=visit),
        dict.fromkeys(among, need),
        queries.chairs_taken(shop, between=between, now=now, visitor=visitor, leaving=visit),
    )


def elsewhere(visit: Appointment, free: Iterable[Slot]) -> list[Slot]:
    """The free times without the one that the visit has."""
    return [slot for slot in free if (slot.professional_id, slot.starts_at) != (visit.professional_id, visit.starts_at)]


def nearest(
    visit: Appointment, professional: Professional | None, around: datetime, *, now: datetime, visitor: str = ""
) -> list[Slot]:
    """The three free times nearest to `around`, each once, by time; fewer when there are no more."""
    rules = queries.ranked(visit.shop, queries.rules_of(visit.shop))
    today, days = slots.local_day(now, rules.zone), rules.horizon_days + 1
    found = board(visit, _among(visit, professional), first_day=today, days=days, now=now, visitor=visitor)
    free = elsewhere(visit, slots.free_slots(rules, found, first_day=today, days=days, now=now))
    return slots.nearest(slots.first_at_each_time(free), around, NEAREST)


def check(visit: Appointment, *, now: datetime) -> None:
    """Raises Refused when the customer may not change the visit by themselves (any more)."""
    if visit.state not in queries.OPEN:
        raise Refused(
            _("Este horário já está como “%(state)s” e não pode mais ser remarcado.")
            % {"state": visit.get_state_display()}
        )
    if not can_still_change(visit, now):
        raise Refused(too_late(visit.shop))


def candidates(
    visit: Appointment, professional: Professional | None, starts_at: datetime, *, now: datetime, visitor: str = ""
) -> list[int]:
    """Who may serve the visit then, in the order to try them; never empty. What `visitor` holds is free for them.

    Raises Refused for what is not on offer, SlotTaken (with the nearest free times) for what is taken.
    """
    rules = queries.rules_of(visit.shop, was_shown=True)
    day, last_day = slots.local_day(starts_at, rules.zone), rules.last_day(now)
    if starts_at < rules.first_start(now) or day > last_day:
        raise Refused(_("Este horário não está mais aberto. Escolha um dos horários livres."))
    found = board(visit, _among(visit, professional), first_day=day, days=1, now=now, visitor=visitor)
    working = [
        one for one in found.calendars if slots.offers(rules, found, one.professional_id, starts_at=starts_at, now=now)
    ]
    if not working:
        raise Refused(_("Não há atendimento neste horário. Escolha um dos horários livres."))
    free = [one.professional_id for one in working if slots.is_free(found, one, starts_at)]
    if not free:
        raise SlotTaken(nearest(visit, professional, starts_at, now=now, visitor=visitor))
    return free


@transaction.atomic
def take(
    visit: Appointment,
    professional: Professional | None,
    starts_at: datetime,
    *,
    seen: int,
    now: datetime,
    visitor: str = "",
) -> AppointmentChange | None:
    """Move the visit, seen in version `seen`, to a free time; the change, or None when it stands there already.

    The hold of `visitor` ends with it.

    Raises Refused when the window has ended or the visit was moved meanwhile, and as `candidates` does.
    """
    check(visit, now=now)
    if _stands_at(visit, professional, starts_at):
        return None
    for pk in candidates(visit, professional, starts_at, now=now, visitor=visitor):
        try:
            return _move(visit, pk, starts_at, seen=seen, now=now, visitor=visitor)
        except PlaceTaken:
            continue
        except Refused:
            visit.refresh_from_db()
            if _stands_at(visit, professional, starts_at):  # the first of two quick taps did it
                return None
            raise
    raise SlotTaken(nearest(visit, professional, starts_at, now=now, visitor=visitor))


@transaction.atomic  # what could not be moved keeps what was held
def _move(
    visit: Appointment, pk: int, starts_at: datetime, *, seen: int, now: datetime, visitor: str
) -> AppointmentChange | None:
    seats.stand_in_line(visit.shop, [pk])
    release_hold(visit.shop, visitor=visitor)
    place = Place(visit.shop.professionals.get(pk=pk), starts_at, starts_at + (visit.ends_at - visit.starts_at))
    # `candidates` knows the hours better than the question to the shop's people, which names other customers.
    return actions.reschedule(visit, place, seen=seen, by=None, now=now, even_if_closed=True)


def _stands_at(visit: Appointment, professional: Professional | None, starts_at: datetime) -> bool:
    return visit.starts_at == starts_at and professional in (None, visit.professional)


def _among(visit: Appointment, professional: Professional | None) -> list[int]:
    return [one.pk for one in who_can(visit) if professional in (None, one)]


def _asked(services: Sequence[Service], known: terms.Own, professional: Professional) -> list[tuple[int, int]]:
    return [(line.price_cents, line.duration_minutes) for line in terms.lines(services, known, professional.pk)]
