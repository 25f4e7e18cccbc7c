"""A text as a customer would read it, with the data of the shop's next visit: for who writes it."""

from datetime import datetime, timedelta
from typing import Any

from navalha.accounts.models import Shop
from navalha.messaging import own_words

from .. import links, notices, queries, slots
from . import terms
from .words import NEEDED

SOME_LINK = "https://g.page/r/exemplo/review"
ASK = "Responda *1* para confirmar ou *2* para cancelar."
ASK_SOON = "Se algo mudar, avise por aqui."


def places(key: str) -> dict[str, str]:
    """What an owner may write in braces, and what it becomes."""
    return own_words.places_of(key)


def text(shop: Shop, key: str, typed: str, *, now: datetime) -> str:
    """`typed`, or the product's own words for nothing, for the shop's next visit. Raises `Refused`: what to change."""
    return own_words.fill(own_words.cleaned(typed, key, NEEDED[key]), key, _context(shop, key, now))


def _context(shop: Shop, key: str, now: datetime) -> dict[str, Any]:
    rows = shop.appointments.filter(state__in=queries.OPEN, starts_at__gt=now)
    visit = rows.select_related("customer", "professional", "shop").order_by("starts_at", "pk").first()
    found = notices.context_of(visit) if visit is not None else _made_up(shop, now)
    # Not the visit's own: whoever has that link manages the visit.
    link = f"{links.booking_url(shop)}visita/…"
    if key == "review":
        link = terms.policy_of(shop).review_link or SOME_LINK
    return {**found, "link": link, "ask": ASK_SOON if key == "reminder_soon" else ASK}


def _made_up(shop: Shop, now: datetime) -> dict[str, Any]:
    """A shop that nobody has booked yet: a customer tomorrow at three, for what is first on its list."""
    zone = queries.zone_of(shop)
    tomorrow = (now.astimezone(zone) + timedelta(days=1)).replace(hour=15, minute=0)
    service = shop.services.filter(is_active=True).first()
    person = shop.professionals.filter(is_active=True).first()
    return {
        "name": "Rafael",
        "shop": shop.name,
        "when": f"{slots.day_words(tomorrow, zone)}, às {slots.hour_words(tomorrow, zone)}",
        "services": service.name if service else "Corte",
        "professional": person.name if person else shop.name,
    }
