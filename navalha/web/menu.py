"""The menu of the shell: only pages that exist, and only those that the member may open."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Item:
    path: str
    icon: str
    words: str | Promise


ITEMS = (
    Item("/agenda/", "calendar3", _("Agenda")),
    Item("/conversas/", "chat-dots", _("Conversas")),
    Item("/whatsapp/", "whatsapp", _("WhatsApp")),
)


def items(request: HttpRequest) -> Iterator[dict[str, object]]:
    """What this member sees, with `current` at the page that is open."""
    membership = getattr(request, "membership", None)
    for item in ITEMS:
        if membership is not None and _may_open(item.path, membership.role):
            yield {
                "path": item.path,
                "icon": item.icon,
                "words": item.words,
                "current": request.path.startswith(item.path),
            }


def _may_open(path: str, role: int) -> bool:
    """Whether the page exists and its own guard (`@shop_view`) lets this role in: there is no second list of roles."""
    try:
        view = resolve(path).func
    except Resolver404:
        return False
    return role >= getattr(view, "needed_role", 0)
