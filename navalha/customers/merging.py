"""Making one customer of two, and two of one again.

The row of the one that goes is kept as text in the record, with the keys of every row that moved: an undo writes it
again under its old number and gives it back what is still where the merge put it.
"""

import json
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from django.core import serializers
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from navalha.accounts.models import Shop, User
from navalha.core.errors import Refused
from navalha.live import topics
from navalha.live.publish import publish

from . import history, tags
from .models import Customer, CustomerAct, CustomerMerge

log = structlog.get_logger(__name__)

UNDO_FOR = timedelta(days=30)
# Merges that may have been a mistake; the others WhatsApp proved.
LIKELY = Q(by__isnull=False) | Q(by_code=True)
# What the kept one takes over, where it has nothing better itself.
TAKEN = (
    "name",
    "name_from_whatsapp",
    "phone",
    "notes",
    "tags",
    "birth_day",
    "birth_month",
    "birth_year",
    "created_at",
    "misses_forgiven_at",
)


class Vanished(Exception):
    """The customer was merged into another one since we found him: look again."""


@transaction.atomic
def merge(
    shop: Shop, *, keep_id: int, gone_id: int, now: datetime, by: User | None = None, by_code: bool = False
) -> Customer:
    """Make one customer of two of the same shop: every row of `gone` becomes one of `keep`. Raises `Vanished`.

    `by` is nobody when WhatsApp itself proved that they are one; such a merge cannot be undone. One `by_code`, because
    who wrote had the code of the other's booking, is only likely and can.
    """
    # In the order of their ids, so that two merges of the same pair wait for each other instead of for ever.
    rows = shop.customers.select_for_update().order_by("pk").filter(pk__in=[keep_id, gone_id])
    both = {customer.pk: customer for customer in rows}
    if len(both) < 2:
        raise Vanished
    keep, gone = both[keep_id], both[gone_id]
    before, snapshot, was = _as_text(keep), _as_text(gone), history.written(keep)
    moved = _move_rows(keep, gone)
    take_over(keep, gone)
    keep.save(update_fields=TAKEN)
    gone.delete()
    record = keep.merges.create(
        shop=shop,
        gone_id=gone_id,
        gone=snapshot,
        before=before,
        after=_as_text(keep),
        moved=moved,
        at=now,
        by=by,
        by_code=by_code,
    )
    fields = {"gone": ["", record.gone_name], **history.difference(was, keep)}
    history.change(keep, CustomerAct.MERGED, fields, by=by, now=now).save()
    publish(shop.pk, topics.CUSTOMERS)
    log.info("customers merged", merge=record.pk, kept=keep_id, gone=gone_id, shop=shop.pk, by=by and by.pk)
    return keep


@transaction.atomic
def undo(shop: Shop, merge_id: int, *, by: User, now: datetime) -> Customer:
    """Make two of one again; returns the one that comes back. Raises `Refused` with the reason why not.

    What came after the merge stays with the kept one, and so does a field that somebody changed since.
    """
    record = _locked(shop, merge_id)
    _check_undo(record, now)
    keep, was = record.kept, history.written(record.kept)
    _restore_fields(keep, record)
    gone = _from_text(record.gone)
    gone.save(force_insert=True)
    _move_back(record, keep, gone)
    record.undone_at, record.undone_by = now, by
    record.save(update_fields=["undone_at", "undone_by"])
    fields = {"gone": [record.gone_name, ""], **history.difference(was, keep)}
    history.change(keep, CustomerAct.PARTED, fields, by=by, now=now).save()
    publish(shop.pk, topics.CUSTOMERS)
    log.info("merge undone", merge=record.pk, kept=keep.pk, gone=gone.pk, shop=shop.pk, by=by.pk)
    return gone


def can_undo(record: CustomerMerge, *, now: datetime) -> bool:
    """Whether its button is worth showing."""
    is_proved = record.by_id is None and not record.by_code
    return not is_proved and record.undone_at is None and now < record.at + UNDO_FOR


