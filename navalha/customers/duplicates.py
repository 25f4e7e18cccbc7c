"""Customers who are probably one person, and what becomes of two that are made one."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from django.db.models import Count, Func, QuerySet
from django.db.models.functions import Right
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import Shop, User
from navalha.core.phones import phone_key

from .merging import take_over
from .models import Customer, KnownApart
from .queries import PLAIN_NAME, plain

MOST = 100
LOCAL_DIGITS = 8  # a phone without its area code and its ninth digit
COUNTED = ("appointment", "whatsappmessage")
LARGEST_GROUP = 6  # of a common first name: more of them prove nothing

SAME_PHONE = _("Mesmo telefone, com e sem o nono dígito")
SAME_LOCAL = _("Mesmo nome e mesmo telefone, com outro DDD")
ONLY_WHATSAPP = _("Mesmo nome, e um deles sem telefone")
SIMILAR = _("Mesmo nome e telefone quase igual")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two customers who look like one; the older one first."""

    one: Customer
    other: Customer
    why: str | Promise


def suspected(shop: Shop) -> list[Pair]:
    """At most `MOST` pairs that nobody has said to be two people, the surest first: three queries."""
    apart = {frozenset(pair) for pair in shop.known_apart.values_list("one", "other")}
    found: dict[frozenset[int], Pair] = {}
    for group in [*_groups(_sharing_phone(shop), _local), *_groups(_sharing_name(shop), lambda row: plain(row.name))]:
        for one, other in combinations(sorted(group, key=lambda row: row.pk), 2):
            key, why = frozenset({one.pk, other.pk}), reason(one, other)
            if why is not None and key not in apart:
                found.setdefault(key, Pair(one, other, why))
    return list(found.values())[:MOST]


def reason(one: Customer, other: Customer) -> "str | Promise | None":
    """Why the two may be one person; None when they rather are two."""
    if one.phone and other.phone and phone_key(one.phone) == phone_key(other.phone):
        return SAME_PHONE
    if not one.name or plain(one.name) != plain(other.name):
        return None
    if not one.phone or not other.phone:
        return ONLY_WHATSAPP
    if _local(one) == _local(other):
        return SAME_LOCAL
    return SIMILAR if _nearly(phone_key(one.phone), phone_key(other.phone)) else None


def say_apart(shop: Shop, one: Customer, other: Customer, *, by: User, now: datetime) -> KnownApart:
    """They are two people: not shown as a pair any more."""
    return shop.known_apart.create(one=one, other=other, said_by=by, said_at=now)


def unsay_apart(row: KnownApart) -> None:
    """They may be one after all: shown as a pair again."""
    row.delete()


def preview(keep: Customer, gone: Customer) -> Customer:
    """How `keep` would be after the merge; nothing is written."""
    result = copy(keep)
    take_over(result, gone)
    return result


def holdings(customer: Customer) -> dict[str, int]:
    """How many rows that people count a customer has, by the name of the table: one query for each."""
    return {
        relation.related_model._meta.model_name: relation.related_model._base_manager.filter(
            **{relation.field.name: customer}
        ).count()
        for relation in Customer._meta.related_objects
        if relation.related_model._meta.model_name in COUNTED
    }


def _sharing_phone(shop: Shop) -> "QuerySet[Customer]":
    return _sharing(shop.customers.exclude(phone=""), Right("phone", LOCAL_DIGITS))


def _sharing_name(shop: Shop) -> "QuerySet[Customer]":
    return _sharing(shop.customers.exclude(name=""), PLAIN_NAME)


def _sharing(rows: "QuerySet[Customer]", what: Func) -> "QuerySet[Customer]":
    """Those of `rows` who are not alone with their `what`."""
    counted = rows.order_by().values(what=what).annotate(n=Count("pk")).filter(n__gt=1)
    return rows.alias(what=what).filter(what__in=counted.values("what")).order_by("pk")


def _groups(rows: Iterable[Customer], key: Callable[[Customer], str]) -> list[list[Customer]]:
    found: defaultdict[str, list[Customer]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return [group for group in found.values() if len(group) <= LARGEST_GROUP]


def _local(customer: Customer) -> str:
    return customer.phone[-LOCAL_DIGITS:]


def _nearly(one: str, other: str) -> bool:
    """Whether a slip of the finger makes one of the other: one digit wrong, missing, or two swapped."""
    if abs(len(one) - len(other)) == 1:
        short, long = sorted((one, other), key=len)
        return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
    if len(one) != len(other):
        return False
    wrong = [at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(wrong) == 2:
        first, second = wrong
        return second == first + 1 and one[first] == other[second] and one[second] == other[first]
    return len(wrong) == 1
