"""How the operator's pages show what belongs to shops and their customers: enough to help, not enough to read along."""

from django import template
from django.utils.translation import gettext as _

from navalha.console import outcomes
from navalha.console.models import BulkItem
from navalha.core import phones
from navalha.customers.models import Customer
from navalha.messaging.models import WhatsAppMessage
from navalha.messaging.templatetags.messaging import kind_words

register = template.Library()


@register.filter
def outcome_words(item: BulkItem) -> str:
    """`{{ item|outcome_words }}` -> `O servidor não responde.`"""
    return outcomes.words(item)


@register.filter
def shortened(customer: Customer | None) -> str:
    """`Rafael Conceição de Souza` -> `Rafael S.`; nothing for nobody."""
    words = str(customer).split() if customer else []
    return " ".join([*words[:1], *(f"{word[0]}." for word in words[-1:] if len(words) > 1)])


@register.filter
def masked_words(message: WhatsAppMessage) -> str:
    """`••• (23 letras)`, with the kind of what is no text."""
    kind, letters = kind_words(message), len(message.text)
    words = _("••• (%(count)d letras)") % {"count": letters} if letters else ""
    return f"[{kind}] {words}".strip() if kind else words or "–"


@register.filter
def masked_phone(address: str) -> str:
    """The last four digits at most."""
    return phones.masked(address)
