"""The filters of the event monitor, as they stand in its address."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from navalha.whatsapp.models import EventState, EvolutionServer

MOMENT = "%Y-%m-%dT%H:%M"
BAD_MOMENT = _("Não entendemos este horário. Use dia e hora, como 27/11/2026 14:30.")


class EventFilter(forms.Form):
    """Nothing is required. The names of the fields are those of the address."""

    estado = forms.ChoiceField(label=_("Situação"), required=False, choices=[("", _("Todas")), *EventState.choices])
    evento = forms.CharField(label=_("Evento"), required=False, max_length=60)
    loja = forms.CharField(label=_("Barbearia"), required=False, max_length=80)
    numero = forms.CharField(label=_("Número"), required=False, max_length=80)
    servidor = forms.ModelChoiceField(
        EvolutionServer.objects.all(), label=_("Servidor"), required=False, empty_label=_("Todos")
    )
    de = forms.DateTimeField(
        label=_("De"),
        required=False,
        input_formats=[MOMENT, "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"],
        error_messages={"invalid": BAD_MOMENT},
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
    )
    ate = forms.DateTimeField(
        label=_("Até"),
        required=False,
        input_formats=[MOMENT, "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"],
        error_messages={"invalid": BAD_MOMENT},
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            kind = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            field.widget.attrs["class"] = kind
        self.fields["evento"].widget.attrs.update({"list": "eventos-conhecidos", "autocomplete": "off"})
