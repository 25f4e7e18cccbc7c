"""What was made of a message that came: a code with its values on the row, and words when somebody reads them.

The moments and amounts are shown on the shop's clock and in the reader's language.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from babel.dates import format_date
from babel.lists import format_list
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from navalha.core.money import reais
from navalha.web import days

from .models import WhatsAppMessage

DAY = {"pt_BR": "EEEE, dd/MM"}  # as messages to customers say it
WORDS: Mapping[str, str | Promise] = {
    "confirmed": gettext_lazy("Confirmou o horário de %(when)s."),
    "confirmed_already": gettext_lazy("O horário de %(when)s já estava confirmado."),
    "cancelled": gettext_lazy("Cancelou o horário de %(when)s."),
    "cancelled_late": gettext_lazy("Quis cancelar o horário de %(when)s fora do prazo."),
    "other_time": ngettext_lazy(
        "Quer outro horário: ofereci %(count)d horário livre.",
        "Quer outro horário: ofereci %(count)d horários livres.",
        "count",
    ),
    "no_other_time": gettext_lazy("Quer outro horário: não há horário livre por perto."),
    "another_day": gettext_lazy("Falou de outro dia que não o do horário: nada mudou."),
    "several": gettext_lazy("Tem mais de um horário: perguntei qual."),
    "begun": gettext_lazy("O atendimento já começou ou terminou: nada mudou."),
    "was_cancelled": gettext_lazy("O horário de %(when)s foi cancelado: respondi isso."),
    "is_over": gettext_lazy("O horário de %(when)s já passou: respondi isso."),
    "opened": gettext_lazy("Escreveu primeiro, com o código do horário de %(when)s: a confirmação vai por aqui."),
    "opened_other": gettext_lazy(
        "Escreveu com o código do horário de %(when)s, marcado com outro telefone: a confirmação vai por aqui."
    ),
    "opened_hidden": gettext_lazy(
        "Escreveu com o código do horário de %(when)s, sem mostrar o telefone: a confirmação vai por aqui."
    ),
    "opened_again": gettext_lazy("Mandou de novo o código do horário de %(when)s."),
    "unclear": gettext_lazy("Não ficou claro se confirma ou cancela."),
    "old": gettext_lazy("Mensagem antiga, recebida só agora: nada mudou."),
    "too_many": gettext_lazy("Muitas respostas seguidas: agora é com uma pessoa."),
    "reacted": gettext_lazy("Reagiu com %(emoji)s: nada mudou."),
    "unreacted": gettext_lazy("Retirou a reação: nada mudou."),
    "receipt": gettext_lazy("Mandou comprovante do sinal de %(amounts)s: falta conferir no banco."),
    "says_paid": gettext_lazy("Disse que pagou o sinal de %(amounts)s: falta conferir no banco."),
    "left_waitlist": gettext_lazy("Saiu da lista de espera."),
    "offer_accepted": gettext_lazy("Ficou com o horário de %(when)s, da lista de espera."),
    "offer_had": gettext_lazy("Já tinha ficado com o horário de %(when)s."),
    "offer_late": gettext_lazy("Quis o horário de %(when)s tarde demais: continua na lista."),
    "offer_taken": gettext_lazy("Quis o horário de %(when)s, que não estava mais livre."),
    "offer_gone": gettext_lazy("Não quis o horário de %(when)s, que já não era oferecido."),
    "offer_declined": gettext_lazy("Não quis o horário de %(when)s: continua na lista de espera."),
    "offer_other_time": gettext_lazy("Quer outro horário que o oferecido."),
    "offer_unclear": gettext_lazy("Não ficou claro se quer o horário oferecido."),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """A code of `WORDS` and what its sentence names: `at` a moment, `cents` amounts, else as they are."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_visit(cls, code: str, starts_at: datetime) -> "Decision":
        """About the visit that begins then."""
        return cls(code, {"at": starts_at.isoformat()})


def words(message: WhatsAppMessage) -> str:
    """The sentence of a decision; of one from before there were codes as it was written; empty for none."""
    sentence = WORDS.get(message.decision_code)
    return message.decision if sentence is None else sentence % _shown(message.decision_values)


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    shown = dict(values)
    if "at" in values:
        shown["when"] = _when(datetime.fromisoformat(values["at"]))
    if "cents" in values:
        shown["amounts"] = _amounts(values["cents"])
    return shown


def _when(moment: datetime) -> str:
    """`quarta-feira, 25/11, às 15:00`."""
    at, locale = timezone.localtime(moment), days.locale()
    day = format_date(at, DAY.get(locale, "EEEE, MMMM d"), locale=locale)
    return _("%(day)s, às %(hour)s") % {"day": day, "hour": f"{at:%H:%M}"}


def _amounts(cents: Iterable[int]) -> str:
    """`R$ 15,00 e R$ 20,00`."""
    return format_list([reais(one, days.locale()) for one in cents], locale=days.locale())
