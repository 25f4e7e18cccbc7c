"""What a visitor types: checked here, saved by nobody here."""

from datetime import UTC, datetime
from hashlib import sha256

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from navalha.core.errors import Refused
from navalha.core.phones import to_e164
from navalha.scheduling.actions import checked_name
from navalha.scheduling.models import DayPart
from navalha.scheduling.waitlist.suiting import Wanted

LONGEST_KEY = 64
LONGEST_AMOUNT = 9
# Years that a visit can have. The first and the last of all overflow as soon as they are moved to another clock.
FIRST_YEAR, LAST_YEAR = 2000, 2200


class ContactForm(forms.Form):
    """Who comes. `cleaned_data["telefone"]` is E.164."""

    nome = forms.CharField(error_messages={"required": gettext_lazy("Diga o nome de quem vem.")})
    telefone = forms.CharField(error_messages={"required": gettext_lazy("Diga o seu WhatsApp, com DDD.")})
    chave = forms.CharField(required=False)

    def clean_nome(self) -> str:
        try:
            return checked_name(self.cleaned_data["nome"])
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean_telefone(self) -> str:
        phone = to_e164(self.cleaned_data["telefone"])
        if phone is None:
            raise forms.ValidationError(_("Não reconhecemos este telefone. Escreva com DDD, assim: (11) 99999-0001."))
        return phone

    def agreed_cents(self) -> int:
        """The deposit that the page had shown; nothing for what is no number."""
        typed = self.data.get("sinal", "")[:LONGEST_AMOUNT]
        return int(typed) if typed.isascii() and typed.isdecimal() else 0

    def booking_key(self, starts_at: datetime, phone: str) -> str:
        """What a second submit of the same form has in common with the first; empty when the form says no key.

        The phone is part of it: who only learned the key of a form must not get at another's visit.
        """
        key = self.data.get("chave", "")[:LONGEST_KEY]
        said = f"{key} {phone} {starts_at.isoformat()}"
        return sha256(said.encode()).hexdigest() if key else ""


WRONG_DAY = {
    "required": gettext_lazy("Diga a partir de que dia."),
    "invalid": gettext_lazy("Não entendemos este dia. Escolha no calendário."),
}
WRONG_HOUR = {"invalid": gettext_lazy("Não entendemos esta hora. Escreva assim: 14:30.")}


class WishForm(forms.Form):
    """Which days and hours somebody would wait for; one day when no last one is said."""

    dia = forms.DateField(error_messages=WRONG_DAY)
    ate = forms.DateField(required=False, error_messages=WRONG_DAY)
    parte = forms.MultipleChoiceField(required=False, choices=DayPart.choices)
    das = forms.TimeField(required=False, error_messages=WRONG_HOUR)
    as_ = forms.TimeField(required=False, error_messages=WRONG_HOUR)

    def add_prefix(self, field_name: str) -> str:
        """The address says `as`, which Python cannot."""
        return field_name.rstrip("_")

    def wanted(self) -> Wanted:
        """The wish; only of a valid form."""
        said = self.cleaned_data
        last = said["ate"] or said["dia"]
        return Wanted(said["dia"], last, frozenset(said["parte"]), said["das"], said["as_"])


def moment(text: str) -> datetime:
    """`2026-11-24T15:00:00-03:00` as an instant in UTC. Raises Refused for anything else."""
    refusal = Refused(_("Não entendemos o horário. Escolha um dos horários livres."))
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise refusal
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise refusal from error
