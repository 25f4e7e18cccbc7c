"""What a person types about somebody who may send images and commands."""

from django import forms
from django.utils.translation import gettext_lazy as _

from navalha.core.phones import to_e164


class AllowForm(forms.Form):
    """A phone in any usual form, cleaned to E.164, and whose it is."""

    phone = forms.CharField(
        label=_("WhatsApp, com DDD"),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "type": "tel",
                "inputmode": "tel",
                "autocomplete": "off",
                "placeholder": "(11) 99999-0001",
                "data-behaviour": "phone-mask",
            }
        ),
        error_messages={"required": _("Escreva o número com DDD, assim: (11) 99999-0001.")},
    )
    name = forms.CharField(
        label=_("De quem é"),
        max_length=60,
        required=False,
        help_text=_("Para você reconhecer depois. Exemplos: Contador, Celular do Zé."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_phone(self) -> str:
        phone = to_e164(self.cleaned_data["phone"])
        if phone is None:
            raise forms.ValidationError(
                _("Este telefone não parece certo. Escreva com DDD, por exemplo (11) 98888-7777.")
            )
        return phone
