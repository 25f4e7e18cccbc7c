"""A shop's own words in place of a text of `wording`: which places they may have, and how these are filled.

The names of the places are Portuguese, for owners write them. Nothing of Python's formatting is let in: a place is a
known word between braces, and everything else stands as it was typed.
"""

import re
from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from navalha.core.errors import Refused

from . import wording
from .articles import agreeing

# What an owner writes -> the variable of `wording`, and what it becomes.
PLACES = {
    "saudacao": ("greeting", gettext_lazy("Olá e o primeiro nome")),
    "barbearia": ("shop", gettext_lazy("nome da barbearia")),
    "quando": ("when", gettext_lazy("dia e hora")),
    "servicos": ("services", gettext_lazy("o que foi marcado")),
    "profissional": ("professional", gettext_lazy("com quem")),
    "resposta": ("ask", gettext_lazy("o que dá para responder")),
    "link": ("link", gettext_lazy("endereço para tocar")),
}
_OF_OURS = {variable: place for place, (variable, _words) in PLACES.items()}
_PLACE = re.compile(r"\{([^{}\n]*)\}")
_BLANKS = re.compile(r"[ \t]+\n|\n{3,}")


def places_of(key: str) -> dict[str, str]:
    """The places that a shop's own words for text `key` may have, with what each becomes."""
    allowed = {_OF_OURS["greeting" if name == "name" else name] for name in wording.variables(key)}
    return {place: str(words) for place, (_variable, words) in PLACES.items() if place in allowed}


def usual(key: str, shop_name: str) -> str:
    """The product's text `key` as the owner of that shop would write it."""
    return _PLACE.sub(lambda found: f"{{{_OF_OURS[found[1]]}}}", agreeing(wording.TEXTS[key], shop_name))


def cleaned(typed: str, key: str, needed: Collection[str]) -> str:
    """What an owner typed for text `key` as it is kept; empty for nothing. Raises as `check`."""
    text = typed.replace("\r\n", "\n").strip()
    if text:
        check(text, key, needed)
    return text


def check(text: str, key: str, needed: Collection[str]) -> None:
    """Raise `Refused` with what to change in `text`, a shop's own words for text `key`."""
    known = places_of(key)
    for name in _PLACE.findall(text):
        if name not in known:
            raise Refused(
                _("Não conhecemos {%(name)s}. Use um destes: %(known)s.")
                % {"name": name[:30], "known": ", ".join(f"{{{one}}}" for one in known)}
            )
    if "{" in (rest := _PLACE.sub("", text)) or "}" in rest:
        raise Refused(_("Há uma chave { ou } sem par. Escreva os campos assim: {quando}."))
    for name in needed:
        if f"{{{name}}}" not in text:
            raise Refused(_("Falta o campo {%(name)s} no texto: %(words)s.") % {"name": name, "words": known[name]})


def fill(text: str, key: str, context: Mapping[str, object]) -> str:
    """`text`, or the product's own for an empty one, with its places filled. Raises as `wording.render`."""
    if not text:
        return wording.render(key, context)
    values = wording.values_of(key, context)
    said = _PLACE.sub(lambda found: str(values[PLACES[found[1]][0]]), text.replace("\r\n", "\n"))
    return _BLANKS.sub(lambda found: "\n" if found[0][0] != "\n" else "\n\n", said).strip()
