"""What members type into a conversation, and what an owner chooses about the pace of a number."""

from datetime import time
from typing import Any

from django import forms
from django.conf import settings
from django.utils.crypto import get_random_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .models import Pace

LONGEST = 4000


class ReplyForm(forms.Form):
    """A reply. `key` is new with each form that is shown, so that sending the same form twice is one message."""

    text = forms.CharField(
        label=_("Mensagem"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control", "maxlength": LONGEST}),
        error_messages={
            "required": _("Escreva a mensagem antes de enviar."),
            "max_length": _("A mensagem é longa demais. Divida em duas: cabem 4.000 letras em cada uma."),
        },
    )
    key = forms.RegexField(r"^[0-9A-Za-z]{16}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = lambda: get_random_string(16)
        self.fields["text"].widget.attrs["placeholder"] = _("Escreva uma mensagem")


DAY = 24 * 60
# Minutes of the day at which reminders can go out, at least: else they would all expire.
LEAST_OPEN = 4 * 60


class RulesForm(forms.Form):
    """Quiet hours on the shop's clock, and how much a number may send in a day, within the operator's limits."""

    quiet_from = forms.TimeField(label=_("Silêncio a partir de"))
    quiet_until = forms.TimeField(
        label=_("Silêncio até"), help_text=_("Para não ter horas de silêncio, ponha a mesma hora nos dois campos.")
    )
    new_per_day = forms.IntegerField(label=_("Contatos novos por dia, no máximo"), min_value=1)
    per_day = forms.IntegerField(label=_("Mensagens por dia, no máximo"), min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("quiet_from", "quiet_until"):
            self.fields[name].widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            self.fields[name].error_messages |= {
                "required": _("Diga a hora, por exemplo 20:00."),
                "invalid": _("Diga a hora assim: 20:00."),
            }
        self._limit("new_per_day", settings.MESSAGES_MOST_NEW_PER_DAY)
        self._limit("per_day", settings.MESSAGES_MOST_PER_DAY)

    def _limit(self, name: str, most: int) -> None:
        field = self.fields[name]
        sentence = gettext("Escolha um número de 1 a %(most)d.") % {"most": most}
        field.error_messages |= dict.fromkeys(("required", "invalid", "min_value"), sentence)
        field.help_text = sentence
        field.widget.attrs |= {"min": 1, "max": most, "inputmode": "numeric"}

    @staticmethod
    def initial_of(row: Pace) -> dict[str, Any]:
        return {name: getattr(row, name) for name in RulesForm.base_fields}

    def clean_new_per_day(self) -> int:
        return self._within("new_per_day", settings.MESSAGES_MOST_NEW_PER_DAY)

    def clean_per_day(self) -> int:
        return self._within("per_day", settings.MESSAGES_MOST_PER_DAY)

    def _within(self, name: str, most: int) -> int:
        value: int = self.cleaned_data[name]
        if value > most:
            raise forms.ValidationError(self.fields[name].error_messages["invalid"])
        return value

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        first, last = said.get("quiet_from"), said.get("quiet_until")
        if first and last and first != last and DAY - (_minutes(last) - _minutes(first)) % DAY < LEAST_OPEN:
            self.add_error("quiet_until", _("Deixe pelo menos quatro horas do dia para enviar."))
        if said.get("new_per_day", 0) > said.get("per_day", said.get("new_per_day", 0)):
            self.add_error("new_per_day", _("Contatos novos não podem ser mais que as mensagens do dia."))
        return said


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
