"""The Evolution API 2.3.x (WHATSAPP-BAILEYS) as typed calls; every failure is one of the three errors of `errors`.

Left out on purpose: logout (after it, the instance never receives again until the server restarts: delete and create
instead), instance keys, and any way for a caller to add a query string (`?instanceName=` overrides the path).
"""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2
import stamina

from navalha.evolution import answers, inputs
from navalha.evolution.errors import (
    InstanceMissing,
    NoConnection,
    Unreachable,
    UnsupportedVersion,
)
from navalha.evolution.events import SUBSCRIBED
from navalha.evolution.outcomes import Answer
from navalha.evolution.transport import Transport, checked_url, unreadable
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
    instance_name,
)

T = TypeVar("T")

# For a shop: no groups, nothing read or shown online on its behalf, no flood of old messages.
_SETTINGS = {
    "groupsIgnore": True,
    "rejectCall": False,
    "alwaysOnline": False,
    "readMessages": False,
    "readStatus": False,
    "syncFullHistory": False,
}
_MAX_PAGES = 5
_NOBODY = "navalha-nobody"  # an instance that nobody makes


class EvolutionClient:
    """A client for one server; a context manager. Names, numbers and addresses are checked on every call, and what
    does not fit raises InvalidInput before anything goes out.

    The read timeout (seconds) is above the minute for which the server hangs while an instance is connecting.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        transport: httpx2.BaseTransport | None = None,
        read_timeout: float = 75.0,
        connect_timeout: float = 5.0,
    ) -> None:
        self._transport = Transport(
            base_url, api_key, transport=transport, read_timeout=read_timeout, connect_timeout=connect_timeout
        )

    def __repr__(self) -> str:
        return f"<EvolutionClient {self._transport.host}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()

    # Server

    def server_info(self) -> ServerInfo:
        """The server's version; no key is sent. Not a health check: the server calls out to WhatsApp each time."""
        info = answers.server_info(self._read("GET", "/", with_key=False).body)
        if info is None:
            raise UnsupportedVersion("not an Evolution API", status=200)
        return info

    def instances(self) -> list[RemoteInstance]:
        """All instances of the server. Their state is a database column: trust `connection_state` instead."""
        answer = self._read("GET", "/instance/fetchInstances")
        return _found(answers.instances(answer.body), answer)

    def ping(self) -> None:
        """Whether the server answers and takes our key: asks for one instance that is not there, which costs it little.

        Unlike `server_info` it does not make the server call WhatsApp. Raises the errors of any call.
        """
        try:
            self._read("GET", "/instance/fetchInstances", query={"instanceName": _NOBODY})
        except InstanceMissing:
            return

    # Instances

    def create_instance(
        self, name: str, *, webhook_url: str, webhook_headers: Mapping[str, str], qrcode: bool = False
    ) -> Created:
        """Create `name` with its webhook and settings in one call; with `qrcode` it takes more than 5 s.

        Raises Rejected (NAME_IN_USE) for a taken name; Unconfirmed when it may exist now: ask `connection_state`.
        """
        body = {"integration": "WHATSAPP-BAILEYS", "qrcode": qrcode, **_SETTINGS}
        return self._create(name, {**body, "webhook": webhook_body(webhook_url, webhook_headers)})

    def _create(self, name: str, more: Mapping[str, Any]) -> Created:
        name = instance_name(name)
        body = {"instanceName": name, **more}
        secrets = tuple(more["webhook"]["headers"].values())
        answer = self._transport.call("POST", "/instance/create", body=body, repeatable=False, private=secrets)
        made = answers.created(answer.body)
        if made is None or made.name != name:
            raise unreadable("create did not say what it created", answer.status, repeatable=False)
        return made

    def connect(self, name: str, *, number: str | None = None) -> Qr | ConnectionState:
        """Start connecting: a QR, OPEN when it is already open, CONNECTING when no QR has come yet (wait for
        QrUpdated). `number` (digits) asks for a pairing code too. Takes about 2 s; never in parallel for one
        instance, each call opens its own socket with its own QR."""
        query = {"number": inputs.phone_digits(number)} if number is not None else None
        path = f"/instance/connect/{instance_name(name)}"
        answer = self._transport.call("GET", path, query=query, private=(number or "",))
        found = answers.connection(_without_error(answer))
        if found is None:
            raise unreadable("neither a QR nor a state", answer.status, repeatable=True)
        return found

    def connection_state(self, name: str) -> ConnectionState:
        """The state now; UNKNOWN while the server boots. Raises InstanceMissing."""
        answer = self._read("GET", f"/instance/connectionState/{instance_name(name)}")
        return _found(answers.state(answer.body), answer)

    def restart(self, name: str) -> None:
        """Reconnect an open instance; the change comes a moment later. Raises Unreachable while it is closed."""
        _without_error(self._transport.call("POST", f"/instance/restart/{instance_name(name)}"))

    def delete(self, name: str) -> bool:
        """Delete in any state, and log the phone out; False when there was none. The server ends it a moment later."""
        try:
            _without_error(self._transport.call("DELETE", f"/instance/delete/{instance_name(name)}"))
        except InstanceMissing:
            return False
        return True

    # Webhook

    def set_webhook(self, name: str, *, url: str, headers: Mapping[str, str]) -> None:
        """Make the instance call `url` with `headers` for the events of `SUBSCRIBED`; works at once."""
        body = {"webhook": {"enabled": True, **webhook_body(url, headers)}}
        path = f"/webhook/set/{instance_name(name)}"
        answer = self._transport.call("POST", path, body=body, private=tuple(headers.values()))
        stored = _found(answers.webhook(answer.body), answer)
        if stored.url != url or not stored.enabled:
            raise Unreachable("webhook was not stored as asked", status=answer.status)

    def move_webhook(self, name: str, *, url: str) -> None:
        """Make the instance call `url` and keep the headers that it has: what `webhook/set` leaves out stays
        (RECORDED 4), and their secret is known to nobody but the server."""
        body = {key: value for key, value in webhook_body(url, {}).items() if key != "headers"}
        path = f"/webhook/set/{instance_name(name)}"
        answer = self._transport.call("POST", path, body={"webhook": {"enabled": True, **body}})
        stored = _found(answers.webhook(answer.body), answer)
        if stored.url != url or not stored.enabled:
            raise Unreachable("webhook was not stored as asked", status=answer.status)

    def webhook(self, name: str) -> Webhook | None:
        """What is stored; None when none was ever set (or was wiped)."""
        answer = self._read("GET", f"/webhook/find/{instance_name(name)}")
        return None if answer.body is None else _found(answers.webhook(answer.body), answer)

    # Messages

    def send_text(self, name: str, *, to: str, text: str) -> Sent:
        """Send `text` to digits with country code, or to a full `…@lid`.

        A Sent was handed to WhatsApp, not more: a refusal comes later as DeliveryChanged ERROR. Never repeat an
        Unconfirmed one blindly: look for it with `sent_messages`, or a stranger's patience is used up.
        """
        path, number = f"/message/sendText/{instance_name(name)}", inputs.recipient(to)
        body = {"number": number, "text": inputs.message_text(text)}
        answer = self._transport.call("POST", path, body=body, repeatable=False, private=(text, to))
        sent = answers.sent(answer.body)
        if sent is None:
            raise unreadable("no key.id in the answer", answer.status, repeatable=False)
        return sent

    def find_message(self, name: str, key_id: str) -> StoredMessage | None:
        """The stored message with WhatsApp's id `key_id`; works while disconnected. One may be stored twice."""
        where = {"key": {"id": inputs.key_id(key_id)}}
        found, _ = self._messages(name, where, page=1, size=10)
        matching = [message for message in found if message.key_id == key_id]
        return max(matching, key=lambda message: message.status.rank if message.status else -1, default=None)

    def sent_messages(self, name: str, *, limit: int = 50) -> list[StoredMessage]:
        """The newest `limit` (at most 200) messages of the shop's own side, newest first."""
        size = max(1, min(limit, 200))
        own: dict[str, StoredMessage] = {}
        for page in range(1, _MAX_PAGES + 1):
            found, pages = self._messages(name, {"key": {"fromMe": True}}, page=page, size=size)
            # Checked again here: a filter the server does not know is ignored and returns everything.
            own.update((message.key_id, message) for message in found if message.from_me)
            if len(own) >= size or page >= pages:
                break
        return sorted(own.values(), key=lambda message: message.sent_at, reverse=True)[:size]

    def delivery(self, name: str, key_id: str) -> DeliveryStatus | None:
        """The highest status stored for our message; None when there is none. Recovers what webhooks lost."""
        body = {"where": {"id": inputs.key_id(key_id)}, "page": 1, "offset": 50}
        answer = self._read("POST", f"/chat/findStatusMessage/{instance_name(name)}", body=body)
        return _found(answers.delivery(answer.body, key_id), answer)[0]

    def has_picture(self, name: str, number: str) -> bool:
        """Whether WhatsApp shows a profile picture for `number` (E.164) just now.

        Each call asks WhatsApp over the instance's connection; nothing here is cached. True is therefore a proof of
        life. False is none: so Evolution also answers when the connection fails, after up to a minute.
        """
        digits = inputs.phone_digits(number.removeprefix("+"))
        path = f"/chat/fetchProfilePictureUrl/{instance_name(name)}"
        answer = self._transport.call("POST", path, body={"number": digits}, private=(digits,))
        return _found(answers.picture(answer.body), answer)[0]

    def _messages(self, name: str, where: dict[str, Any], *, page: int, size: int) -> tuple[list[StoredMessage], int]:
        body = {"where": where, "page": page, "offset": size}  # the server calls the page size "offset"
        answer = self._read("POST", f"/chat/findMessages/{instance_name(name)}", body=body)
        return _found(answers.stored_messages(answer.body), answer)

    def _read(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        query: dict[str, str] | None = None,
        with_key: bool = True,
    ) -> Answer:
        """A call that only looks, tried again quickly when the server could not be connected to."""
        for attempt in stamina.retry_context(
            on=NoConnection, attempts=3, timeout=10.0, wait_initial=0.1, wait_max=0.5, wait_jitter=0.1
        ):
            with attempt:
                return self._transport.call(method, path, body=body, query=query, with_key=with_key)
        raise AssertionError("retry_context returns or raises")


def webhook_body(url: str, headers: Mapping[str, str], events: Sequence[str] = SUBSCRIBED) -> dict[str, Any]:
    """`events` must be there (without it create fails) and must not be empty (that means all)."""
    return {
        "url": checked_url(url, what="webhook url"),
        "byEvents": False,
        "base64": False,
        "headers": inputs.header_fields(headers),
        "events": list(events),
    }


def _without_error(answer: Answer) -> Any:
    if answers.is_error(answer.body):
        raise Unreachable("200 with error: true", status=answer.status)
    return answer.body


def _found(value: T | None, answer: Answer) -> T:
    """`value`, or the error of a repeatable call whose answer does not have the expected shape."""
    if value is None:
        raise unreadable("unrecognised answer", answer.status, repeatable=True)
    return value
