"""A wish for a time: what is refused before anything is written, and which professionals may serve it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from navalha.accounts.models import Shop
from navalha.core.errors import Refused

from . import queries, slots, terms
from .errors import SlotTaken
from .models import Professional, Service
from .slots import Board, Slot

LONGEST_VISIT = timedelta(hours=8)  # the longest visit: more would span working days and is a mistake or an attack


@dataclass(frozen=True, slots=True)
class Wish:
    """`services` one after the other at `starts_at`, with `professional` or, with None, whoever is free."""

    shop: Shop
    services: Sequence[Service]
    professional: Professional | None
    starts_at: datetime
    visitor: str = ""
    for_staff: bool = False


def candidates(wish: Wish, *, now: datetime) -> list[int]:
    """Who may serve the wish (primary keys, in the order to try them); never empty.

    Raises Refused for what is not offered, SlotTaken when all who offer the time are taken. What is free here may be
    lost a moment later: that is for the constraint to say.
    """
    check_services(wish)
    _check_time(wish, now)
    board = _board(wish, now)
    if not board.calendars:
        raise Refused(_nobody(wish))
    rules = queries.rules_of(wish.shop, for_staff=wish.for_staff, was_shown=True)
    working = [
        one
        for one in board.calendars
        if slots.offers(rules, board, one.professional_id, starts_at=wish.starts_at, now=now)
    ]
    if not working:
        raise Refused(_("Não há atendimento neste horário. Escolha um dos horários livres."))
    free = [one.professional_id for one in working if slots.is_free(board, one, wish.starts_at)]
    if not free:
        raise taken(wish, now=now)
    return _fairly(wish, free, now)


def taken(wish: Wish, *, now: datetime) -> SlotTaken:
    """The error that offers the nearest free times."""
    return SlotTaken(nearest(wish, now=now))


def nearest(wish: Wish, *, now: datetime) -> list[Slot]:
    return queries.nearest_free(
        wish.shop,
        services=wish.services,
        professional=wish.professional,
        around=wish.starts_at,
        now=now,
        visitor=wish.visitor,
        for_staff=wish.for_staff,
    )


def check_services(wish: Wish) -> None:
    """Raises Refused unless every service can be booked here, once, and all fit in a visit."""
    if not wish.services:
        raise Refused(_("Escolha pelo menos um serviço."))
    if not all(queries.is_offered(wish.shop, service) for service in wish.services):
        raise Refused(_("Um dos serviços escolhidos não é mais oferecido. Escolha os serviços de novo."))
    if len({service.pk for service in wish.services}) < len(wish.services):
        raise Refused(_("O mesmo serviço foi escolhido duas vezes. Escolha os serviços de novo."))
    if terms.need(wish.services, {}, None).duration > LONGEST_VISIT:
        raise Refused(_("São serviços demais para uma visita só. Escolha menos serviços."))


def _check_time(wish: Wish, now: datetime) -> None:
    """Raises Refused for what is past, too soon or too far. First of all: far dates overflow the calendar."""
    rules = queries.rules_of(wish.shop, for_staff=wish.for_staff, was_shown=True)
    if wish.starts_at < now:
        raise Refused(_("Este horário já passou. Escolha outro."))
    if wish.starts_at < rules.first_start(now):
        raise Refused(
            _("Este horário está muito em cima. Marque com pelo menos %(minutes)s minutos de antecedência.")
            % {"minutes": wish.shop.min_notice_minutes}
        )
    last_day = rules.last_day(now)
    if slots.local_day(wish.starts_at, rules.zone) > last_day:
        raise Refused(_("A agenda está aberta só até %(day)s. Escolha um dia antes.") % {"day": f"{last_day:%d/%m/%Y}"})


def _board(wish: Wish, now: datetime) -> Board:
    return queries.board(
        wish.shop,
        services=wish.services,
        professional=wish.professional,
        first_day=slots.local_day(wish.starts_at, queries.zone_of(wish.shop)),
        days=1,
        now=now,
        visitor=wish.visitor,
    )


def _fairly(wish: Wish, free: Sequence[int], now: datetime) -> list[int]:
    """The one held for this visitor, then the fewest visits of that day and of its week, then the shop's order."""
    if len(free) == 1:
        return list(free)
    held = set(
        wish.shop.slot_holds.filter(visitor=wish.visitor, starts_at=wish.starts_at, expires_at__gt=now).values_list(
            "professional", flat=True
        )
    )
    day = slots.local_day(wish.starts_at, queries.zone_of(wish.shop))
    visits = queries.loads(wish.shop, day, free)
    return sorted(free, key=lambda pk: (pk not in held, visits[pk]))  # stable: `free` is in the shop's order


def _nobody(wish: Wish) -> str:
    if wish.professional is None:
        return _("Nenhum profissional faz todos os serviços escolhidos. Escolha menos serviços.")
    return _("Este profissional não faz os serviços escolhidos. Escolha outro profissional.")
