"""Every write of the shop's own rules: its data, how it offers its times, its chairs and its holidays."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from navalha.accounts.models import Shop, User
from navalha.core.errors import Refused

from .. import seats
from ..models import Appointment, ShopHoliday
from ..openings.affected import change
from ..queries import FREED
from ..slots import NO_CHAIR, chair_for
from .catalogue import changed

log = structlog.get_logger(__name__)

# What an owner may change of the shop; the address of the public page is not among them: links would break.
FIELDS = (
    "name",
    "phone",
    "address",
    "region",
    "timezone",
    "slot_step_minutes",
    "min_notice_minutes",
    "horizon_days",
    "cancel_window_minutes",
    "most_missed",
    "customer_first_minutes",
    "opens_on_holidays",
    "is_indexed",
    "accent",
    "widget_sites",
)


def save_shop(
    shop: Shop, fields: Mapping[str, Any], *, by: User, now: datetime, agreed: bool = False
) -> list[Appointment]:
    """Change what `fields` names (of FIELDS). Returns and raises as `affected.change`; then `shop` is as before."""
    before = {name: getattr(shop, name) for name in fields}

    def act() -> None:
        _write(shop, {name: fields[name] for name in FIELDS if name in fields})
        log.info("shop_saved", shop=shop.pk, by=by.pk, at=now.isoformat())

    try:
        return change(shop, act, now=now, agreed=agreed)
    except Refused:
        for name, value in before.items():
            setattr(shop, name, value)
        raise


@transaction.atomic
def set_chairs(shop: Shop, chairs: int | None, *, by: User, now: datetime) -> list[Appointment]:
    """How many people fit at once; None: one for each professional. Coming visits are seated; those that do not fit.

    They stay booked without a chair of their own. Everybody who books waits meanwhile, or would go by the old number.
    """
    seats.stand_in_line(shop, list(shop.professionals.values_list("pk", flat=True)))
    _write(shop, {"chairs": chairs})
    coming = shop.appointments.exclude(state__in=FREED).filter(blocked_until__gt=now)
    coming.update(chair=None)
    if chairs is None:
        return []
    taken: list[list[tuple[datetime, datetime]]] = [[] for _ in range(chairs)]
    standing = []
    for visit in coming.select_related("customer", "professional").order_by("starts_at", "pk"):
        blocked = visit.blocked_from, visit.blocked_until
        chair = chair_for(taken, blocked)
        if chair == NO_CHAIR:
            standing.append(visit)
            continue
        taken[chair].append(blocked)
        shop.appointments.filter(pk=visit.pk).update(chair=chair + 1)
    log.info("chairs_set", shop=shop.pk, chairs=chairs, standing=len(standing), by=by.pk, at=now.isoformat())
    return standing


def choose_holiday(
    shop: Shop, on: date, *, is_open: bool, by: User, now: datetime, agreed: bool = False
) -> list[Appointment]:
    """Work, or not, on one holiday of the calendar or of the city. Returns and raises as `affected.change` does."""

    def act() -> None:
        shop.holidays.update_or_create(on=on, defaults={"is_open": is_open})
        _told(shop, by, now)

    return change(shop, act, now=now, agreed=agreed)


def add_holiday(
    shop: Shop, on: date, name: str, *, every_year: bool, by: User, now: datetime, agreed: bool = False
) -> list[Appointment]:
    """A holiday that no calendar lists: of the city, of the shop. Raises Refused for a date that has one."""
    if shop.holidays.filter(on=on, is_own=True).exists():
        raise Refused(_("Já há um feriado anotado neste dia. Remova o outro antes."))

    def act() -> None:
        fields = {"name": name, "every_year": every_year, "is_open": False, "is_own": True}
        shop.holidays.update_or_create(on=on, defaults=fields)
        _told(shop, by, now)

    return change(shop, act, now=now, agreed=agreed)


@transaction.atomic
def remove_holiday(row: ShopHoliday, *, by: User, now: datetime) -> None:
    """Forget what the shop said of that date: the calendar counts again."""
    shop = row.shop
    row.delete()
    _told(shop, by, now)


def _write(shop: Shop, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        setattr(shop, name, value)
    shop.save(update_fields=list(fields))
    changed(shop)


def _told(shop: Shop, by: User, now: datetime) -> None:
    changed(shop)
    log.info("holidays_changed", shop=shop.pk, by=by.pk, at=now.isoformat())
