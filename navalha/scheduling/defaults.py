"""A new shop that can be booked at once: what most Brazilian barbershops offer, and when they are open."""

from collections.abc import Iterator
from datetime import datetime, time

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from navalha.accounts.models import Membership, Role, Shop, ShopState, User

from .models import Professional, Weekday, WorkingHours

# Minutes and cents; the owner changes them later.
CUT, BEARD, BOTH = (30, 4500), (20, 3000), (50, 7000)
OPEN_DAYS = [day for day in Weekday if day != Weekday.SUNDAY]
STRETCHES = [(time(9), time(12)), (time(13), time(19))]
LONGEST_SLUG = 60


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
    shop = Shop.objects.create(
        name=name, slug=free_slug(name), phone=phone, state=state, state_changed_at=now, created_at=now
    )
    Membership.objects.create(shop=shop, user=owner, role=Role.OWNER, created_at=now)
    services = [
        shop.services.create(name=words, duration_minutes=minutes, price_cents=cents, position=position)
        for position, (words, (minutes, cents)) in enumerate(
            # Rows of the shop, which its customers read on the page and on WhatsApp: not in the owner's language.
            [("Corte", CUT), ("Barba", BEARD), ("Corte + barba", BOTH)],
            start=1,
        )
    ]
    professional = shop.professionals.create(name=owner.name or name, user=owner, position=1)
    professional.services.set(services)
    open_week(professional)
    return shop


def open_week(professional: Professional) -> None:
    """Monday to Saturday, 9 to 12 and 13 to 19, on the shop's clock."""
    professional.shop.working_hours.bulk_create(
        WorkingHours(shop=professional.shop, professional=professional, weekday=day, starts=starts, ends=ends)
        for day in OPEN_DAYS
        for starts, ends in STRETCHES
    )
