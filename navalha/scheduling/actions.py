"""Every write of an appointment and of a hold. What happens to a visit afterwards is in `visits.py`.

Double booking is impossible because of the exclusion constraint `one_visit_at_a_time`, not because of what is read
here: between reading and writing somebody else may write. The lock on the professional only makes those who want the
same chair wait in line; without it PostgreSQL finds their inserts waiting for each other and breaks the deadlock
after a second.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import psycopg.errors
import structlog
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from navalha.accounts.models import Shop, User
from navalha.core.errors import Refused
from navalha.customers.actions import recognise
from navalha.customers.models import Customer
from navalha.live import topics
from navalha.live.publish import publish

from . import attendance, notices, queries, seats, terms, wishes
from .deposits import asking as deposit_asking
from .deposits import notices as deposit_notices
from .errors import SlotTaken
from .finishing import finish
from .models import Appointment, AppointmentService, AppointmentState, Professional, Service, SlotHold
from .openers import actions as opener_actions
from .slots import Need
from .terms import Line, Own, own_terms
from .visits import arrive, cancel, confirm, no_show, start
from .wishes import Wish

__all__ = [
    "SlotTaken",
    "arrive",
    "book",
    "cancel",
    "confirm",
    "finish",
    "hold",
    "no_show",
    "release_hold",
    "start",
]

log = structlog.get_logger(__name__)

# More open visits than a family has; fewer than it takes to fill an afternoon with somebody else's phone.
MOST_OPEN_PER_CUSTOMER = 4
LONGEST_NAME = 120
Row = TypeVar("Row")
LOST_RACE = (
    psycopg.errors.ExclusionViolation,
    psycopg.errors.UniqueViolation,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
)


@transaction.atomic
def book(
    shop: Shop,
    *,
    services: Sequence[Service],
    professional: Professional | None,
    starts_at: datetime,
    name: str,
    phone: str,
    now: datetime,
    customer: Customer | None = None,
    visitor: str = "",
    source: str = "public",
    channel: str = "",
    by: User | None = None,
    key: str = "",
    tell: bool = True,
    agreed_cents: int | None = None,
    for_shop: bool = False,
    was_offered: bool = False,
) -> Appointment:
    """Make the visit and everything that must happen with it, or nothing.

    `professional` None is "qualquer um". `phone` is E.164; a `customer` of the shop needs neither name nor phone. `by`
    is the member who books by hand (no notice, no limit on open visits or on misses); `for_shop` is the same without a
    member, when the product does what one once ordered. A time that `was_offered` by the shop is theirs whatever they
    missed. `key`, when given, names one attempt of one form: a second submit returns
    the same visit. `channel` is as `channels.read` gives it. Without `tell` nobody hears of it: the caller says it in
    other words. Who books by themselves pays the deposit that the shop's policy wants: `agreed_cents` is what they
    were shown of it, None when nobody was asked.
    Raises Refused for what is not offered, SlotTaken (with the nearest free times) for what is gone, DepositNeeded,
    OnlyByShop.
    """
    wish = Wish(shop, services, professional, starts_at, visitor, for_staff=for_shop or by is not None)
    name = checked_name(name) if customer is None else name
    if (repeated := _booked_with(shop, key)) is not None:
        return repeated
    if professional is None:
        _take_turns(shop)
    candidates = wishes.candidates(wish, now=now)
    customer = customer or recognise(shop, phone=phone, name=name, now=now, typed=True)
    if not wish.for_staff:
        _check_open_visits(customer, now)
        if not was_offered:
            attendance.check_books_alone(shop, customer, now=now)
    appointment = _seat(wish, candidates, customer, now=now, source=source, channel=channel, key=key)
    if appointment is None:
        if (repeated := _booked_with(shop, key)) is not None:
            return repeated
        raise wishes.taken(wish, now=now)
    release_hold(shop, visitor=visitor)
    appointment.changes.create(shop=shop, from_state="", to_state=appointment.state, at=now, by=by)
    deposit = None
    if not wish.for_staff:
        opener_actions.make(appointment, now=now)
        deposit = deposit_asking.begin(appointment, services=services, agreed_cents=agreed_cents, now=now)
    if tell and deposit:
        deposit_notices.booked(deposit, appointment, now=now)
    elif tell:
        until = None if wish.for_staff else opener_actions.awaited_until(appointment, now=now)
        notices.tell_customer("booked", appointment, now=now, due_at=until, customer_first=until is not None)
        notices.tell_shop("notice_booked", appointment, now=now)
    publish(shop.pk, topics.AGENDA)
    log.info("booked", id=appointment.pk, shop=shop.pk, source=source)
    return appointment


@transaction.atomic
def hold(
    shop: Shop,
    *,
    services: Sequence[Service],
    professional: Professional | None,
    starts_at: datetime,
    visitor: str,
    now: datetime,
) -> SlotHold:
    """Keep a time for `visitor` while they fill in the form; their earlier hold ends. Raises as `book` does.

    A hold is a courtesy: one taken in the same instant as somebody books the time keeps nothing, and the booking that
    comes from it is refused by the constraint.
    """
    if not visitor:
        raise ValueError("a hold needs a visitor")
    wish = Wish(shop, services, professional, starts_at, visitor)
    return keep(wish, until=now + queries.HOLD_FOR, now=now)


@transaction.atomic
def keep(wish: Wish, *, until: datetime, now: datetime) -> SlotHold:
    """Keep the wished time for `wish.visitor` until then. Raises as `book` does."""
    kept = _keep(wish, wishes.candidates(wish, now=now), until, now)
    if kept is None:
        raise wishes.taken(wish, now=now)
    return kept


def release_hold(shop: Shop, *, visitor: str) -> None:
    """End the hold of a visitor, if there is one."""
    if visitor:
        shop.slot_holds.filter(visitor=visitor).delete()


def checked_name(name: str) -> str:
    """`name` on one line. Raises Refused for none and for one that no person has."""
    name = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    if not name:
        raise Refused(_("Diga o nome de quem vem."))
    if len(name) > LONGEST_NAME:
        raise Refused(_("O nome é longo demais. Escreva só nome e sobrenome."))
    return name


def _seat(
    wish: Wish,
    candidates: Iterable[int],
    customer: Customer,
    *,
    now: datetime,
    source: str,
    key: str,
    channel: str = "",
) -> Appointment | None:
    """The visit with the first of `candidates` whose chair is really free; None when every one was lost."""
    own = own_terms(wish.shop, wish.services)

    def take(professional_id: int, place: dict[str, Any]) -> Appointment:
        lines = terms.lines(wish.services, own, professional_id)
        visit = wish.shop.appointments.create(
            customer=customer,
            state=AppointmentState.PENDING,
            state_changed_at=now,
            created_at=now,
            remind_at=now,
            total_cents=sum(line.price_cents for line in lines),
            source=source,
            channel=channel,
            booking_key=key or None,
            **place,
        )
        note_services(visit, lines)
        return visit

    return _first_free(wish, candidates, own, now, take)


def _first_free(
    wish: Wish, candidates: Iterable[int], own: Own, now: datetime, take: Callable[[int, dict[str, Any]], Row]
) -> Row | None:
    """What `take` makes with the first of `candidates` for whom the database lets it stand; None for nobody."""
    for professional_id in candidates:
        need = terms.need(wish.services, own, professional_id)
        try:
            with transaction.atomic():  # what is lost rolls back to here: the caller's transaction goes on
                seats.stand_in_line(wish.shop, [professional_id])
                chair = seats.free_chair(wish.shop, need.blocked(wish.starts_at), now=now, visitor=wish.visitor)
                if chair != seats.NONE_FREE:
                    _sweep_holds(wish, need, now)
                    place = seats.place(wish.starts_at, need, professional_id)
                    return take(professional_id, {**place, "chair": chair})
        except DatabaseError as error:
            _raise_unless_lost(error)
    return None


def _keep(wish: Wish, candidates: Iterable[int], until: datetime, now: datetime) -> SlotHold | None:
    """The hold, as `_seat` makes the visit; the visitor's earlier one ends."""

    def take(_professional_id: int, place: dict[str, Any]) -> SlotHold:
        release_hold(wish.shop, visitor=wish.visitor)
        return wish.shop.slot_holds.create(visitor=wish.visitor, expires_at=until, **place)

    return _first_free(wish, candidates, own_terms(wish.shop, wish.services), now, take)


