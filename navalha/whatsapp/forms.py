"""What a person types about a number."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import Shop
from navalha.core.phones import display, phone_key, to_e164

from .models import WhatsAppInstance
from .queries import own_phones


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


class AlertsForm(forms.Form):
    """How a member wants to hear of drops. `cleaned_data["phone"]` is E.164 or empty."""

    by_email = forms.BooleanField(
        label=_("Quero receber os avisos por e-mail"),
        required=False,
        widget=forms.CheckboxInput(attrs={"role": "switch", "class": "form-check-input"}),
    )
    phone = forms.CharField(
        label=_("Seu celular, para receber também por WhatsApp"),
        required=False,
        max_length=40,
        help_text=_("Quem avisa é outro número conectado da barbearia. Deixe em branco para não receber."),
        error_messages={"max_length": _("Este telefone é longo demais. Escreva com DDD, assim: (11) 99999-0001.")},
        widget=forms.TextInput(
            attrs={
                "type": "tel",
                "inputmode": "tel",
                "autocomplete": "tel",
                "placeholder": "(11) 99999-0001",
                "data-behaviour": "phone-mask",
            }
        ),
    )

    def __init__(self, shop: Shop, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shop = shop

    @staticmethod
    def initial_of(*, by_email: bool, phone: str) -> dict[str, Any]:
        return {"by_email": by_email, "phone": display(phone) if phone else ""}

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"].strip()
        if not typed:
            return ""
        phone = to_e164(typed)
        if phone is None:
            raise forms.ValidationError(_("Não reconhecemos este telefone. Escreva com DDD, assim: (11) 99999-0001."))
        if phone_key(phone) in own_phones(self.shop):
            raise forms.ValidationError(
                _("Este é um WhatsApp da própria barbearia: se ele cair, o aviso não chega. Use o seu celular.")
            )
        return phone
