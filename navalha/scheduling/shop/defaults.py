"""A new shop that can be booked at once: what most Brazilian barbershops offer, and when they are open."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from navalha.accounts.models import Membership, Role, Shop, ShopState, User

from ..models import Professional, Service, Weekday, WorkingHours
from .regions import region_of, zone_of_region


@dataclass(frozen=True, slots=True)
class Usual:
    """A service that most Brazilian barbershops know, as a new shop finds it; `at_once` it has before anybody asks.

    Rows of the shop, which its customers read on the page and on WhatsApp: not in the owner's language.
    """

    name: str
    minutes: int
    cents: int
    at_once: bool = False
    parts: tuple[str, ...] = ()


# The owner changes minutes and prices in the first set-up or later.
USUAL_SERVICES = (
    Usual("Corte", 30, 4500, at_once=True),
    Usual("Barba", 20, 3000, at_once=True),
    Usual("Corte + barba", 50, 7000, at_once=True, parts=("Corte", "Barba")),
    Usual("Corte infantil", 30, 4000),
    Usual("Corte na máquina", 20, 3000),
    Usual("Pezinho", 15, 1500),
    Usual("Sobrancelha", 15, 1500),
    Usual("Barboterapia", 40, 5000),
    Usual("Hidratação", 30, 4000),
    Usual("Pigmentação de barba", 45, 6000),
    Usual("Coloração", 60, 8000),
    Usual("Luzes", 120, 15000),
    Usual("Progressiva", 90, 12000),
)
OPEN_DAYS = [day for day in Weekday if day != Weekday.SUNDAY]
STRETCHES = [(time(9), time(12)), (time(13), time(19))]
LONGEST_SLUG = 60
FIRST_STEP = "servicos"  # of the first set-up, as its address says it


def free_slug(name: str) -> str:
    """The shop's address on the public page: its name, and a number when another shop has that already.

    Two sign-ups may still find the same one free: the unique column refuses the second, who tries again.
    """
    base = slugify(name)[: LONGEST_SLUG - 6].strip("-") or "barbearia"
    taken = set(Shop.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in _candidates(base) if slug not in taken)


def _candidates(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1


@transaction.atomic
def open_shop(*, name: str, phone: str, owner: User, now: datetime) -> Shop:
    """Make the shop with its owner as the first professional, three services and hours for Monday to Saturday.

    `phone` in E.164, or "" for none. Raises IntegrityError when another shop took the address a moment ago.
    """
    state = ShopState.PENDING if settings.SIGN_UP_NEEDS_APPROVAL else ShopState.ACTIVE
    region = region_of(phone)
    shop = Shop.objects.create(
        name=name,
        slug=free_slug(name),
        phone=phone,
        region=region,
        timezone=zone_of_region(region),
        state=state,
        state_changed_at=now,
        setup_step=FIRST_STEP,
        created_at=now,
    )
    Membership.objects.create(shop=shop, user=owner, role=Role.OWNER, created_at=now)
    services = {
        one.name: shop.services.create(
            name=one.name, duration_minutes=one.minutes, price_cents=one.cents, position=position
        )
        for position, one in enumerate(USUAL_SERVICES, start=1)
        if one.at_once
    }
    join_parts(services)
    professional = shop.professionals.create(name=owner.name or name, user=owner, position=1)
    professional.services.set(services.values())
    open_week(professional)
    return shop


def join_parts(services: Mapping[str, Service]) -> None:
    """Make the usual combos of what is there: name -> service."""
    for usual in USUAL_SERVICES:
        if usual.parts and usual.name in services and all(part in services for part in usual.parts):
            services[usual.name].parts.set(services[part] for part in usual.parts)


def open_week(professional: Professional) -> None:
    """Monday to Saturday, 9 to 12 and 13 to 19, on the shop's clock."""
    professional.shop.working_hours.bulk_create(
        WorkingHours(shop=professional.shop, professional=professional, weekday=day, starts=starts, ends=ends)
        for day in OPEN_DAYS
        for starts, ends in STRETCHES
    )
