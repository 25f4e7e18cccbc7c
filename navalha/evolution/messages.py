"""From a recorded message object (messages.upsert, send.message, findMessages) to our `Message`."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from navalha.evolution import jids
from navalha.evolution.types import DeliveryStatus, Message, MessageKind, StoredMessage
from navalha.evolution.values import items, mapping, moment, text, text_or_none

# Boxes around a real content; the server does not open them, and they may be nested.
_WRAPPERS = (
    "ephemeralMessage",
    "viewOnceMessage",
    "viewOnceMessageV2",
    "viewOnceMessageV2Extension",
    "documentWithCaptionMessage",
    "editedMessage",
    "deviceSentMessage",
    "lottieStickerMessage",
)
_MAX_WRAPPERS = 10

_KINDS = {
    "imageMessage": MessageKind.IMAGE,
    "audioMessage": MessageKind.AUDIO,
    "videoMessage": MessageKind.VIDEO,
    "ptvMessage": MessageKind.VIDEO,
    "documentMessage": MessageKind.DOCUMENT,
    "stickerMessage": MessageKind.STICKER,
    "locationMessage": MessageKind.LOCATION,
    "liveLocationMessage": MessageKind.LOCATION,
    "contactMessage": MessageKind.CONTACT,
    "contactsArrayMessage": MessageKind.CONTACT,
    "reactionMessage": MessageKind.REACTION,
    "buttonsResponseMessage": MessageKind.CHOICE,
    "listResponseMessage": MessageKind.CHOICE,
    "templateButtonReplyMessage": MessageKind.CHOICE,
    "interactiveResponseMessage": MessageKind.CHOICE,
    "extendedTextMessage": MessageKind.TEXT,
    "conversation": MessageKind.TEXT,
}


def message_of(data: object, *, received_at: datetime) -> Message | None:
    """The message in `data`; None without an id and an address. A time that cannot be read becomes `received_at`."""
    row = mapping(data)
    key = mapping(row.get("key"))
    key_id, remote_jid = text(key.get("id")), jids.strip_device(text(key.get("remoteJid")))
    if not key_id or not remote_jid:
        return None
    content = unwrap(row.get("message"))
    field, body = _content(content, row.get("messageType"))
    kind = _KINDS.get(field, MessageKind.UNKNOWN)
    group = jids.is_group(remote_jid)
    addresses = [] if group else list(_addresses(row, key))
    return Message(
        key_id=key_id,
        remote_jid=remote_jid,
        phone=next((phone for jid in addresses if (phone := jids.phone_of(jid))), None),
        lid=next((jid for jid in addresses if jids.is_lid(jid)), None),
        from_me=key.get("fromMe") is True,
        is_group=group,
        participant=text_or_none(key.get("participant")),
        kind=kind,
        text=_text(field, body),
        choice=_choice(field, body),
        quoted_id=_quoted_id(row, content, body),
        reacted_id=text_or_none(mapping(mapping(body).get("key")).get("id")) if kind is MessageKind.REACTION else None,
        push_name=text(row.get("pushName")),
        sent_at=moment(row.get("messageTimestamp")) or received_at,
        source=text(row.get("source")),
        status=_status(row.get("status")),
    )


def stored_message_of(row: object) -> StoredMessage | None:
    """A record of findMessages with the highest of its stored updates; None when it is not a message."""
    message = message_of(row, received_at=datetime.fromtimestamp(0, tz=UTC))
    if message is None:
        return None
    updates = [mapping(update).get("status") for update in items(mapping(row).get("MessageUpdate"))]
    return StoredMessage(
        key_id=message.key_id,
        remote_jid=message.remote_jid,
        from_me=message.from_me,
        text=message.text,
        sent_at=message.sent_at,
        status=highest([*updates, mapping(row).get("status")]),
    )


def highest(words: list[object]) -> DeliveryStatus | None:
    """The furthest status among the server's words (they come late and in any order); None when none is known."""
    known = [status for status in map(DeliveryStatus.of, words) if status is not DeliveryStatus.UNKNOWN]
    return max(known, key=lambda status: status.rank, default=None)


