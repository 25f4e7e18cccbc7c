"""What owners type about their shop. Validates, never saves."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from navalha.accounts.brazil import BRAZILIAN_TIME_ZONES, REGIONS
from navalha.accounts.models import Shop, User
from navalha.core.phones import display
from navalha.scheduling.chair import LONGEST_BUFFER
from navalha.scheduling.forms import FIRST_DAY, LAST_DAY, PhoneField
from navalha.scheduling.models import Professional, Service
from navalha.scheduling.queries import zone_of
from navalha.scheduling.shop.catalogue import Offer
from navalha.scheduling.shop.team import Person

from .fields import MoneyField, clock, shown_money

Pairs = list[tuple[str, str]]
NUMBER = {"inputmode": "numeric"}


def minutes_field(label: Any, least: int, most: int, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, widget=forms.NumberInput(NUMBER), **kwargs)


def pairs_of(values: dict[str, Any]) -> Pairs:
    """Values of a form as fields to send again."""
    found: Pairs = []
    for name, value in values.items():
        if isinstance(value, list | tuple):
            found += [(name, str(one)) for one in value]
        elif value is True:
            found.append((name, "on"))
        elif value is not None and value is not False:  # 0 is said
            found.append((name, str(value)))
    return found


class ServiceForm(forms.Form):
    """A service or a combo, and who does it: their own price and duration where they differ."""

    name = forms.CharField(label=gettext_lazy("Nome"), max_length=80)
    duration_minutes = minutes_field(gettext_lazy("Duração (minutos)"), 5, 480)
    price = MoneyField(label=gettext_lazy("Preço (R$)"))
    buffer_before_minutes = minutes_field(
        gettext_lazy("Preparo antes (minutos)"), 0, LONGEST_BUFFER, required=False, initial=0
    )
    buffer_after_minutes = minutes_field(
        gettext_lazy("Limpeza depois (minutos)"), 0, LONGEST_BUFFER, required=False, initial=0
    )
    parts = forms.MultipleChoiceField(
        label=gettext_lazy("Serviços do combo"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, shop: Shop, service: Service | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("initial", service_values(shop, service))
        super().__init__(*args, **kwargs)
        self.service, self.shop = service, shop
        self.people = list(shop.professionals.filter(is_active=True))
        singles = shop.services.filter(is_active=True, parts=None)
        self.singles = list(singles.exclude(pk=service.pk if service else 0))
        self.fields["parts"].choices = [(str(one.pk), one.name) for one in self.singles]  # type: ignore[attr-defined]
        for one in self.people:
            self.fields[f"does_{one.pk}"] = forms.BooleanField(label=one.name, required=False)
            self.fields[f"price_{one.pk}"] = MoneyField(label=_("Preço de %(name)s") % {"name": one}, required=False)
            self.fields[f"minutes_{one.pk}"] = minutes_field(
                _("Minutos de %(name)s") % {"name": one}, 5, 480, required=False
            )

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        same = self.shop.services.filter(name__iexact=name, is_active=True)
        if same.exclude(pk=self.service.pk if self.service else 0).exists():
            raise forms.ValidationError(_("Já existe um serviço com este nome. Escolha outro."))
        return name

    def rows(self) -> Iterator[dict[str, Any]]:
        """For the template: each person with their three fields."""
        for one in self.people:
            yield {name: self[f"{name}_{one.pk}"] for name in ("does", "price", "minutes")} | {"person": one}

    def offer(self) -> Offer:
        """What was typed. Own terms that equal the list's are none."""
        data = self.cleaned_data
        wanted = set(data["parts"])
        return Offer(
            name=data["name"],
            duration_minutes=data["duration_minutes"],
            price_cents=data["price"],
            buffer_before_minutes=data["buffer_before_minutes"] or 0,
            buffer_after_minutes=data["buffer_after_minutes"] or 0,
            people={one: self._terms(one) for one in self.people if data[f"does_{one.pk}"]} | self._absent(),
            parts=[one for one in self.singles if str(one.pk) in wanted],
        )

    def _terms(self, one: Professional) -> tuple[int | None, int | None]:
        cents, minutes = self.cleaned_data[f"price_{one.pk}"], self.cleaned_data[f"minutes_{one.pk}"]
        return (
            None if cents == self.cleaned_data["price"] else cents,
            None if minutes == self.cleaned_data["duration_minutes"] else minutes,
        )

    def _absent(self) -> dict[Professional, tuple[int | None, int | None]]:
        """Those who left do not stand in the form: they keep what they did, for when they come back."""
        if self.service is None:
            return {}
        terms = {row.professional_id: (row.price_cents, row.duration_minutes) for row in self.service.terms.all()}
        left = self.service.professionals.filter(is_active=False)
        return {one: terms.get(one.pk, (None, None)) for one in left}


