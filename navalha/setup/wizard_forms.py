"""The forms of the first set-up: each fits on a phone, and comes filled in with what most shops want."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from navalha.accounts.brazil import REGIONS
from navalha.accounts.models import Shop
from navalha.core.phones import display
from navalha.scheduling.models import Weekday
from navalha.scheduling.shop.beginning import Chosen
from navalha.scheduling.shop.defaults import USUAL_SERVICES, Usual
from navalha.scheduling.slots import Wall

from .fields import BadStretches, MoneyField, shown_money, walls
from .forms import minutes_field, phone_field

MOST_NAMES = 20


class ServicesForm(forms.Form):
    """The usual services to tick, each with its duration and price."""

    def __init__(self, data: Any = None, *, shop: Shop) -> None:
        super().__init__(data)
        known = {one.name: one for one in shop.services.filter(name__in=[one.name for one in USUAL_SERVICES])}
        for number, usual in enumerate(USUAL_SERVICES):
            kept = known.get(usual.name)
            minutes = kept.duration_minutes if kept else usual.minutes
            cents = kept.price_cents if kept else usual.cents
            self.fields[f"has_{number}"] = forms.BooleanField(
                label=usual.name, required=False, initial=bool(kept and kept.is_active)
            )
            self.fields[f"minutes_{number}"] = minutes_field(
                _("Minutos de %(name)s") % {"name": usual.name}, 5, 480, initial=minutes, required=False
            )
            self.fields[f"price_{number}"] = MoneyField(
                label=_("Preço de %(name)s") % {"name": usual.name}, initial=shown_money(cents), required=False
            )

    def rows(self) -> Iterator[dict[str, Any]]:
        for number, usual in enumerate(USUAL_SERVICES):
            yield {"usual": usual, **{name: self[f"{name}_{number}"] for name in ("has", "minutes", "price")}}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        ticked = [number for number in range(len(USUAL_SERVICES)) if data.get(f"has_{number}")]
        if not ticked:
            raise forms.ValidationError(_("Marque pelo menos um serviço. Os outros você cria depois, em Ajustes."))
        for number in ticked:
            for name in (f"minutes_{number}", f"price_{number}"):
                if name not in self.errors and data.get(name) is None:
                    self.add_error(name, _("Preencha, ou desmarque o serviço."))
        return data

    def chosen(self) -> Iterator[Chosen]:
        data = self.cleaned_data
        for number, usual in enumerate(USUAL_SERVICES):
            if data[f"has_{number}"]:
                yield self._chosen(usual, data[f"minutes_{number}"], data[f"price_{number}"])

    def _chosen(self, usual: Usual, minutes: int, cents: int) -> Chosen:
        return Chosen(usual.name, minutes, cents)


class HoursForm(forms.Form):
    """The days on which the shop is open, and one lunch break: what one line of a poster says."""

    days = forms.MultipleChoiceField(
        label=gettext_lazy("Abre em"),
        choices=[(str(day.value), day.label) for day in Weekday],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Marque pelo menos um dia.")},
    )
    opens = forms.CharField(label=gettext_lazy("Abre às"), max_length=8)
    closes = forms.CharField(label=gettext_lazy("Fecha às"), max_length=8)
    lunch_from = forms.CharField(label=gettext_lazy("Pausa das"), max_length=8, required=False)
    lunch_to = forms.CharField(label=gettext_lazy("até as"), max_length=8, required=False)

    def __init__(self, data: Any = None, *, shop: Shop) -> None:
        super().__init__(data, initial=hours_values(shop))
        for name in ("opens", "closes", "lunch_from", "lunch_to"):
            self.fields[name].widget.attrs["type"] = "time"
        self.fields["days"].choices = [(str(day.value), capfirst(day.label)) for day in Weekday]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                data["walls"] = self._walls(data)
            except BadStretches as bad:
                raise forms.ValidationError(str(bad)) from bad
        return data

    def _walls(self, data: dict[str, Any]) -> list[Wall]:
        if not data["lunch_from"] and not data["lunch_to"]:
            return walls([(data["opens"], data["closes"])])
        return walls([(data["opens"], data["lunch_from"]), (data["lunch_to"], data["closes"])])

    def week(self) -> Mapping[int, list[Wall]]:
        return {int(day): self.cleaned_data["walls"] for day in self.cleaned_data["days"]}


def hours_values(shop: Shop) -> dict[str, Any]:
    """What the first of the team works, as far as one line says it."""
    first = shop.professionals.filter(is_active=True).first()
    rows = list(first.working_hours.all()) if first else []
    days = sorted({row.weekday for row in rows})
    one = [(f"{row.starts:%H:%M}", f"{row.ends:%H:%M}") for row in rows if row.weekday == (days[0] if days else 0)]
    values: dict[str, Any] = {"days": [str(day) for day in days or range(6)], "opens": "09:00", "closes": "19:00"}
    if one:
        values |= {"opens": one[0][0], "closes": one[-1][1]}
    if len(one) == 2:
        values |= {"lunch_from": one[0][1], "lunch_to": one[1][0]}
    return values


class TeamForm(forms.Form):
    """Who works there, one name for each line."""

    team = forms.CharField(
        label=gettext_lazy("Quem mais atende"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 5, "autocapitalize": "words"}),
        help_text=gettext_lazy("Um nome por linha. Todos fazem tudo no mesmo expediente; você ajusta cada um depois."),
    )

    def __init__(self, data: Any = None, *, shop: Shop) -> None:
        super().__init__(data)
        self.known = list(shop.professionals.filter(is_active=True))

    def clean_team(self) -> str:
        names = _lines(self.cleaned_data["team"])
        if len(names) > MOST_NAMES:
            raise forms.ValidationError(_("São nomes demais. Cadastre os outros depois, em Equipe."))
        if any(len(name) > 80 for name in names):
            raise forms.ValidationError(_("Um dos nomes é longo demais. Escreva só nome e sobrenome."))
        return self.cleaned_data["team"]

    def names(self) -> list[str]:
        return _lines(self.cleaned_data["team"])


def _lines(text: str) -> list[str]:
    names = [" ".join(line.split()) for line in text.splitlines()]
    return list(dict.fromkeys(name for name in names if name))


class AddressForm(forms.Form):
    """Where the shop is, and where it is called."""

    address = forms.CharField(
        label=gettext_lazy("Endereço"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Rua, número, bairro e cidade, como o cliente procura no mapa."),
    )
    region = forms.ChoiceField(
        label=gettext_lazy("Estado"),
        required=False,
        choices=[("", "—"), *REGIONS],
        help_text=gettext_lazy("Diz o fuso horário e os feriados estaduais."),
    )
    phone = phone_field(
        gettext_lazy("Telefone da barbearia"), gettext_lazy("Com DDD. Aparece para os clientes e recebe os avisos.")
    )

    def __init__(self, data: Any = None, *, shop: Shop) -> None:
        phone = display(shop.phone) if shop.phone else ""
        super().__init__(data, initial={"address": shop.address, "region": shop.region, "phone": phone})
