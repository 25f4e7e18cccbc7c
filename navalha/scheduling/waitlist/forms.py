"""What the shop's people type on the waitlist. Validates, never saves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ..forms import PhoneField, StartField
from ..queue.forms import JoinForm
from .actions import Asked
from .models import DayPart
from .suiting import LEAST_MINUTES, Wanted

WRONG_DAY = {"required": _("Diga o dia."), "invalid": _("Escreva o dia assim: 25/11/2026.")}
WRONG_TIME = {"invalid": _("Escreva a hora assim: 14:30.")}


class WishForm(forms.Form):
    """Days and hours; one day when no last one is said."""

    first_day = forms.DateField(label=_("Do dia"), error_messages=WRONG_DAY)
    last_day = forms.DateField(label=_("Até o dia"), required=False, error_messages=WRONG_DAY)
    parts = forms.MultipleChoiceField(label=_("Parte do dia"), required=False, choices=DayPart.choices)
    starts_from = forms.TimeField(label=_("Começando das"), required=False, error_messages=WRONG_TIME)
    starts_until = forms.TimeField(label=_("até às"), required=False, error_messages=WRONG_TIME)

    def wanted(self) -> Wanted:
        """The wish; only of a valid form."""
        said = self.cleaned_data
        return Wanted(
            said["first_day"],
            said["last_day"] or said["first_day"],
            frozenset(said["parts"]),
            said["starts_from"],
            said["starts_until"],
        )


class WaitForm(WishForm, JoinForm):
    """Somebody noted by hand, whom WhatsApp must reach: by a phone, or by what it knows of a chosen customer."""

    name = forms.CharField(
        label=_("Nome"), max_length=120, error_messages={"required": _("Diga o nome de quem espera.")}
    )
    phone = PhoneField(label=_("WhatsApp"), max_length=40)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        known = None if self.data.get("phone") else self.known_customer()
        if known is not None and known.identities.exists():
            self.errors.pop("phone", None)
            said["phone"] = ""
        return said

    def asked(self) -> Asked:
        """The whole wish; only of a valid form."""
        return Asked(self.chosen_services(), self.chosen_professional(), self.wanted())


class OfferForm(forms.Form):
    """A free time for somebody: whose, and when."""

    profissional = forms.IntegerField(min_value=1)
    inicio = StartField(error_messages={"required": _("Escolha um horário.")})


class RulesForm(forms.Form):
    """How the shop's waitlist works."""

    takes_waitlist = forms.BooleanField(label=_("Clientes podem entrar na lista pela página"), required=False)
    waitlist_minutes = forms.IntegerField(
        label=_("Minutos para responder a uma oferta"), min_value=LEAST_MINUTES, max_value=120
    )
