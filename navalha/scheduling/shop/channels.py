"""Channels: where a customer found the link to the booking page, as the link itself says with `?canal=`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from navalha.accounts.models import Shop

from .. import links

LONGEST = 20  # the column's
COUNTED = timedelta(days=30)
MOST_OWN = 20  # anybody can write a word into an address: more of them are summed up in one line
POSTER = "cartaz"
KNOWN = {
    "instagram": "Instagram",
    "google": "Google",
    "whatsapp": "WhatsApp",
    "facebook": "Facebook",
    POSTER: gettext_lazy("Cartaz"),
    "site": gettext_lazy("Site"),
}
SHAPE = re.compile(rf"[a-z0-9-]{{1,{LONGEST}}}")


@dataclass(frozen=True, slots=True)
class Channel:
    """One line of the page: `word` as in the link, the whole `url`, the bookings of the last COUNTED."""

    word: str
    name: str
    url: str
    count: int


def read(text: str) -> str:
    """The channel that an address says; empty for none and for what cannot be one: links are typed and cut."""
    word = text.strip().lower()
    return word if SHAPE.fullmatch(word) else ""


def url(shop: Shop, word: str) -> str:
    """The shop's page by this channel's link; by no channel's for an empty word."""
    return f"{links.booking_url(shop)}?canal={word}" if word else links.booking_url(shop)


def of_shop(shop: Shop, *, now: datetime, asked: str = "") -> list[Channel]:
    """The link without a channel, the known ones, the shop's own by their bookings (with `asked` first of them).

    Cancelled visits count: they came by that link. What the shop books by hand does not.
    """
    counts = _counts(shop, now)
    own = sorted((word for word in counts if word and word not in KNOWN), key=lambda word: (-counts[word], word))
    if asked and asked not in KNOWN:
        own = [asked, *(word for word in own if word != asked)]
    names = {"": _("Sem canal"), **{word: str(name) for word, name in KNOWN.items()}}
    words = [*names, *own[:MOST_OWN]]
    lines = [Channel(word, names.get(word, word), url(shop, word), counts.get(word, 0)) for word in words]
    rest = sum(counts.get(word, 0) for word in own[MOST_OWN:])
    return [*lines, Channel("", _("Outros canais"), "", rest)] if rest else lines


def _counts(shop: Shop, now: datetime) -> Mapping[str, int]:
    booked = shop.appointments.filter(source="public", created_at__gt=now - COUNTED, created_at__lte=now)
    return dict(booked.order_by().values_list("channel").annotate(Count("pk")))
