"""Moving a number, with its cause and the tick for whoever watches: the shared steps of every write here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from navalha.accounts.models import User
from navalha.core.states import move
from navalha.live import topics
from navalha.live.publish import publish
from navalha.web.sentences import to_keep

from .causes import cause_of
from .models import ConnectionState, WhatsAppInstance

Fields = Mapping[str, Any]
NO_PAIRING: Fields = {
    "pairing_expires_at": None,
    "qr_code": "",
    "qr_code_expires_at": None,
    "qr_code_count": 0,
    "pairing_phone": "",
    "connection_code": "",
}
NO_ERROR: Fields = {"error_code": "", "error_message": ""}


def note(row: WhatsAppInstance, fields: Fields) -> None:
    """Write `fields` of a locked row that no page shows, and nothing else of it."""
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))


def put(row: WhatsAppInstance, fields: Fields, *, now: datetime) -> None:
    """Write `fields` of a locked row, and nothing else of it, and tick the shop's pages."""
    note(row, {**fields, "updated_at": now})
    publish(row.shop_id, topics.WHATSAPP)


def shift(
    row: WhatsAppInstance,
    to: ConnectionState,
    fields: Fields | None = None,
    *,
    now: datetime,
    by: User | None = None,
    reason: str = "",
) -> None:
    """Move a locked row by the table (or stay, when it is there already) and tick the shop's pages."""
    fields = fields or {}
    if row.state == to:
        put(row, fields, now=now)
        return
    move(row, to=to, now=now, by=by, reason=reason[:200], updated_at=now, **fields)
    publish(row.shop_id, topics.WHATSAPP)


def stop(
    row: WhatsAppInstance,
    code: str,
    fields: Fields | None = None,
    *,
    now: datetime,
    to: ConnectionState = ConnectionState.DISCONNECTED,
    by: User | None = None,
) -> None:
    """The number is out of service, for the reason `code` of `causes`."""
    happened = to_keep(cause_of(code).happened)
    ended = {**NO_PAIRING, "error_code": code, "error_message": happened, "disconnected_at": now}
    shift(row, to, {**ended, **(fields or {})}, now=now, by=by, reason=happened)
