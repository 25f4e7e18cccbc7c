"""Pairs of customers who look like one, and making one of two: by the reception and above."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused
from navalha.web import undo as undo_button

from . import duplicates, merging, queries

CHOICES = 20


@shop_view(Role.RECEPTION)
@require_GET
def suspects(request: ShopRequest) -> HttpResponse:
    """The pairs, the surest first."""
    pairs = duplicates.suspected(request.shop)
    return render(request, "customers/duplicates.html", {"pairs": pairs, "most": duplicates.MOST})


@shop_view(Role.RECEPTION)
@require_GET
def choose(request: ShopRequest, pk: int) -> HttpResponse:
    """With whom to join this customer: found by name or phone."""
    customer = get_object_or_404(request.shop.customers, pk=pk)
    search = request.GET.get("busca", customer.name)[:80].replace("\x00", "")
    found = [row for row in queries.find(request.shop, search, most=CHOICES + 1) if row != customer]
    context = {"customer": customer, "found": found[:CHOICES], "search": search}
    return render(request, "customers/choose.html", context)


@shop_view(Role.RECEPTION)
@require_http_methods(["GET", "POST"])
def join(request: ShopRequest, keep_id: int, gone_id: int) -> HttpResponse:
    """GET shows what is kept of both; POST makes them one."""
    keep = get_object_or_404(request.shop.customers, pk=keep_id)
    gone = get_object_or_404(request.shop.customers.exclude(pk=keep_id), pk=gone_id)
    if request.method == "POST":
        return _joined(request, keep_id, gone_id)
    context = {
        "keep": keep,
        "gone": gone,
        "result": duplicates.preview(keep, gone),
        "sides": [(keep, duplicates.holdings(keep)), (gone, duplicates.holdings(gone))],
        "days": merging.UNDO_FOR.days,
    }
    return render(request, "customers/join.html", context)


def _joined(request: ShopRequest, keep_id: int, gone_id: int) -> HttpResponse:
    try:
        keep = merging.merge(request.shop, keep_id=keep_id, gone_id=gone_id, now=timezone.now(), by=request.user)
    except merging.Vanished:
        messages.error(request, _("Um dos dois acabou de ser juntado por outra pessoa. Veja a lista como está agora."))
        return redirect("duplicates:suspects")
    record = keep.merges.all()[0]
    sentence = _("Os dois cadastros agora são um só.")
    undo_button.offer(request, sentence, reverse("duplicates:undo", args=[record.pk]))
    return redirect("profiles:show", keep.pk)


@shop_view(Role.RECEPTION)
@require_POST
def apart(request: ShopRequest, keep_id: int, gone_id: int) -> HttpResponse:
    """Não são a mesma pessoa."""
    one = get_object_or_404(request.shop.customers, pk=keep_id)
    other = get_object_or_404(request.shop.customers, pk=gone_id)
    row = duplicates.say_apart(request.shop, one, other, by=request.user, now=timezone.now())
    undo_button.offer(request, _("Anotado: são duas pessoas."), reverse("duplicates:unsay_apart", args=[row.pk]))
    return redirect("duplicates:suspects")


@shop_view(Role.RECEPTION)
@require_POST
def unsay_apart(request: ShopRequest, apart_id: int) -> HttpResponse:
    """Desfazer: they may be one after all."""
    duplicates.unsay_apart(get_object_or_404(request.shop.known_apart, pk=apart_id))
    messages.success(request, _("Desfeito."))
    return redirect("duplicates:suspects")


@shop_view(Role.RECEPTION)
@require_POST
def undo(request: ShopRequest, merge_id: int) -> HttpResponse:
    """Desfazer: two of one again."""
    record = get_object_or_404(request.shop.customer_merges, pk=merge_id)
    try:
        gone = merging.undo(request.shop, record.pk, by=request.user, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("profiles:show", record.kept_id)
    messages.success(request, _("Desfeito: são dois cadastros de novo. O que chegou depois da união ficou no outro."))
    return redirect("profiles:show", gone.pk)
