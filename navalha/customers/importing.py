"""What a person does with a spreadsheet of customers: upload, choose its columns, stop it, take it back.

The work itself is the worker's (`import_work`, `import_steps`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from navalha.accounts.models import Shop, User
from navalha.core.errors import Refused
from navalha.core.phones import phone_key
from navalha.core.states import can_move, move
from navalha.core.wake import wake
from navalha.live import topics
from navalha.live.publish import publish

from . import sheets
from .editing import Details
from .models import CustomerImport, IdentityKind, ImportState

log = structlog.get_logger(__name__)

S = ImportState
Columns = Mapping[str, int | None]


def keep(shop: Shop, *, name: str, content: bytes, by: User, now: datetime) -> CustomerImport:
    """Keep an uploaded file until its columns are chosen. Raises `sheets.Unreadable`."""
    lines = sheets.read(content).lines
    return shop.customer_imports.create(
        file_name=name[-120:], content=content, total=len(lines), at=now, state_changed_at=now, by=by
    )


@transaction.atomic
def begin(shop: Shop, pk: int, *, columns: Columns, update: bool, by: User, now: datetime) -> CustomerImport:
    """Hand a file to the worker: of known phones it fills in what is empty (`update`) or leaves them.

    Raises `Refused` when the same file was handed over already.
    """
    row = _locked(shop, pk)
    if row.state != S.UPLOADED:
        raise Refused(_("Esta planilha já foi importada."))
    move(
        row,
        to=S.RUNNING,
        now=now,
        by=by,
        columns={name: columns.get(name) for name in sheets.FIELDS},
        fills_known=update,
    )
    _go(row)
    return row


@transaction.atomic
def go_on(shop: Shop, pk: int, *, by: User, now: datetime) -> CustomerImport:
    """Try the rest of an import that stopped by an error. Raises `Refused` for any other."""
    row = _locked(shop, pk)
    if row.state != S.FAILED or not row.content:
        raise Refused(_("Esta importação não está parada. Veja como está agora."))
    move(row, to=S.RUNNING, now=now, by=by, attempts=0)
    _go(row)
    return row


@transaction.atomic
def cancel(shop: Shop, pk: int, *, by: User, now: datetime) -> CustomerImport:
    """Take in no more lines; who entered already stays, and can be taken back. Raises `Refused` when it has ended."""
    row = _locked(shop, pk)
    if not can_move(row, S.CANCELLED):
        raise Refused(_("Esta importação já terminou. Para tirar quem entrou, use Desfazer."))
    move(row, to=S.CANCELLED, now=now, by=by, done_at=now, content=b"")
    publish(shop.pk, topics.CUSTOMERS)
    return row


@transaction.atomic
def undo(shop: Shop, pk: int, *, by: User, now: datetime) -> CustomerImport:
    """Have the worker take back what an import did and nobody has changed since. Raises `Refused` a second time."""
    row = _locked(shop, pk)
    if not can_move(row, S.UNDOING):
        raise Refused(_("Esta importação já foi desfeita, ou ainda não terminou."))
    move(row, to=S.UNDOING, now=now, by=by, undone_by=by, attempts=0, content=b"", done_at=row.done_at or now)
    _go(row)
    return row


@dataclass(frozen=True, slots=True)
class Outlook:
    """What taking a file in would do: lines by what they are, and number and reason of the bad ones."""

    new: int = 0
    known: int = 0
    repeated: int = 0
    errors: list[list[Any]] = field(default_factory=list)


def outlook(shop: Shop, sheet: sheets.Sheet, columns: Columns, *, now: datetime) -> Outlook:
    """Look without writing: one query."""
    good, errors = read(sheet.lines, columns, shop, now)
    keys = {phone_key(one.phone) for one in good}
    found = shop.identities.filter(kind=IdentityKind.PHONE, value__in=keys).values_list("value", flat=True)
    known = len(set(found))
    return Outlook(len(keys) - known, known, len(good) - len(keys), errors)


def read(lines: list[sheets.Line], columns: Columns, shop: Shop, now: datetime) -> tuple[list[Details], list[Any]]:
    """The good ones of `lines`, and number and reason of the others."""
    today = now.astimezone(ZoneInfo(shop.timezone)).date()
    good, errors = [], []
    for number, cells in lines:
        try:
            good.append(sheets.details(cells, columns, today=today))
        except sheets.BadLine as bad:
            errors.append([number, str(bad)])
    return good, errors


def _locked(shop: Shop, pk: int) -> CustomerImport:
    """Locked, so that a step of the worker and a button take turns."""
    return shop.customer_imports.select_for_update(of=("self",)).get(pk=pk)


def _go(row: CustomerImport) -> None:
    publish(row.shop_id, topics.CUSTOMERS)
    wake("customer_import", import_id=row.pk)
