"""The vocabulary of the Evolution API 2.3.x, in our words. Unknown words of the server become `UNKNOWN`.

What a log must not have (texts, phones, pairing codes) is left out of every repr.
"""

import enum
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from navalha.evolution.errors import InvalidInput

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{2,60}")


class InstanceName(str):
    """The name of an instance: 3 to 61 of `a-z 0-9 -`, first a letter or digit.

    Checked here because the server does not: it accepts an empty name, and a create without a name can wipe another
    instance; a `/` or `?` in a path would address somebody else's.
    """

    __slots__ = ()

    def __new__(cls, text: object) -> Self:
        """Raises InvalidInput (a ValueError) for everything else, None included."""
        if not isinstance(text, str) or not _NAME.fullmatch(text):
            raise InvalidInput("instance name must be 3 to 61 of a-z, 0-9 and -")
        return super().__new__(cls, text)


def instance_name(text: object) -> InstanceName:
    """`text` as a checked name; raises InvalidInput (a ValueError)."""
    return InstanceName(text)


class ConnectionState(enum.Enum):
    """State of an instance's connection to WhatsApp. `REFUSED` (QR limit) exists only in webhooks."""

    CONNECTING = "connecting"
    OPEN = "open"
    CLOSE = "close"
    REFUSED = "refused"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, word: object) -> "ConnectionState":
        return next((state for state in cls if state.value == word), cls.UNKNOWN)


class DeliveryStatus(enum.Enum):
    """How far a message got. The words of Meta's channel (SENT, DELIVERED, FAILED) are mapped onto these."""

    ERROR = "ERROR"
    PENDING = "PENDING"
    SERVER_ACK = "SERVER_ACK"
    DELIVERY_ACK = "DELIVERY_ACK"
    READ = "READ"
    PLAYED = "PLAYED"
    DELETED = "DELETED"
    UNKNOWN = "UNKNOWN"

    @classmethod
    def of(cls, word: object) -> "DeliveryStatus":
        if not isinstance(word, str):
            return cls.UNKNOWN
        return _STATUS_WORDS.get(word.upper(), cls.UNKNOWN)

    @property
    def rank(self) -> int:
        """Order for "the highest seen": proof of arrival beats an error, an error beats waiting."""
        return _RANKS.index(self)


_RANKS = (
    DeliveryStatus.UNKNOWN,
    DeliveryStatus.DELETED,
    DeliveryStatus.PENDING,
    DeliveryStatus.ERROR,
    DeliveryStatus.SERVER_ACK,
    DeliveryStatus.DELIVERY_ACK,
    DeliveryStatus.READ,
    DeliveryStatus.PLAYED,
)
_STATUS_WORDS = {status.value: status for status in DeliveryStatus} | {
    "SENT": DeliveryStatus.SERVER_ACK,
    "DELIVERED": DeliveryStatus.DELIVERY_ACK,
    "FAILED": DeliveryStatus.ERROR,
}


class MessageKind(enum.Enum):
    """What a message is. `CHOICE` is a tap on a button, list or template."""

    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    DOCUMENT = "document"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    REACTION = "reaction"
    CHOICE = "choice"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR to scan (`code` is its content, to be drawn here) and, when a number was given, a code to type."""

    code: str = field(repr=False)
    pairing_code: str | None = field(repr=False)
    count: int


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """`version` as the server says it; `supported` only for 2.3.x."""

    version: str
    supported: bool


@dataclass(frozen=True, slots=True)
class RemoteInstance:
    """A row of fetchInstances without its token. `state` is the server's database column and lags behind
    `connection_state()`; `owner_phone` stays after a logout."""

    id: str
    name: str
    state: ConnectionState
    owner_phone: str | None = field(repr=False)
    profile_name: str | None
    profile_picture_url: str | None
    disconnection_code: int | None


@dataclass(frozen=True, slots=True)
class Created:
    """A new instance. Its own key is dropped on purpose: with it one tenant can act as another."""

    instance_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A message the server wrote to WhatsApp. `remote_jid` is the canonical address and may differ from the number
    asked (ninth digit)."""

    key_id: str
    remote_jid: str = field(repr=False)
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message in the server's database; `status` is the highest update stored for it."""

    key_id: str
    remote_jid: str = field(repr=False)
    from_me: bool
    text: str = field(repr=False)
    sent_at: datetime
    status: DeliveryStatus | None


@dataclass(frozen=True, slots=True)
class Webhook:
    """What the server has stored; header values are secret and not handed out."""

    url: str
    enabled: bool
    events: tuple[str, ...]
    has_headers: bool


@dataclass(frozen=True, slots=True)
class Message:
    """One WhatsApp message.

    `phone` (digits with country code, as WhatsApp says it: maybe without the ninth digit) and `lid` (full `…@lid`)
    identify the other side of a private conversation; both are None in a group. `from_me` is the shop itself.
    """

    key_id: str
    remote_jid: str = field(repr=False)
    phone: str | None = field(repr=False)
    lid: str | None = field(repr=False)
    from_me: bool
    is_group: bool
    participant: str | None = field(repr=False)
    kind: MessageKind
    text: str = field(repr=False)
    choice: str | None = field(repr=False)
    quoted_id: str | None
    reacted_id: str | None
    push_name: str = field(repr=False)
    sent_at: datetime
    source: str
    status: DeliveryStatus | None
