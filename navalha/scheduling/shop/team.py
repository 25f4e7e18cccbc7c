"""Every write of who works in a shop and when. What touches booked visits is done through `affected.change`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from navalha.accounts import plans
from navalha.accounts.models import Shop, User
from navalha.core.errors import Refused

from ..models import Appointment, DateHours, Professional, Service, TimeOff, WorkingHours
from ..openings.affected import Affects, change, coming_visits
from ..slots import Wall
from .catalogue import changed, next_position

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Person:
    """Who serves: `phone` in E.164 or "", `user` the log-in of the same person if there is one."""

    name: str
    phone: str = ""
    user: User | None = None
    services: Sequence[Service] = ()


@transaction.atomic
def save_professional(
    shop: Shop, person: Person, *, professional: Professional | None = None, by: User, now: datetime
) -> Professional:
    """Make a professional, or change one. A new one works at no time until the hours are said.

    Raises Refused for one more than the shop's plan has.
    """
    fields = {"name": person.name, "phone": person.phone, "user": person.user}
    if professional is None:
        _check_plan(shop)
        professional = shop.professionals.create(position=next_position(shop.professionals.all()), **fields)
    else:
        for name, value in fields.items():
            setattr(professional, name, value)
        professional.save(update_fields=list(fields))
    professional.services.set(person.services)
    professional.terms.exclude(service__in=person.services).delete()
    changed(shop)
    log.info("professional_saved", id=professional.pk, shop=shop.pk, by=by.pk, at=now.isoformat())
    return professional


@transaction.atomic
def archive(professional: Professional, *, by: User, now: datetime, agreed: bool = False) -> list[Appointment]:
    """Take no more bookings for them. The visits booked with them stay; raises Affects unless those were agreed to."""
    left = coming_visits(professional.shop, now=now, professional=professional)
    if left and not agreed:
        raise Affects(left)
    _work(professional, False, by=by, now=now)
    return left


@transaction.atomic
def restore(professional: Professional, *, by: User, now: datetime) -> None:
    """They take bookings again, with the hours they had. Raises Refused for one more than the shop's plan has."""
    if not professional.is_active:
        _check_plan(professional.shop)
    _work(professional, True, by=by, now=now)


def set_week(
    professional: Professional, week: Mapping[int, Iterable[Wall]], *, by: User, now: datetime, agreed: bool = False
) -> list[Appointment]:
    """Work at these hours each week (weekday -> stretches). Returns and raises as `affected.change` does."""

    def act() -> None:
        professional.working_hours.all().delete()
        professional.shop.working_hours.bulk_create(
            WorkingHours(shop=professional.shop, professional=professional, weekday=day, starts=starts, ends=ends)
            for day, walls in week.items()
            for starts, ends in walls
        )
        _told(professional.shop, "week_set", professional.pk, by, now)

    return change(professional.shop, act, now=now, agreed=agreed)


def set_date(
    professional: Professional, on: date, walls: Sequence[Wall], *, by: User, now: datetime, agreed: bool = False
) -> list[Appointment]:
    """Work at these hours on one date, instead of the week's; with none, the week counts again."""

    def act() -> None:
        professional.date_hours.filter(on=on).delete()
        professional.shop.date_hours.bulk_create(
            DateHours(shop=professional.shop, professional=professional, on=on, starts=starts, ends=ends)
            for starts, ends in walls
        )
        _told(professional.shop, "date_set", professional.pk, by, now)

    return change(professional.shop, act, now=now, agreed=agreed)


def add_time_off(
    shop: Shop,
    professional: Professional | None,
    *,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    by: User,
    now: datetime,
    agreed: bool = False,
) -> tuple[TimeOff, list[Appointment]]:
    """Away from `starts_at` to `ends_at`, one professional or (None) the whole shop; and the visits booked there."""
    if ends_at <= now:
        raise Refused(_("Este período já passou. Escolha datas a partir de hoje."))
    made: list[TimeOff] = []

    def act() -> None:
        made.append(
            shop.times_off.create(professional=professional, starts_at=starts_at, ends_at=ends_at, reason=reason)
        )
        _told(shop, "time_off", made[0].pk, by, now)

    left = change(shop, act, now=now, agreed=agreed)
    return made[0], left


@transaction.atomic
def remove_time_off(time_off: TimeOff, *, by: User, now: datetime) -> None:
    """Work again in that stretch."""
    pk, shop = time_off.pk, time_off.shop
    time_off.delete()
    _told(shop, "time_off_removed", pk, by, now)


def _check_plan(shop: Shop) -> None:
    """The shop is locked: of two that are added at once, the second is counted with the first."""
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    plans.refuse_more_professionals(shop, has=shop.professionals.filter(is_active=True).count())


@transaction.atomic
def _work(professional: Professional, works: bool, *, by: User, now: datetime) -> None:
    professional.is_active = works
    professional.save(update_fields=["is_active"])
    _told(professional.shop, "professional_works" if works else "professional_left", professional.pk, by, now)


def _told(shop: Shop, event: str, pk: int, by: User, now: datetime) -> None:
    changed(shop)
    log.info(event, id=pk, shop=shop.pk, by=by.pk, at=now.isoformat())
