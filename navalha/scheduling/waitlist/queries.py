"""The waitlist as its pages show it: who stands where, who is asked about what. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from navalha.accounts.models import Shop

from .. import queries
from ..slots import Slot, Stretch
from . import matching, words
from .models import LIVE, ON_THE_LIST, WaitlistEntry, WaitlistOffer

# Why nothing is offered to somebody, by the word of `matching.People.why_not`.
WHY: dict[str, str | Promise] = {
    "asked": _("Já tem uma oferta em outra espera."),
    "unreachable": _("Este telefone não tem WhatsApp: ligue para a pessoa."),
    "booked": _("Já tem horário marcado nestes dias: nada é oferecido."),
    "silent": _("Não respondeu às últimas ofertas. Volta a receber quando escrever."),
}
SHOWN_OFFERS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One of the list, counted from 1. `past` are the offers that were not taken, newest first."""

    entry: WaitlistEntry
    position: int
    hours: str
    live: WaitlistOffer | None
    past: Sequence[WaitlistOffer]
    why_not: str | Promise


def standing(shop: Shop) -> int:
    """How many wait: one query."""
    return shop.waitlist.filter(state__in=ON_THE_LIST).count()


def kept_between(shop: Shop, between: Stretch) -> list[WaitlistOffer]:
    """The offers whose time within `between` is kept for an answer, by time, with whom they ask: one query."""
    rows = shop.waitlist_offers.filter(state__in=LIVE, starts_at__lt=between[1], ends_at__gt=between[0])
    return list(rows.select_related("entry__customer").order_by("starts_at", "pk"))


def build(shop: Shop, *, now: datetime) -> list[Row]:
    """Everybody on the list: nine queries at most."""
    rows = shop.waitlist.filter(state__in=ON_THE_LIST).order_by("joined_at", "pk")
    rows = rows.select_related("customer", "professional", "shop", "added_by")
    entries = list(rows.prefetch_related("services", "offers__professional", "offers__message"))
    if not entries:
        return []
    people = matching.People(shop, entries, now)
    return [_row(entry, position, people) for position, entry in enumerate(entries, start=1)]


def _row(entry: WaitlistEntry, position: int, people: matching.People) -> Row:
    offers = list(entry.offers.all())
    live = next((one for one in offers if one.state in LIVE), None)
    why_not = "" if live else WHY.get(people.why_not(entry), "")
    past = [one for one in offers if one.state not in LIVE][:SHOWN_OFFERS]
    return Row(entry, position, words.hours(entry), live, past, why_not)


def ahead_of(entry: WaitlistEntry) -> int:
    """How many came before who want some of the same days, and may be served by the same people: one query."""
    rows = entry.shop.waitlist.filter(state__in=ON_THE_LIST)
    rows = rows.filter(first_day__lte=entry.last_day, last_day__gte=entry.first_day)
    if entry.professional_id is not None:
        rows = rows.filter(Q(professional=None) | Q(professional=entry.professional_id))
    return rows.filter(Q(joined_at__lt=entry.joined_at) | Q(joined_at=entry.joined_at, pk__lt=entry.pk)).count()


def times_for(entry: WaitlistEntry, *, now: datetime) -> list[Slot]:
    """The free times of the wished days, for a member to choose one, with whoever can serve."""
    return queries.free_slots(
        entry.shop,
        services=list(entry.services.all()),
        professional=entry.professional,
        first_day=entry.first_day,
        days=(entry.last_day - entry.first_day).days + 1,
        now=now,
    )
