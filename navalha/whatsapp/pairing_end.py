"""How a pairing ends without a connection: its time is over, WhatsApp turned it away, or the person gave it up.

Whatever the reason, its remote instance is deleted on the server.
"""

from datetime import datetime

from django.db import transaction

from navalha.accounts.models import User
from navalha.web.sentences import to_keep

from . import refusals, remotes
from .causes import REFUSED_CODES, cause_of
from .models import ConnectionState, WhatsAppInstance
from .states import NO_ERROR, NO_PAIRING, shift

S = ConnectionState


@transaction.atomic
def end_session(row: WhatsAppInstance, code: str, *, now: datetime, to: ConnectionState = S.DISCONNECTED) -> bool:
    """End the pairing that `row` knew, for the reason `code`, and give its remote instance up; False if it is over."""
    current = row.locked()
    pairing = current.state in (S.AWAITING_QR, S.CONNECTING)
    if not pairing or current.remote_name != row.remote_name:
        return False
    give_up(current, code, to=to, now=now)
    return True


def give_up(
    row: WhatsAppInstance,
    code: str,
    *,
    now: datetime,
    to: ConnectionState = S.DISCONNECTED,
    by: User | None = None,
) -> None:
    """End the pairing of a locked row, and note its remote instance for deletion."""
    remotes.retire(row, now=now)
    refusals.stop_pairing(row, code, remotes.GONE, to=to, now=now, by=by)


def failed_code(row: WhatsAppInstance) -> str:
    """The cause when WhatsApp does not complete the pairing of `row`."""
    return "code_failed" if row.pairing_phone else "pairing_failed"


def end_refused(row: WhatsAppInstance, reason: int, *, now: datetime) -> None:
    """WhatsApp closed the pairing of a locked row for good, with one of its final codes."""
    refused = reason in REFUSED_CODES
    give_up(row, str(reason) if refused else failed_code(row), to=S.ERROR if refused else S.DISCONNECTED, now=now)


def report_refusal(number: WhatsAppInstance, *, now: datetime, by: User | None = None) -> bool:
    """The person says that the phone read the code and could not connect; False when no code is on show any more.

    WhatsApp's wall tells nobody else: the codes go on changing as if nothing had happened (FACTS, "Linking").
    """
    with transaction.atomic():
        row = number.locked()
        if row.state not in (S.AWAITING_QR, S.CONNECTING) or not row.qr_code:
            return False
        name, server = row.remote_name, row.server_id
        give_up(row, "needs_passkey", to=S.ERROR, now=now, by=by)
    remotes.delete_retired(row.shop.retired_remotes.filter(remote_name=name, server=server), now=now)
    return True


def cancel_pairing(number: WhatsAppInstance, *, now: datetime, by: User | None = None) -> None:
    """The person closed the window with the QR. A code that was read already goes on connecting: they are done."""
    with transaction.atomic():
        row = number.locked()
        if row.state != S.AWAITING_QR:
            return
        retired = remotes.retire(row, now=now)
        # Nothing went wrong: no alert, only the line in the history.
        reason = to_keep(cause_of("pairing_cancelled").happened)
        shift(row, S.DISCONNECTED, {**NO_PAIRING, **NO_ERROR, **remotes.GONE}, now=now, by=by, reason=reason)
    if retired:
        remotes.delete_retired([retired], now=now)
