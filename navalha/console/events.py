"""The webhooks of all shops, newest first. Pages are cut by key, not by number: rows come in all the time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from navalha.accounts.models import Shop
from navalha.core.phones import digits
from navalha.whatsapp.models import EventState, EvolutionServer, WebhookEvent, WhatsAppInstance

from .event_forms import EventFilter

SHOWN = 50
# Of one command: enough for a bad night, and one transaction.
MOST_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """Some events; `older` is the key from which the next page goes on, None at the end. `newest` is the first key of
    all that match: what the tail asks after."""

    events: Sequence[WebhookEvent]
    older: int | None
    newest: int


def find(wanted: EventFilter) -> "QuerySet[WebhookEvent]":
    """The events that match the filters; what was not understood does not count."""
    said = wanted.cleaned_data
    rows = WebhookEvent.across_shops.select_related("shop", "instance__server").order_by("-pk")
    if said.get("estado"):
        rows = rows.filter(state=said["estado"])
    if said.get("evento"):
        rows = rows.filter(event__startswith=said["evento"].strip().lower().replace("_", "."))
    if words := (said.get("loja") or "").strip():
        rows = rows.filter(shop__in=Shop.objects.filter(Q(name__icontains=words) | Q(slug__icontains=words)))
    if words := (said.get("numero") or "").strip():
        rows = rows.filter(instance__in=_numbers(words))
    if said.get("servidor"):
        on_it = WhatsAppInstance.across_shops.filter(server=said["servidor"])
        rows = rows.filter(instance__in=on_it)
    if said.get("de"):
        rows = rows.filter(received_at__gte=said["de"])
    if said.get("ate"):
        rows = rows.filter(received_at__lt=said["ate"])
    return rows


def _numbers(words: str) -> "QuerySet[WhatsAppInstance]":
    """Found by name, technical name, or at least four digits of the phone in any form."""
    wanted, typed = Q(name__icontains=words) | Q(remote_name__icontains=words), digits(words)
    return WhatsAppInstance.across_shops.filter(wanted | Q(number__contains=typed) if len(typed) >= 4 else wanted)


def page(rows: "QuerySet[WebhookEvent]", *, before: int | None = None) -> Page:
    """The newest of `rows`, or those before a key. Their contents stay in the database: they are large and private."""
    wanted = (rows.filter(pk__lt=before) if before else rows).defer("payload")
    found = list(wanted[: SHOWN + 1])
    shown = found[:SHOWN]
    return Page(
        shown,
        older=shown[-1].pk if len(found) > SHOWN else None,
        newest=shown[0].pk if shown and not before else newest_key(rows),
    )


def newest_key(rows: "QuerySet[WebhookEvent]") -> int:
    return rows.values_list("pk", flat=True).first() or 0


def count_after(rows: "QuerySet[WebhookEvent]", key: int) -> int:
    """How many came since; counted no further than a page."""
    return len(rows.filter(pk__gt=key).values_list("pk", flat=True)[: SHOWN + 1])


def counts() -> dict[str, int]:
    """How many wait, were put off, or are in quarantine: by the small indexes of what is not done."""
    undone = WebhookEvent.across_shops.filter(state__in=[EventState.STORED, EventState.LATER])
    stuck = WebhookEvent.across_shops.filter(state__in=[EventState.QUARANTINED, EventState.LATER])
    return {
        **dict.fromkeys(EventState.values, 0),
        **dict(undone.order_by().values_list("state").annotate(Count("pk"))),
        **dict(stuck.order_by().values_list("state").annotate(Count("pk"))),
    }


def key_of(asked: QueryDict, name: str) -> int | None:
    """A key that an address names; None for none and for nonsense."""
    text = asked.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def chosen(ids: Sequence[str]) -> "QuerySet[WebhookEvent]":
    keys = [int(text) for text in ids if text.isascii() and text.isdecimal() and len(text) <= 18]
    return WebhookEvent.across_shops.filter(pk__in=keys[:MOST_AT_ONCE]).defer("payload")


def quarantined(wanted: EventFilter) -> "QuerySet[WebhookEvent]":
    """What the filters show of the quarantine, as much as one command takes: the oldest first."""
    rows = find(wanted).filter(state=EventState.QUARANTINED).defer("payload").order_by("pk")
    return WebhookEvent.across_shops.filter(pk__in=list(rows.values_list("pk", flat=True)[:MOST_AT_ONCE]))


def details(event: WebhookEvent) -> dict[str, Any]:
    """The events around one, of the same number: what came before often explains it."""
    near = WebhookEvent.across_shops.filter(instance=event.instance_id).defer("payload")
    return {
        "before": list(near.filter(pk__lt=event.pk).order_by("-pk")[:5]),
        "after": list(near.filter(pk__gt=event.pk).order_by("pk")[:5]),
    }


def servers() -> list[EvolutionServer]:
    return list(EvolutionServer.objects.order_by("name"))
