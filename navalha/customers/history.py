"""The history of what is written of a customer: noting a change, and reading what it was."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import User
from navalha.core.phones import display

from .models import Customer, CustomerAct, CustomerChange, CustomerImport

BIRTHDAY = ("birth_day", "birth_month", "birth_year")
# What a history tells of; a birthday changes as one.
WRITTEN = ("name", "name_from_whatsapp", "phone", "notes", "tags", *BIRTHDAY)
LABELS = {
    "name": _("Nome"),
    "phone": _("Telefone"),
    "birthday": _("Aniversário"),
    "tags": _("Etiquetas"),
    "notes": _("Observações"),
    "professional": _("Prefere"),
    "gone": _("Cadastro juntado"),
}
Fields = dict[str, list[Any]]


def written(customer: Customer) -> dict[str, Any]:
    """What is written of a customer at this moment, to be compared later."""
    return {name: list(value) if isinstance(value := getattr(customer, name), list) else value for name in WRITTEN}


def difference(before: Mapping[str, Any], customer: Customer) -> Fields:
    """What of `before` has changed: each field with what it was and what it is."""
    now_there = written(customer)
    changed = {name for name in WRITTEN if before[name] != now_there[name]}
    if changed & set(BIRTHDAY):
        changed |= set(BIRTHDAY)
    return {name: [before[name], now_there[name]] for name in WRITTEN if name in changed}


def change(
    customer: Customer,
    act: CustomerAct,
    fields: Fields,
    *,
    by: User | None,
    now: datetime,
    source: CustomerImport | None = None,
) -> CustomerChange:
    """A row of the history, not saved yet."""
    return CustomerChange(
        shop_id=customer.shop_id, customer=customer, act=act, fields=fields, by=by, at=now, source=source
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that changed, as people read it; empty for what was, or is, nothing."""

    label: Any
    before: str
    after: str


def lines(row: CustomerChange) -> Iterator[Line]:
    """What a change says, in the order of the form."""
    for name, label in LABELS.items():
        if name == "birthday" and "birth_day" in row.fields:
            before, after = (_birthday(row.fields, at) for at in (0, 1))
        elif name in row.fields:
            before, after = (_words(name, value) for value in row.fields[name])
        else:
            continue
        if before != after:
            yield Line(label, before, after)


def _words(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return display(value) if name == "phone" and value else str(value or "")


def _birthday(fields: Mapping[str, list[Any]], at: int) -> str:
    return Customer(**{name: fields[name][at] for name in BIRTHDAY}).birthday
