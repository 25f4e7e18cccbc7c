"""Finding a customer by what WhatsApp or a visitor calls him, or by what somebody types."""

from django.db.models import F, Func, Q, QuerySet, Value
from django.db.models.functions import Lower

from navalha.accounts.models import Shop
from navalha.core.phones import digits

from .identities import sighting
from .models import Customer, IdentityKind

ACCENTED, PLAIN = "áàâãäéèêëíìîïóòôõöúùûüçñ", "aaaaaeeeeiiiiooooouuuucn"
FEWEST_DIGITS = 3  # of a phone: fewer are in everybody's


def by_identity(shop: Shop, phone: str | None = None, lid: str | None = None) -> Customer | None:
    """The customer of this shop with that phone (any form of it) or, failing that, that whole `…@lid`."""
    wanted = sighting(phone, lid).identities
    values = dict(wanted)
    for kind in (IdentityKind.PHONE, IdentityKind.LID):
        found = shop.customers.filter(identities__kind=kind, identities__value=values.get(kind, "")).first()
        if found is not None:
            return found
    return None


def find(shop: Shop, text: str, *, most: int) -> "QuerySet[Customer]":
    """At most `most` customers whose name has every word of `text`, whatever its accents, or whose phone its digits.

    Nobody for an empty text. By name.
    """
    words = text.lower().translate(str.maketrans(ACCENTED, PLAIN)).split()
    if not words:
        return shop.customers.none()
    named = Q()
    for word in words:
        named &= Q(plain__contains=word)
    if len(digits(text)) >= FEWEST_DIGITS:
        named |= Q(phone__contains=digits(text))
    plain = Func(Lower(F("name")), Value(ACCENTED), Value(PLAIN), function="translate")
    return shop.customers.alias(plain=plain).filter(named).order_by("name", "pk")[:most]