def unwrap(content: object) -> Mapping[str, Any]:
    """The content inside ephemeral, view-once, captioned-document and similar wrappers."""
    inner = mapping(content)
    for _ in range(_MAX_WRAPPERS):
        wrapped = next((mapping(inner[name]) for name in _WRAPPERS if name in inner), {})
        if not isinstance(wrapped.get("message"), Mapping):
            break
        inner = wrapped["message"]
    return inner


def content_text(content: object) -> str:
    """The words in a bare content object, as an edit carries it."""
    inner = unwrap(content)
    return _text(*_content(inner, None))


def _content(content: Mapping[str, Any], message_type: object) -> tuple[str, object]:
    """The name and body of the content; the server's own `messageType` only when the content says nothing."""
    for field in _KINDS:
        if content.get(field) is not None:
            return field, content[field]
    return text(message_type), {}


def _addresses(row: Mapping[str, Any], key: Mapping[str, Any]) -> Iterator[str]:
    """Every address of the other side. LIDs and phones swap places between messages and server versions."""
    names = ["remoteJid", "remoteJidAlt", "previousRemoteJid"]
    if key.get("fromMe") is not True:  # in our own messages the sender is ourselves
        names += ["senderPn", "senderLid"]
    for source in (key, row):
        yield from (jids.strip_device(text(source.get(name))) for name in names)


def _text(field: str, body: object) -> str:
    if isinstance(body, str):
        return body
    read = _TEXT_OF.get(field)
    return read(mapping(body)) if read else text(mapping(body).get("caption"))


def _first(*names: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda body: next((text(body.get(name)) for name in names if text(body.get(name))), "")


_TEXT_OF: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "extendedTextMessage": _first("text"),
    "locationMessage": _first("name", "address", "comment"),
    "liveLocationMessage": _first("caption", "name"),
    "contactMessage": _first("displayName"),
    "contactsArrayMessage": _first("displayName"),
    "reactionMessage": _first("text"),
    "buttonsResponseMessage": _first("selectedDisplayText", "selectedButtonId"),
    "listResponseMessage": _first("title", "description"),
    "templateButtonReplyMessage": _first("selectedDisplayText", "selectedId"),
    "interactiveResponseMessage": lambda body: text(mapping(body.get("body")).get("text")),
}


def _choice(field: str, body: object) -> str | None:
    """The id of the button or row that was tapped."""
    reply = mapping(body)
    if field == "buttonsResponseMessage":
        return text_or_none(reply.get("selectedButtonId"))
    if field == "templateButtonReplyMessage":
        return text_or_none(reply.get("selectedId"))
    if field == "listResponseMessage":
        return text_or_none(mapping(reply.get("singleSelectReply")).get("selectedRowId"))
    if field == "interactiveResponseMessage":
        return _native_flow_id(mapping(reply.get("nativeFlowResponseMessage")).get("paramsJson"))
    return None


def _native_flow_id(params: object) -> str | None:
    try:
        return text_or_none(mapping(json.loads(text(params))).get("id"))
    except (ValueError, RecursionError):  # JSON inside JSON, written by a phone: it may be anything
        return None


def _quoted_id(row: Mapping[str, Any], content: Mapping[str, Any], body: object) -> str | None:
    """The id of the quoted message: beside the content, in it, or in the reply's own context."""
    contexts = (row.get("contextInfo"), mapping(body).get("contextInfo"), content.get("contextInfo"))
    return next((found for info in contexts if (found := text_or_none(mapping(info).get("stanzaId")))), None)


def _status(word: object) -> DeliveryStatus | None:
    return DeliveryStatus.of(word) if isinstance(word, str) else None
