"""A webhook body made fit to be kept (no keys, no pictures, no text a database refuses), and its dedupe key.

Both work on any JSON value and never raise; what is nested deeper than any real body is cut off.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from navalha.evolution.values import items, mapping, text

_MAX_DEPTH = 40
_LONGEST_NAME = 60  # of a member that could be a secret, separators included
_MAX_KEY = 200
_SHORTEST_SECRET = 8
# The instance's token opens the instance; media keys open a customer's pictures; base64 and thumbnails are the
# pictures. None is needed: the QR is drawn here, media is fetched by message id.
_DROPPED = frozenset(
    {"apikey", "token", "accesstoken", "instancetoken", "authorization", "password", "secret", "hash", "jwtkey"}
    | {"base64", "jpegthumbnail", "mediakey", "messagesecret"}
)
_DATA_URI = re.compile(r"data:[^,\s]{0,100};base64,", re.IGNORECASE)
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL's JSONB refuses a NUL and half a surrogate pair
_USER_INFO = re.compile(r"//[^/@]*@")
_SEPARATORS = re.compile(r"[-_\s]")


def event_name(envelope: Mapping[str, Any]) -> str:
    """The dotted lower-case name, shortened; empty when there is none."""
    return storable(text(envelope.get("event")))[:60].strip().lower().replace("_", ".")


def storable(value: str) -> str:
    """`value` with what PostgreSQL cannot keep replaced."""
    return _NOT_STORABLE.sub("\ufffd", value)


def scrub(body: object) -> dict[str, Any]:
    """A deep copy without tokens, media and secrets; an empty dict when `body` is not an object."""
    envelope = mapping(body)
    secret = text(envelope.get("apikey"))
    clean: dict[str, Any] = _clean(envelope, secret if len(secret) >= _SHORTEST_SECRET else "", 0)
    if isinstance(clean.get("destination"), str):
        # Our own webhook address; somebody may have put a token in it.
        clean["destination"] = _USER_INFO.sub("//", clean["destination"].split("?", 1)[0])
    return clean


def _clean(value: object, secret: str, depth: int) -> Any:
    # The receiver does this for every value of every webhook: the usual kinds are asked for first, by their exact type.
    kind = type(value)
    if kind is str:
        return _clean_text(cast(str, value), secret)
    if kind is int or kind is bool or value is None:
        return value
    if depth > _MAX_DEPTH:
        return None
    if isinstance(value, Mapping):
        inner = depth + 1
        parts = ((_kept_name(str(name)), part) for name, part in value.items())
        return {name: _clean(part, secret, inner) for name, part in parts if name is not None}
    if isinstance(value, list | tuple):
        return [_clean(part, secret, depth + 1) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None  # NaN is not JSON, whatever Python's parser says
    return value


@lru_cache(maxsize=2_000)
def _kept_name(name: str) -> str | None:
    """A member's name as it is stored; None when its value is a secret or a picture. Only few names ever come."""
    return None if _SEPARATORS.sub("", name[:_LONGEST_NAME]).lower() in _DROPPED else storable(name)


def _clean_text(value: str, secret: str) -> str:
    if value[:1] in "dD" and _DATA_URI.match(value):
        return ""
    if secret and secret in value:
        value = value.replace(secret, "[…]")
    return value if value.isascii() and "\x00" not in value else storable(value)


def dedupe_key(body: object) -> str:
    """The same text for every delivery of one fact, at most 200 characters; to be combined with the instance.

    Messages are known by WhatsApp's id, so one that comes again after a reconnect or a restart of the server has its
    old key. Everything else is known by its whole content, `date_time` included: a repeated delivery is identical.
    """
    return scrubbed_key(scrub(body)) if mapping(body) else f":{_digest(body)}"


def scrubbed_key(clean: Mapping[str, Any]) -> str:
    """As `dedupe_key`, for what `scrub` returned: the receiver scrubs each body once, not twice."""
    event = event_name(clean)
    name = _MESSAGE_KEYS.get(event)
    parts = [name(mapping(part)) for part in items(clean.get("data"))] if name else []
    if not parts or "" in parts:
        return f"{event}:{_digest(clean)}"
    key = f"{event}:{'+'.join(parts)}"
    return key if len(key) <= _MAX_KEY else f"{event}:{_digest(parts)}"


def _message_key(data: Mapping[str, Any]) -> str:
    key = mapping(data.get("key"))
    return _joined(key.get("id"), key.get("fromMe") is True)


def _update_key(data: Mapping[str, Any]) -> str:
    status = text(data.get("status"))
    return status and _joined(data.get("keyId"), data.get("fromMe") is True, status)


def _edit_key(data: Mapping[str, Any]) -> str:
    """One message can be edited again and again: the content belongs to the key."""
    key = mapping(data.get("key"))
    return _joined(key.get("id"), key.get("fromMe") is True, _digest(data))


def _delete_key(data: Mapping[str, Any]) -> str:
    key = mapping(data["key"]) if "key" in data else data
    return _joined(key.get("id"), key.get("fromMe") is True)


_MESSAGE_KEYS = {
    "messages.upsert": _message_key,
    "send.message": _message_key,
    "messages.update": _update_key,
    "messages.edited": _edit_key,
    "send.message.update": _edit_key,
    "messages.delete": _delete_key,
}


def _joined(key_id: object, from_me: bool, *rest: str) -> str:
    """Empty without an id: then the whole content must tell deliveries apart."""
    return ":".join([text(key_id), "out" if from_me else "in", *rest]) if text(key_id) else ""


def _digest(value: object) -> str:
    canonical = json.dumps(_clean(value, "", 0), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
