"""What the shop's own people type. Validates, never saves."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import Membership, Shop
from navalha.core.phones import to_e164
from navalha.customers.models import Customer

from . import queries, slots
from .models import Appointment, Payment, Professional, Service
from .openings import time_off

AMOUNT = re.compile(r"(?P<reais>\d{1,3}(?:\.\d{3})+|\d{1,6})(?:[,.](?P<cents>\d{1,2}))?")
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


class KnownCustomer(forms.Form):
    """Somebody chosen from the list of customers: whom the shop knows may have no phone."""

    customer = forms.IntegerField(required=False, min_value=1)

    def __init__(self, *args: Any, shop: Shop, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shop = shop

    def known_customer(self) -> Customer | None:
        """The chosen customer, when they have no phone by which to recognise them."""
        said = str(self.data.get("customer") or "")
        return self.shop.customers.filter(pk=said, phone="").first() if said.isdecimal() else None


class BookingForm(KnownCustomer):
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
    gap = forms.CharField(required=False)  # the time of a series that had no place, and gets this one instead

    def __init__(self, *args: Any, shop: Shop, **kwargs: Any) -> None:
        super().__init__(*args, shop=shop, **kwargs)
        self.offered = {str(one.pk): one for one in shop.services.filter(is_active=True)}
        self.people = {str(one.pk): one for one in shop.professionals.filter(is_active=True)}
        self._choices("services", self.offered.values())
        self._choices("professional", self.people.values(), ("", _("Quem estiver livre")))

    def _choices(self, name: str, rows: Iterable[Service | Professional], *first: tuple[str, Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [*first, *((str(row.pk), row.name) for row in rows)]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.data.get("phone") and self.known_customer() is not None:
            self.errors.pop("phone", None)
            said["phone"] = ""
        return said

    def chosen_services(self, values: Iterable[str]) -> list[Service]:
        """The shop's services among `values`, in the shop's order; what is not the shop's is left out."""
        wanted = set(values)
        return [service for pk, service in self.offered.items() if pk in wanted]

    def chosen_professional(self, value: str) -> Professional | None:
        return self.people.get(value)


class CancelForm(forms.Form):
    reason = forms.CharField(label=_("Motivo"), max_length=200, required=False)
    # Who wanted it: what the customer cancels late counts with them.
    customer_asked = forms.BooleanField(label=_("Foi o cliente que pediu"), required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Motivo"), max_length=200, error_messages={"required": _("Diga o motivo: ele fica no histórico.")}
    )


class BlockForm(forms.Form):
    """A stretch of one day in which nobody is booked; whole shop for no professional."""

    USUAL = timedelta(hours=1)

    professional = forms.ChoiceField(label=_("Quem"), required=False)
    day = forms.DateField(label=_("Dia"))
    starts = forms.TimeField(label=_("Das"))
    ends = forms.TimeField(label=_("Às"))
    reason = forms.CharField(label=_("Motivo"), max_length=120, required=False)

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shop = member.shop
        people = self.shop.professionals.filter(is_active=True)
        self.people = {str(one.pk): one for one in people if time_off.may_block(member, one)}
        shop_itself = [("", _("Barbearia inteira"))] if time_off.may_block(member, None) else []
        choices = [*shop_itself, *((pk, one.name) for pk, one in self.people.items())]
        field = cast(forms.ChoiceField, self.fields["professional"])
        field.choices, field.required = choices, not shop_itself

    def clean_professional(self) -> Professional | None:
        return self.people.get(self.cleaned_data["professional"])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if {"day", "starts", "ends"} <= said.keys():
            zone = queries.zone_of(self.shop)
            for name in ("starts", "ends"):
                said[f"{name}_at"] = moment = slots.local_moment(said["day"], said[name], zone)
                if moment is None:
                    self.add_error(name, _("Neste dia o relógio pula este horário. Escolha outro."))
            if said["ends"] <= said["starts"]:
                self.add_error("ends", _("O fim deve vir depois do início."))
        return said

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not FIRST_DAY <= day <= LAST_DAY:
            raise forms.ValidationError(_("Escolha um dia da agenda."))
        return day


