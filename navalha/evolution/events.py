"""What the Evolution API tells us by webhook, in our words. Nothing it says can make `parse` fail.

`date_time` is never read: it is the server's local time wearing a false `Z`. Deliveries are repeated, unordered and
sometimes lost; `dedupe_key` tells repetitions apart, and states must be reconciled by asking.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from navalha.evolution import jids
from navalha.evolution.messages import content_text, message_of
from navalha.evolution.scrub import dedupe_key, event_name, scrub
from navalha.evolution.types import ConnectionState, DeliveryStatus, Message
from navalha.evolution.values import code, items, mapping, text, text_or_none

# What the product listens to. The rest is noise (about four webhooks for each message), and LOGOUT_INSTANCE,
# REMOVE_INSTANCE and MESSAGES_EDITED stall the server's inbound queue while our receiver is down.
SUBSCRIBED: tuple[str, ...] = (
    "QRCODE_UPDATED",
    "CONNECTION_UPDATE",
    "MESSAGES_UPSERT",
    "MESSAGES_UPDATE",
    "SEND_MESSAGE",
)


@dataclass(frozen=True, slots=True)
class QrUpdated:
    instance: str
    code: str = field(repr=False)
    pairing_code: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class QrLimitReached:
    """Nobody scanned any of the QRs; no more will come until somebody asks to connect again."""

    instance: str


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """`reason` is the server's code (401 logged out, 403 banned, 428 QR limit, 200 nothing special)."""

    instance: str
    state: ConnectionState
    reason: int | None
    owner_phone: str | None = field(repr=False)
    profile_name: str | None
    profile_picture_url: str | None


@dataclass(frozen=True, slots=True)
class MessageArrived:
    """Somebody wrote; `message.from_me` when it was typed on the shop's own phone."""

    instance: str
    message: Message


@dataclass(frozen=True, slots=True)
class MessageSent:
    """The echo of a message sent through the API; it may come before the answer of the send call."""

    instance: str
    message: Message


@dataclass(frozen=True, slots=True)
class DeliveryChanged:
    """Match by `key_id` only: `remote_jid` may be a LID although a number was sent to. Comes late and unordered."""

    instance: str
    key_id: str
    status: DeliveryStatus
    remote_jid: str = field(repr=False)
    from_me: bool


@dataclass(frozen=True, slots=True)
class MessageEdited:
    instance: str
    key_id: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    instance: str
    key_id: str


@dataclass(frozen=True, slots=True)
class InstanceClosed:
    instance: str
    reason: int | None


