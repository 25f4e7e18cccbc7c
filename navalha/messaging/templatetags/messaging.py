"""How a message looks wherever one is shown: its ticks, its kind, its words."""

import re
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import escape, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from navalha.messaging import decisions, waits
from navalha.messaging.models import Direction, MessageState, WhatsAppMessage
from navalha.web.templatetags.navalha import tick

register = template.Library()

KINDS = {
    "image": ("image", _("imagem")),
    "audio": ("mic-fill", _("áudio")),
    "video": ("camera-video-fill", _("vídeo")),
    "document": ("file-earmark-text", _("documento")),
    "sticker": ("emoji-smile", _("figurinha")),
    "location": ("geo-alt-fill", _("localização")),
    "contact": ("person-vcard", _("contato")),
    "unknown": ("question-square", _("mensagem que só o celular mostra")),
}
_LINK = re.compile(r"https?://\S+")
# As WhatsApp itself marks bold: stars around words, none of them inside.
_BOLD = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")


@register.simple_tag
def ticks(message: WhatsAppMessage | None) -> SafeString | str:
    """`{% ticks message %}`: how far a message of ours got, with why it failed or waits; nothing for others."""
    if message is None or message.direction != Direction.OUT:
        return ""
    return tick(message.state, message.error_message or str(waits.WHY.get(message.hold_code, "")))


@register.simple_tag
def state_words(state: str) -> str:
    """`{% state_words change.to_state %}` -> `Entregue`."""
    return str(MessageState(state).label)


@register.simple_tag(takes_context=True)
def why_waits(context: Any, message: WhatsAppMessage) -> str:
    """`{% why_waits message as why %}`: why the pace holds it and until when; empty when it does not."""
    now = context.get("now")
    return waits.why_waits(message, now if isinstance(now, datetime) else timezone.now())


@register.filter
def decision_words(message: WhatsAppMessage) -> str:
    """`{{ message|decision_words }}` -> `Confirmou o horário de quarta-feira, 25/11, às 15:00.`"""
    return decisions.words(message)


@register.filter
def moment_words(moment: datetime, now: datetime) -> str:
    """`{{ until|moment_words:now }}` -> `amanhã às 09:00`."""
    return waits.moment_words(moment, now)


@register.filter
def kind_icon(message: WhatsAppMessage) -> str:
    """The drawing of what is no text; empty for texts."""
    return KINDS[message.kind][0] if message.kind in KINDS else ""


@register.filter
def kind_words(message: WhatsAppMessage) -> str:
    """`imagem`, `áudio`…; empty for texts."""
    return str(KINDS[message.kind][1]) if message.kind in KINDS else ""


@register.filter
def in_one_line(message: WhatsAppMessage) -> str:
    """`[imagem] legenda`: for lists and quotes."""
    kind = kind_words(message)
    words = " ".join(message.text.split())
    return f"[{kind}] {words}".strip() if kind else without_stars(words)


@register.filter
def without_stars(text: str) -> str:
    """The text without the marks that make WhatsApp write in bold."""
    return text.replace("*", "")


@register.filter
def without_links(text: str) -> str:
    return _LINK.sub("…", text)


@register.filter
def first_and_rest(text: str) -> dict[str, str]:
    """The first line, and what follows it."""
    first, _break, rest = text.strip().partition("\n")
    return {"first": first, "rest": rest.strip()}


@register.filter
def as_on_whatsapp(text: str) -> SafeString:
    """The text as a phone shows it: its lines, and *bold* in bold. Everything else is escaped."""
    return mark_safe(linebreaks(_BOLD.sub(r"<strong>\1</strong>", escape(text))))  # noqa: S308 - escaped before
