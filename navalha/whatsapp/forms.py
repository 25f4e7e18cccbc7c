"""What a person types about a number."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import WhatsAppInstance


class NameForm(forms.Form):
    """The name by which the shop's people know a number."""

    name = forms.CharField(
        label=_("Nome"),
        max_length=WhatsAppInstance._meta.get_field("name").max_length,
        help_text=_("Só a sua equipe vê. Exemplos: Recepção, Celular do Zé."),
        error_messages={
            "required": _("Dê um nome ao número, para reconhecê-lo depois."),
            "max_length": _("Use no máximo 60 letras."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
