"""The event monitor: what came, what became of it, and trying again."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from navalha.accounts.actions import note
from navalha.accounts.models import OperatorAct
from navalha.evolution.events import SUBSCRIBED
from navalha.whatsapp import events as inbox
from navalha.whatsapp.masking import masked
from navalha.whatsapp.models import EventState, WebhookEvent

from . import events as queries
from .access import OperatorRequest, operator_view
from .event_forms import EventFilter
from .shop_forms import ReasonForm

KNOWN = sorted(name.lower().replace("_", ".") for name in SUBSCRIBED)


@operator_view
@require_safe
def events(request: OperatorRequest) -> HttpResponse:
    """The newest events that match; for htmx the table alone."""
    wanted = _filter(request)
    before = queries.key_of(request.GET, "antes")
    page = queries.page(queries.find(wanted), before=before)
    context = {
        "page": page,
        "wanted": wanted,
        "asked": request.GET,
        "before": before,
        "counts": queries.counts(),
        "known": KNOWN,
        "kept": _kept(),
        "now": timezone.now(),
        "query": _query(request),
    }
    part = "console/_events_and_tail.html" if request.headers.get("HX-Target") == "events" else "console/events.html"
    return render(request, part, context)


@operator_view
@require_safe
def tail(request: OperatorRequest) -> HttpResponse:
    """How many events came after the newest one on the page."""
    since = queries.key_of(request.GET, "depois") or 0
    fresh = queries.count_after(queries.find(_filter(request)), since)
    context = {"fresh": fresh, "many": fresh > queries.SHOWN, "newest": since, "query": _query(request)}
    return render(request, "console/_tail.html", context)


@operator_view
@require_safe
@never_cache
def event(request: OperatorRequest, event: int) -> HttpResponse:
    """One event; what people wrote, and who they are, is masked."""
    return _page(request, _find(event))


@operator_view
@require_POST
@never_cache
def reveal(request: OperatorRequest, event: int) -> HttpResponse:
    """The content as it came, once, for a reason that is kept."""
    row, form = _find(event), ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form=form, status=422)
    note(
        OperatorAct.REVEALED,
        by=request.user,
        now=timezone.now(),
        shop=row.shop,
        subject=f"{row.event} #{row.pk}",
        reason=form.cleaned_data["reason"],
    )
    return _page(request, row, whole=True)


@operator_view
@require_POST
def replay(request: OperatorRequest) -> HttpResponse:
    """Have the chosen events applied again, or all of the quarantine that the filters show (`todos`)."""
    if request.POST.get("todos"):
        rows = queries.quarantined(_filter(request))
        count = inbox.replay(rows, now=timezone.now())
    else:
        count = inbox.replay(queries.chosen(request.POST.getlist("id")), now=timezone.now(), also_done=True)
    if not count:
        messages.warning(request, _("Nenhum evento para processar de novo: marque ao menos um que já terminou."))
    else:
        note(OperatorAct.REPLAYED, by=request.user, now=timezone.now(), subject=_subject(request, count))
        sentence = ngettext("%(count)d evento volta para a fila.", "%(count)d eventos voltam para a fila.", count)
        messages.success(request, sentence % {"count": count})
    return redirect(_back(request))


def _subject(request: OperatorRequest, count: int) -> str:
    ids = ", ".join(f"#{number}" for number in request.POST.getlist("id")[:10])
    return f"{count}: {ids}" if ids else str(count)


def _filter(request: OperatorRequest) -> EventFilter:
    wanted = EventFilter(request.GET)
    wanted.is_valid()  # what is wrong is said beside its field, and the rest counts
    return wanted


def _query(request: OperatorRequest) -> str:
    """The filters alone, as they stand in the address."""
    asked = request.GET.copy()
    for name in ("antes", "depois"):
        asked.pop(name, None)
    return asked.urlencode()


def _find(pk: int) -> WebhookEvent:
    return get_object_or_404(WebhookEvent.across_shops.select_related("shop", "instance__server"), pk=pk)


def _page(
    request: OperatorRequest,
    row: WebhookEvent,
    *,
    form: ReasonForm | None = None,
    whole: bool = False,
    status: int = 200,
) -> HttpResponse:
    content = row.payload if whole else masked(row.payload)
    context: dict[str, Any] = {
        "event": row,
        "content": json.dumps(content, ensure_ascii=False, indent=2),
        "whole": whole,
        "form": form or ReasonForm(),
        "may_replay": row.state != EventState.STORED,
        "now": timezone.now(),
        **queries.details(row),
    }
    return render(request, "console/event.html", context, status=status)


def _kept() -> dict[str, int]:
    return {
        "processed": inbox.processed_for().days,
        "chatter": inbox.chatter_for().days,
        "quarantined": inbox.quarantined_for().days,
    }


def _back(request: OperatorRequest) -> str:
    wanted = request.POST.get("volta", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return "/eventos/"
