"""What the operator types about a shop."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import Plan

SHORTEST = 5


class ReasonForm(forms.Form):
    """Why: kept with the act for whoever asks later."""

    reason = forms.CharField(
        label=_("Motivo"),
        min_length=SHORTEST,
        max_length=200,
        error_messages={
            "required": _("Escreva o motivo: ele fica registrado."),
            "min_length": _("Escreva o motivo em algumas palavras: ele fica registrado."),
            "max_length": _("Resuma o motivo em até 200 letras."),
        },
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", "maxlength": 200}),
    )


class PlanForm(forms.Form):
    """Which limits a shop has."""

    plan = forms.ModelChoiceField(
        Plan.objects.all(),
        label=_("Plano"),
        required=False,
        empty_label=_("Sem plano (limites de costume)"),
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={"invalid_choice": _("Este plano não existe mais. Escolha outro.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plan"].queryset = Plan.objects.all()  # type: ignore[attr-defined]  # as they are now
