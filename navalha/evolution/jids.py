"""WhatsApp addresses: `5511988887777@s.whatsapp.net` (phone), `249876543210987@lid` (hidden), `…@g.us` (group).

The digits of a LID are *not* a phone number: sent to without their suffix they reach a stranger.
"""

import re

_PHONE = re.compile(r"([0-9]{5,15})@s\.whatsapp\.net")
_LID = re.compile(r"[0-9]{5,20}@lid")
_IGNORED_SUFFIXES = ("@g.us", "@broadcast", "@newsletter")


def strip_device(jid: str) -> str:
    """`5511…:12@s.whatsapp.net` → `5511…@s.whatsapp.net`: a receipt may name one device of a person."""
    user, at, server = jid.partition("@")
    return user.split(":", 1)[0] + at + server


def phone_of(jid: str) -> str | None:
    """The digits of a phone address with country code; None for every other kind of address."""
    match = _PHONE.fullmatch(strip_device(jid))
    return match.group(1) if match else None


def is_lid(jid: str) -> bool:
    """Whether `jid` is a full LID, suffix included."""
    return _LID.fullmatch(strip_device(jid)) is not None


def is_group(jid: str) -> bool:
    return jid.endswith("@g.us")


def is_ignored(jid: str) -> bool:
    """Groups, status broadcasts and newsletters: nobody's private conversation with the shop."""
    return jid.endswith(_IGNORED_SUFFIXES)
