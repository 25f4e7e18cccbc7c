"""What kind of picture some bytes are, and how large, read from its first bytes; nothing is decoded."""

import struct
from dataclasses import dataclass

_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the JPEG segments that say the size
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Kind:
    """`content_type` as a browser wants to hear it; sides in pixels."""

    content_type: str
    width: int
    height: int


def kind_of(content: bytes) -> Kind | None:
    """The kind of a JPEG, PNG or WebP picture; None for everything else, whatever it was called."""
    try:
        if content.startswith(_PNG) and content[12:16] == b"IHDR":
            return Kind("image/png", *struct.unpack(">II", content[16:24]))
        if content.startswith(b"\xff\xd8\xff"):
            return _jpeg(content)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _webp(content)
    except (struct.error, IndexError):
        return None
    return None


def _jpeg(content: bytes) -> Kind | None:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4])
        if marker in _SOF:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return Kind("image/jpeg", width, height)
        at += 2 + max(length, 2)
    return None


def _webp(content: bytes) -> Kind | None:
    form = content[12:16]
    if form == b"VP8X":
        return Kind("image/webp", 1 + _little(content[24:27]), 1 + _little(content[27:30]))
    if form == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", content[26:30])
        return Kind("image/webp", width & 0x3FFF, height & 0x3FFF)
    if form == b"VP8L" and content[20] == 0x2F:
        bits = _little(content[21:25])
        return Kind("image/webp", 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF))
    return None


def _little(part: bytes) -> int:
    return int.from_bytes(part, "little")
