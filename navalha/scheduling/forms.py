"""What the shop's own people type. Validates, never saves."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import Shop
from navalha.core.phones import to_e164

from .models import Professional, Service

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)


def day_of(text: str | None, *, otherwise: date) -> date:
    """The day of an address (`2026-11-24`); `otherwise` for none and for one that no agenda has."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return otherwise
    return day if FIRST_DAY <= day <= LAST_DAY else otherwise


class StartField(forms.Field):
    """An instant as the page's own choices say it: ISO 8601 with its offset."""

    default_error_messages = {"invalid": _("Escolha um dos horários.")}

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(str(value))
            if moment.tzinfo is None or not FIRST_DAY <= moment.date() <= LAST_DAY:
                raise ValueError("no instant of an agenda")
        except ValueError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error
        return moment.astimezone(UTC)


class PhoneField(forms.CharField):
    """A phone in any usual form; cleaned to E.164."""

    default_error_messages = {
        "required": _("Escreva o número com DDD, assim: (11) 99999-0001."),
        "phone": _("Este telefone não parece certo. Escreva com DDD, por exemplo (11) 98888-7777."),
    }

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        phone = to_e164(text)
        if phone is None:
            raise forms.ValidationError(self.error_messages["phone"], code="phone")
        return phone


class BookingForm(forms.Form):
    """A visit noted by hand. `services` and `professionals` are the shop's own: nobody else's can be chosen."""

    services = forms.MultipleChoiceField(
        label=_("Serviços"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Escolha pelo menos um serviço.")},
    )
    professional = forms.ChoiceField(label=_("Profissional"), required=False)
    day = forms.DateField(label=_("Dia"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    starts_at = StartField(label=_("Horário"), error_messages={"required": _("Escolha um horário.")})
    name = forms.CharField(
        label=_("Nome do cliente"), max_length=120, error_messages={"required": _("Diga o nome de quem vem.")}
    )
    phone = PhoneField(label=_("WhatsApp do cliente"), max_length=40)

    def __init__(self, *args: Any, shop: Shop, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {str(one.pk): one for one in shop.services.filter(is_active=True)}
        self.people = {str(one.pk): one for one in shop.professionals.filter(is_active=True)}
        self._choices("services", self.offered.values())
        self._choices("professional", self.people.values(), ("", _("Quem estiver livre")))

    def _choices(self, name: str, rows: Iterable[Service | Professional], *first: tuple[str, Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [*first, *((str(row.pk), row.name) for row in rows)]

    def chosen_services(self, values: Iterable[str]) -> list[Service]:
        """The shop's services among `values`, in the shop's order; what is not the shop's is left out."""
        wanted = set(values)
        return [service for pk, service in self.offered.items() if pk in wanted]

    def chosen_professional(self, value: str) -> Professional | None:
        return self.people.get(value)


class CancelForm(forms.Form):
    reason = forms.CharField(label=_("Motivo"), max_length=200, required=False)