def service_values(shop: Shop, service: Service | None) -> dict[str, Any]:
    """The form's values for a service as it is kept; a new one is done by everybody."""
    everybody = shop.professionals.filter(is_active=True)
    if service is None:
        return {f"does_{one.pk}": True for one in everybody}
    does = set(service.professionals.values_list("pk", flat=True))
    values: dict[str, Any] = {
        "name": service.name,
        "duration_minutes": service.duration_minutes,
        "price": shown_money(service.price_cents),
        "buffer_before_minutes": service.buffer_before_minutes,
        "buffer_after_minutes": service.buffer_after_minutes,
        "parts": [str(part.pk) for part in service.parts.all()],
        **{f"does_{one.pk}": one.pk in does for one in everybody},
    }
    for row in service.terms.all():
        values[f"price_{row.professional_id}"] = shown_money(row.price_cents)
        values[f"minutes_{row.professional_id}"] = row.duration_minutes
    return values


class OptionalPhone(PhoneField):
    def clean(self, value: Any) -> str:
        return super().clean(value) if str(value or "").strip() else ""


def phone_field(label: Any, hint: Any) -> OptionalPhone:
    attrs = {"type": "tel", "inputmode": "tel", "data-behaviour": "phone-mask"}
    return OptionalPhone(label=label, max_length=40, required=False, help_text=hint, widget=forms.TextInput(attrs))


