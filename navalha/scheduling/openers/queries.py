"""Where a customer can write first, and with which words."""

from datetime import datetime
from urllib.parse import quote

from django.db.models import Q, QuerySet

from navalha.accounts.models import Shop
from navalha.core.phones import digits
from navalha.customers.models import Customer
from navalha.messaging.articles import agreeing
from navalha.messaging.models import WhatsAppMessage
from navalha.whatsapp import health
from navalha.whatsapp.models import WhatsAppInstance
from navalha.whatsapp.queries import principal

from ..models import Appointment, Opener
from .codes import code_of, found_in, hash_of

SHOWN = 5
# In Portuguese, as all that the shop reads of a customer's.
FIRST_WORDS = "Olá! Acabei de marcar um horário na {shop}. Meu código é {code}."


def reachable_number(shop: Shop, *, now: datetime) -> WhatsAppInstance | None:
    """The number from which the shop writes, if what is sent to it arrives: connected, by evidence."""
    number = principal(shop)
    if number is None or not number.number or not shop.is_active:
        return None
    return number if health.shown(number, now).is_connected else None


def open_code(appointment: Appointment, opener: Opener | None, *, now: datetime) -> str:
    """The code with which the holder of the visit's page may write now; empty for none."""
    if opener is None or opener.opened_at is not None or opener.expires_at <= now:
        return ""
    code = code_of(appointment.shop_id, appointment.pk)
    return code if hash_of(appointment.shop_id, code) == opener.code_hash else ""  # made with an earlier key


def link(number: WhatsAppInstance, code: str) -> str:
    """Opens the shop's conversation on the customer's WhatsApp with the words ready to be sent.

    WhatsApp documents the address as "click to chat".
    """
    text = agreeing(FIRST_WORDS, number.shop.name).format(shop=number.shop.name, code=code)
    return f"https://wa.me/{digits(number.number)}?text={quote(text, safe='')}"


def of(appointment: Appointment) -> Opener | None:
    return appointment.shop.openers.filter(appointment=appointment).first()


def meant(message: WhatsAppMessage) -> Opener | None:
    """The one of the shop whose code the message holds and that lived when it was written; None for none."""
    hashes = [hash_of(message.shop_id, code) for code in found_in(message.text)]
    if not hashes:
        return None
    living = message.shop.openers.filter(code_hash__in=hashes, expires_at__gt=message.created_at)
    found = list(living[:2])
    return found[0] if len(found) == 1 else None


def first_word(appointment: Appointment) -> Opener | None:
    """Who wrote first about the visit, with all that `Opener.standing` reads: one query; None while nobody has."""
    return _opened(appointment.shop).filter(appointment=appointment).first()


def first_words(customer: Customer) -> list[Opener]:
    """Of visits of the customer, or about which they wrote; the newest first: one query."""
    theirs = Q(appointment__customer=customer) | Q(writer=customer)
    return list(_opened(customer.shop).filter(theirs).order_by("-opened_at", "-pk")[:SHOWN])


def _opened(shop: Shop) -> "QuerySet[Opener]":
    return shop.openers.filter(opened_at__isnull=False).select_related("appointment__customer", "writer")
