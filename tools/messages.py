"""Collect the sentences people see and keep their English translation, with Babel: no gettext programs needed.

The msgid is the Portuguese sentence itself. Usage: python -m tools.messages update|compile
"""

import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract as babel_extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "navalha"
LANGUAGES = ("en",)
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Babel's own header carries the time of the run, which would change the file each time.
HEADER = """\
# English translation of Navalha. The msgid is the Portuguese sentence; "make messages" keeps this file complete.
msgid ""
msgstr ""
"Language: {locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""


def extract(sources: Path = SOURCES) -> Catalog:
    """Return every translatable sentence of the Python files and templates below a folder (tests left out).

    Raises SyntaxError naming the file when a template's translation block is malformed.
    """
    catalog = Catalog()
    for path in source_files(sources):
        for _line, message, comments, context in babel_extract("python", readable(path), KEYWORDS, ["Translators"]):
            catalog.add(message, context=context, auto_comments=comments)
    return catalog


def source_files(sources: Path) -> Iterator[Path]:
    """Yield the files that can hold sentences, in a stable order."""
    for path in sorted(sources.rglob("*")):
        is_source = path.suffix == ".py" or (path.suffix in {".html", ".txt"} and "templates" in path.parts)
        if is_source and not {"tests", "migrations"} & set(path.relative_to(sources).parts):
            yield path


def readable(path: Path) -> io.BytesIO:
    """Return a file as Python source; a template becomes calls of gettext between blanked-out text."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Inside brackets the tokenizer does not mind how a template is indented.
        text = f"(\n{templatize(text, origin=str(path))}\n)"
    return io.BytesIO(text.encode())


def catalog_file(language: str) -> Path:
    """Return where the translation into a language is kept."""
    return SOURCES / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """Return the translation into a language; an empty one when there is no file yet."""
    path = catalog_file(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def update() -> None:
    """Add new sentences to each translation, drop the unused, keep the translated; say how many are untranslated."""
    template = extract()
    for language in LANGUAGES:
        catalog, path = read(language), catalog_file(language)
        # A guessed (fuzzy) translation is worse than a missing one: it hides that nobody wrote it.
        catalog.update(template, no_fuzzy_matching=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(rendered(catalog))
        missing = len([message for message in catalog if message.id and not is_translated(message.string)])
        print(f"{path.relative_to(ROOT)}: {len(catalog)} sentences, {missing} without translation")


def is_translated(string: str | Sequence[str] | None) -> bool:
    """Tell whether every form of a message has text."""
    return bool(string) and all(string or ())


def rendered(catalog: Catalog) -> bytes:
    """Return the file's text: sorted and without line numbers, so that only sentences make a difference."""
    body = io.BytesIO()
    write_po(body, catalog, width=120, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    header = HEADER.format(locale=catalog.locale_identifier, plurals=catalog.plural_forms)
    return header.encode() + body.getvalue().lstrip(b"\n")


def compile_all() -> None:
    """Write django.mo beside each django.po."""
    for language in filter(lambda language: catalog_file(language).exists(), LANGUAGES):
        compiled = io.BytesIO()
        write_mo(compiled, read(language))
        catalog_file(language).with_suffix(".mo").write_bytes(compiled.getvalue())


if __name__ == "__main__":
    commands = {"update": update, "compile": compile_all}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        sys.exit(f"usage: python -m tools.messages {'|'.join(commands)}")
    commands[sys.argv[1]]()