class ProfessionalForm(forms.Form):
    """Who serves, what they do, and with which log-in."""

    name = forms.CharField(label=gettext_lazy("Nome"), max_length=80)
    phone = phone_field(
        gettext_lazy("WhatsApp para avisos"), gettext_lazy("Vazio: os avisos vão para o telefone da barbearia.")
    )
    user = forms.ChoiceField(
        label=gettext_lazy("Entra no sistema como"),
        required=False,
        help_text=gettext_lazy("Quem entra com esta conta vê a própria agenda primeiro e cuida das próprias folgas."),
    )
    services = forms.MultipleChoiceField(
        label=gettext_lazy("Serviços que faz"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, shop: Shop, professional: Professional | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("initial", professional_values(shop, professional))
        super().__init__(*args, **kwargs)
        self.offered = list(shop.services.filter(is_active=True))
        others = shop.professionals.exclude(pk=professional.pk if professional else 0)
        busy = set(others.exclude(user=None).values_list("user", flat=True))
        self.users = {str(m.user_id): m.user for m in shop.memberships.select_related("user") if m.user_id not in busy}
        self._choices("services", ((str(one.pk), one.name) for one in self.offered))
        self._choices("user", [("", _("Não entra")), *((pk, f"{one} ({one.email})") for pk, one in self.users.items())])

    def _choices(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]

    def person(self) -> Person:
        data = self.cleaned_data
        wanted = set(data["services"])
        user: User | None = self.users.get(data["user"])
        chosen = [one for one in self.offered if str(one.pk) in wanted]
        return Person(" ".join(data["name"].split()), data["phone"], user, chosen)


def professional_values(shop: Shop, professional: Professional | None) -> dict[str, Any]:
    if professional is None:
        return {"services": [str(one.pk) for one in shop.services.filter(is_active=True)]}
    return {
        "name": professional.name,
        "phone": display(professional.phone) if professional.phone else "",
        "user": str(professional.user_id or ""),
        "services": [str(one.pk) for one in professional.services.all()],
    }


def day_field(label: Any, **kwargs: Any) -> forms.DateField:
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **kwargs)


def time_field(label: Any) -> forms.CharField:
    """A time of the day, as the browser's field gives it or as people write it."""
    return forms.CharField(label=label, required=False, max_length=8, widget=forms.TextInput({"type": "time"}))


class DayInReach(forms.Form):
    """Days that an agenda has: others overflow the calendar."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, field in self.fields.items():
            if isinstance(field, forms.DateField) and data.get(name) and not FIRST_DAY <= data[name] <= LAST_DAY:
                self.add_error(name, _("Escolha um dia entre 2000 e 2100."))
        return data


class TimeOffForm(DayInReach):
    """From one day to another, whole days unless times are said; the last day is included."""

    from_day = day_field(gettext_lazy("Do dia"))
    from_time = time_field(gettext_lazy("às"))
    to_day = day_field(gettext_lazy("Até o dia"), required=False)
    to_time = time_field(gettext_lazy("até as"))
    reason = forms.CharField(label=gettext_lazy("Motivo"), required=False, max_length=120)

    def __init__(self, *args: Any, shop: Shop, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone_of(shop)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.errors:
            return data
        starts, ends = self._time("from_time"), self._time("to_time")
        if self.errors:
            return data
        first = data["from_day"]
        last = data["to_day"] or first
        starts_at = datetime.combine(first, starts or time(0), self.zone)
        midnight = datetime.combine(last + timedelta(days=1), time(0), self.zone)
        ends_at = datetime.combine(last, ends, self.zone) if ends else midnight
        if ends_at <= starts_at:
            self.add_error("to_day", _("O fim vem antes do começo. Confira os dias e as horas."))
        data |= {"starts_at": starts_at.astimezone(UTC), "ends_at": ends_at.astimezone(UTC)}
        return data

    def _time(self, name: str) -> time | None:
        typed = self.cleaned_data[name].strip()
        found = clock(typed) if typed else None
        if typed and found is None:
            self.add_error(name, _("Escreva a hora assim: 09:00."))
        return found


class HolidayForm(DayInReach):
    on = day_field(gettext_lazy("Dia"))
    name = forms.CharField(label=gettext_lazy("Nome"), max_length=80)
    every_year = forms.BooleanField(label=gettext_lazy("Todo ano"), required=False, initial=True)


class DateForm(DayInReach):
    on = day_field(gettext_lazy("Dia"))


STEPS = [5, 10, 15, 20, 30, 45, 60]
MISSES = range(1, 11)
WAITS = [2, 5, 10]
NOTICES = [0, 15, 30, 60, 120, 240, 720, 1440, 2880]


def span_words(minutes: int) -> Any:
    """`90` -> `90 minutos`, `120` -> `2 horas`, `2880` -> `2 dias`."""
    if minutes and minutes % 1440 == 0:
        return ngettext_lazy("%(count)d dia", "%(count)d dias", minutes // 1440) % {"count": minutes // 1440}
    if minutes and minutes % 60 == 0:
        return ngettext_lazy("%(count)d hora", "%(count)d horas", minutes // 60) % {"count": minutes // 60}
    return ngettext_lazy("%(count)d minuto", "%(count)d minutos", minutes) % {"count": minutes}


class ShopForm(forms.Form):
    """The shop's data, and how it offers its times."""

    name = forms.CharField(label=gettext_lazy("Nome da barbearia"), max_length=80)
    phone = phone_field(
        gettext_lazy("Telefone da barbearia"), gettext_lazy("Com DDD. Aparece para os clientes e recebe os avisos.")
    )
    address = forms.CharField(
        label=gettext_lazy("Endereço"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Rua, número, bairro e cidade, como o cliente procura no mapa."),
    )
    region = forms.ChoiceField(
        label=gettext_lazy("Estado"),
        required=False,
        choices=[("", gettext_lazy("Só feriados nacionais")), *REGIONS],
        help_text=gettext_lazy("Diz quais feriados estaduais valem."),
    )
    timezone = forms.ChoiceField(
        label=gettext_lazy("Fuso horário"),
        choices=BRAZILIAN_TIME_ZONES,
        help_text=gettext_lazy("Mude só se a barbearia fica em outro fuso: os expedientes passam a valer nele."),
    )
    slot_step_minutes = forms.TypedChoiceField(
        label=gettext_lazy("Oferecer horários a cada"), coerce=int, help_text=gettext_lazy("A contar da abertura.")
    )
    min_notice_minutes = forms.TypedChoiceField(label=gettext_lazy("Antecedência mínima para marcar"), coerce=int)
    horizon_days = forms.IntegerField(
        label=gettext_lazy("Agenda aberta por quantos dias"),
        min_value=1,
        max_value=365,
        widget=forms.NumberInput(NUMBER),
    )
    cancel_window_minutes = forms.TypedChoiceField(
        label=gettext_lazy("O cliente cancela sozinho até"), coerce=int, help_text=gettext_lazy("Antes do horário.")
    )
    most_missed = forms.TypedChoiceField(
        label=gettext_lazy("Quem faltou ou cancelou em cima da hora"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=gettext_lazy(
            "Contam os últimos 12 meses. A página pede que a pessoa fale com a barbearia, sem dizer por quê. A equipe"
            " marca para ela como sempre, e o cadastro dela tem um botão para liberar."
        ),
    )
    customer_first_minutes = forms.TypedChoiceField(
        label=gettext_lazy("Confirmação para quem nunca falou com a barbearia"),
        coerce=int,
        help_text=gettext_lazy(
            "O WhatsApp bloqueia mais os números que escrevem primeiro a desconhecidos. Com a espera, a página pede que"
            " o cliente novo escreva antes; se ele não tocar no botão, a confirmação sai só depois deste tempo."
        ),
    )
    chairs = forms.IntegerField(
        label=gettext_lazy("Quantas cadeiras"),
        required=False,
        min_value=1,
        max_value=99,
        widget=forms.NumberInput(NUMBER),
        help_text=gettext_lazy("Só se há menos cadeiras que profissionais. Vazio: uma para cada um."),
    )

    def __init__(self, *args: Any, shop: Shop, **kwargs: Any) -> None:
        kwargs.setdefault("initial", shop_values(shop))
        super().__init__(*args, **kwargs)
        for name, usual in (
            ("slot_step_minutes", STEPS),
            ("min_notice_minutes", NOTICES),
            ("cancel_window_minutes", NOTICES),
        ):
            known = sorted({*usual, getattr(shop, name)})  # what was set elsewhere stays as it is
            self.fields[name].choices = [(number, span_words(number)) for number in known]  # type: ignore[attr-defined]
        self.fields["customer_first_minutes"].choices = _waits(shop.customer_first_minutes)  # type: ignore[attr-defined]
        self.fields["most_missed"].choices = _limits(shop.most_missed)  # type: ignore[attr-defined]


def _waits(kept: int) -> list[tuple[int, Any]]:
    """How long a new customer is awaited."""
    found: list[tuple[int, Any]] = [(0, gettext_lazy("Sai na hora"))]
    for minutes in sorted({*WAITS, kept} - {0}):
        words = gettext_lazy("Espera o cliente escrever, no máximo %(time)s")
        found.append((minutes, words % {"time": span_words(minutes)}))
    return found


def _limits(kept: int | None) -> list[tuple[int | str, Any]]:
    """From how many misses on somebody books only by the shop; what was set elsewhere stays as it is."""
    words = [(times, only_by_shop(times)) for times in sorted({*MISSES, *([kept] if kept else [])})]
    return [("", gettext_lazy("Continua marcando sozinho")), *words]


def only_by_shop(times: int) -> Any:
    return ngettext_lazy(
        "%(count)d vez ou mais: só marca pela barbearia", "%(count)d vezes ou mais: só marca pela barbearia", times
    ) % {"count": times}


def shop_values(shop: Shop) -> dict[str, Any]:
    names = (
        "name address region timezone slot_step_minutes min_notice_minutes horizon_days cancel_window_minutes"
        " most_missed customer_first_minutes chairs"
    )
    return {name: getattr(shop, name) for name in names.split()} | {"phone": display(shop.phone) if shop.phone else ""}
