"""Recognising people: one customer for each person, whichever of his names comes first, however many come at once.

What holds it together under a race is `one_customer_per_identity` in the database; the code tries again when it lost.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from navalha.accounts.models import Shop

from .identities import Sighting, sighting
from .merging import Vanished, merge
from .models import Customer, Identity

TRIES = 5
__all__ = ["Vanished", "merge", "recognise", "refreshed"]


def recognise(
    shop: Shop, *, phone: str | None, lid: str | None = None, name: str = "", now: datetime, typed: bool = False
) -> Customer:
    """The customer of `shop` who is known by `phone` (E.164 or digits with country code) or by a whole `…@lid`.

    Creates him when nobody is; learns the name that is new; makes one of two customers that prove to be one. `name`
    fills an empty name; with `typed` (the person wrote it into a booking) it also replaces one that came from
    WhatsApp. Raises ValueError without any identity.
    """
    seen = sighting(phone, lid)
    if not seen.identities:
        raise ValueError("a phone or a LID is needed to recognise somebody")
    for _ in range(TRIES - 1):
        try:
            return _recognise_once(shop, seen, name=name[:120].strip(), typed=typed, now=now)
        except (IntegrityError, Vanished):
            continue  # somebody else wrote the same identity, or merged this customer, between our look and our write
    return _recognise_once(shop, seen, name=name[:120].strip(), typed=typed, now=now)


@transaction.atomic
def _recognise_once(shop: Shop, seen: Sighting, *, name: str, typed: bool, now: datetime) -> Customer:
    found = _found(shop, seen)
    customer = _the_one(shop, seen, found, now)
    _learn(shop, customer, seen.identities - found.keys(), now)
    _refresh(customer, seen, name=name, typed=typed)
    return customer


def _found(shop: Shop, seen: Sighting) -> dict[tuple[str, str], int]:
    """Which of the identities are known, and whose they are (customer ids)."""
    wanted = Q()
    for kind, value in seen.identities:
        wanted |= Q(kind=kind, value=value)
    rows = shop.identities.filter(wanted).values_list("kind", "value", "customer_id")
    return {(kind, value): customer_id for kind, value, customer_id in rows}


def _the_one(shop: Shop, seen: Sighting, found: dict[tuple[str, str], int], now: datetime) -> Customer:
    ids = sorted(set(found.values()))
    if not ids:
        return shop.customers.create(phone=seen.phone, created_at=now)
    if len(ids) == 1:
        return _held(shop, ids[0])
    first, second = ids
    return merge(shop, keep_id=first, gone_id=second, now=now)


def _held(shop: Shop, customer_id: int) -> Customer:
    """The customer, kept from being merged away until our transaction ends.

    FOR KEY SHARE is what a foreign key takes: many may hold it at once, only a merge has to wait. Django has no word
    for it.
    """
    table = Customer._meta.db_table
    rows = shop.customers.raw(
        f"SELECT * FROM {table} WHERE id = %s AND shop_id = %s FOR KEY SHARE",  # noqa: S608 - the table's own name
        [customer_id, shop.pk],
    )
    for customer in rows:
        return customer
    raise Vanished


def _learn(shop: Shop, customer: Customer, identities: frozenset[tuple[str, str]], now: datetime) -> None:
    """Write the new identities. Raises IntegrityError when somebody else wrote one of them first."""
    shop.identities.bulk_create(
        Identity(shop=shop, customer=customer, kind=kind, value=value, learnt_at=now)
        for kind, value in sorted(identities)
    )


def _refresh(customer: Customer, seen: Sighting, *, name: str, typed: bool) -> None:
    changed = refreshed(customer, seen, name=name, typed=typed)
    if changed:
        customer.save(update_fields=changed)


def refreshed(customer: Customer, seen: Sighting, *, name: str, typed: bool) -> list[str]:
    """Fill the name and the phone in memory; returns the fields that changed.

    A phone seen beside a LID is where this person is reached now.
    """
    changed = []
    if name and (not customer.name or (typed and customer.name_from_whatsapp)):
        customer.name, customer.name_from_whatsapp = name, not typed
        changed += ["name", "name_from_whatsapp"]
    if seen.phone and seen.phone != customer.phone and (seen.lid or not customer.phone):
        customer.phone = seen.phone
        changed.append("phone")
    return changed