def _raise_unless_lost(error: DatabaseError) -> None:
    if not isinstance(error.__cause__, LOST_RACE):
        raise error


def _take_turns(shop: Shop) -> None:
    """Who takes anybody waits for the others who do, or they would all see the same loads and choose the same one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('anybody'), %s)", [shop.pk])


def _sweep_holds(wish: Wish, need: Need, now: datetime) -> None:
    """Remove the expired holds that are in the way: they still stand in the constraints of holds."""
    blocked = need.blocked(wish.starts_at)
    wish.shop.slot_holds.filter(expires_at__lte=now, blocked_from__lt=blocked[1], blocked_until__gt=blocked[0]).delete()


def _booked_with(shop: Shop, key: str) -> Appointment | None:
    return shop.appointments.filter(booking_key=key).first() if key else None


def _check_open_visits(customer: Customer, now: datetime) -> None:
    """Raises Refused at the limit. Locks the customer, or several bookings at once would all pass."""
    rows = customer.shop.customers.select_for_update(no_key=True).filter(pk=customer.pk)
    list(rows.values_list("pk"))
    if customer.appointments.filter(state__in=queries.OPEN, starts_at__gt=now).count() >= MOST_OPEN_PER_CUSTOMER:
        raise Refused(
            _("Este telefone já tem %(most)s horários marcados. Para marcar mais, fale com a barbearia.")
            % {"most": MOST_OPEN_PER_CUSTOMER}
        )


def note_services(appointment: Appointment, lines: Sequence[Line]) -> None:
    """Keep what was agreed, in the words and at the prices of the day."""
    appointment.items.bulk_create(
        AppointmentService(
            shop_id=appointment.shop_id,
            appointment=appointment,
            service=line.service,
            name=line.service.name,
            price_cents=line.price_cents,
            duration_minutes=line.duration_minutes,
            position=position,
        )
        for position, line in enumerate(lines)
    )
