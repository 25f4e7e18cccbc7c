"""What templates say often: icons, badges, phones, money, how long ago, the menu."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, to_locale

from navalha.core import money, phones
from navalha.web import days, elapsed, icons, menu, sentences
from navalha.web.badges import BADGES

register = template.Library()


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """`{% icon "whatsapp" %}`: a drawing of bootstrap-icons, hidden from screen readers. Put words beside it."""
    return mark_safe(icons.svg(name, css))  # noqa: S308 - the drawing comes from the package, the names from us


@register.simple_tag(takes_context=True)
def badge(context: Any, state: str, words: str = "", since: datetime | None = None) -> SafeString:
    """`{% badge number.state since=number.state_changed_at %}`: colour, icon, words, since when.

    `words` replaces the vocabulary's own. `since` is read against the template's `now`.
    """
    look = BADGES[state]
    label = words or look.words
    now = context.get("now") or timezone.now()
    when = format_html(' <span class="badge-since">{}</span>', elapsed.since(since, now)) if since else ""
    pulse = " badge-pulse" if look.pulse else ""
    drawing = icon(look.icon)
    return format_html('<span class="badge-state tone-{}{}">{} {}{}</span>', look.tone, pulse, drawing, label, when)


@register.simple_tag
def tick(state: str, reason: str = "") -> SafeString:
    """`{% tick message.state %}`: the small mark beside a message; its words are for screen readers and the tip."""
    look = BADGES[state]
    words = f"{look.words}: {sentences.to_read(reason)}" if reason else str(look.words)
    html = '<span class="tick tone-{}" title="{}">{}<span class="visually-hidden">{}</span></span>'
    return format_html(html, look.tone, words, icon(look.icon), words)


@register.filter
def phone(number: str | None) -> str:
    """`+5511999990001` -> `+55 11 99999-0001`; nothing for no number."""
    return phones.display(number) if number else ""


@register.filter
def reais(cents: int | None) -> str:
    """`4500` -> `R$ 45,00`, in the way of the page's language."""
    return money.reais(cents or 0, to_locale(get_language() or "pt-br"))


@register.filter
def since(moment: datetime | None, now: datetime | str | None = None) -> str:
    """`{{ message.sent_at|since:now }}` -> `há 3 min`; nothing for no moment."""
    return elapsed.since(moment, now if isinstance(now, datetime) else timezone.now()) if moment else ""


@register.filter
def day_long(day: date) -> str:
    """`{{ day|day_long }}` -> `terça-feira, 24 de novembro`, in the way of the page's language."""
    return days.day_long(day)


@register.filter
def kept(sentence: str) -> str:
    """`{{ change.reason|kept }}`: a sentence that a row keeps in Portuguese, in the page's language."""
    return sentences.to_read(sentence)


@register.simple_tag(takes_context=True)
def menu_items(context: Any) -> Iterable[dict[str, object]]:
    """`{% menu_items as items %}`: path, icon, words, current, is_rest."""
    request: HttpRequest = context["request"]
    return list(menu.items(request))


@register.filter
def rest_of_menu(items: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    """`{{ items|rest_of_menu }}`: those that a phone's bar leaves out."""
    return [item for item in items if item["is_rest"]]
