"""The codes that customers send: made from the visit, kept as a hash, found again in whatever is typed around them.

Seven letters of 31 are some 27 thousand million; a shop has a few dozen that live, for a day at most, and each guess
is a WhatsApp message from somebody's number. With a new SECRET_KEY the codes that are under way open nothing.
"""

import re
import unicodedata
from collections.abc import Iterator

from django.utils.crypto import salted_hmac

# No 0 and O, 1, I and L: somebody may read it aloud or type it.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LETTERS = 7
# Of a text as long as a letter nobody reads more for a code.
LOOKED_AT = 1000
MOST_FOUND = 5
# It may come with hyphens or blanks in it: so many pieces make one.
MOST_PIECES = 3
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufe0e\ufe0f\ufeff]")
PIECE = re.compile(r"[^\W_]+")


def code_of(shop_id: int, appointment_id: int) -> str:
    """The code of a visit: always the same, and nobody else's to guess."""
    digest = salted_hmac("navalha.opener", f"{shop_id}:{appointment_id}", algorithm="sha256").digest()
    letters = "".join(_letters(int.from_bytes(digest)))
    windows = (letters[at : at + LETTERS] for at in range(len(letters) - LETTERS))
    return next(filter(_looks_right, windows))


def hash_of(shop_id: int, code: str) -> str:
    """What is kept of it, for this shop alone."""
    return salted_hmac("navalha.opener.kept", f"{shop_id}:{code}", algorithm="sha256").hexdigest()


def found_in(text: str) -> list[str]:
    """What in `text` may be a code, in its one form; hardly ever anything in a text that has none."""
    flat = unicodedata.normalize("NFKC", INVISIBLE.sub("", text[:LOOKED_AT])).upper()
    pieces = PIECE.findall(flat)
    joined = ("".join(pieces[at : at + count]) for at in range(len(pieces)) for count in range(1, MOST_PIECES + 1))
    return list(dict.fromkeys(filter(_looks_right, joined)))[:MOST_FOUND]


def _looks_right(word: str) -> bool:
    """Seven of our letters, not all digits, and no mere word: so no keyboard corrects it."""
    return len(word) == LETTERS and set(word) <= set(ALPHABET) and not word.isalpha() and not word.isdigit()


def _letters(number: int) -> Iterator[str]:
    while number:
        number, rest = divmod(number, len(ALPHABET))
        yield ALPHABET[rest]
