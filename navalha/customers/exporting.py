"""The customers of a shop as a file that a Brazilian Excel opens with a double click."""

import csv
from collections.abc import Iterable, Iterator
from typing import Protocol

from django.utils.translation import gettext as _

from navalha.core.phones import display

from .models import Customer

BOM = "\ufeff"  # without it Excel reads UTF-8 as Latin-1
# A cell that begins like this is a formula for a spreadsheet (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Line:
    """What `csv` writes to: it hands each line back."""

    def write(self, text: str) -> str:
        return text


class _Writer(Protocol):
    def writerow(self, row: Iterable[str]) -> str: ...


def lines(customers: Iterable[Customer]) -> Iterator[str]:
    """The file line by line: a heading, then one line for each customer."""
    return as_csv(_table(customers))


def as_csv(table: Iterable[Iterable[str]]) -> Iterator[str]:
    """Rows of cells as such a file, line by line."""
    writer: _Writer = csv.writer(_Line(), delimiter=";", lineterminator="\r\n")
    for number, cells in enumerate(table):
        yield ("" if number else BOM) + writer.writerow([harmless(cell) for cell in cells])


def _table(customers: Iterable[Customer]) -> Iterator[list[str]]:
    yield [_("Nome"), _("Telefone"), _("Aniversário"), _("Etiquetas"), _("Observações"), _("Cliente desde")]
    for one in customers:
        yield [one.name, _phone(one), one.birthday, ", ".join(one.tags), one.notes, f"{one.created_at:%d/%m/%Y}"]


def harmless(cell: str) -> str:
    """`=1+1` -> `'=1+1`: a text for every spreadsheet."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _phone(customer: Customer) -> str:
    """Without the plus, which would make it a formula: `55 11 99999-0001`."""
    return display(customer.phone).lstrip("+") if customer.phone else ""
