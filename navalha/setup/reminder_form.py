"""What owners type about reminders and review requests. Validates, never saves."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from navalha.core.errors import Refused
from navalha.messaging import own_words
from navalha.scheduling.models import ReminderPolicy
from navalha.scheduling.reminders.actions import check_offsets
from navalha.scheduling.reminders.models import LONGEST_TEXT, MOST_OFFSETS
from navalha.scheduling.reminders.moments import in_units
from navalha.scheduling.reminders.words import NEEDED

from .forms import NUMBER, Pairs, minutes_field

UNITS: Mapping[str, int] = {"min": 1, "h": 60, "d": 24 * 60}
UNIT_WORDS = (
    ("min", gettext_lazy("minutos antes")),
    ("h", gettext_lazy("horas antes")),
    ("d", gettext_lazy("dias antes")),
)
DROP = "tirar"  # the button beside one offset: all are kept but that
Row = tuple[str, str]  # the number as it was typed, and its unit


class WordsField(forms.CharField):
    """A shop's own words for a text of the product; shown and cleaned with the places of `own_words`."""

    def __init__(self, key: str, **kwargs: Any) -> None:
        widget = forms.Textarea({"rows": 8, "maxlength": LONGEST_TEXT})
        super().__init__(max_length=LONGEST_TEXT, required=False, widget=widget, **kwargs)
        self.key = key

    def clean(self, value: Any) -> str:
        try:
            return own_words.cleaned(str(super().clean(value) or ""), self.key, NEEDED[self.key])
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class RemindersForm(forms.Form):
    """How long before, and in which words. The offsets are rows of `quanto` and `unidade`; an empty one is none."""

    is_on = forms.BooleanField(label=gettext_lazy("Lembrar os clientes dos horários marcados"), required=False)
    text = WordsField("reminder", label=gettext_lazy("Lembrete"))
    text_soon = WordsField("reminder_soon", label=gettext_lazy("Lembrete de menos de uma hora antes"))

    def __init__(self, data: QueryDict | None = None, *, policy: ReminderPolicy, minutes: Sequence[int]) -> None:
        super().__init__(data, initial=reminder_values(policy))
        self.rows = rows_of(minutes) if data is None else _typed(data)
        self.row_error = ""
        self.minutes: list[int] = []

    @property
    def shown(self) -> list[Row]:
        """With an empty row at the end, as far as there may be more."""
        return [*self.rows, *([("", "h")] if len(self.rows) < MOST_OFFSETS else [])]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        try:
            self.minutes = [_minutes(*row) for row in self.rows]
            check_offsets(self.minutes)
            if data.get("is_on") and not self.minutes:
                raise Refused(_("Escolha quanto tempo antes, ou desligue os lembretes."))
        except Refused as refusal:
            self.row_error = str(refusal)
            self.add_error(None, self.row_error)
        return data


class ReviewForm(forms.Form):
    """When a customer is asked for a review, where, and in which words."""

    is_on = forms.BooleanField(label=gettext_lazy("Pedir avaliação depois do atendimento"), required=False)
    link = forms.CharField(
        label=gettext_lazy("Link da sua página de avaliação"),
        max_length=300,
        required=False,
        widget=forms.URLInput({"placeholder": "https://g.page/r/…/review", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "No Google: abra o seu Perfil da Empresa, toque em “Pedir avaliações” e copie o link que aparece."
        ),
    )
    hours = minutes_field(gettext_lazy("Horas depois de concluído"), 0, 72)
    days = minutes_field(
        gettext_lazy("Dias até pedir de novo ao mesmo cliente"),
        1,
        730,
        help_text=gettext_lazy("Quem vem toda semana não recebe um pedido por semana."),
    )
    text = WordsField("review", label=gettext_lazy("Pedido de avaliação"))

    def __init__(self, data: QueryDict | None = None, *, policy: ReminderPolicy) -> None:
        super().__init__(data, initial=review_values(policy), auto_id="id_review_%s")
        self.fields["hours"].widget.attrs |= NUMBER

    def clean_link(self) -> str:
        link = self.cleaned_data["link"].strip()
        if not link:
            return ""
        link = link if "://" in link else f"https://{link}"
        try:
            parts = urlsplit(link)
            is_good = parts.scheme == "https" and "." in (parts.hostname or "") and not set(link) & set(" \n\r\t<>\"'")
        except ValueError:
            is_good = False
        if not is_good:
            raise forms.ValidationError(_("Cole o endereço inteiro da página, que começa com https://."))
        return link

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("is_on") and "link" in data and not data["link"]:
            self.add_error("link", _("Cole o link da página de avaliação para ligar os pedidos."))
        return data


def reminder_values(policy: ReminderPolicy) -> dict[str, Any]:
    return {
        "is_on": policy.is_on,
        "text": policy.text or own_words.usual("reminder", policy.shop.name),
        "text_soon": policy.text_soon or own_words.usual("reminder_soon", policy.shop.name),
    }


def review_values(policy: ReminderPolicy) -> dict[str, Any]:
    return {
        "is_on": policy.review_is_on,
        "link": policy.review_link,
        "hours": policy.review_hours,
        "days": policy.review_days,
        "text": policy.review_text or own_words.usual("review", policy.shop.name),
    }


def rows_of(minutes: Sequence[int]) -> list[Row]:
    """The offsets as they are typed, the longest first: `1440` is 24 hours, `2880` two days."""
    found = [in_units(one) for one in sorted(minutes, reverse=True)]
    return [(str(number), unit) for number, unit in found]


def row_pairs(minutes: Sequence[int]) -> Pairs:
    """The same as fields to send again."""
    return [pair for number, unit in rows_of(minutes) for pair in (("quanto", number), ("unidade", unit))]


def _typed(data: QueryDict) -> list[Row]:
    numbers, units = data.getlist("quanto"), data.getlist("unidade")
    dropped = data.get(DROP, "")
    rows = [(number.strip(), unit) for number, unit in zip(numbers, units, strict=False)][: 3 * MOST_OFFSETS]
    kept = [row for place, row in enumerate(rows) if str(place) != dropped]
    return [row for row in kept if row[0]]


def _minutes(number: str, unit: str) -> int:
    if not number.isdecimal() or len(number) > 6 or unit not in UNITS:
        raise Refused(_("Escreva quanto tempo antes com um número inteiro, por exemplo 2 horas."))
    return int(number) * UNITS[unit]
