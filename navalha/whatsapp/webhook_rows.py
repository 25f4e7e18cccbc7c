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
from navalha.evolution.values import mapping, moment, text

from .models import ConnectionState, WebhookEvent

# In place of a state: the name belongs to a trial of a server's settings, and no number has it.
TRIAL = "trial"
_LONGEST_KEY = WebhookEvent._meta.get_field("dedupe_key").max_length or 0


class Verdict(enum.Enum):
    """What becomes of a delivery; the value is the HTTP status of the answer."""

    STORED = 200
    TRIAL = 201  # of a trial's throw-away instance: only the fact is kept
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


@dataclass(frozen=True, slots=True)
class Report:
    """A `TrialReport` to be: of the body only the two clocks and whether a key came along."""

    trial_id: int
    event: str
    said_at: str
    sent_at: datetime | None
    has_key: bool
    received_at: datetime


def judge(delivery: Delivery, instance: KnownInstance | None) -> Verdict:
    """Whether it is authentic, and wanted."""
    if instance is None:
        return Verdict.UNKNOWN
    if not same_secret(delivery.key, instance.secret_hash):
        return Verdict.WRONG_KEY
    if instance.state == TRIAL:
        return Verdict.TRIAL
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


def report_of(delivery: Delivery, trial: KnownInstance) -> Report:
    """What is kept of a trial's webhook."""
    body = delivery.body
    return Report(
        trial_id=trial.id,
        event=event_name(body),
        said_at=scrub({"at": text(body.get("date_time"))})["at"][:40],
        sent_at=moment(mapping(body.get("data")).get("messageTimestamp")),
        has_key=bool(text(body.get("apikey"))),
        received_at=delivery.received_at,
    )


def _short(key: str) -> str:
    if len(key) <= _LONGEST_KEY:
        return key
    return f"{key[:90]}:{hashlib.sha256(key.encode()).hexdigest()}"
