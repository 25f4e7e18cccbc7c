"""What the world tells us about a number. Never refuses, safe to repeat, and safe in any order.

Each pairing has a remote instance of its own, so an event of an earlier one is known by its name and dropped. Where
an event contradicts what we know, it is not believed: the server is asked (`work.check_number`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction

from navalha.accounts.models import Shop
from navalha.core.phones import to_e164
from navalha.core.wake import wake
from navalha.evolution.events import ConnectionChanged, QrUpdated
from navalha.evolution.types import ConnectionState as Remote

from . import health, pictures, remotes
from .causes import FINAL_CODES, REFUSED_CODES
from .models import ConnectionState, WhatsAppInstance
from .pairing import show_code
from .pairing_end import end_refused, end_session, failed_code
from .refusals import closed_at_once, stop_pairing
from .states import NO_ERROR, NO_PAIRING, Fields, note, shift, stop

log = structlog.get_logger(__name__)

S = ConnectionState
PAIRING = (S.AWAITING_QR, S.CONNECTING)
IN_SERVICE = (S.CONNECTED, S.UNSTABLE)
# A busy shop has many messages a minute; its last sign of life need not be written for each.
SIGN_OF_LIFE_EVERY = timedelta(seconds=30)
LOGGED_OUT = 401
# The webhook of a new code and that of a new beginning overtake each other by so much.
LAST_MOMENT = timedelta(seconds=2)


def record_qr(instance: WhatsAppInstance, event: QrUpdated, now: datetime) -> None:
    """A new code to read; ignored when nobody asked for one."""
    if event.instance == instance.remote_name:
        show_code(instance, event.code, event.pairing_code, now=now)


def record_qr_limit(instance: WhatsAppInstance, now: datetime) -> None:
    """No more codes: nobody read any of them, or WhatsApp took none of the readings."""
    with transaction.atomic():
        _refused(instance.locked(), now)


def record_connection(instance: WhatsAppInstance, event: ConnectionChanged, now: datetime) -> None:
    """The connection of `instance` changed, says the server."""
    with transaction.atomic():
        row = instance.locked()
        if event.instance != row.remote_name:
            log.info("event_of_an_earlier_remote", shop=row.shop_id, number=row.pk)
            return
        match event.state:
            case Remote.OPEN:
                _opened(row, event, now)
            case Remote.CONNECTING:
                _connecting(row, now)
            case Remote.CLOSE:
                _closed(row, event.reason, now)
            case Remote.REFUSED:
                _refused(row, now)
            case Remote.UNKNOWN:
                ask(row)


def record_closed(instance: WhatsAppInstance, reason: int | None, now: datetime) -> None:
    """The server ended the session of `instance` for the code `reason`."""
    with transaction.atomic():
        _closed(instance.locked(), reason, now)


def ask(row: WhatsAppInstance) -> None:
    """Have the worker ask the server how this number really stands."""
    wake("connection", instance_id=row.pk)


def heard(row: WhatsAppInstance, status: Remote | str, now: datetime) -> dict[str, object]:
    """The fields for what the server says now; "since when" stays while it says the same. A connected number has been
    away since the first word that was not "open", whatever it is called from one moment to the next (REC 15)."""
    word = status.value if isinstance(status, Remote) else status
    if row.raw_status == word:
        return {}
    opens = ("", Remote.OPEN.value)
    still_away = row.state == S.CONNECTED and word not in opens and row.raw_status not in opens
    return {"raw_status": word} if still_away else {"raw_status": word, "raw_status_at": now}


def _connecting(row: WhatsAppInstance, now: datetime) -> None:
    """The first one starts a pairing; one after a code was shown is a phone that has read it (REC 04).

    Of a connected number it means a short drop, which Evolution mends by itself without ever saying `close`: only
    when it lasts is it shown (`work.check_connections`). WhatsApp being away brings hundreds in a minute (REC 15).
    """
    first, fields = row.raw_status != Remote.CONNECTING.value, heard(row, Remote.CONNECTING, now)
    if row.state == S.AWAITING_QR and not first and row.qr_code and not _ran_out(row, now):
        shift(row, S.CONNECTING, now=now)
    elif fields:
        dropped = row.state in IN_SERVICE and row.raw_status == Remote.OPEN.value
        note(row, {**fields, **(health.flip(row, now) if dropped else {})})
        if row.state == S.CONNECTED and health.is_flapping(row):
            doubt(row, health.FLAPPING, now=now)


def doubt(row: WhatsAppInstance, code: str, *, now: datetime) -> None:
    """A connected number in which we stopped believing, for the reason `code`: it was not disconnected by anybody."""
    stop(row, code, {"disconnected_at": row.disconnected_at}, to=S.UNSTABLE, now=now)


def _ran_out(row: WhatsAppInstance, now: datetime) -> bool:
    """Whether the code on show is over: then the server begins anew by itself, because nobody read it (FACTS C, QR)."""
    return bool(row.qr_code_expires_at and now >= row.qr_code_expires_at - LAST_MOMENT)


def _closed(row: WhatsAppInstance, reason: int | None, now: datetime) -> None:
    if reason in FINAL_CODES and reason is not None and row.state in PAIRING:
        end_refused(row, reason, now=now)
        return
    fields = heard(row, Remote.CLOSE, now)
    if reason in FINAL_CODES and reason is not None and row.state in IN_SERVICE:
        close_for_good(row, reason, fields, now=now)
    elif row.state == S.CONNECTED:
        note(row, fields)
        doubt(row, str(reason) if reason is not None else "closed", now=now)
    ask(row)


def close_for_good(row: WhatsAppInstance, reason: int, fields: Fields, *, now: datetime) -> None:
    """A locked row in service lost its connection for one of WhatsApp's final codes.

    Logged out as soon as it was connected does not mean that somebody unlinked it, but that WhatsApp took it back.
    """
    code = "closed_at_once" if reason == LOGGED_OUT and closed_at_once(row, now) else str(reason)
    stop_pairing(row, code, fields, to=S.ERROR if reason in REFUSED_CODES else S.DISCONNECTED, now=now)


def _refused(row: WhatsAppInstance, now: datetime) -> None:
    """No more codes. After one was read, none of them was taken."""
    if row.state in PAIRING:
        end_session(row, "qr_limit" if row.state == S.AWAITING_QR else failed_code(row), now=now)
    else:
        ask(row)


def _opened(row: WhatsAppInstance, event: ConnectionChanged, now: datetime) -> None:
    """Believed while pairing and after a drop; after a final close only the server's own answer is. Not of a number
    that seemed open all the while (`health.open_is_enough`)."""
    if not health.open_is_enough(row, now):
        note(row, heard(row, Remote.OPEN, now))
    elif row.state in (*PAIRING, *IN_SERVICE):
        who = Who(event.owner_phone, event.profile_name, event.profile_picture_url)
        connect(row, who, now=now)
    else:
        ask(row)


@dataclass(frozen=True, slots=True)
class Who:
    """Whose WhatsApp is connected, as far as the server says it."""

    phone: str | None = None
    profile_name: str | None = None
    picture_url: str | None = None


def connect(row: WhatsAppInstance, who: Who, *, now: datetime) -> None:
    """The locked row's remote instance is open: put the number into service, unless another row has this WhatsApp."""
    number = _canonical(who.phone) if who.phone else row.number
    taken = _used_by_another(row, number) if row.state != S.CONNECTED else ""
    if taken:
        _turn_away(row, taken, now=now)
        return
    fields: dict[str, object] = {**NO_PAIRING, **NO_ERROR, **heard(row, Remote.OPEN, now), "number": number}
    if row.state != S.CONNECTED:
        fields |= {**NO_DOUBT, "flips": 0, "flips_since": None}
    if who.profile_name:
        fields["profile_name"] = who.profile_name[:120]
    if row.state not in IN_SERVICE:  # an unstable number was connected all along
        pictures.forget(row)
        photo = pictures.to_fetch(who.picture_url, now)
        fields |= {"connected_at": now, "is_primary": _becomes_principal(row), **photo}
        if photo["picture_due_at"]:
            wake("picture", instance_id=row.pk)
    shift(row, S.CONNECTED, fields, now=now)
    wake("outbox", shop_id=row.shop_id)


