"""Customers from a spreadsheet: kept while a person chooses its columns, taken in at once, and taken back."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from navalha.accounts.models import Shop, User
from navalha.core.errors import Refused

from . import sheets, tags
from .crowd import Crowd
from .editing import Details
from .identities import sighting
from .merging import Vanished
from .models import Customer, CustomerImport, Identity

log = structlog.get_logger(__name__)

TRIES = 3
FILLED = ("name", "name_from_whatsapp", "notes", "tags", "birth_day", "birth_month", "birth_year", "edited_at")
Columns = Mapping[str, int | None]


def keep(shop: Shop, *, name: str, content: bytes, by: User, now: datetime) -> CustomerImport:
    """Keep an uploaded file until its columns are chosen. Raises `sheets.Unreadable`."""
    sheets.read(content)
    return shop.customer_imports.create(file_name=name[-120:], content=content, at=now, by=by)


def take_in(shop: Shop, pk: int, *, columns: Columns, update: bool, now: datetime) -> CustomerImport:
    """Write every good line; of known phones fill in what is empty (`update`) or leave them. All or nothing.

    Raises `Refused` when the same file was taken in already.
    """
    for _try in range(TRIES - 1):
        try:
            return _take_in_once(shop, pk, columns=columns, update=update, now=now)
        except (IntegrityError, Vanished):
            continue  # one of them wrote, or was merged, between our look and our write
    return _take_in_once(shop, pk, columns=columns, update=update, now=now)


@transaction.atomic
def _take_in_once(shop: Shop, pk: int, *, columns: Columns, update: bool, now: datetime) -> CustomerImport:
    row = shop.customer_imports.select_for_update().get(pk=pk)
    if row.done_at is not None:
        raise Refused(_("Esta planilha já foi importada."))
    good, row.errors = _read(bytes(row.content), columns, now.astimezone(ZoneInfo(shop.timezone)).date())
    crowd = Crowd(shop, [sighting(one.phone, None) for one in good])
    filled: dict[int, Customer] = {}
    for one in good:
        seen = sighting(one.phone, None)
        known = crowd.owner(seen)
        if known is None:
            _write(crowd.recognise(seen, name=one.name, now=now), one, row)
            row.created += 1
        elif known.pk is not None and update and (known.pk in filled or _fill(known, one, now)):
            filled[known.pk] = known
    crowd.save()
    shop.customers.bulk_update(filled.values(), FILLED)
    row.updated, row.skipped = len(filled), len(good) - row.created - len(filled)
    row.done_at, row.content = now, b""
    row.save(update_fields=["created", "updated", "skipped", "errors", "done_at", "content"])
    log.info("customers imported", customer_import=pk, shop=shop.pk, created=row.created, bad=len(row.errors))
    return row


def _read(content: bytes, columns: Columns, today: date) -> tuple[list[Details], list[list[Any]]]:
    """The good lines, and number and reason of the others."""
    good, errors = [], []
    for number, cells in sheets.read(content).lines:
        try:
            good.append(sheets.details(cells, columns, today=today))
        except sheets.BadLine as bad:
            errors.append([number, str(bad)])
    return good, errors


def _write(customer: Customer, said: Details, row: CustomerImport) -> None:
    customer.name_from_whatsapp, customer.imported = False, row
    customer.notes, customer.tags = said.notes, list(said.tags)
    customer.birth_day, customer.birth_month, customer.birth_year = said.birthday


def _fill(customer: Customer, said: Details, now: datetime) -> bool:
    """Fill in what is empty, in memory; False when nothing was."""
    before = [getattr(customer, name) for name in FILLED]
    if said.name and (not customer.name or customer.name_from_whatsapp):
        customer.name, customer.name_from_whatsapp = said.name, False
    customer.notes = customer.notes or said.notes
    customer.tags = tags.unique([*customer.tags, *said.tags])
    if customer.birth_day is None:
        customer.birth_day, customer.birth_month, customer.birth_year = said.birthday
    if before == [getattr(customer, name) for name in FILLED]:
        return False
    customer.edited_at = now
    return True


@transaction.atomic
def undo(shop: Shop, pk: int, *, by: User, now: datetime) -> CustomerImport:
    """Remove those whom the import made and nobody has touched since. Raises `Refused` a second time."""
    row = shop.customer_imports.select_for_update().get(pk=pk)
    if row.done_at is None or row.undone_at is not None:
        raise Refused(_("Esta importação já foi desfeita."))
    # Locked first: what is written of them meanwhile waits, and then finds them gone.
    list(shop.customers.select_for_update().filter(imported=row).order_by("pk").values_list("pk", flat=True))
    gone = list(untouched(row).values_list("pk", flat=True))
    shop.customers.filter(pk__in=gone).delete()
    row.removed, row.undone_at, row.undone_by = len(gone), now, by
    row.save(update_fields=["removed", "undone_at", "undone_by"])
    log.info("customer import undone", customer_import=pk, shop=shop.pk, removed=len(gone), by=by.pk)
    return row


def untouched(row: CustomerImport) -> "QuerySet[Customer]":
    """Those whom the import made and of whom nothing else is known."""
    rows = row.shop.customers.filter(imported=row, edited_at=None, name_from_whatsapp=False)
    rows = rows.exclude(identities__learnt_at__gt=F("created_at"))
    for relation in Customer._meta.related_objects:
        if relation.related_model is not Identity:
            name = relation.field.name
            owned = relation.related_model._base_manager.filter(**{f"{name}__imported": row})
            rows = rows.exclude(pk__in=owned.values(name))
    return rows
