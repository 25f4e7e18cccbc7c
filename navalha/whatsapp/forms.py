"""What a person types about a number."""

from django import forms
from django.utils.translation import gettext_lazy as _

from navalha.core.phones import to_e164

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


class PhoneForm(forms.Form):
    """The phone whose WhatsApp is connected by letters. `cleaned_data["phone"]` is E.164."""

    phone = forms.CharField(
        label=_("Telefone do WhatsApp da barbearia"),
        max_length=40,
        error_messages={
            "required": _("Digite o telefone do WhatsApp que vai conectar, com DDD."),
            "max_length": _("Este telefone é longo demais. Escreva com DDD, assim: (11) 99999-0001."),
        },
        widget=forms.TextInput(
            attrs={
                "type": "tel",
                "inputmode": "tel",
                "autocomplete": "tel",
                "placeholder": "(11) 99999-0001",
                "autofocus": True,
                "data-behaviour": "phone-mask",
            }
        ),
    )

    def clean_phone(self) -> str:
        phone = to_e164(self.cleaned_data["phone"])
        if phone is None:
            raise forms.ValidationError(_("Não reconhecemos este telefone. Escreva com DDD, assim: (11) 99999-0001."))
        return phone
