"""What a person types about a customer, and about somebody who may send images and commands."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from navalha.core.phones import display, to_e164

from . import birthdays, tags
from .editing import Details, version
from .models import Customer

TEL = {
    "type": "tel",
    "inputmode": "tel",
    "autocomplete": "off",
    "placeholder": "(11) 99999-0001",
    "data-behaviour": "phone-mask",
}


class CustomerForm(forms.Form):
    """What a shop writes about a customer; `details()` once it is valid."""

    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Nome"), max_length=120, error_messages={"required": _("Escreva o nome do cliente.")}
    )
    phone = forms.CharField(
        label=_("WhatsApp, com DDD"), max_length=40, required=False, widget=forms.TextInput(attrs=TEL)
    )
    birthday = forms.CharField(
        label=_("Aniversário"),
        max_length=20,
        required=False,
        help_text=_("Dia e mês, e o ano se souber: 24/11 ou 24/11/1990."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "24/11"}),
    )
    tags = forms.CharField(
        label=_("Etiquetas"),
        max_length=400,
        required=False,
        help_text=_("Separe com vírgulas. Exemplos: VIP, barba, corte infantil."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "known-tags"}),
    )
    notes = forms.CharField(
        label=_("Observações"),
        max_length=2000,
        required=False,
        help_text=_("Só a equipe vê."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    @staticmethod
    def filled(customer: Customer) -> dict[str, str]:
        """The initial values for a customer."""
        return {
            "seen": version(customer),
            "name": customer.name,
            "phone": display(customer.phone) if customer.phone else "",
            "birthday": customer.birthday,
            "tags": ", ".join(customer.tags),
            "notes": customer.notes,
        }

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"]
        phone = to_e164(typed) if typed else ""
        if phone is None:
            if typed == self.initial.get("phone"):  # a number of no plan that WhatsApp showed stays as it came
                return f"+{''.join(filter(str.isdecimal, typed))}"
            raise forms.ValidationError(
                _("Este telefone não parece certo. Escreva com DDD, por exemplo (11) 98888-7777.")
            )
        return phone

    def clean_birthday(self) -> birthdays.Birthday:
        try:
            return birthdays.parse(self.cleaned_data["birthday"], today=timezone.localdate())
        except ValueError as error:
            raise forms.ValidationError(
                _("Esta data não existe. Escreva dia e mês, assim: 24/11, ou com o ano: 24/11/1990.")
            ) from error

    def clean_tags(self) -> list[str]:
        found = tags.parse(self.cleaned_data["tags"])
        if len(found) > tags.MOST:
            raise forms.ValidationError(say("Use no máximo %(most)s etiquetas.") % {"most": tags.MOST})
        for tag in found:
            if len(tag) > tags.LONGEST:
                raise forms.ValidationError(
                    say("A etiqueta “%(tag)s” é longa demais: use até %(most)s letras.")
                    % {"tag": tag, "most": tags.LONGEST}
                )
        return found

    def details(self) -> Details:
        data = self.cleaned_data
        return Details(data["name"], data["phone"], data["birthday"], data["notes"].strip(), data["tags"])


class AllowForm(forms.Form):
    """A phone in any usual form, cleaned to E.164, and whose it is."""

    phone = forms.CharField(
        label=_("WhatsApp, com DDD"),
        max_length=40,
        widget=forms.TextInput(attrs=TEL),
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
