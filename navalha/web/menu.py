"""The menu of the shell: only pages that exist, and only those that the person may open."""

from collections.abc import Callable, Iterator
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
    also: tuple[str, ...] = ()  # other addresses whose pages stand below this item

    def is_open_at(self, path: str) -> bool:
        """Whether the page at `path` is below this item; the first page is below none but itself."""
        return path == self.path if self.path == "/" else path.startswith((self.path, *self.also))


ITEMS = (
    Item("/inicio/", "house-door", _("Início")),
    Item("/agenda/", "calendar3", _("Agenda"), also=("/fila/", "/espera/")),
    Item("/conversas/", "chat-dots", _("Conversas")),
    Item("/clientes/", "people", _("Clientes")),
    Item("/whatsapp/", "whatsapp", _("WhatsApp")),
    Item("/ajustes/", "sliders", _("Ajustes"), also=("/servicos/", "/equipe/")),
)

OPERATOR_ITEMS = (
    Item("/", "speedometer2", _("Início")),
    Item("/instancias/", "phone", _("Instâncias")),
    Item("/servidores/", "hdd-stack", _("Servidores")),
    Item("/eventos/", "activity", _("Eventos")),
    Item("/lojas/", "shop", _("Lojas")),
)
ADMIN = Item("/admin/", "gear", _("Admin"))


# On a phone: so many in the bar. One more than these still fits beside them, and needs no way to the rest.
IN_THE_BAR = 4


def items(request: HttpRequest) -> Iterator[dict[str, object]]:
    """What this person sees, with `current` at the page that is open; `is_rest` is what a phone's bar leaves out."""
    shown = list(_items(request))
    for place, item in enumerate(shown):
        yield {
            "path": item.path,
            "icon": item.icon,
            "words": item.words,
            "current": item.is_open_at(request.path),
            "is_rest": len(shown) > IN_THE_BAR + 1 and place >= IN_THE_BAR,
        }


def _items(request: HttpRequest) -> Iterator[Item]:
    if getattr(request, "is_operators", False):
        # `/` is for everybody who is logged in, and shows each what is theirs.
        items = (
            item for item in OPERATOR_ITEMS if item.path == "/" or getattr(_view(item.path), "for_operator", False)
        )
        yield from items
        yield ADMIN
    elif membership := getattr(request, "membership", None):
        yield from (item for item in ITEMS if _may_open(item.path, membership.role))


def _may_open(path: str, role: int) -> bool:
    """Whether the page exists and its own guard (`@shop_view`) lets this role in: there is no second list of roles."""
    view = _view(path)
    return view is not None and role >= getattr(view, "needed_role", 0)


def _view(path: str) -> Callable[..., object] | None:
    try:
        return resolve(path).func
    except Resolver404:
        return None
