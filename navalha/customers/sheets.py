"""Reading a spreadsheet from anywhere: encoding, separator, which column is what. No database."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from navalha.core.phones import to_e164

from . import birthdays, tags
from .editing import Details
from .queries import plain

SEPARATORS = (";", ",", "\t", "|")
FIELDS = ("name", "phone", "birthday", "tags", "notes")
MOST_BYTES, MOST_LINES = 1024 * 1024, 5000
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# What the columns of other products are called, without accents; a column is what its first such word says.
WORDS: Mapping[str, tuple[str, ...]] = {
    "phone": ("telefone", "celular", "whatsapp", "phone", "mobile", "fone", "contato", "tel"),
    "birthday": ("aniversario", "nascimento", "birth", "nasc"),
    "tags": ("etiqueta", "tag", "grupo", "categoria", "label"),
    "notes": ("observa", "nota", "note", "obs", "comentario"),
    "name": ("nome", "cliente", "name"),
}


Line = tuple[int, list[str]]  # with the number that a spreadsheet shows beside it


class Unreadable(ValueError):
    """Not a spreadsheet that can be read; `str()` says in Portuguese what to do."""


class BadLine(ValueError):
    """A line that names nobody whom we could reach; `str()` is the reason in Portuguese, as a row keeps it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    heading: list[str]
    lines: list[Line]


def read(content: bytes) -> Sheet:
    """Raises `Unreadable`."""
    if len(content) > MOST_BYTES:
        raise Unreadable(_("O arquivo é grande demais: o limite é 1 MB. Divida a planilha em duas."))
    text = decode(content)
    separator = separator_of(text)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    lines: list[Line] = []
    try:
        for row in rows:
            if any(cell.strip() for cell in row):
                lines.append((rows.line_num, [cell.strip() for cell in row]))
    except csv.Error as error:
        raise Unreadable(_("Não consegui ler esta planilha. Salve de novo como CSV e envie outra vez.")) from error
    if len(lines) < 2:
        raise Unreadable(_("A planilha precisa de um cabeçalho e de pelo menos um cliente."))
    if len(lines) > MOST_LINES + 1:
        raise Unreadable(_("A planilha tem linhas demais: o limite é 5.000. Divida em duas."))
    return Sheet(lines[0][1], lines[1:])


def decode(content: bytes) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, else the Windows Latin-1 of Excel. Raises `Unreadable`."""
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Unreadable(_("Isto é um arquivo do Excel. Use “Salvar como” e escolha CSV."))
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            return CONTROLS.sub("", content.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise Unreadable(_("Não consegui ler esta planilha. Salve de novo como CSV e envie outra vez."))


def separator_of(text: str) -> str:
    """The one that the heading has most of; a semicolon for a single column."""
    heading = next((line for line in text.splitlines() if line.strip()), "")
    return max(SEPARATORS, key=heading.count)


def guess(heading: Sequence[str]) -> dict[str, int | None]:
    """Which column each field is in, by the column's name; None for no such column."""
    found: dict[str, int | None] = dict.fromkeys(FIELDS)
    taken: set[int] = set()
    for name, words in WORDS.items():
        for word in words:
            at = next((i for i, cell in enumerate(heading) if i not in taken and word in plain(cell)), None)
            if at is not None:
                found[name] = at
                taken.add(at)
                break
    return found


def details(cells: Sequence[str], columns: Mapping[str, int | None], *, today: date) -> Details:
    """What a line says of a customer. Raises `BadLine`."""
    said = {name: _cell(cells, at) for name, at in columns.items()}
    if not said["phone"]:
        raise BadLine(gettext_noop("Sem telefone."))
    phone = to_e164(said["phone"])
    if phone is None:
        raise BadLine(gettext_noop("O telefone não parece certo; precisa do DDD."))
    try:
        birthday = birthdays.parse(said["birthday"], today=today)
    except ValueError as error:
        raise BadLine(gettext_noop("A data de aniversário não existe.")) from error
    words = tags.parse(said["tags"])
    if len(words) > tags.MOST or any(len(word) > tags.LONGEST for word in words):
        raise BadLine(gettext_noop("Etiquetas demais ou longas demais."))
    return Details(said["name"][:120], phone, birthday, said["notes"][:2000], words)


def _cell(cells: Sequence[str], at: int | None) -> str:
    """A cell without the quote that `exporting.harmless` puts before a formula."""
    text = cells[at] if at is not None and at < len(cells) else ""
    return text[1:] if text[:1] == "'" and text[1:2] in "=+-@" and len(text) > 1 else text
