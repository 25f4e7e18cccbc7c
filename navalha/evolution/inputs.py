"""What a caller gives, checked before anything goes out.

Each function raises InvalidInput, whose text never quotes the value.
"""

import re
from collections.abc import Mapping

import phonenumbers

from navalha.evolution import jids
from navalha.evolution.errors import InvalidInput

_DIGITS = re.compile(r"[1-9][0-9]{7,14}")
_BRAZILIAN = re.compile(r"55[1-9][1-9][0-9]{8,9}")
_KEY_ID = re.compile(r"[0-9A-Za-z._:=+/-]{1,128}")
_HEADER_NAME = re.compile(r"[0-9A-Za-z!#$%&'*+.^_`|~-]{1,80}")
_MAX_TEXT = 65_536  # characters; WhatsApp's own limit


def phone_digits(number: object) -> str:
    """Digits of an existing kind of phone number with country code.

    Brazilian numbers may lack the ninth digit (old accounts do). Everything else must be valid in its country: that
    is what tells a phone from the bare digits of a LID, which would reach a stranger.
    """
    if not isinstance(number, str) or not _DIGITS.fullmatch(number):
        raise InvalidInput("phone must be digits with country code")
    if not (_BRAZILIAN.fullmatch(number) or _is_foreign_phone(number)):
        raise InvalidInput("no phone number has this form")
    return number


def _is_foreign_phone(number: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(f"+{number}"))
    except phonenumbers.NumberParseException:
        return False


def recipient(to: object) -> str:
    """Phone digits, or a full LID address."""
    if isinstance(to, str) and jids.is_lid(to):
        return jids.strip_device(to)
    return phone_digits(to)


def message_text(text: object) -> str:
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput("text is required")
    if len(text) > _MAX_TEXT:
        raise InvalidInput("text is too long for WhatsApp")
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise InvalidInput("text has characters that cannot be sent")
    return text


def key_id(value: object) -> str:
    if not isinstance(value, str) or not _KEY_ID.fullmatch(value):
        raise InvalidInput("not a message id")
    return value


def header_fields(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers for the server to store and send with every webhook."""
    for name, value in headers.items():
        if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
            raise InvalidInput("not a header name")
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            raise InvalidInput("not a header value")
    return dict(headers)