@dataclass(frozen=True, slots=True)
class InstanceLoggedOut:
    instance: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something we do not use or do not understand; `why` is safe to log."""

    instance: str
    event: str
    why: str


Event = (
    QrUpdated
    | QrLimitReached
    | ConnectionChanged
    | MessageArrived
    | MessageSent
    | DeliveryChanged
    | MessageEdited
    | MessageDeleted
    | InstanceClosed
    | InstanceLoggedOut
    | Unknown
)


def parse(body: object, *, received_at: datetime | None = None) -> tuple[Event, ...]:
    """The events in one webhook body: at least one, `Unknown` where there is nothing to understand.

    `received_at` (aware; default the clock) stands in for a message time that cannot be read.
    """
    envelope = mapping(body)
    event, instance = event_name(envelope), text(envelope.get("instance"))
    read = _READERS.get(event)
    if read is None:
        return (Unknown(instance, event, "not used"),)
    # An event without content (`"data": null`) is read as one empty object, a list as its members.
    parts = items(envelope.get("data")) or [None]
    arrived = received_at or datetime.now(UTC)
    return tuple(_read_part(read, event, instance, part, arrived) for part in parts)


Reader = Callable[[str, object, datetime], Event | None]


def _read_part(read: Reader, event: str, instance: str, part: object, received_at: datetime) -> Event:
    return read(instance, part, received_at) or Unknown(instance, event, "unrecognised shape")


def _qrcode(instance: str, data: object, _: datetime) -> Event | None:
    qrcode = mapping(mapping(data).get("qrcode"))
    if text(qrcode.get("code")):
        return QrUpdated(instance, qrcode["code"], text_or_none(qrcode.get("pairingCode")))
    limit = "limit" in text(mapping(data).get("message")).lower()
    return QrLimitReached(instance) if limit else None


def _connection(instance: str, data: object, _: datetime) -> Event | None:
    change = mapping(data)
    if not text(change.get("state")):
        return None
    return ConnectionChanged(
        instance,
        state=ConnectionState.of(change["state"]),
        reason=code(change.get("statusReason")),
        owner_phone=jids.phone_of(text(change.get("wuid"))),
        profile_name=text_or_none(change.get("profileName")),
        profile_picture_url=text_or_none(change.get("profilePictureUrl")),
    )


def _arrived(instance: str, data: object, received_at: datetime) -> Event | None:
    message = message_of(data, received_at=received_at)
    if message is None:
        return None
    if jids.is_ignored(message.remote_jid) and not message.is_group:
        return Unknown(instance, "messages.upsert", "broadcast or newsletter")
    return MessageArrived(instance, message)


def _sent(instance: str, data: object, received_at: datetime) -> Event | None:
    message = message_of(data, received_at=received_at)
    return MessageSent(instance, message) if message else None


def _delivery(instance: str, data: object, _: datetime) -> Event | None:
    update = mapping(data)
    # `keyId` is WhatsApp's id, the one a send answered with; `messageId` is a row of the server's database.
    key_id, status = text(update.get("keyId")), DeliveryStatus.of(update.get("status"))
    if not key_id or status is DeliveryStatus.UNKNOWN:
        return None
    remote_jid = jids.strip_device(text(update.get("remoteJid")))
    return DeliveryChanged(instance, key_id, status, remote_jid, update.get("fromMe") is True)


def _edited(instance: str, data: object, _: datetime) -> Event | None:
    """Every protocol message comes under this name, history notices too: only edits and deletions mean something."""
    protocol = mapping(data)
    key_id, kind = text(mapping(protocol.get("key")).get("id")), protocol.get("type")
    if not key_id:
        return None
    if kind in ("MESSAGE_EDIT", 14):
        return MessageEdited(instance, key_id, content_text(protocol.get("editedMessage")))
    return MessageDeleted(instance, key_id) if kind == "REVOKE" else None


def _deleted(instance: str, data: object, _: datetime) -> Event | None:
    """A bare key, or a stored row whose own `id` is a database id and whose `key` counts."""
    row = mapping(data)
    key_id = text(mapping(row["key"]).get("id")) if "key" in row else text(row.get("id"))
    return MessageDeleted(instance, key_id) if key_id else None


def _closed(instance: str, data: object, _: datetime) -> Event | None:
    status = mapping(data)
    if status.get("status") != "closed":
        return None
    return InstanceClosed(instance, code(status.get("disconnectionReasonCode")))


def _logged_out(instance: str, data: object, _: datetime) -> Event | None:
    return InstanceLoggedOut(instance)


_READERS: dict[str, Reader] = {
    "qrcode.updated": _qrcode,
    "connection.update": _connection,
    "messages.upsert": _arrived,
    "send.message": _sent,
    "messages.update": _delivery,
    "messages.edited": _edited,
    "send.message.update": _edited,
    "messages.delete": _deleted,
    "status.instance": _closed,
    "logout.instance": _logged_out,
}


__all__ = [
    "SUBSCRIBED",
    "ConnectionChanged",
    "DeliveryChanged",
    "Event",
    "InstanceClosed",
    "InstanceLoggedOut",
    "MessageArrived",
    "MessageDeleted",
    "MessageEdited",
    "MessageSent",
    "QrLimitReached",
    "QrUpdated",
    "Unknown",
    "dedupe_key",
    "parse",
    "scrub",
]
