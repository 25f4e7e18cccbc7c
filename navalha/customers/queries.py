"""Finding a customer by what WhatsApp or a visitor calls him."""

from navalha.accounts.models import Shop

from .identities import sighting
from .models import Customer, IdentityKind


def by_identity(shop: Shop, phone: str | None = None, lid: str | None = None) -> Customer | None:
    """The customer of this shop with that phone (any form of it) or, failing that, that whole `…@lid`."""
    wanted = sighting(phone, lid).identities
    values = dict(wanted)
    for kind in (IdentityKind.PHONE, IdentityKind.LID):
        found = shop.customers.filter(identities__kind=kind, identities__value=values.get(kind, "")).first()
        if found is not None:
            return found
    return None
