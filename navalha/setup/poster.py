"""The poster of a booking page: one A4 page as PDF, with the shop's name, a QR code and what to do with it.

Written by hand, because it is one page of one font and one drawing: a library would be larger than all of it. The font
is Helvetica-Bold, which every reader and printer has (PDF 32000-1, 9.6.2.2), with WinAnsiEncoding: Windows-1252, which
has every letter of Portuguese. What it does not have (an emoji in a shop's name) is left out.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO

import segno

PAGE_WIDTH, PAGE_HEIGHT = 595, 842  # A4, in points of 1/72 inch
TEXT_WIDTH = 475
QR_SIDE = 380  # with its quiet zone: 13 cm, read from more than a metre
QUIET_ZONE = 4  # modules; the standard's own
QR_TOP = 575
# Widths of Helvetica-Bold from space to tilde, in thousandths of the size: Adobe's Core 14 metrics.
WIDTHS = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
)  # fmt: skip
OTHER_WIDTH = 1000  # of what stands in no table: the widest, so that nothing is cut


@dataclass(frozen=True, slots=True)
class Poster:
    """What the page says, from top to bottom; `url` is what the code holds, `shown` how it is written below."""

    title: str
    shop: str
    sentence: str
    url: str
    shown: str


def pdf(poster: Poster) -> bytes:
    """The whole file. The same poster gives the same bytes."""
    content = "\n".join(_page(poster)).encode("cp1252")
    size = f"[0 0 {PAGE_WIDTH} {PAGE_HEIGHT}]"
    return _file(
        [
            b"<< /Type /Catalog /Pages 2 0 R /Lang (pt-BR) /ViewerPreferences << /DisplayDocTitle true >> >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox {size} /Contents 4 0 R"
            " /Resources << /Font << /F1 5 0 R >> >> >>".encode(),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
            b"<< /Title <FEFF%s> >>" % printable(poster.shop).encode("utf-16-be").hex().upper().encode(),
        ]
    )


def printable(text: str) -> str:
    """`text` on one line, without what the font cannot write."""
    kept = unicodedata.normalize("NFC", text).encode("cp1252", "ignore").decode("cp1252")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in kept).split())


def width(text: str, size: float) -> float:
    """In points. A letter with an accent is as wide as without."""
    return sum(_width_of(letter) for letter in text) * size / 1000


def fitted(text: str, *, largest: int, smallest: int, most_high: float) -> tuple[int, list[str]]:
    """The size at which `text` fits into TEXT_WIDTH and `most_high` points, and its lines: as large as possible.

    Words are broken only at the smallest size.
    """
    for size in range(largest, smallest, -2):
        lines = _wrapped(text.split(), size)
        if _height(lines, size) <= most_high and all(width(line, size) <= TEXT_WIDTH for line in lines):
            return size, lines
    words = [piece for word in text.split() for piece in _broken(word, smallest)]
    return smallest, _wrapped(words, smallest)


def _page(poster: Poster) -> Iterator[str]:
    """The drawing, in PDF's operators. Its y goes up from the bottom of the page."""
    yield from _text([printable(poster.title)], 30, top=PAGE_HEIGHT - 90)
    free = PAGE_HEIGHT - 110 - QR_TOP  # between the title and the code; the name stands in its middle
    size, lines = fitted(printable(poster.shop), largest=54, smallest=26, most_high=free - 20)
    yield from _text(lines, size, top=QR_TOP + free / 2 + _height(lines, size) / 2 - size * 0.8)
    yield from _code(poster.url)
    at: float = QR_TOP - QR_SIDE - 40
    for said, largest in ((poster.sentence, 22), (poster.shown, 18)):
        size, lines = fitted(printable(said), largest=largest, smallest=10, most_high=2.4 * largest)
        yield from _text(lines, size, top=at)
        at -= _height(lines, size) + 16


def _text(lines: Iterable[str], size: int, *, top: float) -> Iterator[str]:
    """Lines in the middle of the page; `top` is the first one's baseline."""
    for number, line in enumerate(lines):
        x, y = (PAGE_WIDTH - width(line, size)) / 2, top - number * size * 1.2
        said = line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        yield f"BT /F1 {size} Tf {x:.2f} {y:.2f} Td ({said}) Tj ET"


def _height(lines: list[str], size: int) -> float:
    return len(lines) * size * 1.2


def _code(url: str) -> Iterator[str]:
    """The QR as black rectangles, one for each run of dark modules: sharp at any size."""
    matrix = segno.make(url, error="q", micro=False).matrix
    module = QR_SIDE / (len(matrix) + 2 * QUIET_ZONE)
    left = (PAGE_WIDTH - QR_SIDE) / 2
    for number, row in enumerate(matrix):
        y = QR_TOP - (number + 1 + QUIET_ZONE) * module
        for start, length in _runs(row):
            x = left + (start + QUIET_ZONE) * module
            yield f"{x:.3f} {y:.3f} {length * module:.3f} {module:.3f} re"
    yield "f"


def _runs(row: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Start and length of each stretch of dark modules."""
    start = None
    for at, dark in enumerate([*row, 0]):
        if dark and start is None:
            start = at
        elif not dark and start is not None:
            yield start, at - start
            start = None


def _width_of(letter: str) -> int:
    plain = unicodedata.normalize("NFD", letter)[0]
    return WIDTHS[ord(plain) - 32] if " " <= plain <= "~" else OTHER_WIDTH


def _wrapped(words: Iterable[str], size: int) -> list[str]:
    lines: list[str] = []
    for word in words:
        if lines and width(f"{lines[-1]} {word}", size) <= TEXT_WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _broken(word: str, size: int) -> Iterator[str]:
    """A word in pieces that fit."""
    piece = ""
    for letter in word:
        if width(piece + letter, size) > TEXT_WIDTH:
            yield piece
            piece = ""
        piece += letter
    yield piece


def _file(objects: list[bytes]) -> bytes:
    """Header, numbered objects, where each begins, trailer. The first object is the catalogue, the last the info."""
    out = BytesIO()
    out.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (len(objects) + 1, len(objects)))
    out.write(b"startxref\n%d\n%%%%EOF\n" % table)
    return out.getvalue()
