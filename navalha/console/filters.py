"""What an operator looks for among the numbers of all shops: read from the address, so that a page can be kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from navalha.core.phones import digits
from navalha.web.badges import CONNECTION
from navalha.whatsapp.causes import ALIASES, CAUSES
from navalha.whatsapp.models import VOUCHED_FOR, ConnectionState, WhatsAppInstance

S = ConnectionState
HEALTH: dict[str, str | Promise] = {
    "bem": _("Bem"),
    "problema": _("Com problema"),
    "esperando": _("Esperando"),
    "perdida": _("Sumiu do servidor"),
}
SORTS: dict[str, tuple[str, ...]] = {
    "nome": ("name",),
    "loja": ("shop__name", "name"),
    "servidor": ("server__name", "name"),
    "situacao": ("state", "name"),
    "desde": ("state_changed_at",),
    "sinal": ("checked_at",),
    "criada": ("created_at",),
}
DEFAULT_SORT = "-criada"
# What a number can be shown as; removed ones are history. Some causes have a badge of their own (`whatsapp.causes`).
BADGES = {key: look.words for key, look in CONNECTION.items() if key != S.REMOVED}
OWN_BADGE = {
    key: [code for code in (*CAUSES, *ALIASES) if CAUSES[ALIASES.get(code, code)].badge == key]
    for key in BADGES
    if key not in S.values
}
PAGE = 50
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Filters:
    """The words of the address. What is not understood counts as not said."""

    q: str = ""
    state: str = ""
    shop: str = ""
    server: str = ""
    health: str = ""
    sort: str = DEFAULT_SORT
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        sort = query.get("ordem", "")
        page, server = query.get("pagina", ""), query.get("servidor", "")
        state, health = query.get("situacao", ""), query.get("saude", "")
        return cls(
            q=query.get("q", "").replace("\x00", "").strip()[:_LONGEST],
            state=state if state in BADGES else "",
            shop=query.get("loja", "").replace("\x00", "").strip()[:_LONGEST],
            server=server if server.isdecimal() and len(server) < 18 else "",
            health=health if health in HEALTH else "",
            sort=sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT,
            page=int(page) if page.isdecimal() and len(page) < 6 and int(page) else 1,
        )

    @property
    def is_any(self) -> bool:
        """Whether anything narrows the list."""
        return any((self.q, self.state, self.shop, self.server, self.health))

    def address(self, *, sort: str | None = None, page: int = 1) -> str:
        """The query of the same list, otherwise sorted or at another page; empty words are left out."""
        sort = self.sort if sort is None else sort
        words = {
            "q": self.q,
            "situacao": self.state,
            "loja": self.shop,
            "servidor": self.server,
            "saude": self.health,
            "ordem": "" if sort == DEFAULT_SORT else sort,
            "pagina": "" if page == 1 else str(page),
        }
        return "?" + urlencode({name: word for name, word in words.items() if word})

    def rows(self, *, now: datetime) -> QuerySet[WhatsAppInstance]:
        """The numbers that fit, sorted, with shop and server."""
        rows = all_rows().filter(self._wanted(now))
        back = self.sort.startswith("-")
        names = SORTS[self.sort.removeprefix("-")]
        order = [F(name).desc(nulls_last=True) if back else F(name).asc(nulls_first=True) for name in names]
        return rows.order_by(*order, "-pk" if back else "pk")

    def _wanted(self, now: datetime) -> Q:
        wanted = Q()
        if self.q:
            wanted &= self._search()
        if self.state:
            wanted &= shown_as(self.state, now)
        if self.shop:
            wanted &= Q(shop__name__icontains=self.shop) | Q(shop__slug=self.shop.lower())
        if self.server:
            wanted &= Q(server_id=int(self.server))
        return wanted & _health(self.health, now)

    def _search(self) -> Q:
        wanted = Q(name__icontains=self.q) | Q(profile_name__icontains=self.q) | Q(remote_name__icontains=self.q)
        wanted |= Q(technical_name__icontains=self.q) | Q(shop__name__icontains=self.q)
        typed = digits(self.q)
        return wanted | Q(number__contains=typed) if len(typed) >= 4 else wanted


def all_rows() -> QuerySet[WhatsAppInstance]:
    """The numbers of all shops with shop and server, without what no list shows."""
    rows = WhatsAppInstance.across_shops.exclude(state=S.REMOVED).select_related("shop", "server")
    return rows.defer("qr_code", "webhook_secret_hash", "connection_code")


def shown_as(key: str, now: datetime) -> Q:
    """The numbers whose badge is `key`, as `whatsapp.health.shown` says it: so that a list can be counted and paged."""
    match key:
        case S.CONNECTED:
            return Q(state=S.CONNECTED) & _vouched(now)
        case S.UNSTABLE:
            return Q(state=S.UNSTABLE) | Q(state=S.CONNECTED) & ~_vouched(now)
        case S.ERROR | S.DISCONNECTED:
            return Q(state=key) & ~Q(error_code__in=[code for codes in OWN_BADGE.values() for code in codes])
        case _ if key in OWN_BADGE:
            return Q(state__in=[S.ERROR, S.DISCONNECTED], error_code__in=OWN_BADGE[key])
    return Q(state=key)


def _vouched(now: datetime) -> Q:
    """Connected is believed only while something spoke for it lately."""
    looked = now - VOUCHED_FOR
    said = Q(checked_at__gt=looked) | Q(last_ack_at__gt=looked) | Q(last_inbound_at__gt=looked)
    return said | Q(state_changed_at__gt=looked)


def _health(word: str, now: datetime) -> Q:
    well = shown_as(S.CONNECTED, now)
    waiting = Q(state__in=[S.CREATED, S.AWAITING_QR, S.CONNECTING])
    match word:
        case "bem":
            return well
        case "esperando":
            return waiting
        case "problema":
            return ~well & ~waiting
        case "perdida":
            return Q(state=S.DISCONNECTED, error_code="missing")
    return Q()