def _check_undo(record: CustomerMerge, now: datetime) -> None:
    if record.undone_at is not None:
        raise Refused(_("Esta união já foi desfeita."))
    if not can_undo(record, now=now):
        raise Refused(_("Esta união não pode mais ser desfeita: o prazo é de 30 dias."))
    if record.kept.merges.filter(LIKELY, pk__gt=record.pk, undone_at=None).exists():
        raise Refused(_("Este cliente recebeu outro cadastro depois. Desfaça primeiro a união mais nova."))


def _locked(shop: Shop, merge_id: int) -> CustomerMerge:
    """The record and its kept customer, locked in the order in which a merge locks them."""
    kept_id = shop.customer_merges.values_list("kept", flat=True).get(pk=merge_id)
    kept = shop.customers.select_for_update().filter(pk=kept_id).first()
    record = shop.customer_merges.select_for_update().filter(pk=merge_id, kept=kept_id).first()
    if kept is None or record is None:
        raise Refused(_("Este cliente acabou de ser juntado a outro. Abra a página de novo."))
    record.kept = kept
    return record


def _move_rows(keep: Customer, gone: Customer) -> dict[str, list[int]]:
    """Give every row of `gone` to `keep`; returns the keys of those that moved."""
    moved = {}
    for relation in Customer._meta.related_objects:
        if relation.many_to_many:
            raise NotImplementedError(f"merging does not know how to move {relation.name}")
        name = relation.field.name
        rows = relation.related_model._base_manager
        if keys := list(rows.filter(**{name: gone}).values_list("pk", flat=True)):
            rows.filter(pk__in=keys).update(**{name: keep})
            moved[_label(relation)] = keys
    return moved


def _move_back(record: CustomerMerge, keep: Customer, gone: Customer) -> None:
    for relation in Customer._meta.related_objects:
        name = relation.field.name
        keys = record.moved.get(_label(relation), [])
        rows = relation.related_model._base_manager.filter(pk__in=keys, **{name: keep})
        rows.update(**{name: gone})


def _label(relation: Any) -> str:
    return f"{relation.related_model._meta.label_lower}.{relation.field.name}"


def _restore_fields(keep: Customer, record: CustomerMerge) -> None:
    """Take back what the merge wrote and nobody has changed since."""
    now_there = _as_text(keep)["fields"]
    before = _from_text(record.before)
    fields = [name for name in TAKEN if now_there[name] == record.after["fields"].get(name)]
    for name in fields:
        setattr(keep, name, getattr(before, name))
    keep.save(update_fields=fields)


def take_over(keep: Customer, gone: Customer) -> None:
    """Fill `keep`, in memory, with what `gone` knows better or besides."""
    if bool(gone.name) and (not keep.name or (keep.name_from_whatsapp and not gone.name_from_whatsapp)):
        keep.name, keep.name_from_whatsapp = gone.name, gone.name_from_whatsapp
    keep.phone = keep.phone or gone.phone
    keep.notes = "\n".join(note for note in dict.fromkeys((keep.notes, gone.notes)) if note)
    keep.tags = tags.unique([*keep.tags, *gone.tags])
    if keep.birth_day is None:
        keep.birth_day, keep.birth_month, keep.birth_year = gone.birth_day, gone.birth_month, gone.birth_year
    keep.created_at = min(keep.created_at, gone.created_at)
    forgiven = [at for at in (keep.misses_forgiven_at, gone.misses_forgiven_at) if at is not None]
    keep.misses_forgiven_at = max(forgiven, default=None)


def _as_text(row: Customer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(serializers.serialize("json", [row]))[0]
    return found


def _from_text(text: dict[str, Any]) -> Customer:
    """A row of this moment's table; a column that has gone since is left out."""
    known = {field.name for field in Customer._meta.concrete_fields}
    text = {**text, "fields": {name: value for name, value in text["fields"].items() if name in known}}
    (found,) = serializers.deserialize("python", [text])
    return cast("Customer", found.object)
