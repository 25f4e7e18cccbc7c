"""Which of our three errors an answer, or the lack of one, means.

The server has five shapes of error and often the wrong status for it, so both are read. What is not recognised is
`Unconfirmed` for a call that must not happen twice, and harmless for one that may.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2

from navalha.evolution.errors import (
    EvolutionError,
    InstanceMissing,
    LicenceRequired,
    NoConnection,
    NotConnected,
    Rejected,
    RejectedReason,
    Unauthorized,
    Unconfirmed,
    Unreachable,
    UnsupportedVersion,
    sanitize,
)
from navalha.evolution.values import items, mapping

# Exceptions raised before the first byte of a request is written.
_NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)

# The server stumbling over a connection it does not have, before anything goes to WhatsApp: the client object itself
# (`onWhatsApp`, `sendMessage`) or the number check it never got an answer to (`find`). Not every "undefined": one that
# is met after the sending proves nothing.
_NO_CONNECTION = re.compile(
    r"Connection Closed|Cannot read properties of undefined \(reading '"
    r"(?:onWhatsApp|find|sendMessage|relayMessage|sendPresenceUpdate|presenceSubscribe)'\)"
)
_RAW_EXCEPTION = re.compile(r"Cannot read properties|TypeError|Prisma|prisma|Error: |\[object Object\]")
_REFUSAL = re.compile(
    r"Text is required|Invalid integration|Invalid proxy|token is required|Method not available|is not connected"
)
_NAME_IN_USE = "is already in use"
_ALWAYS_REFUSED = frozenset({405, 406, 411, 413, 414, 415, 422, 431})


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer read to its end. `body` is the JSON value, None when it is not JSON (or is `null`)."""

    status: int
    body: Any
    is_json: bool

    @classmethod
    def of(cls, status: int, content: bytes) -> "Answer":
        try:
            return cls(status, json.loads(content), True)
        except (ValueError, RecursionError):
            return cls(status, None, False)


def failure_of_transport(error: Exception, *, repeatable: bool) -> EvolutionError:
    """The error for a request that got no answer; only the kind of `error` is kept, it may hold addresses."""
    detail = type(error).__name__
    if isinstance(error, _NEVER_SENT):
        return NoConnection(detail)
    return Unreachable(detail) if repeatable else Unconfirmed(detail)


def failure_of(answer: Answer, *, repeatable: bool, secrets: Iterable[str] = ()) -> EvolutionError:
    """The error for an answer that is not 2xx. `secrets` are texts that must not reach the log."""
    texts = list(_texts(answer.body))
    detail = sanitize(texts[0] if texts else "no explanation", secrets=secrets)
    said = "\n".join(texts)
    by_status = _by_status(answer, said, detail)
    return by_status or _by_words(answer, said, detail, repeatable=repeatable)


def _by_status(answer: Answer, said: str, detail: str) -> EvolutionError | None:
    """Statuses that mean the same whatever was asked: each shows that nothing was done.

    Not 503: proxies also say it of what they had passed on and got no answer to. Only what newer servers say proves it.
    """
    status = answer.status
    if status == 503 and "LICENSE_REQUIRED" in json.dumps(answer.body):
        return LicenceRequired("LICENSE_REQUIRED", status=status)
    if status == 401:
        return Unauthorized(detail, status=status)
    if status == 404:
        return _not_found(answer, said, detail)
    if status == 403 and answer.is_json:
        taken = _NAME_IN_USE in said
        return Rejected(RejectedReason.NAME_IN_USE if taken else RejectedReason.FORBIDDEN, detail, status=status)
    if status in _ALWAYS_REFUSED:
        return Rejected(RejectedReason.INVALID, detail, status=status)
    if status in (403, 429) or 300 <= status < 400:
        return Unreachable(detail, status=status)
    return None


def _not_found(answer: Answer, said: str, detail: str) -> EvolutionError:
    """A missing instance is believed only in the server's own words: a proxy's 404 must not look like one."""
    if re.search(r"Cannot (?:GET|POST|PUT|DELETE) ", said):
        return UnsupportedVersion(detail, status=answer.status)
    if re.search(r"instance does not exist|Instance .* not found", said):
        return InstanceMissing(detail, status=answer.status)
    return Unreachable(detail, status=answer.status)


def _by_words(answer: Answer, said: str, detail: str, *, repeatable: bool) -> EvolutionError:
    status = answer.status
    if status == 400 and any(mapping(part).get("exists") is False for part in _messages(answer.body)):
        return Rejected(RejectedReason.NOT_ON_WHATSAPP, "not on WhatsApp", status=status)
    if _NO_CONNECTION.search(said):
        return NotConnected(detail, status=status)
    if status == 400 and (_is_schema_error(answer.body) or _REFUSAL.search(said)):
        return Rejected(RejectedReason.INVALID, detail, status=status)
    if not repeatable:
        return Unconfirmed(detail, status=status)
    if 400 <= status < 500 and said and not _RAW_EXCEPTION.search(said):
        return Rejected(RejectedReason.INVALID, detail, status=status)
    return Unreachable(detail, status=status)


def _messages(body: object) -> list[Any]:
    """The parts of `response.message`, or of `message` where there is no `response`, always as a list."""
    envelope = mapping(body)
    holder = mapping(envelope.get("response")) or envelope
    return items(holder.get("message"))


def _is_schema_error(body: object) -> bool:
    """A list inside the list: the schema refused the request before anybody looked at it."""
    return any(isinstance(part, list) for part in _messages(body))


def _texts(body: object) -> Iterator[str]:
    for part in _messages(body):
        yield from (word for word in items(part) if isinstance(word, str))
    error = mapping(body).get("error")
    if isinstance(error, str):
        yield error
