"""What an owner types about deposits. Validates, never saves."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from navalha.accounts.models import Shop
from navalha.core import brcode, phones, pix
from navalha.core.errors import Refused
from navalha.core.pix import KeyKind
from navalha.scheduling.deposits.policy import HIGHEST_CENTS, Terms
from navalha.scheduling.models import DepositPolicy, PixKeyKind, Service, WhoPays

from .fields import MoneyField, shown_money
from .forms import NUMBER, span_words

FIXED, PERCENT = "fixed", "percent"
TO_PAY = [10, 15, 30, 60, 120, 240, 720, 1440]  # minutes
REFUND = [0, 60, 120, 240, 720, 1440, 2880, 4320]
TIMES = [1, 2, 3, 4, 5]
USUAL_CENTS = 20_00


def times_words(count: int) -> Any:
    return ngettext_lazy("%(count)d vez ou mais", "%(count)d vezes ou mais", count) % {"count": count}


class DepositForm(forms.Form):
    """Who pays, how much, until when and to which key."""

    who = forms.ChoiceField(
        label=gettext_lazy("Quem paga sinal"), choices=WhoPays.choices, widget=forms.RadioSelect, initial=WhoPays.NOBODY
    )
    new_customers = forms.BooleanField(label=gettext_lazy("Quem vem pela primeira vez"), required=False)
    missed_from = forms.TypedChoiceField(
        label=gettext_lazy("Quem faltou ou cancelou em cima da hora"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", gettext_lazy("Não pedir")), *((number, times_words(number)) for number in TIMES)],
    )
    services = forms.MultipleChoiceField(
        label=gettext_lazy("Quem marca um destes serviços"), required=False, widget=forms.CheckboxSelectMultiple
    )
    price_from = MoneyField(
        label=gettext_lazy("Visitas a partir de (R$)"), required=False, help_text=gettext_lazy("Vazio: não conta.")
    )
    how = forms.ChoiceField(
        label=gettext_lazy("Quanto"),
        choices=[(FIXED, gettext_lazy("Um valor fixo")), (PERCENT, gettext_lazy("Uma parte do preço"))],
        widget=forms.RadioSelect,
    )
    fixed = MoneyField(
        label=gettext_lazy("Valor do sinal (R$)"),
        required=False,
        help_text=gettext_lazy("Se a visita custar menos, o sinal é o preço dela."),
    )
    percent = forms.IntegerField(
        label=gettext_lazy("Parte do preço (%)"),
        required=False,
        min_value=1,
        max_value=100,
        widget=forms.NumberInput(NUMBER),
    )
    minutes_to_pay = forms.TypedChoiceField(
        label=gettext_lazy("Tempo para pagar"),
        coerce=int,
        help_text=gettext_lazy("Depois disso o horário fica livre de novo. Perto da visita o tempo é menor."),
    )
    refund_minutes = forms.TypedChoiceField(
        label=gettext_lazy("Devolver se cancelar até"),
        coerce=int,
        help_text=gettext_lazy("Antes do horário. O cliente vê esta regra antes de marcar."),
    )
    key_kind = forms.ChoiceField(
        label=gettext_lazy("Tipo da chave Pix"),
        required=False,
        choices=[("", gettext_lazy("Escolha")), *PixKeyKind.choices],
    )
    pix_key = forms.CharField(
        label=gettext_lazy("Chave Pix"),
        required=False,
        max_length=pix.LONGEST_TYPED,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    holder = forms.CharField(
        label=gettext_lazy("Nome do titular"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("Como está no banco. No código cabem 25 letras, sem acentos."),
    )
    city = forms.CharField(
        label=gettext_lazy("Cidade do titular"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("No código cabem 15 letras, sem acentos."),
    )

    def __init__(self, *args: Any, shop: Shop, policy: DepositPolicy | None, **kwargs: Any) -> None:
        kwargs.setdefault("initial", deposit_values(shop, policy))
        super().__init__(*args, **kwargs)
        named = set(policy.services.all()) if policy else set()
        offered = {*shop.services.filter(is_active=True), *named}
        self.offered = {str(one.pk): one for one in sorted(offered, key=lambda one: (one.position, one.name, one.pk))}
        self._choices("services", [(pk, one.name) for pk, one in self.offered.items()])
        for name, usual in (("minutes_to_pay", TO_PAY), ("refund_minutes", REFUND)):
            known = sorted({*usual, *([getattr(policy, name)] if policy else [])})  # what was set elsewhere stays
            self._choices(name, [(number, span_words(number)) for number in known])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "fixed" in data and "percent" in data:
            self._check_amount(data)
        if data.get("who") == WhoPays.SOME and not self._has_case(data):
            self.add_error("who", _("Escolha pelo menos um caso em que se paga sinal."))
        if data.get("pix_key") or data.get("who") != WhoPays.NOBODY:
            self._check_receiver(data)
        return data

    def terms(self) -> Terms:
        """What was typed."""
        data = self.cleaned_data
        is_fixed = data["how"] == FIXED
        return Terms(
            who=data["who"],
            new_customers=data["new_customers"],
            missed_from=data["missed_from"],
            price_from_cents=data["price_from"],
            fixed_cents=data["fixed"] if is_fixed else None,
            percent=None if is_fixed else data["percent"],
            minutes_to_pay=data["minutes_to_pay"],
            refund_minutes=data["refund_minutes"],
            key_kind=data["key_kind"] if data["pix_key"] else "",
            pix_key=data["pix_key"],
            holder=data["holder"],
            city=data["city"],
        )

    def chosen_services(self) -> list[Service]:
        return [self.offered[pk] for pk in self.cleaned_data["services"]]

    def _choices(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def _has_case(self, data: dict[str, Any]) -> bool:
        # A field with an error of its own says so itself.
        names = ("new_customers", "missed_from", "services", "price_from")
        return any(data.get(name) or name in self.errors for name in names)

    def _check_amount(self, data: dict[str, Any]) -> None:
        if data.get("how") == FIXED and not 0 < (data["fixed"] or 0) <= HIGHEST_CENTS:
            self.add_error("fixed", _("Diga o valor do sinal, até R$ 10.000,00."))
        if data.get("how") == PERCENT and not data["percent"]:
            self.add_error("percent", _("Diga que parte do preço é o sinal, de 1 a 100."))

    def _check_receiver(self, data: dict[str, Any]) -> None:
        if not data.get("key_kind"):
            self.add_error("key_kind", _("Diga que tipo de chave é."))
        else:
            try:
                data["pix_key"] = pix.key_of(KeyKind(data["key_kind"]), data.get("pix_key", ""))
            except Refused as refusal:
                self.add_error("pix_key", str(refusal))
        if not brcode.plain(data.get("holder", ""), brcode.LONGEST_NAME):
            self.add_error("holder", _("Diga o nome de quem recebe, como está no banco."))
        if not brcode.plain(data.get("city", ""), brcode.LONGEST_CITY):
            self.add_error("city", _("Diga a cidade de quem recebe."))


def deposit_values(shop: Shop, policy: DepositPolicy | None) -> dict[str, Any]:
    """The form's values for a policy as it is kept; a new one asks nobody yet and is filled in as far as we know."""
    if policy is None:
        return {
            "who": WhoPays.NOBODY,
            "how": FIXED,
            "fixed": shown_money(USUAL_CENTS),
            "minutes_to_pay": 30,
            "refund_minutes": 1440,
            "holder": brcode.plain(shop.name, brcode.LONGEST_NAME),
            "city": brcode.plain(city_of(shop.address), brcode.LONGEST_CITY),
        }
    names = "who new_customers missed_from minutes_to_pay refund_minutes key_kind holder city percent"
    return {name: getattr(policy, name) for name in names.split()} | {
        "how": PERCENT if policy.percent else FIXED,
        "fixed": shown_money(policy.fixed_cents),
        "price_from": shown_money(policy.price_from_cents),
        "services": [str(one.pk) for one in policy.services.all()],
        "pix_key": phones.display(policy.pix_key) if policy.key_kind == PixKeyKind.PHONE else policy.pix_key,
    }


def city_of(address: str) -> str:
    """`Rua Augusta, 1200, Consolação, São Paulo - SP` -> `São Paulo`: the last part, without the state."""
    last = address.rpartition(",")[2].strip() if "," in address else ""
    for mark in (" - ", " – ", "/"):
        last = last.partition(mark)[0].strip()
    return last if not any(letter.isdigit() for letter in last) else ""
