"""Finding customers by what somebody types."""

from django.db.models import CharField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Lower

from navalha.accounts.models import Shop
from navalha.core.phones import digits, phone_key, to_e164

from .models import Customer

ACCENTED, PLAIN = "áàâãäéèêëíìîïóòôõöúùûüçñ", "aaaaaeeeeiiiiooooouuuucn"
PLAIN_NAME = Func(Lower(F("name")), Value(ACCENTED), Value(PLAIN), function="translate")
FEWEST_DIGITS = 3  # of a phone: fewer are in everybody's


def find(shop: Shop, text: str, *, most: int) -> "QuerySet[Customer]":
    """At most `most` customers whose name has every word of `text`, whatever its accents, or whose phone its digits.

    Nobody for an empty text. By name.
    """
    if not text.split():
        return shop.customers.none()
    return matching(shop.customers.all(), text).order_by("name", "pk")[:most]


def matching(customers: "QuerySet[Customer]", text: str) -> "QuerySet[Customer]":
    """Those of `customers` whom `find` would find; all of them for an empty text."""
    words = plain(text).split()
    if not words:
        return customers
    named = Q()
    for word in words:
        named &= Q(plain__contains=word)
    for known in phone_parts(text):
        named |= Q(phone__contains=known)
    return customers.alias(plain=PLAIN_NAME).filter(named)


def plain(text: str) -> str:
    """Lower case, without accents, as `PLAIN_NAME` is in the database."""
    return text.lower().translate(str.maketrans(ACCENTED, PLAIN))


def phone_parts(text: str) -> set[str]:
    """The runs of digits by which a stored phone is found when somebody types `text`, in whatever form.

    As typed; as the whole number that it is; and that without its ninth digit, for numbers stored as they came.
    """
    typed = digits(text)
    if len(typed) < FEWEST_DIGITS:
        return set()
    whole = to_e164(text)
    return {typed, typed.lstrip("0"), *([digits(whole), phone_key(whole)] if whole else [])} - {""}


def tags_of(shop: Shop) -> list[str]:
    """Every tag that the shop has put on somebody, by name."""
    rows = shop.customers.order_by().annotate(tag=Func(F("tags"), function="unnest", output_field=CharField()))
    return sorted(set(rows.values_list("tag", flat=True)), key=plain)
