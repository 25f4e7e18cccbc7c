"""What became of one number of a run: a code with its values on the row, and words when somebody reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from navalha.web.sentences import to_keep, to_read

from .models import BulkItem

WORDS: Mapping[str, str | Promise] = {
    "synced": _("Conferido."),
    "synced_mended": _("Conferido; o endereço dos avisos foi consertado."),
    "restarting": _("A conexão recomeça em instantes."),
    "webhook_mended": _("Endereço consertado."),
    "webhook_right": _("Já estava certo."),
    "disconnected": _("Desconectado."),
    "removed": _("Este número foi removido."),
    "refused": "%(why)s",
    "no_answer": _("O servidor não responde."),
    "key_refused": _("O servidor recusou a nossa chave."),
    "server_refused": _("O servidor não fez: %(error)s."),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A code of `WORDS` and what its sentence names: `why` a sentence of ours, kept in Portuguese, else as it is."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def refused(cls, why: str) -> "Outcome":
        return cls("refused", {"why": to_keep(why)})


def words(item: BulkItem) -> str:
    """The sentence in the reader's language; empty while nothing came of it."""
    sentence = WORDS.get(item.outcome)
    return "" if sentence is None else sentence % _shown(item.outcome_values)


def _shown(values: Mapping[str, str]) -> dict[str, str]:
    return {name: to_read(value) if name == "why" else value for name, value in values.items()}
