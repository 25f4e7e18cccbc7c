"""Text as people type it on a phone, without what does not change its meaning: case, accents, skin tones."""

import re
import unicodedata
from collections.abc import Iterator

# Joiners, the emoji and the keycap mark (1️⃣ is "1" + both), skin tones: they dress what stands before them.
DRESS = re.compile("[\u200b-\u200f\u2060\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff]")
# A dot or comma between digits belongs to a number; elsewhere it ends a clause.
CLAUSE_END = re.compile(r"(?<!\d)[,.]|[,.](?!\d)|[;!\n\r()]|\s[-–—]\s|…")
WORD = re.compile(r"[0-9]+[a-z:]+[0-9]*|[0-9]+|[a-z]+|[^\sa-z0-9]")  # `\d` would be the digits of every script
# What may stand around a word without saying anything: quotes, WhatsApp's own marks, smileys.
ORNAMENTS = re.compile(r"[\"'“”‘’*_~`´]|[:;]-?[()]")
# "okkk", "siiim": three of a letter are one.
STRETCHED = re.compile(r"([a-z])\1{2,}")


def plain(text: str) -> str:
    """Lower case, without accents, stretching, skin tones and ornaments. Full-width and circled digits are digits."""
    text = unicodedata.normalize("NFKD", DRESS.sub("", text)).casefold()
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return STRETCHED.sub(r"\1", ORNAMENTS.sub("", DRESS.sub("", text))).strip()


def words_of(flat: str) -> list[str]:
    """The words of `plain` text, marks that end a clause and question marks left out."""
    return [word for clause in clauses(flat.replace("?", " ")) for word in clause]


def clauses(flat: str) -> Iterator[list[str]]:
    """The words of each clause; an emoji is a clause of its own, for it says what it says beside the words."""
    for part in CLAUSE_END.split(flat):
        clause: list[str] = []
        for word in WORD.findall(part.replace("?", " ")):
            if word.isascii() or unicodedata.category(word) not in ("So", "Sk"):
                clause.append(word)
            else:
                if clause:
                    yield clause
                clause = []
                yield [word]
        if clause:
            yield clause
