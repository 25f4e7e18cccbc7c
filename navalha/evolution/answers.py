"""Reading 2xx answers: a good status alone proves nothing here. None means the answer does not say what it should."""

import re
from datetime import UTC, datetime

from navalha.evolution import jids
from navalha.evolution.messages import highest, stored_message_of
from navalha.evolution.types import (
    ConnectionState,
    Created,
    DeliveryStatus,
    Qr,
    RemoteInstance,
    Sent,
    ServerInfo,
    StoredMessage,
    Webhook,
)
from navalha.evolution.values import code, integer, items, mapping, moment, text, text_or_none


def server_info(body: object) -> ServerInfo | None:
    version = text(mapping(body).get("version"))
    if not version:
        return None
    return ServerInfo(version=version[:40], supported=is_supported(version))


def is_supported(version: str) -> bool:
    """Whether we know the answers of this version: 2.3 and 2.3.x."""
    return re.match(r"2\.3(?:\.|$)", version) is not None


def created(body: object) -> Created | None:
    """`hash`, the new instance's own key, is left behind."""
    instance = mapping(mapping(body).get("instance"))
    instance_id, name = text(instance.get("instanceId")), text(instance.get("instanceName"))
    return Created(instance_id, name) if instance_id else None


def connection(body: object) -> Qr | ConnectionState | None:
    """A QR; the state when already open; CONNECTING for `{"count": 0}`, where no QR has come from WhatsApp yet."""
    answer = mapping(body)
    if text(answer.get("code")):
        pairing_code = text_or_none(answer.get("pairingCode"))
        return Qr(code=answer["code"], pairing_code=pairing_code, count=integer(answer.get("count")) or 0)
    if "instance" in answer:
        return state(body)
    return ConnectionState.CONNECTING if answer.get("count") == 0 else None


def state(body: object) -> ConnectionState | None:
    """UNKNOWN when the server is still booting and leaves the state out."""
    instance = mapping(body).get("instance")
    return ConnectionState.of(mapping(instance).get("state")) if isinstance(instance, dict) else None


def is_error(body: object) -> bool:
    """200 with `{"error": true}`: how connect and restart fail."""
    return mapping(body).get("error") is True


def instances(body: object) -> list[RemoteInstance] | None:
    if not isinstance(body, list):
        return None
    return [_instance(row) for row in body if isinstance(mapping(row).get("name"), str)]


def _instance(row: dict[str, object]) -> RemoteInstance:
    return RemoteInstance(
        id=text(row.get("id")),
        name=text(row.get("name")),
        state=ConnectionState.of(row.get("connectionStatus")),
        owner_phone=jids.phone_of(text(row.get("ownerJid"))),
        profile_name=text_or_none(row.get("profileName")),
        profile_picture_url=text_or_none(row.get("profilePicUrl")),
        disconnection_code=code(row.get("disconnectionReasonCode")),
    )


def webhook(body: object) -> Webhook | None:
    row = mapping(body)
    if not isinstance(row.get("url"), str):
        return None
    return Webhook(
        url=row["url"],
        enabled=row.get("enabled") is True,
        events=tuple(text(event) for event in items(row.get("events"))),
        has_headers=bool(mapping(row.get("headers"))),
    )


def sent(body: object) -> Sent | None:
    """None without `key.id`: Meta's channel answers 201 with Meta's error object."""
    key = mapping(mapping(body).get("key"))
    key_id = text(key.get("id"))
    if not key_id:
        return None
    sent_at = moment(mapping(body).get("messageTimestamp")) or datetime.now(UTC)
    return Sent(key_id=key_id, remote_jid=jids.strip_device(text(key.get("remoteJid"))), sent_at=sent_at)


def stored_messages(body: object) -> tuple[list[StoredMessage], int] | None:
    """The messages of one page of findMessages, and how many pages there are."""
    page = mapping(mapping(body).get("messages"))
    if not isinstance(page.get("records"), list):
        return None
    found = [message for row in page["records"] if (message := stored_message_of(row))]
    return found, integer(page.get("pages")) or 0


def delivery(body: object, key_id: str) -> tuple[DeliveryStatus | None] | None:
    """The highest status of our message, in a tuple. Rows of other messages come when the server ignores the filter
    (recorded), and rows not from us say that our phone read something."""
    if not isinstance(body, list):
        return None
    ours = [row for row in map(mapping, body) if row.get("keyId") == key_id and row.get("fromMe") is True]
    return (highest([row.get("status") for row in ours]),)


def picture(body: object) -> tuple[bool] | None:
    """Whether there is an address of a picture, in a tuple."""
    answer = mapping(body)
    return (bool(text(answer.get("profilePictureUrl"))),) if "profilePictureUrl" in answer else None
