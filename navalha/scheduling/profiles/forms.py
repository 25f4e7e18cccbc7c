"""A customer's form with the professional they prefer, and what the list is narrowed by."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import Shop
from navalha.customers.forms import CustomerForm

from ..models import Professional
from .queries import Filters

ABSENT = (30, 45, 60, 90, 180)


class ProfileForm(CustomerForm):
    """`professional` is empty, or the key of one of the shop who works there or is preferred already."""

    professional = forms.ChoiceField(label=_("Prefere ser atendido por"), required=False)
    field_order = ("seen", "name", "phone", "birthday", "professional", "tags", "notes")

    def __init__(self, *args: Any, shop: Shop, preferred: Professional | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._people = {str(person.pk): person for person in shop.professionals.filter(is_active=True)}
        if preferred is not None:
            self._people.setdefault(str(preferred.pk), preferred)
        people = [(key, person.name) for key, person in self._people.items()]
        self.fields["professional"].choices = [("", _("Tanto faz")), *people]  # type: ignore[attr-defined]

    def preferred(self) -> Professional | None:
        return self._people.get(self.cleaned_data["professional"])


def filters_of(query: Any) -> Filters:
    """The filters of an address; what is no filter narrows nothing."""
    absent = query.get("ausente", "")
    return Filters(
        search=query.get("busca", "")[:80].replace("\x00", ""),
        tag=query.get("etiqueta", "")[:30].replace("\x00", ""),
        birthdays=query.get("aniversario") == "mes",
        absent_days=int(absent) if absent.isascii() and absent.isdigit() and 0 < int(absent[:5]) <= 3650 else None,
    )
