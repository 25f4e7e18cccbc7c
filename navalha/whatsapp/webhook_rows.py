"""Who sent a webhook, and the row that it becomes. Knows no socket and no database."""

import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from navalha.core.secrets import same_secret
from navalha.evolution.scrub import event_name, scrub, scrubbed_key

from .models import ConnectionState, WebhookEvent

_LONGEST_KEY = WebhookEvent._meta.get_field("dedupe_key").max_length or 0


class Verdict(enum.Enum):
    """What becomes of a delivery; the value is the HTTP status of the answer."""

    STORED = 200
    DROPPED = 202  # of a number that was removed: authentic, and nobody's business any more
    WRONG_KEY = 401
    UNKNOWN = 503  # may come back (a restored backup), and the sender keeps it for twenty minutes


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook as it came: who it says it is from, the key it offers, its body (secrets still inside)."""

    instance: str
    key: str
    body: Mapping[str, Any]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class KnownInstance:
    """What the database says about an instance."""

    id: int
    shop_id: int
    secret_hash: str
    state: str


@dataclass(frozen=True, slots=True)
class Row:
    """A `WebhookEvent` to be; `payload` is JSON text."""

    shop_id: int
    instance_id: int
    event: str
    dedupe_key: str
    payload: str
    received_at: datetime


def judge(delivery: Delivery, instance: KnownInstance | None) -> Verdict:
    """Whether it is authentic, and wanted."""
    if instance is None:
        return Verdict.UNKNOWN
    if not same_secret(delivery.key, instance.secret_hash):
        return Verdict.WRONG_KEY
    return Verdict.DROPPED if instance.state == ConnectionState.REMOVED else Verdict.STORED


def row_of(delivery: Delivery, instance: KnownInstance) -> Row:
    """The row without the body's own secrets."""
    clean = scrub(delivery.body)
    return Row(
        shop_id=instance.shop_id,
        instance_id=instance.id,
        event=event_name(clean),
        dedupe_key=_short(scrubbed_key(clean)),
        payload=msgspec.json.encode(clean).decode(),
        received_at=delivery.received_at,
    )


def _short(key: str) -> str:
    if len(key) <= _LONGEST_KEY:
        return key
    return f"{key[:90]}:{hashlib.sha256(key.encode()).hexdigest()}"
