"""Pictures as phones and programs write them, with what must not be shown to everybody, and what remains of them."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navalha.core.bare_images import Damaged, bare
from navalha.core.images import Kind

SECRET = b"GPS 23.55S 46.63W"


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", 2 + len(data)) + data


def exif(orientation: int, order: str = "<") -> bytes:
    """As a phone writes it: a maker, which way is up, and further on where it was taken."""
    head = struct.pack(f"{order}2sHIH", b"II" if order == "<" else b"MM", 42, 8, 2)
    maker = struct.pack(f"{order}HHII", 0x010F, 2, 4, 0)
    up = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    return segment(0xE1, b"Exif\x00\x00" + head + maker + up + struct.pack(f"{order}I", 0) + SECRET)


FRAME = segment(0xC0, struct.pack(">BHHB", 8, 480, 640, 1) + b"\x01\x11\x00")
SCAN = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56"
PROFILE = segment(0xE2, b"ICC_PROFILE\x00\x01\x01abc")
END = b"\xff\xd9"


def jpeg(*segments: bytes, after: bytes = b"") -> bytes:
    return b"\xff\xd8" + b"".join(segments) + FRAME + segment(0xC4, b"tables") + SCAN + SCAN + END + after


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(*chunks: bytes, width: int = 4, height: int = 3) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    rows = zlib.compress((b"\x00" + b"\x80\x20\x20" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def riff(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\x00" * (len(data) % 2)


def webp(*chunks: bytes, flags: int = 0) -> bytes:
    wide = riff(b"VP8X", bytes([flags, 0, 0, 0]) + (639).to_bytes(3, "little") + (479).to_bytes(3, "little"))
    body = b"WEBP" + wide + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


PIXELS = riff(b"VP8L", b"\x2f12345")


def test_a_photo_says_no_more_where_and_with_what_it_was_taken():
    content, kind = bare(jpeg(exif(1), segment(0xED, SECRET), segment(0xFE, SECRET), PROFILE, after=SECRET))

    assert kind == Kind("image/jpeg", 640, 480)
    assert content == jpeg(PROFILE)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("orientation", "sides"), [(3, (640, 480)), (6, (480, 640)), (8, (480, 640)), (9, (640, 480))])
def test_a_photo_that_was_taken_on_its_side_stays_upright(orientation, sides, order):
    content, kind = bare(jpeg(exif(orientation, order)))

    assert (kind.width, kind.height) == sides
    assert SECRET not in content
    assert bare(content) == (content, kind)
    assert (b"Exif" in content) == (orientation != 9)


def test_a_drawing_keeps_its_pixels_and_its_transparency_only():
    clear = chunk(b"tRNS", b"\x00\x00\x00\x00\x00\x00")
    drawn = png(chunk(b"tEXt", b"Author\x00" + SECRET), chunk(b"eXIf", SECRET), clear)

    assert bare(drawn + SECRET) == (png(clear), Kind("image/png", 4, 3))


def test_a_webp_loses_its_exif_and_the_flags_that_announce_it():
    content, kind = bare(webp(PIXELS, riff(b"EXIF", SECRET), riff(b"XMP ", SECRET), flags=0x3C))

    assert content == webp(PIXELS, flags=0x30)
    assert kind == Kind("image/webp", 640, 480)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + bytes(40),
        jpeg()[:-2],
        jpeg()[:40],
        jpeg().replace(b"\xff\xc4", b"\x00\xc4"),
        png()[:-3],
        png().replace(b"IDAT", b"IDAX"),
        webp(PIXELS)[:-1],
        webp(riff(b"ANIM", b"123456"), riff(b"ANMF", b"1234")),
    ],
)
def test_what_is_no_whole_picture_is_refused(content):
    with pytest.raises(Damaged):
        bare(content)


@given(st.sampled_from([jpeg(exif(6)), png(), webp(PIXELS, riff(b"EXIF", SECRET))]), st.data())
def test_a_broken_picture_is_refused_and_never_an_accident(content, data):
    broken = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    try:
        found, kind = bare(bytes(broken))
    except Damaged:
        return
    assert bare(found) == (found, kind)