class MoveForm(forms.Form):
    """Another place for a visit. The grid says the instant (`starts_at`), the page a day and a time of the shop."""

    professional = forms.ChoiceField(label=_("Profissional"))
    day = forms.DateField(label=_("Dia"), required=False)
    time = forms.TimeField(label=_("Horário"), required=False)
    starts_at = StartField(required=False)
    minutes = forms.IntegerField(label=_("Duração, em minutos"), min_value=5, max_value=480)
    version = forms.IntegerField(min_value=0)
    tell_customer = forms.BooleanField(label=_("Avisar o cliente e pedir confirmação"), required=False)
    even_if_closed = forms.BooleanField(label=_("Mover mesmo assim"), required=False)

    def __init__(self, *args: Any, appointment: Appointment, **kwargs: Any) -> None:
        self.shop = appointment.shop
        self.people = {str(one.pk): one for one in self.shop.professionals.filter(is_active=True)}
        starts_at = timezone.localtime(appointment.starts_at)
        standing = {
            "professional": str(appointment.professional_id),
            "day": starts_at.date(),
            "time": starts_at.time(),
            "minutes": (appointment.ends_at - appointment.starts_at) // timedelta(minutes=1),
            "version": appointment.version,
            "tell_customer": True,
        }
        super().__init__(*args, **{"initial": standing, **kwargs})
        choices = [(pk, one.name) for pk, one in self.people.items()]
        cast(forms.ChoiceField, self.fields["professional"]).choices = choices

    def clean_professional(self) -> Professional:
        return self.people[self.cleaned_data["professional"]]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not said.get("starts_at") and "starts_at" not in self.errors:
            said["starts_at"] = self._moment(said)
        return said

    def _moment(self, said: dict[str, Any]) -> datetime | None:
        day, at = said.get("day"), said.get("time")
        if day is None or at is None or not FIRST_DAY <= day <= LAST_DAY:
            self.add_error("time", _("Diga o dia e o horário."))
            return None
        moment = slots.local_moment(day, at, queries.zone_of(self.shop))
        if moment is None:
            self.add_error("time", _("Neste dia o relógio pula este horário. Escolha outro."))
        return moment


class MoneyField(forms.CharField):
    """An amount in reais as people write it: `45`, `45,00`, `R$ 1.045,50`. Cleaned to cents."""

    default_error_messages = {"invalid": _("Escreva o valor em reais, assim: 45,00.")}

    def clean(self, value: Any) -> int | None:
        text = super().clean(value).replace("R$", "").replace("\xa0", " ").strip()
        if not text:
            return None
        found = AMOUNT.fullmatch(text)
        if found is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return int(found["reais"].replace(".", "")) * 100 + int((found["cents"] or "0").ljust(2, "0"))


class FinishForm(forms.Form):
    """What was done and paid. Offers what the shop offers, and what was booked even when it is offered no more."""

    services = forms.MultipleChoiceField(
        label=_("O que foi feito"),
        error_messages={"required": _("Diga o que foi feito: escolha pelo menos um serviço.")},
    )
    paid = MoneyField(label=_("Valor pago"), required=False, max_length=20)
    paid_with = forms.ChoiceField(label=_("Forma de pagamento"), choices=Payment, required=False)

    def __init__(self, *args: Any, appointment: Appointment, **kwargs: Any) -> None:
        booked = [item.service_id for item in appointment.items.all()]
        offered = appointment.shop.services.filter(Q(is_active=True) | Q(pk__in=booked))
        self.offered = {str(service.pk): service for service in offered}
        standing = {
            "services": [str(pk) for pk in booked],
            "paid": f"{appointment.total_cents // 100},{appointment.total_cents % 100:02}",
        }
        super().__init__(*args, **{"initial": standing, **kwargs})
        choices = [(pk, service.name) for pk, service in self.offered.items()]
        cast(forms.MultipleChoiceField, self.fields["services"]).choices = choices

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("paid") and not said.get("paid_with"):
            self.add_error("paid_with", _("Diga como foi pago: Pix, dinheiro ou cartão."))
        return said

    def chosen_services(self) -> list[Service]:
        return [self.offered[pk] for pk in self.offered if pk in self.cleaned_data["services"]]
