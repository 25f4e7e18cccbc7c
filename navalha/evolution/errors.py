"""What can go wrong with the Evolution API, told apart by the one question a caller has: may I try again?

* `Unreachable`: nothing happened; trying again is safe.
* `Rejected`: it will never work as asked; trying again is useless.
* `Unconfirmed`: it may or may not have happened; trying again could do it twice. Look it up first.

The text of every error is safe to log: it holds no key, no message text and no full phone number.
"""

import enum
import re
from collections.abc import Iterable

_MAX_DETAIL = 120
_JID = re.compile(r"\S+@(?:s\.whatsapp\.net|lid|g\.us|c\.us)")
_LONG_NUMBER = re.compile(r"\d{6,}")
_TOKEN = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def sanitize(text: str, *, secrets: Iterable[str] = ()) -> str:
    """The first line of `text`, shortened, without `secrets`, tokens, addresses and long numbers."""
    for secret in secrets:
        text = text.replace(secret, "[…]") if len(secret) > 3 else text
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    for pattern in (_TOKEN, _JID, _LONG_NUMBER):
        line = pattern.sub("[…]", line)
    return "".join(char for char in line if char.isprintable())[:_MAX_DETAIL]


class EvolutionError(Exception):
    """Base of all errors of this package.

    `status` is the HTTP status, None when there was no answer; `detail` is a short, sanitized explanation in English
    for the log, never for people.
    """

    def __init__(self, detail: str = "", *, status: int | None = None) -> None:
        self.detail = detail
        self.status = status
        super().__init__(f"{status or 'no answer'}: {detail}" if detail else str(status or "no answer"))


class Unreachable(EvolutionError):
    """Nothing happened; the same call may be made again later."""


class NoConnection(Unreachable):
    """The server could not even be connected to: down, wrong address, name not found."""


class Unauthorized(Unreachable):
    """401: the server does not accept our key. Nothing happened, and nothing will until somebody corrects it."""


class InstanceMissing(Unreachable):
    """404 in Evolution's own words: there is no instance of that name."""


class LicenceRequired(Unreachable):
    """503 LICENSE_REQUIRED: Evolution 2.4 and newer refuse to work until they are activated."""


class UnsupportedVersion(Unreachable):
    """What answers is not an Evolution API whose answers we know (2.3.x)."""


class NotConnected(Unreachable):
    """The instance has no living connection to WhatsApp; the call ended before anything was sent."""


class RejectedReason(enum.Enum):
    """Why a call will never succeed as it is."""

    NOT_ON_WHATSAPP = "not_on_whatsapp"
    NAME_IN_USE = "name_in_use"
    INVALID = "invalid"
    FORBIDDEN = "forbidden"


class Rejected(EvolutionError):
    """It will never work as asked; `reason` says why."""

    def __init__(self, reason: RejectedReason, detail: str = "", *, status: int | None = None) -> None:
        self.reason = reason
        super().__init__(detail or reason.value, status=status)


class InvalidInput(Rejected, ValueError):
    """Refused on our side, before anything went out. Also a ValueError, as a constructor should raise."""

    def __init__(self, detail: str) -> None:
        super().__init__(RejectedReason.INVALID, detail)


class Unconfirmed(EvolutionError):
    """We cannot know whether it happened; look it up before doing it again."""
