"""Reading values of foreign JSON: each function accepts anything and returns the asked type or a plain default.

Forms seen: 64-bit numbers as `{"low", "high", "unsigned"}` or decimal strings, bytes as `{"0": 17, …}` or base64.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_INTEGER = re.compile(r"-?[0-9]{1,19}")
_EARLIEST = 1_230_768_000  # 2009, the year of WhatsApp
_LATEST = 4_102_444_800  # 2100
_MILLISECONDS = 1000


def mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> list[Any]:
    """A list as it is, a single object as a list of one, nothing as an empty list."""
    if isinstance(value, list | tuple):
        return list(value)
    return [] if value is None else [value]


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def integer(value: object) -> int | None:
    """An int from a number, a decimal string or a `{low, high, unsigned}` pair of 32-bit halves."""
    if isinstance(value, Mapping):
        return _from_halves(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    return None


def code(value: object) -> int | None:
    """A reason or status code; None for what no protocol here could mean."""
    number = integer(value)
    return number if number is not None and 0 <= number <= 9999 else None


def _from_halves(value: Mapping[str, Any]) -> int | None:
    low, high = value.get("low"), value.get("high")
    if not isinstance(low, int) or not isinstance(high, int):
        return None
    # JavaScript prints both halves as signed 32-bit numbers: a low of -871820165 is 3423147131.
    number = ((high & 0xFFFFFFFF) << 32) | (low & 0xFFFFFFFF)
    signed = value.get("unsigned") is not True and number >= 1 << 63
    return number - (1 << 64) if signed else number


def moment(value: object) -> datetime | None:
    """An aware UTC time from seconds (or milliseconds) since 1970; None when it cannot be a WhatsApp time."""
    seconds = integer(value)
    if seconds is not None and seconds > _LATEST:
        seconds //= _MILLISECONDS
    if seconds is None or not _EARLIEST <= seconds <= _LATEST:
        return None
    return datetime.fromtimestamp(seconds, tz=UTC)
