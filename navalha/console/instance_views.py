"""The pages of the numbers of all shops."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from navalha.core.errors import Refused
from navalha.core.secrets import WrongKey
from navalha.evolution.errors import EvolutionError
from navalha.web.sentences import to_read
from navalha.whatsapp import actions, operating
from navalha.whatsapp.models import ConnectionState, WhatsAppInstance

from . import queries
from .access import OperatorRequest, operator_view
from .fields import Suggestion, field_answer
from .filters import Filters
from .instance_forms import InstanceForm, shops_like, suggested
from .outcomes import WORDS

Command = Callable[[OperatorRequest, WhatsAppInstance], str]


@operator_view
@require_safe
def instances(request: OperatorRequest) -> HttpResponse:
    """The numbers of all shops, a page of them."""
    now = timezone.now()
    context = queries.instance_list(Filters.of(request.GET), now=now)
    part = "console/_instances.html" if request.headers.get("HX-Target") == "instances" else "console/instances.html"
    return render(request, part, context)


@operator_view
@require_safe
def instance(request: OperatorRequest, number: int) -> HttpResponse:
    """One number with everything that its owner sees, and what the owner does not."""
    row = _number(number)
    part = "console/_instance.html" if request.headers.get("HX-Target") == "instance" else "console/instance.html"
    return render(request, part, queries.instance_page(row, now=timezone.now()))


@operator_view
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: OperatorRequest) -> HttpResponse:
    initial = {"shop": request.GET.get("loja", ""), "server": request.GET.get("servidor", "")}
    form = InstanceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            shop, fields = form.cleaned_data["shop"], form.columns()
            row = actions.add_number(shop, **fields, now=timezone.now(), by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Instância criada. Conecte-a lendo o QR com o celular da barbearia."))
            return redirect("console:instance", row.pk)
    return _form(request, form, None)


@operator_view
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: OperatorRequest, number: int) -> HttpResponse:
    row = _number(number)
    form = InstanceForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            changed = operating.change_number(row, form.columns(), now=timezone.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            _tell_server(request, changed)
            return redirect("console:instance", row.pk)
    return _form(request, form, row)


def _form(request: OperatorRequest, form: InstanceForm, row: WhatsAppInstance | None) -> HttpResponse:
    typed = str(form["shop"].value() or "")
    context = {"form": form, "number": row, "shops": shops_like(typed if form.is_bound else "")}
    return render(request, "console/instance_form.html", context, status=422 if form.errors else 200)


def _tell_server(request: OperatorRequest, row: WhatsAppInstance) -> None:
    """A new address for the webhooks is of no use before the server knows it."""
    messages.success(request, _("Instância salva."))
    if row.remote_name is None or row.state not in (ConnectionState.CONNECTED, ConnectionState.UNSTABLE):
        return
    try:
        operating.mend_webhook(row)
    except (Refused, EvolutionError, WrongKey):
        messages.warning(
            request, _("O servidor ainda não sabe o endereço dos avisos: ele é consertado sozinho depois.")
        )


@operator_view
@require_POST
def check_field(request: OperatorRequest) -> HttpResponse:
    """What is wrong with one field, and what could stand there, while it is typed."""
    known = request.POST.get("instance", "")
    row = WhatsAppInstance.across_shops.filter(pk=known).first() if known.isdecimal() and len(known) < 18 else None
    form = InstanceForm(request.POST, instance=row)
    return field_answer(request, form, suggestions=_suggestions(request.GET.get("campo", ""), request, form))


def _suggestions(field: str, request: OperatorRequest, form: InstanceForm) -> list[Suggestion]:
    """What could be typed instead, or next."""
    if field == "name" and not request.POST.get("technical_name"):
        name = suggested(request.POST.get("name", ""))
        return [Suggestion("id_technical_name", name, _("Nome técnico: %(name)s") % {"name": name})] if name else []
    if field == "shop" and form["shop"].errors and request.POST.get("shop"):
        return [Suggestion("id_shop", shop.slug, shop.name) for shop in shops_like(request.POST["shop"])]
    return []


# ---- commands


def _number(pk: int) -> WhatsAppInstance:
    rows = WhatsAppInstance.across_shops.exclude(state=ConnectionState.REMOVED).select_related("shop", "server")
    return get_object_or_404(rows, pk=pk)


def command(act: Command) -> Callable[..., HttpResponse]:
    """A button: do it, say what came of it (a refusal of the server, too), and go back to where the person was."""

    @operator_view
    @require_POST
    @wraps(act)
    def view(request: OperatorRequest, number: int) -> HttpResponse:
        row = _number(number)
        try:
            messages.success(request, act(request, row))
        except Refused as refusal:  # the page that they go back to shows how the number stands now
            messages.error(request, str(refusal))
        except operating.NoAnswer:
            messages.error(request, _("O servidor não responde. Veja a página do servidor e tente de novo."))
        except WrongKey:
            messages.error(request, _("A chave do servidor não pode ser lida. Digite-a de novo no cadastro dele."))
        except EvolutionError as error:
            said = error.detail or str(error.status)
            messages.error(request, _("O servidor não fez o que pedimos: %(error)s.") % {"error": said})
        return _back(request, row)

    return view


def _back(request: HttpRequest, row: WhatsAppInstance) -> HttpResponse:
    there = request.POST.get("de", "")
    if there.startswith("?"):
        return redirect(f"/instancias/{there}")
    return redirect("console:instance", row.pk)


@command
def connect(request: OperatorRequest, row: WhatsAppInstance) -> str:
    after = actions.start_pairing(row, now=timezone.now(), by=request.user)
    if after.state == ConnectionState.ERROR:
        raise Refused(to_read(after.error_message))
    return _("Leia o QR com o celular da barbearia.")


@command
def disconnect(request: OperatorRequest, row: WhatsAppInstance) -> str:
    actions.disconnect(row, now=timezone.now(), by=request.user)
    return _("“%(name)s” foi desconectado. As mensagens na fila esperam.") % {"name": row.name}


@command
def cancel_pairing(request: OperatorRequest, row: WhatsAppInstance) -> str:
    actions.cancel_pairing(row, now=timezone.now(), by=request.user)
    return _("Pareamento cancelado.")


@command
def restart(request: OperatorRequest, row: WhatsAppInstance) -> str:
    operating.restart(row)
    return str(WORDS["restarting"])


@command
def sync(request: OperatorRequest, row: WhatsAppInstance) -> str:
    return str(WORDS["synced_mended" if operating.sync(row, now=timezone.now()) else "synced"])


@command
def mend_webhook(request: OperatorRequest, row: WhatsAppInstance) -> str:
    return str(WORDS["webhook_mended" if operating.mend_webhook(row) else "webhook_right"])


@operator_view
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: OperatorRequest, number: int) -> HttpResponse:
    """Take a number off its shop, after one question; on the server its connection is deleted."""
    row = _number(number)
    if request.method != "POST":
        return render(request, "console/instance_delete.html", {"number": row})
    actions.remove(row, now=timezone.now(), by=request.user)
    told: dict[str, Any] = {"name": row.name, "shop": row.shop.name}
    messages.success(request, _("“%(name)s” de %(shop)s foi apagada.") % told)
    return redirect("console:instances")
