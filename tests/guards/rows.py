"""One row of any of our models, with rows of its own behind each relation: for rules that walk all tables."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from django.db import models

from navalha.accounts.models import Shop

# Where a plain value would break a constraint of the table.
VALUES: dict[str, dict[str, Any]] = {
    "WhatsAppMessage": {"direction": "out", "state": "queued"},
    "Shop": {"state": "active", "accent": "", "widget_sites": []},
    "ServiceTerms": {"price_cents": 4500},
    "QueueEntry": {"appointment": None},
    "WaitlistOffer": {"appointment": None},
    "Opener": {"opened_at": datetime(2026, 11, 24, 12, tzinfo=UTC)},
    "AppointmentChange": {"from_professional": None, "to_professional": None},
}
BEGAN = datetime(2026, 11, 24, 12, tzinfo=UTC)
NUMBERS = count(1000)  # of the rows behind a relation
LATER = ("end", "until", "expires", "returned", "removed")


def a_row(model: type[models.Model], number: int, shop: Shop | None = None, depth: int = 0) -> Any:
    """A new row; `number` makes it another one than the rows before. The relations of a row lead into its own shop."""
    if model is Shop and shop is not None:
        return shop
    if model is not Shop and shop is None and any(field.name == "shop" for field in model._meta.fields):
        shop = a_row(Shop, number, depth=1)
    own = VALUES.get(model.__name__, {})
    values = {
        field.name: own[field.name] if field.name in own else _value(field, number, shop, depth)
        for field in model._meta.concrete_fields
        if field.name in own or _is_needed(field, depth)
    }
    return model._base_manager.create(**values)


def _is_needed(field: Any, depth: int) -> bool:
    """What a row must have, and for the row itself every relation that a table could follow."""
    if field.primary_key and field.get_internal_type().endswith("AutoField"):
        return False
    if field.many_to_one and field.null:
        return depth == 0
    return not field.null and (not field.has_default() or field.unique)


def _value(field: Any, number: int, shop: Shop | None, depth: int) -> Any:
    if field.many_to_one or field.one_to_one:
        if field.related_model is Shop and shop is not None:
            return shop
        return a_row(field.related_model, next(NUMBERS), shop, depth + 1)
    if field.choices:
        return next(value for value, _words in field.flatchoices if value != "")
    return _plain(field, number, depth)


def _plain(field: Any, number: int, depth: int) -> Any:
    later = any(word in field.name for word in LATER)
    text = f"{field.name[:6]}{number}{'x' * depth}"
    match field.get_internal_type():
        case "DateTimeField":
            return BEGAN + timedelta(hours=3 * number + later)
        case "DateField":
            return date(2026, 11, 1) + timedelta(days=number % 900)
        case "TimeField":
            return time(18 if later else 9)
        case "JSONField":
            return {}
        case "BooleanField":
            return False
        case "BinaryField":
            return b"x"
        case "UUIDField":
            return None
        case kind if "Integer" in kind or kind in ("FloatField", "DecimalField"):
            return 5 + number % 20
    if "email" in field.name:
        return f"{text}@navalha.example"
    return text[: field.max_length] if field.max_length else text
