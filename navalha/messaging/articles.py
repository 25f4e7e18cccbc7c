"""“na Barbearia do Zé”, but “no Studio Bela”: the article before a shop's name, as its customers would say it. Pure."""

import re
import unicodedata

# What the names of shops begin with that are masculine. All others go with the word that everybody thinks: a barbearia.
_WORDS = (
    "atelie barbeiro barbeiros beco box cafe camarim cantinho canto casarao castelo centro clube club complexo covil "
    "emporio esconderijo espaco estudio galpao grupo imperio instituto lounge o ponto porao quintal recanto reduto "
    "refugio reino salao salon santuario spa studio studios templo"
)
_MASCULINE = frozenset(_WORDS.split())
_OTHER = {"na": "no", "da": "do", "à": "ao", "a": "o", "A": "O"}
_BEFORE_SHOP = re.compile(r"\b(na|da|à|a|A) (?=\*?\{shop\})")


def agreeing(text: str, shop_name: str) -> str:
    """`text`, written for a feminine name in its place `{shop}`, so that it fits `shop_name`."""
    if not _is_masculine(shop_name):
        return text
    return _BEFORE_SHOP.sub(lambda found: _OTHER[found[1]] + " ", text)


def _is_masculine(shop_name: str) -> bool:
    """Whether the name's first word is one of those that are."""
    first = unicodedata.normalize("NFKD", shop_name.casefold()).split(maxsplit=1)
    return bool(first) and "".join(letter for letter in first[0] if letter.isalpha()) in _MASCULINE
