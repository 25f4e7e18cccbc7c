"""Short words that a shop puts on its customers. No database."""

from collections.abc import Iterable

MOST, LONGEST = 12, 30


def parse(text: str) -> list[str]:
    """`VIP, corte  infantil,vip` -> `["VIP", "corte infantil"]`: each once, whatever its case, in the order typed."""
    return unique(text.replace(";", ",").replace("|", ",").split(","))


def unique(words: Iterable[str]) -> list[str]:
    found: dict[str, str] = {}
    for word in words:
        tag = " ".join(word.split())
        if tag:
            found.setdefault(tag.casefold(), tag)
    return list(found.values())