def _canonical(phone: str) -> str:
    """WhatsApp may call a phone by its form without the ninth digit; we keep one form."""
    return to_e164(phone) or f"+{phone}"


def _used_by_another(row: WhatsAppInstance, number: str) -> str:
    """The cause to turn this pairing away, or empty. Two that connect at once take turns at the number's lock."""
    if not number:
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"whatsapp:{number}"])
    other = row.others_in_use(number).first()
    if other is None:
        return ""
    return "used_here" if other.shop_id == row.shop_id else "used_elsewhere"


def _turn_away(row: WhatsAppInstance, code: str, *, now: datetime) -> None:
    log.warning("whatsapp_in_use_already", shop=row.shop_id, number=row.pk, cause=code)
    remotes.retire(row, now=now)
    stop(row, code, remotes.GONE, to=S.ERROR, now=now)


def _becomes_principal(row: WhatsAppInstance) -> bool:
    """The shop's first connected number is its principal. The shop is locked: only one can be the first."""
    Shop.objects.select_for_update(no_key=True).get(pk=row.shop_id)
    return row.is_primary or not row.shop.numbers.filter(is_primary=True).exists()


def record_inbound(instance: WhatsAppInstance, now: datetime) -> None:
    """A message came in over this number."""
    _sign_of_life(instance, "last_inbound_at", now)


def record_ack(instance: WhatsAppInstance, now: datetime) -> None:
    """WhatsApp told how far one of this number's messages got."""
    _sign_of_life(instance, "last_ack_at", now)


def _sign_of_life(instance: WhatsAppInstance, field: str, now: datetime) -> None:
    """Also the end of every doubt: what waited for an answer has got one, and a dead session has come to life."""
    last, doubted = getattr(instance, field), _is_doubted(instance)
    if last is not None and now - last < SIGN_OF_LIFE_EVERY and not doubted:
        return
    fields = {field: now, **(NO_DOUBT if doubted else {})}
    instance.shop.numbers.filter(pk=instance.pk).update(**fields)
    for name, value in fields.items():
        setattr(instance, name, value)
    if instance.state == S.UNSTABLE and instance.error_code == health.MUTE:
        with transaction.atomic():
            revive(instance.locked(), now)


NO_DOUBT: Fields = {"unacked_since": None, "unacked_count": 0, "unacked_people": 0, "silent_probes": 0}


def _is_doubted(instance: WhatsAppInstance) -> bool:
    return instance.unacked_since is not None or instance.silent_probes > 0 or instance.error_code == health.MUTE


def revive(row: WhatsAppInstance, now: datetime) -> None:
    """WhatsApp gave a sign over the locked row, which we had taken for dead."""
    if row.state == S.UNSTABLE and row.error_code == health.MUTE:
        connect(row, Who(), now=now)
