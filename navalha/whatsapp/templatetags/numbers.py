"""What the templates of numbers say often."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from navalha.web import elapsed
from navalha.web.templatetags.navalha import badge
from navalha.whatsapp import mail
from navalha.whatsapp.causes import Cause, cause_of, for_operator
from navalha.whatsapp.health import shown, trouble_of
from navalha.whatsapp.models import ConnectionIncident, ConnectionState, WhatsAppInstance
from navalha.whatsapp.told import ways
from navalha.whatsapp.uptime import Strip

register = template.Library()


@register.simple_tag(takes_context=True)
def number_badge(context: Any, number: WhatsAppInstance) -> SafeString:
    """The number's badge, by evidence (`health.shown`): the same words on every page."""
    look = shown(number, context.get("now") or timezone.now())
    return badge(context, look.key, look.words, since=None if look.whole else look.since)


@register.simple_tag
def connected_words(number: WhatsAppInstance) -> str:
    """What `connected_at` is of a number: since when it is connected, or when it last was."""
    was = number.connected_at is not None and not number.is_connected
    return _("Última conexão") if was else _("Conectado em")


@register.simple_tag(takes_context=True)
def trouble(context: Any, number: WhatsAppInstance) -> Cause | None:
    """`{% trouble number as why %}`: why it is out of service; None when it is in service or never was."""
    return trouble_of(number, shown(number, context.get("now") or timezone.now()))


@register.simple_tag(takes_context=True)
def operators_trouble(context: Any, number: WhatsAppInstance) -> Cause | None:
    """`{% operators_trouble number as why %}`: the same, with the step of whoever runs the servers."""
    look = shown(number, context.get("now") or timezone.now())
    why = trouble_of(number, look)
    return for_operator(look.code, why) if why else None


@register.filter
def strip_of(strips: dict[int, Strip], number: WhatsAppInstance) -> Strip:
    """The 24 hours of `number`."""
    return strips[number.pk]


@register.simple_tag
def incident_cause(incident: ConnectionIncident) -> Cause:
    """`{% incident_cause incident as why %}`: what happened and what to do, in the page's language."""
    return cause_of(incident.code)


@register.filter
def lasted(incident: ConnectionIncident) -> str:
    """How long it was out of service: `12 min`; empty while it still is."""
    return mail.lasted(incident)


@register.filter
def told_by(incident: ConnectionIncident) -> list[str]:
    """By which ways people were told of the drop."""
    return ways(incident)


@register.filter
def moment(at: datetime, now: datetime) -> str:
    """`14:20`; of another day `22/11 às 14:20`."""
    return elapsed.moment(at, now)


@register.filter
def in_use(number: WhatsAppInstance) -> bool:
    """Whether there is a connection to end; a QR that nobody has read yet is cancelled, not disconnected."""
    troubled = number.state == ConnectionState.ERROR and bool(number.remote_name)
    return troubled or number.state in (
        ConnectionState.CONNECTING,
        ConnectionState.CONNECTED,
        ConnectionState.UNSTABLE,
    )


@register.filter
def initials(name: str) -> str:
    """`Barbearia do Zé` -> `BZ`: stands for the photo where there is none."""
    words = [word for word in name.split() if word[:1].isalpha()] or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.filter
def sign_of_life(number: WhatsAppInstance, now: datetime) -> str:
    """The last sign that came over WhatsApp itself: `última entrega há 3 min`; empty when there was none."""
    said = (
        (number.last_ack_at, _("última entrega %(since)s")),
        (number.last_inbound_at, _("última mensagem recebida %(since)s")),
        (number.proved_at, _("última resposta do WhatsApp %(since)s")),
    )
    known = [(at, words) for at, words in said if at]
    if not known:
        return ""
    at, words = max(known)
    return words % {"since": elapsed.since(at, now)}
