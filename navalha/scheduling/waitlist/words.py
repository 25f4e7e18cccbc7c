"""How a wish is said: for messages, which are always Portuguese, and for pages."""

from collections.abc import Sequence
from datetime import date

from babel.dates import format_date
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from navalha.core.money import reais

from .. import notices, terms
from ..deposits import rules as deposit_rules
from ..models import WaitlistEntry
from .links import place_url
from .models import DayPart, WaitlistOffer


def hours(entry: WaitlistEntry) -> str:
    """`manhã ou tarde, das 10:00 às 15:00`; empty for any hour."""
    parts = _either([str(part.label).lower() for part in DayPart if part in entry.parts])
    return ", ".join(filter(None, (parts, _span(entry))))


def _either(words: Sequence[str]) -> str:
    return _(" ou ").join(words)


def _span(entry: WaitlistEntry) -> str:
    first, last = entry.starts_from, entry.starts_until
    if first and first == last:
        return _("às %(hour)s") % {"hour": f"{first:%H:%M}"}
    if first and last:
        return _("das %(first)s às %(last)s") % {"first": f"{first:%H:%M}", "last": f"{last:%H:%M}"}
    if first:
        return _("a partir das %(first)s") % {"first": f"{first:%H:%M}"}
    return _("até às %(last)s") % {"last": f"{last:%H:%M}"} if last else ""


def in_message(entry: WaitlistEntry) -> str:
    """`terça-feira, 24/11, manhã`, or `de terça-feira, 24/11, a quinta-feira, 26/11`."""
    first, last = _day(entry.first_day), _day(entry.last_day)
    with override(settings.LANGUAGE_CODE):
        said = hours(entry)
    return ", ".join(filter(None, (first if first == last else f"de {first}, a {last}", said)))


def _day(day: date) -> str:
    return format_date(day, "EEEE, dd/MM", locale="pt_BR")


def context_of(entry: WaitlistEntry) -> dict[str, object]:
    """The words of the templates about a place on the list."""
    return {
        "name": entry.customer.name,
        "shop": entry.shop.name,
        "when": in_message(entry),
        "services": " + ".join(service.name for service in entry.services.all()),
        "professional": entry.professional.name if entry.professional else "quem estiver livre",
        "link": place_url(entry),
    }


def context_of_offer(offer: WaitlistOffer) -> dict[str, object]:
    """The same for a time that is offered."""
    told = {"when": offer_when(offer), "professional": offer.professional.name, "minutes": offer.minutes}
    return {**context_of(offer.entry), **told, "price": _price(offer)}


def total_of(offer: WaitlistOffer) -> int:
    """Cents, as the professional of the offer does the services."""
    services = list(offer.entry.services.all())
    return terms.total_cents(services, terms.own_terms(offer.shop, services), offer.professional_id)


def _price(offer: WaitlistOffer) -> str:
    """`R$ 45,00`, and the deposit that this customer will be asked for: nobody says yes to it unawares."""
    total, policy = total_of(offer), deposit_rules.policy_of(offer.shop)
    ask = policy and deposit_rules.asked_of(policy, offer.entry.customer, list(offer.entry.services.all()), total)
    return reais(total) + (f", com sinal de {reais(ask.amount_cents)} por Pix" if ask else "")


def offer_when(offer: WaitlistOffer) -> str:
    """`terça-feira, 24/11, às 15:00`."""
    return notices.when_words(offer.starts_at, offer)
