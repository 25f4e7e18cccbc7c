"""The pages of the Evolution servers."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from navalha.core.secrets import WrongKey
from navalha.whatsapp import servers as actions
from navalha.whatsapp.looks import Look, try_out
from navalha.whatsapp.models import EvolutionServer

from . import queries, trials
from .access import OperatorRequest, operator_view
from .fields import field_answer
from .forms import ServerForm


@operator_view
@require_safe
def servers(request: OperatorRequest) -> HttpResponse:
    """All servers, with how full and how well each is."""
    now = timezone.now()
    part = "console/_servers.html" if request.headers.get("HX-Target") == "servers" else "console/servers.html"
    return render(request, part, {"rows": queries.server_rows(now=now), "now": now})


@operator_view
@require_safe
def server(request: OperatorRequest, server: int) -> HttpResponse:
    """One server: its health, what lives on it, what a trial of its settings found."""
    row = get_object_or_404(queries.servers(), pk=server)
    part = "console/_server.html" if request.headers.get("HX-Target") == "server" else "console/server.html"
    return render(request, part, queries.server_page(row, now=timezone.now()))


@operator_view
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: OperatorRequest) -> HttpResponse:
    """A new server, tried out before it is saved."""
    return _form(request, None)


@operator_view
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: OperatorRequest, server: int) -> HttpResponse:
    return _form(request, get_object_or_404(EvolutionServer, pk=server))


def _form(request: OperatorRequest, server: EvolutionServer | None) -> HttpResponse:
    form = ServerForm(request.POST or None, server=server)
    look = None
    if request.method == "POST" and form.is_valid():
        look = _tried(form)
        wanted = look is not None and (look.is_well or "anyway" in request.POST)
        if look is not None and wanted and "test" not in request.POST:
            return _saved(request, form, look)
    if "test" in request.POST and request.headers.get("HX-Target") == "trial":
        return render(request, "console/_trial.html", {"look": look, "form": form})
    refused = request.method == "POST" and "test" not in request.POST
    context = {"form": form, "server": server, "look": look}
    return render(request, "console/server_form.html", context, status=422 if refused else 200)


def _tried(form: ServerForm) -> Look | None:
    """How the server answers; None, and the form says why, when its stored key cannot be read."""
    try:
        known = form.server.api_key if form.server and not form.cleaned_data["api_key"] else ""
    except WrongKey:
        form.add_error("api_key", _("A chave guardada não pode mais ser lida (FIELD_KEYS mudou). Digite-a de novo."))
        return None
    return try_out(form.cleaned_data["url"], form.cleaned_data["api_key"] or known)


def _saved(request: OperatorRequest, form: ServerForm, look: Look) -> HttpResponse:
    now, api_key = timezone.now(), form.cleaned_data["api_key"]
    if form.server is None:
        row = actions.add_server(form.columns(), api_key=api_key, look=look, by=request.user, now=now)
        messages.success(request, _("Servidor cadastrado. Confira agora a configuração dele."))
    else:
        row = form.server
        actions.change_server(row, form.columns(), api_key=api_key, look=look, by=request.user, now=now)
        messages.success(request, _("Servidor salvo."))
    return redirect("console:server", row.pk)


@operator_view
@require_POST
def check_field(request: OperatorRequest) -> HttpResponse:
    """What is wrong with one field, while it is typed."""
    known = request.POST.get("server", "")
    server = EvolutionServer.objects.filter(pk=known).first() if known.isdecimal() and len(known) < 18 else None
    return field_answer(request, ServerForm(request.POST, server=server))


@operator_view
@require_POST
def drain(request: OperatorRequest, server: int) -> HttpResponse:
    """No new numbers there, or new numbers again."""
    row = get_object_or_404(EvolutionServer, pk=server)
    drained = request.POST.get("drained") == "1"
    actions.set_drain(row, drained=drained, by=request.user, now=timezone.now())
    told: dict[str, Any] = {"name": row.name}
    messages.success(
        request,
        _("“%(name)s” não recebe mais números novos. Os que estão lá continuam; ao ler um QR novo, vão para outro.")
        % told
        if drained
        else _("“%(name)s” recebe números novos outra vez.") % told,
    )
    return redirect("console:server", row.pk)


@operator_view
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: OperatorRequest, server: int) -> HttpResponse:
    """Forget a server, after one question."""
    row = get_object_or_404(queries.servers(), pk=server)
    if request.method != "POST":
        return render(request, "console/server_remove.html", {"server": row})
    actions.remove_server(row, by=request.user, now=timezone.now())
    messages.success(request, _("O servidor “%(name)s” foi removido.") % {"name": row.name})
    return redirect("console:servers")


@operator_view
@require_POST
def check(request: OperatorRequest, server: int) -> HttpResponse:
    """Look at it now, its version included."""
    row = get_object_or_404(EvolutionServer, pk=server)
    actions.check_servers([row], now=timezone.now(), whole=True)
    return redirect("console:server", row.pk)


@operator_view
@require_POST
def try_settings(request: OperatorRequest, server: int) -> HttpResponse:
    """Have the worker try out its settings; the page watches."""
    row = get_object_or_404(EvolutionServer, pk=server)
    trials.ask_trial(row, now=timezone.now(), by=request.user)
    return redirect(f"{reverse('console:server', args=[row.pk])}#configuracao")
