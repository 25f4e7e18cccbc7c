"""Connecting a number by QR or by letters: a session of at most five minutes, in a remote instance of its own.

Only what happens to be between two short transactions speaks with the server: first the session is opened and
committed (its webhooks may arrive at once), then the remote instance is made and asked for its first code.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from navalha.accounts.models import User
from navalha.core import secrets
from navalha.core.errors import Refused
from navalha.core.phones import digits
from navalha.evolution.errors import EvolutionError, LicenceRequired, Unauthorized, UnsupportedVersion
from navalha.evolution.types import Qr

from . import crowding, gateway, refusals, remotes
from .consent import require_consent
from .health import SERVER_CODES
from .models import ConnectionState, EvolutionServer, WhatsAppInstance
from .pairing_end import end_session, give_up
from .qr import qr_png
from .states import NO_ERROR, NO_PAIRING, put, shift, stop
from .versions import require_supported

log = structlog.get_logger(__name__)

PAIRING_LASTS = timedelta(minutes=5)
QR_LASTS = timedelta(seconds=45)  # Evolution's qrTimeout (FACTS C)
# The next code comes by webhook: a moment without one is no reason to begin anew.
ROTATION_TAKES = timedelta(seconds=15)
FIRST_QR_TAKES = timedelta(seconds=20)
OPENING_TAKES = timedelta(seconds=60)
# Within so much a server that starts again speaks of all its numbers.
SAME_MOMENT = timedelta(seconds=10)
# Each new code is one more request in the name of this phone, and after the third WhatsApp answers 429 (FACTS D 5).
MOST_CODES = 3
S = ConnectionState


@dataclass(frozen=True, slots=True)
class _Opened:
    """A session just opened: the row as committed, and the secret of which only the hash is kept."""

    row: WhatsAppInstance
    server: EvolutionServer
    remote_name: str
    secret: str


def start_pairing(
    number: WhatsAppInstance, *, now: datetime, by: User | None = None, phone: str = ""
) -> WhatsAppInstance:
    """Open a pairing session, or join the one that is open; the row as it stands afterwards.

    With `phone` (E.164) by letters: `row.connection_code` is to be typed on that phone. Takes about two seconds.
    `row.qr_code` is empty when WhatsApp has not given a code yet: it comes by webhook. When the server cannot be
    spoken to, the row is in state `error` with its cause. Raises `Refused` for a connected or removed number, for one
    that rests after refusals and when no server has room; `ConsentNeeded` and `TooManyPairings` are kinds of it.
    """
    opened = _open_session(number, phone=phone, now=now, by=by)
    if opened is not None:
        _show_first_code(opened, now=now)
    return number.shop.numbers.get(pk=number.pk)


@transaction.atomic
def _open_session(number: WhatsAppInstance, *, phone: str, now: datetime, by: User | None) -> _Opened | None:
    """None when a session that still works is open: a second click gets what the first one has.

    A session of the other kind (QR, letters) does not: letters are only given to a connection that is just beginning.
    """
    row = number.locked()
    if row.state == S.REMOVED:
        raise Refused(_("Este número foi removido. Adicione-o de novo para conectar."))
    if row.state == S.CONNECTED:
        raise Refused(_("Este número já está conectado. Para trocar de celular, toque antes em “Desconectar”."))
    require_consent(row.shop)
    if _still_works(row, now) and (row.state == S.CONNECTING or row.pairing_phone == phone):
        return None
    refusals.require_no_pause(row, now)
    server = remotes.server_for(row)
    crowding.require_place(server, row, now=now)
    if row.state == S.UNSTABLE:
        _require_server(row)
        stop(row, "no_contact", now=now, by=by)
    remotes.retire(row, now=now)
    name = remotes.new_remote_name(row.technical_name or row.shop.slug)
    opened = _Opened(row, server, name, secrets.new_secret())
    fields = {
        "server": server,
        "remote_name": opened.remote_name,
        "webhook_secret_hash": secrets.hashed(opened.secret),
        "pairing_expires_at": now + PAIRING_LASTS,
        "pairing_phone": phone,
    }
    shift(row, S.AWAITING_QR, {**remotes.GONE, **NO_PAIRING, **NO_ERROR, **fields}, now=now, by=by)
    return opened


def _require_server(row: WhatsAppInstance) -> None:
    """Raises `Refused` while it is the server that does not answer: the connection is there still, and a new code would
    throw it away for one that cannot be made."""
    if row.error_code in SERVER_CODES:
        raise Refused(
            _("O servidor do WhatsApp não está respondendo. Não é preciso outro código: a conexão volta com ele.")
        )


def _still_works(row: WhatsAppInstance, now: datetime) -> bool:
    if not row.is_pairing_at(now):
        return False
    if row.state == S.CONNECTING:
        return now - row.state_changed_at < OPENING_TAKES
    if row.qr_code_expires_at:
        return now < row.qr_code_expires_at + ROTATION_TAKES
    return now < began_at(row) + FIRST_QR_TAKES


def began_at(row: WhatsAppInstance) -> datetime:
    """When the session that is open began."""
    if row.pairing_expires_at is None:
        raise ValueError("no pairing session is open")
    return row.pairing_expires_at - PAIRING_LASTS


def _show_first_code(opened: _Opened, *, now: datetime) -> None:
    row = opened.row
    try:
        answer = _make_remote(opened, now=now)
    except (EvolutionError, secrets.WrongKey) as error:
        log.error("pairing_failed", shop=row.shop_id, number=row.pk, server=row.server_id, error=str(error))
        end_session(row, _code_of(error), to=S.ERROR, now=now)
        return
    if isinstance(answer, Qr):
        show_code(row, answer.code, answer.pairing_code, now=now)


def _code_of(error: Exception) -> str:
    if isinstance(error, Unauthorized | secrets.WrongKey):
        return "server_key"
    if isinstance(error, LicenceRequired):
        return "server_licence"
    return "server_version" if isinstance(error, UnsupportedVersion) else "server"


def _make_remote(opened: _Opened, *, now: datetime) -> object:
    """Create the remote instance and ask for its first code; None when the session was closed in the meantime.

    Not one call with `qrcode: true`: that takes more than five seconds, these two about two (RECORDED 8, 8).
    """
    name, headers = opened.remote_name, gateway.webhook_headers(opened.secret)
    with gateway.client_for(opened.server, read_timeout=gateway.PATIENCE) as client:
        require_supported(opened.server, client, now=now)
        made = client.create_instance(name, webhook_url=gateway.webhook_of(opened.row), webhook_headers=headers)
        with transaction.atomic():
            current = opened.row.locked()
            if current.remote_name != name:
                return None
            put(current, {"session_id": made.instance_id[:64]}, now=now)
        return client.connect(name, number=digits(opened.row.pairing_phone) or None)


@transaction.atomic
def show_code(row: WhatsAppInstance, code: str, letters: str | None, *, now: datetime) -> bool:
    """Show `code` (and `letters`) to whoever pairs this row's remote instance; False when nobody does any more.

    A server that starts again asks for codes by itself, for every instance that is not connected: nobody wants those.
    A new code after one was read means that WhatsApp turned the reading away: mostly it wants a passkey (FACTS D 1).
    A server that has just begun anew says the same of a code that nobody has read.
    """
    current = row.locked()
    if current.remote_name != row.remote_name or not current.is_pairing_at(now):
        log.info("qr_nobody_asked_for", shop=row.shop_id, number=row.pk)
        return False
    picture = qr_png(code)
    if picture == current.qr_code:
        return True  # the answer of `connect` and its webhook carry the same one
    if current.state == S.CONNECTING and not _began_anew(current):
        give_up(current, "needs_passkey", to=S.ERROR, now=now)
        return False
    if current.pairing_phone and current.qr_code_count >= MOST_CODES:
        give_up(current, "code_refused", now=now)
        return False
    fields = {"qr_code": picture, "qr_code_expires_at": now + QR_LASTS, "qr_code_count": current.qr_code_count + 1}
    given = letters if letters and current.pairing_phone else ""
    shift(current, S.AWAITING_QR, {**fields, "connection_code": given[:12]}, now=now)
    return True


def _began_anew(row: WhatsAppInstance) -> bool:
    """Whether what looked like a reading was the whole server, or its way to WhatsApp: other numbers, connected for
    longer, lost their connection at the same moment."""
    if row.server is None:
        return False
    moment = row.state_changed_at
    others = row.server.numbers.filter(state__in=[S.CONNECTED, S.UNSTABLE], connected_at__lt=moment - SAME_MOMENT)
    return others.exclude(pk=row.pk).filter(raw_status_at__gte=moment - SAME_MOMENT).exists()
