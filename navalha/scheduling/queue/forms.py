"""Who joins the line. Validates, never saves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import Shop

from ..forms import KnownCustomer, PhoneField
from ..models import Professional, Service


class PhoneIfAny(PhoneField):
    """A phone, or nothing: then nobody is written to."""

    def clean(self, value: Any) -> str:
        return super().clean(value) if str(value or "").strip() else ""


class JoinForm(KnownCustomer):
    """A name and what they want; only services and professionals of the shop can be chosen."""

    name = forms.CharField(
        label=_("Nome"), max_length=120, error_messages={"required": _("Diga o nome de quem está esperando.")}
    )
    phone: PhoneField = PhoneIfAny(label=_("WhatsApp (se quiser ser avisado)"), max_length=40, required=False)
    services = forms.MultipleChoiceField(
        label=_("Serviços"), error_messages={"required": _("Escolha pelo menos um serviço.")}
    )
    professional = forms.ChoiceField(label=_("Profissional"), required=False)

    def __init__(self, *args: Any, shop: Shop, **kwargs: Any) -> None:
        super().__init__(*args, shop=shop, **kwargs)
        self.offered = {str(one.pk): one for one in shop.services.filter(is_active=True)}
        self.people = {str(one.pk): one for one in shop.professionals.filter(is_active=True)}
        services, professional = self.fields["services"], self.fields["professional"]
        assert isinstance(services, forms.ChoiceField)  # noqa: S101 - for the type checker
        assert isinstance(professional, forms.ChoiceField)  # noqa: S101
        services.choices = [(pk, one.name) for pk, one in self.offered.items()]
        professional.choices = [("", _("Qualquer um")), *((pk, one.name) for pk, one in self.people.items())]

    def chosen_services(self) -> list[Service]:
        """In the shop's order."""
        return [one for pk, one in self.offered.items() if pk in self.cleaned_data["services"]]

    def chosen_professional(self) -> Professional | None:
        return self.people.get(self.cleaned_data["professional"])
