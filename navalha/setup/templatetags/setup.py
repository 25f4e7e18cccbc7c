"""What the pages of the set-up say often."""

from typing import Any

from django import template
from django.forms import BoundField, Select
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from navalha.accounts.models import Role

register = template.Library()


@register.simple_tag(takes_context=True)
def setup_tabs(context: Any) -> list[dict[str, object]]:
    """`{% setup_tabs as tabs %}`: the pages of the set-up."""
    request = context["request"]
    path, is_owner = request.path, request.membership.role >= Role.OWNER
    tabs = [
        (reverse("setup:services"), _("Serviços")),
        (reverse("setup:team"), _("Equipe")),
        (reverse("setup:shop"), _("Barbearia")),
        (reverse("setup:holidays"), _("Feriados")),
        (reverse("setup:closures"), _("Fechamentos")),
        *([(reverse("setup:deposit"), _("Sinal"))] if is_owner else []),
        (reverse("setup:reminders"), _("Lembretes")),
        (reverse("setup:look"), _("Aparência")),
        (reverse("setup:share"), _("Divulgar")),
    ]
    current = max((url for url, _words in tabs if path.startswith(url)), key=len, default="")
    return [{"url": url, "words": words, "current": url == current} for url, words in tabs]


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """`{% control form.name %}`: the field's own control in the house's dress."""
    css = "form-select" if isinstance(field.field.widget, Select) else "form-control"
    attrs: dict[str, str | bool] = {"class": f"{css} is-invalid" if field.errors else css}
    if field.errors:
        attrs["aria-invalid"] = "true"
        attrs["aria-describedby"] = f"{field.id_for_label}_error"
    return field.as_widget(attrs=attrs)
