"""Whose images and commands are processed: the installation's list and each shop's own. An empty list allows nobody."""

from collections.abc import Sequence
from functools import lru_cache

from django.conf import settings

from navalha.accounts.models import Shop
from navalha.core.phones import phone_key, to_e164
from navalha.evolution import jids

from .identities import Sighting
from .models import IdentityKind

Name = tuple[str, str]  # kind and value, as of an Identity


def is_allowed(shop: Shop, who: Sighting) -> bool:
    """Whether what `who` sends to `shop` may be processed.

    A sender who shows a phone is judged by it and by nothing learnt before; one who shows only a LID by the phones
    that WhatsApp has named beside it.
    """
    names = set(who.identities)
    if who.lid and not who.phone:
        names |= _phones_of(shop, who.lid)
    if not names.isdisjoint(of_installation(tuple(settings.ALLOWED_PHONE_NUMBERS))):
        return True
    keys = [value for kind, value in names if kind == IdentityKind.PHONE]
    return shop.allowed_phones.filter(key__in=keys, removed_at=None).exists() if keys else False


def _phones_of(shop: Shop, lid: str) -> set[Name]:
    owner = shop.identities.filter(kind=IdentityKind.LID, value=lid).values("customer")
    phones = shop.identities.filter(kind=IdentityKind.PHONE, customer__in=owner)
    return {(IdentityKind.PHONE.value, value) for value in phones.values_list("value", flat=True)}


@lru_cache(maxsize=8)
def of_installation(entries: Sequence[str]) -> frozenset[Name]:
    """The names of the list in the environment; entries that name nobody allow nobody."""
    return frozenset(name for name in map(name_of, entries) if name is not None)


def name_of(entry: str) -> Name | None:
    """Whom `558399330465@s.whatsapp.net`, `249876543210987@lid` or a phone in any form means; None for nobody."""
    text = entry.strip()
    if jids.is_lid(text):
        return IdentityKind.LID.value, text
    digits = jids.phone_of(text)
    if digits is None and "@" in text:
        return None
    phone = to_e164(f"+{digits}" if digits else text)
    return (IdentityKind.PHONE.value, phone_key(phone)) if phone else None
