"""Recognising everybody who wrote in one batch, in a handful of statements.

`actions.recognise` is the specification: a crowd does the same for those about whom there is nothing to decide, and
says of the others that it cannot.
"""

from collections.abc import Iterable
from datetime import datetime

from navalha.accounts.models import Shop

from .actions import Vanished, refreshed
from .identities import Sighting
from .models import Customer, Identity


class Crowd:
    """Who is known, as of one look, by any of the names in `seen`; then whoever is `recognised`.

    Use it inside one transaction, and `save()` it now and then. The known are kept from being merged away until that
    ends; raises `Vanished` when one of them just was.
    """

    def __init__(self, shop: Shop, seen: Iterable[Sighting]) -> None:
        self._shop = shop
        wanted = frozenset[tuple[str, str]]().union(*(one.identities for one in seen))
        rows = shop.identities.filter(value__in={value for _kind, value in wanted}) if wanted else []
        known = {(row.kind, row.value): row.customer_id for row in rows if (row.kind, row.value) in wanted}
        self._held = _held(shop, set(known.values()))
        self._owners = {name: self._held[customer_id] for name, customer_id in known.items()}
        self._new: list[Customer] = []
        self._learnt: list[Identity] = []
        self._changed: list[tuple[Customer, list[str]]] = []

    @property
    def known(self) -> set[int]:
        """The ids of those who were known at the look."""
        return set(self._held)

    def owner(self, seen: Sighting) -> Customer | None:
        """Who is known by a name of `seen`; None for nobody and for two that prove to be one."""
        owners = self._all(seen)
        return owners[0] if len(owners) == 1 else None

    def is_clear(self, seen: Sighting) -> bool:
        """Whether `seen` is one person: two customers would have to be merged, which is not done here."""
        return len(self._all(seen)) < 2

    def recognise(self, seen: Sighting, *, name: str, now: datetime) -> Customer:
        """As `actions.recognise` for a clear sighting."""
        customer = self.owner(seen)
        if customer is None:
            customer = Customer(shop=self._shop, phone=seen.phone, created_at=now)
            self._new.append(customer)
        for kind, value in sorted(seen.identities - self._owners.keys()):
            self._learnt.append(Identity(shop=self._shop, customer=customer, kind=kind, value=value, learnt_at=now))
            self._owners[kind, value] = customer
        changed = refreshed(customer, seen, name=name[:120].strip(), typed=False)
        if changed and customer.pk is not None:
            self._changed.append((customer, changed))
        return customer

    def save(self) -> None:
        """Write who is new and what was learnt. Raises IntegrityError when somebody else wrote a name first."""
        self._shop.customers.bulk_create(self._new)
        self._shop.identities.bulk_create(self._learnt)
        for customer, fields in self._changed:
            customer.save(update_fields=fields)
        self._new, self._learnt, self._changed = [], [], []

    def _all(self, seen: Sighting) -> list[Customer]:
        owners = (self._owners.get(name) for name in seen.identities)
        return list({id(owner): owner for owner in owners if owner is not None}.values())


def _held(shop: Shop, ids: set[int]) -> dict[int, Customer]:
    """The customers by id, locked as a foreign key locks them (see `actions`), in the order of their ids."""
    if not ids:
        return {}
    table = Customer._meta.db_table
    rows = shop.customers.raw(
        f"SELECT * FROM {table} WHERE id = ANY(%s) AND shop_id = %s ORDER BY id FOR KEY SHARE",  # noqa: S608 - its own name
        [sorted(ids), shop.pk],
    )
    held = {customer.pk: customer for customer in rows}
    if len(held) < len(ids):
        raise Vanished
    return held
