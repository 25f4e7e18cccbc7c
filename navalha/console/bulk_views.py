"""Commands for many numbers: starting one, watching it, stopping it; and what servers have that we do not know."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from navalha.core.errors import Refused
from navalha.whatsapp.models import WhatsAppInstance

from . import bulk, queries, strays
from .access import OperatorRequest, operator_view
from .filters import Filters
from .models import BulkRun, Command, StrayInstance


@operator_view
@require_POST
def start(request: OperatorRequest) -> HttpResponse:
    """A command for the numbers that are ticked, or for all that the filter finds."""
    wanted = request.POST.get("comando", "")
    if wanted not in Command.values:
        raise Refused(_("Escolha o que fazer com os números marcados."))
    now = timezone.now()
    if request.POST.get("todas"):
        rows = Filters.of(_query(request)).rows(now=now)
    else:
        chosen = [pk for pk in request.POST.getlist("numero") if pk.isdecimal() and len(pk) < 18]
        rows = WhatsAppInstance.across_shops.filter(pk__in=chosen).exclude(state="removed").order_by("pk")
    run = bulk.start_run(Command(wanted), rows[: bulk.MOST + 1], by=request.user, now=now)
    return redirect("console:run", run.pk)


def _query(request: OperatorRequest) -> dict[str, str]:
    """The filter of the page on which the button stands, as its form carries it."""
    return {name: str(word) for name, word in QueryDict(request.POST.get("de", "").lstrip("?")).items()}


@operator_view
@require_safe
def runs(request: OperatorRequest) -> HttpResponse:
    return render(request, "console/runs.html", {"runs": queries.runs(), "now": timezone.now()})


@operator_view
@require_safe
def run(request: OperatorRequest, run: int) -> HttpResponse:
    """How far it is."""
    row = get_object_or_404(BulkRun.objects.select_related("by"), pk=run)
    part = "console/_run.html" if request.headers.get("HX-Target") == "run" else "console/run.html"
    return render(request, part, queries.run_page(row, now=timezone.now()))


@operator_view
@require_POST
def cancel(request: OperatorRequest, run: int) -> HttpResponse:
    row = get_object_or_404(BulkRun, pk=run)
    count = bulk.cancel_run(row, by=request.user, now=timezone.now())
    said = ngettext("%(count)d número não será tocado.", "%(count)d números não serão tocados.", count)
    messages.success(request, said % {"count": count})
    return redirect("console:run", row.pk)


@operator_view
@require_safe
def drift(request: OperatorRequest) -> HttpResponse:
    """What servers have and we do not know, and what we have and a server lost."""
    part = "console/_drift.html" if request.headers.get("HX-Target") == "drift" else "console/drift.html"
    return render(request, part, queries.drift_page(now=timezone.now()))


@operator_view
@require_POST
def survey(request: OperatorRequest) -> HttpResponse:
    strays.survey_all()
    messages.info(request, _("Comparando com todos os servidores. A página se atualiza sozinha."))
    return redirect("console:drift")


@operator_view
@require_POST
def ignore_stray(request: OperatorRequest, stray: int) -> HttpResponse:
    row = get_object_or_404(StrayInstance, pk=stray)
    strays.ignore_stray(row, ignored=request.POST.get("ignored") == "1", now=timezone.now())
    return redirect("console:drift")


@operator_view
@require_POST
def delete_stray(request: OperatorRequest, stray: int) -> HttpResponse:
    row = get_object_or_404(StrayInstance.objects.select_related("server"), pk=stray)
    told = {"name": row.remote_name, "server": row.server.name}
    try:
        strays.delete_stray(row)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("“%(name)s” foi apagada em %(server)s.") % told)
    return redirect("console:drift")
