"""Deposits in the agenda: the list of what somebody has to do, and what the buttons do."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused
from navalha.web import undo as undo_button

from ..agenda.views import address_of, back, done, find_visit, wants_part
from ..agenda.visit_views import refused
from . import actions, asking, queries, rules
from .commands import COMMANDS


@shop_view(Role.RECEPTION)
@require_GET
def deposits(request: ShopRequest) -> HttpResponse:
    """What to check, what to give back, what is awaited, and what became of the others; for htmx the list alone."""
    now = timezone.now()
    found = queries.build(request.shop, now=now)
    told = {"deposits": found, "now": now, "policy": rules.policy_of(request.shop) if found.is_empty else None}
    template = "scheduling/_deposits.html" if wants_part(request) else "scheduling/deposits.html"
    return render(request, template, told)


@shop_view(Role.RECEPTION)
@require_POST
def command(request: ShopRequest, pk: int, path: str) -> HttpResponse:
    """One of the buttons; `estado` is the state in which the person saw the deposit."""
    appointment = find_visit(request, pk)
    wanted = COMMANDS[path]
    seen = request.POST.get("estado", "")
    try:
        if seen not in wanted.states:
            raise Refused(_("O sinal mudou. Abra a página de novo e decida com o que ela mostra."))
        deposit = wanted.act(appointment, by=request.user, seen=seen, now=timezone.now())
    except Refused as refusal:
        return refused(request, appointment, refusal)
    change = actions.last_change(deposit)
    if change is not None:
        address = reverse("scheduling:deposit_undo", args=[appointment.pk, change.pk])
        undo_button.offer(request, str(wanted.done), address)
    return done(request, back(request, address_of(appointment)))


@shop_view(Role.RECEPTION)
@require_POST
def ask(request: ShopRequest, pk: int) -> HttpResponse:
    """“Pedir sinal” of a visit that has none."""
    appointment = find_visit(request, pk)
    try:
        asking.ask(appointment, by=request.user, now=timezone.now())
    except Refused as refusal:
        return refused(request, appointment, refusal)
    messages.success(request, _("Sinal pedido. O cliente recebe o código Pix pelo WhatsApp."))
    return done(request, back(request, address_of(appointment)))


@shop_view(Role.RECEPTION)
@require_POST
def undo(request: ShopRequest, pk: int, deposit_change_id: int) -> HttpResponse:
    """Take back what a toast or the visit's page named."""
    appointment = find_visit(request, pk)
    try:
        actions.undo(appointment, deposit_change_id, by=request.user, now=timezone.now())
    except Refused as refusal:
        return refused(request, appointment, refusal)
    messages.success(request, _("Desfeito: está como antes."))
    return done(request, back(request, address_of(appointment)))
