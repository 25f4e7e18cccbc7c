"""A picture without what a camera writes beside it: place, time, device, thumbnails, whatever hides after its end.

The pixels are left as they are, so nothing is lost and nothing is decoded here. Kept beside them are only the colour
profile and, of a photo that was taken on its side, which way is up: without it, it would be shown lying down.
Formats: JPEG (ITU T.81, Exif 2.3 for the orientation), PNG (its chunks, CRC checked), WebP (RIFF).
"""

import struct
import zlib
from collections.abc import Iterator
from itertools import chain

from .images import Kind, kind_of

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"pHYs"}
)
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"})
_WEBP_PLAIN = 0x30  # of the flags of VP8X: profile and transparency
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_JFIF, _APP1, _APPS = 0xE0, 0xE1, range(0xE0, 0xF0)
_COMMENT = 0xFE
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_EXIF, _PROFILE, _ADOBE = b"Exif\x00\x00", b"ICC_PROFILE\x00", b"Adobe"
_ORIENTATION = 0x0112
_TURNED = range(5, 9)  # orientations in which width and height change places


class Damaged(Exception):
    """The bytes end too early, or are no picture of the kind that they begin as."""


def bare(content: bytes) -> tuple[bytes, Kind]:
    """The same picture without anything else, and its kind with the sides as they are shown. Raises Damaged."""
    kind = kind_of(content)
    if kind is None:
        raise Damaged
    try:
        match kind.content_type:
            case "image/jpeg":
                return _jpeg(content, kind)
            case "image/png":
                return _PNG + b"".join(_png(content)), kind
            case _:
                return _webp(content), kind
    except (struct.error, IndexError) as error:
        raise Damaged from error


def _jpeg(content: bytes, kind: Kind) -> tuple[bytes, Kind]:
    up, parts = 1, []
    for marker, part in _segments(content):
        if marker == _APP1 and part[4:].startswith(_EXIF):
            up = _orientation(part[4 + len(_EXIF) :])
        elif _is_kept(marker, part):
            parts.append(part)
    turned = [_exif(up)] if up != 1 else []
    if up in _TURNED:
        kind = Kind(kind.content_type, kind.height, kind.width)
    return b"".join(chain([b"\xff\xd8"], turned, parts)), kind


def _is_kept(marker: int, part: bytes) -> bool:
    """What a decoder needs: all but comments and what programs add, of which only two tell about colours."""
    told = marker in _APPS or marker == _COMMENT
    return not told or marker == _JFIF or part[4:].startswith((_PROFILE, _ADOBE))


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and whole bytes of each segment after the first, up to the end of the picture; scans with their data."""
    at = 2
    while True:
        if content[at] != 0xFF:
            raise Damaged
        while content[at + 1] == 0xFF:  # filling
            at += 1
        marker = content[at + 1]
        ends = at + 2 if marker in _ALONE or marker == _EOI else at + 2 + int.from_bytes(content[at + 2 : at + 4])
        if marker == _SOS:
            ends = _end_of_scan(content, ends)
        if marker == _SOI or ends > len(content) or ends < at + 2:
            raise Damaged
        yield marker, content[at:ends]
        if marker == _EOI:
            return
        at = ends


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next marker begins: 0xFF followed by neither 0 (a byte of the data) nor a restart."""
    while (at := content.find(b"\xff", at)) >= 0:
        if content[at + 1] != 0 and content[at + 1] not in _ALONE:
            return at
        at += 2
    raise Damaged


def _orientation(tiff: bytes) -> int:
    """1 to 8 as Exif counts; 1 (as it is) for what says nothing that can be read."""
    try:
        order = {b"II": "<", b"MM": ">"}[tiff[:2]]
        [first] = struct.unpack(f"{order}I", tiff[4:8])
        [count] = struct.unpack(f"{order}H", tiff[first : first + 2])
        for number in range(count):
            entry = tiff[first + 2 + 12 * number :][:12]
            tag, _type, _count, value = struct.unpack(f"{order}HHIH", entry[:10])
            if tag == _ORIENTATION:
                return value if 1 <= value <= 8 else 1
    except (KeyError, struct.error):
        pass
    return 1


def _exif(orientation: int) -> bytes:
    """A segment that says nothing but the orientation."""
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION, 3, 1, orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 2 + len(_EXIF) + len(tiff)) + _EXIF + tiff


def _png(content: bytes) -> Iterator[bytes]:
    at = len(_PNG)
    while True:
        [length] = struct.unpack(">I", content[at : at + 4])
        name, ends = content[at + 4 : at + 8], at + 12 + length
        [checksum] = struct.unpack(">I", content[ends - 4 : ends])
        if zlib.crc32(content[at + 4 : ends - 4]) != checksum:
            raise Damaged
        if name in _PNG_KEPT:
            yield content[at:ends]
        if name == b"IEND":
            return
        at = ends


def _webp(content: bytes) -> bytes:
    parts, at, ends = [], 12, 8 + int.from_bytes(content[4:8], "little")
    if ends > len(content):
        raise Damaged
    while at < ends:
        name, length = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        data = content[at + 8 : at + 8 + length]
        if len(data) < length:
            raise Damaged
        if name == b"VP8X":
            data = bytes([data[0] & _WEBP_PLAIN]) + data[1:]
        if name in _WEBP_KEPT:
            parts.append(name + content[at + 4 : at + 8] + data + b"\x00" * (length % 2))
        at += 8 + length + length % 2
    if not any(part[:4] in (b"VP8 ", b"VP8L") for part in parts):  # nothing to show, or one that moves
        raise Damaged
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body
