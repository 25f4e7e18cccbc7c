"""The steps in which a spreadsheet is taken in and taken back: some lines, or some customers, in one transaction each.

A step writes what it did together with how far it is now. A worker that is killed leaves whole steps behind.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from navalha.accounts.models import Shop
from navalha.core.states import move
from navalha.live import topics
from navalha.live.publish import publish

from . import history, sheets, tags
from .crowd import Crowd
from .editing import Details
from .history import BIRTHDAY
from .identities import sighting
from .importing import read
from .models import Customer, CustomerAct, CustomerChange, CustomerImport, Identity, ImportState

STEP = 200  # lines, or customers
S = ImportState
FILLED = ("name", "name_from_whatsapp", "notes", "tags", *BIRTHDAY, "edited_at")
COUNTS = ("position", "attempts", "created", "updated", "skipped", "errors")
UNDO_COUNTS = ("undone_to", "attempts", "removed", "reverted", "left")


@transaction.atomic
def take_in(shop: Shop, pk: int, sheet: sheets.Sheet, *, now: datetime) -> bool:
    """Write the next lines; False when there are none, or somebody stopped it.

    Raises IntegrityError and `Vanished` when one of them wrote, or was merged, between our look and our write: then
    nothing is written, and it may be done again.
    """
    row = _locked(shop, pk, S.RUNNING)
    if row is None:
        return False
    lines = sheet.lines[row.position : row.position + STEP]
    good, bad = read(lines, row.columns, row.shop, now)
    crowd = Crowd(row.shop, [sighting(one.phone, None) for one in good])
    rows = _fresh(row, crowd.known) if row.fills_known else {}
    done = _write(row, crowd, rows, good, now)
    row.skipped += len(good) - done
    row.errors = [*row.errors, *bad]
    row.position, row.attempts = row.position + len(lines), 0
    row.save(update_fields=COUNTS)
    if row.position == row.total:
        move(row, to=S.DONE, now=now, done_at=now, content=b"")
    publish(row.shop_id, topics.CUSTOMERS)
    return row.position < row.total


def _write(row: CustomerImport, crowd: Crowd, rows: dict[int, Customer], good: list[Details], now: datetime) -> int:
    """Write new ones, and fill in those of `rows`; how many lines did something."""
    made: list[Customer] = []
    before: dict[int, dict[str, object]] = {}
    for one in good:
        seen = sighting(one.phone, None)
        known = crowd.owner(seen)
        if known is None:
            made.append(_describe(crowd.recognise(seen, name=one.name, now=now), one, row))
        elif known.pk in rows and known.pk not in before:
            was = history.written(rows[known.pk])
            if _fill(rows[known.pk], one, now):
                before[known.pk] = was
    crowd.save()
    filled = [rows[pk] for pk in sorted(before)]
    row.shop.customers.bulk_update(filled, FILLED)
    effects = [history.change(one, CustomerAct.IMPORTED, {}, by=row.by, now=now, source=row) for one in made]
    for customer in filled:
        fields = history.difference(before[customer.pk], customer)
        effects.append(history.change(customer, CustomerAct.FILLED, fields, by=row.by, now=now, source=row))
    row.shop.customer_changes.bulk_create(effects)
    row.created, row.updated = row.created + len(made), row.updated + len(filled)
    return len(made) + len(filled)


def _fresh(row: CustomerImport, known: Collection[int]) -> dict[int, Customer]:
    """Who may be filled in, read again and locked: what is written of them meanwhile is not written over.

    Not those whom an earlier line of the same file made or filled in.
    """
    rows = row.shop.customers.select_for_update(of=("self",)).filter(pk__in=known)
    rows = rows.exclude(history__in=row.effects.all())
    return {one.pk: one for one in rows.order_by("pk")}


def _describe(customer: Customer, said: Details, row: CustomerImport) -> Customer:
    customer.name_from_whatsapp, customer.imported = False, row
    customer.notes, customer.tags = said.notes, list(said.tags)
    customer.birth_day, customer.birth_month, customer.birth_year = said.birthday
    return customer


def _fill(customer: Customer, said: Details, now: datetime) -> bool:
    """Fill in what is empty, in memory; False when nothing was."""
    before = history.written(customer)
    if said.name and (not customer.name or customer.name_from_whatsapp):
        customer.name, customer.name_from_whatsapp = said.name, False
    customer.notes = customer.notes or said.notes
    customer.tags = tags.unique([*customer.tags, *said.tags])
    if customer.birth_day is None:
        customer.birth_day, customer.birth_month, customer.birth_year = said.birthday
    if not history.difference(before, customer):
        return False
    customer.edited_at = now
    return True


@transaction.atomic
def take_back(shop: Shop, pk: int, *, now: datetime) -> bool:
    """Take back the next effects; False when there are none."""
    row = _locked(shop, pk, S.UNDOING)
    if row is None:
        return False
    effects = list(row.effects.exclude(act=CustomerAct.TAKEN_BACK).filter(pk__gt=row.undone_to).order_by("pk")[:STEP])
    if not effects:
        move(row, to=S.UNDONE, now=now, undone_at=now)
    else:
        _take_back(row, effects, now)
        row.undone_to, row.attempts = effects[-1].pk, 0
        row.save(update_fields=UNDO_COUNTS)
    publish(row.shop_id, topics.CUSTOMERS)
    return bool(effects)


def _take_back(row: CustomerImport, effects: list[CustomerChange], now: datetime) -> None:
    """Remove those whom the import made and nobody has touched; of the others undo what nobody changed."""
    # Locked first: what is written of them meanwhile waits, and then finds them gone.
    whose = {effect.customer_id for effect in effects}
    rows = row.shop.customers.select_for_update(of=("self",)).filter(pk__in=whose).order_by("pk")
    customers = {one.pk: one for one in rows}
    gone = set(untouched(row).filter(pk__in=whose).values_list("pk", flat=True))
    row.shop.customers.filter(pk__in=gone).delete()
    merged = set(row.shop.customer_merges.filter(kept__in=whose, undone_at=None).values_list("kept", flat=True))
    changed: list[CustomerChange] = []
    for effect in effects:
        if effect.customer_id not in gone | merged and effect.act == CustomerAct.FILLED:
            changed += _revert(customers[effect.customer_id], effect, row, now)
    row.shop.customers.bulk_update([customers[one.customer_id] for one in changed], FILLED)
    row.shop.customer_changes.bulk_create(changed)
    row.removed, row.reverted = row.removed + len(gone), row.reverted + len(changed)
    row.left += len(effects) - len(gone) - len(changed)


def _revert(customer: Customer, effect: CustomerChange, row: CustomerImport, now: datetime) -> list[CustomerChange]:
    """Give back, in memory, what still is as the import left it; nothing when somebody changed any of it since."""
    before, there = history.written(customer), effect.fields
    if any(before[name] != became for name, (_was, became) in there.items()):
        return []
    for name, (was, _became) in there.items():
        setattr(customer, name, was)
    customer.edited_at = now
    fields = history.difference(before, customer)
    return [history.change(customer, CustomerAct.TAKEN_BACK, fields, by=row.undone_by, now=now, source=row)]


def untouched(row: CustomerImport) -> "QuerySet[Customer]":
    """Those whom the import made and of whom nothing else is known."""
    rows = row.shop.customers.filter(imported=row, edited_at=None, name_from_whatsapp=False)
    rows = rows.exclude(identities__learnt_at__gt=F("created_at"))
    for relation in Customer._meta.related_objects:
        if relation.related_model is not Identity:
            name = relation.field.name
            owned = relation.related_model._base_manager.filter(**{f"{name}__imported": row})
            if relation.related_model is CustomerChange:
                owned = owned.exclude(source=row, act=CustomerAct.IMPORTED)
            rows = rows.exclude(pk__in=owned.values(name))
    return rows


def _locked(shop: Shop, pk: int, state: ImportState) -> CustomerImport | None:
    """The import, locked, while it is in that state: a button may have stopped it."""
    rows = shop.customer_imports.select_for_update(of=("self",), no_key=True)
    return rows.select_related("shop", "by", "undone_by").filter(pk=pk, state=state).first()
