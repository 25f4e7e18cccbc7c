"""The Pix BR Code: what a bank's app reads from a QR or takes as "Pix copia e cola". Pure.

Sources: Banco Central do Brasil, "Manual de Padrões para Iniciação do Pix" (the static code: 26-00 `br.gov.bcb.pix`,
26-01 key, 54 amount with a point, 62-05 txid of 1 to 25 letters and digits, `***` for none) and "Manual do BR Code"
(which objects there must be, and the characters that every reader knows); EMVCo, "QR Code Specification for Payment
Systems: Merchant-Presented Mode" (identifier, length and value; 63 is the CRC over all before it and its own `6304`).
"""

import binascii
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

GUI = "br.gov.bcb.pix"
NO_TXID = "***"
TXID = re.compile(r"[A-Za-z0-9]{1,25}")
LONGEST_NAME, LONGEST_CITY, LONGEST_KEY = 25, 15, 77
HIGHEST_CENTS = 99_999_999_99  # 54 has 13 characters; ten digits and a point are more than any bank moves at once
REAL, BRAZIL, ANY_TRADE = "986", "BR", "0000"
# Letters in upper case, digits and these: of others two big banks have refused the whole code.
ALLOWED = re.compile(r"[A-Z0-9 $%*+./:-]")
AMOUNT = re.compile(r"(\d{1,10})(?:\.(\d{1,2})?)?")
CRC_AT = re.compile(r"6304[0-9A-Fa-f]{4}")


class BadCode(ValueError):
    """The text is no BR Code of Pix, or was cut or changed on the way."""


@dataclass(frozen=True, slots=True)
class StaticCode:
    """Who is paid, and what. No amount: the payer types it. `name` and `city` as `plain` gives them."""

    key: str
    name: str
    city: str
    amount_cents: int | None = None
    txid: str = NO_TXID


def payload(code: StaticCode) -> str:
    """The text of the code. Raises ValueError for what one of its fields cannot hold: our fault, never the payer's."""
    _check(code)
    account = _field("00", GUI) + _field("01", code.key)
    amount = (
        "" if code.amount_cents is None else _field("54", f"{code.amount_cents // 100}.{code.amount_cents % 100:02}")
    )
    text = "".join(
        (
            _field("00", "01"),
            _field("26", account),
            _field("52", ANY_TRADE),
            _field("53", REAL),
            amount,
            _field("58", BRAZIL),
            _field("59", code.name),
            _field("60", code.city),
            _field("62", _field("05", code.txid)),
            "6304",
        )
    )
    return text + crc(text)


def parse(text: str) -> StaticCode:
    """What a static code says. Raises BadCode, also for one of another arrangement than Pix."""
    fields = read(text)
    account = dict(_fields(fields.get("26", "")))
    if account.get("00", "").lower() != GUI or not account.get("01"):
        raise BadCode("no Pix key")
    more = dict(_fields(fields.get("62", "")))
    return StaticCode(
        account["01"],
        fields.get("59", ""),
        fields.get("60", ""),
        _cents(fields["54"]) if "54" in fields else None,
        more.get("05", NO_TXID),
    )


def read(text: str) -> dict[str, str]:
    """The fields of any EMV code, by identifier, its CRC checked. Raises BadCode."""
    if not CRC_AT.fullmatch(text[-8:]):
        raise BadCode("no CRC at the end")
    if crc(text[:-4]) != text[-4:].upper():
        raise BadCode("the CRC does not fit")
    fields = dict(_fields(text))
    if fields.get("00") != "01":
        raise BadCode("another format")
    return fields


def crc(text: str) -> str:
    """CRC-16/CCITT-FALSE (polynomial 1021, from FFFF) of the text in UTF-8, as four digits: `123456789` -> `29B1`."""
    return f"{binascii.crc_hqx(text.encode(), 0xFFFF):04X}"


def plain(text: str, longest: int) -> str:
    """`text` in the characters that every bank reads, cut to `longest`: `João & Filhos` -> `JOAO E FILHOS`."""
    bare = unicodedata.normalize("NFKD", text.replace("&", " e ")).upper()
    kept = "".join(letter if ALLOWED.fullmatch(letter) else _instead(letter) for letter in bare)
    return " ".join(kept.split())[:longest].strip()


def _instead(letter: str) -> str:
    """Nothing for an accent, a gap for everything else that is no part of a word."""
    return "" if unicodedata.combining(letter) or letter in "'’" else " "


def _check(code: StaticCode) -> None:
    limits = ((code.key, LONGEST_KEY), (code.name, LONGEST_NAME), (code.city, LONGEST_CITY))
    for value, longest in limits:
        if not 0 < len(value) <= longest or not value.isascii() or not value.isprintable():
            raise ValueError("a field is empty, too long, or in letters that banks do not read")
    if code.txid != NO_TXID and not TXID.fullmatch(code.txid):
        raise ValueError("a txid has 1 to 25 letters and digits")
    if code.amount_cents is not None and not 0 < code.amount_cents <= HIGHEST_CENTS:
        raise ValueError("an amount is more than nothing and has at most ten digits before the point")


def _field(identifier: str, value: str) -> str:
    return f"{identifier}{len(value):02}{value}"


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """Identifier and value of each field. Raises BadCode where the lengths do not add up."""
    at = 0
    while at < len(text):
        head = text[at : at + 4]
        if not (len(head) == 4 and head.isascii() and head.isdecimal()):
            raise BadCode("a field without identifier and length")
        end = at + 4 + int(head[2:])
        if end > len(text):
            raise BadCode("a field is cut")
        yield head[:2], text[at + 4 : end]
        at = end


def _cents(text: str) -> int:
    found = AMOUNT.fullmatch(text)
    if not found:
        raise BadCode("an amount that is no number")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
