"""The pages of the shops: find one, see what it uses, suspend it, change its plan, enter it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from navalha.accounts import actions, impersonation
from navalha.accounts.models import OperatorAct, Shop, ShopState
from navalha.core.errors import Refused

from . import shops as queries
from .access import OperatorRequest, operator_view
from .shop_forms import PlanForm, ReasonForm

ACTS_PER_PAGE = 50


@operator_view
@require_safe
def shops(request: OperatorRequest) -> HttpResponse:
    """All shops; for htmx the table alone."""
    now, asked = timezone.now(), request.GET
    found = queries.find(search=asked.get("busca", ""), state=asked.get("estado", ""), plan=asked.get("plano", ""))
    rows, page = queries.page(found, asked.get("pagina"), now=now)
    context = {
        "rows": rows,
        "page": page,
        "counts": queries.counts(),
        "plans": queries.plans(),
        "states": ShopState.choices,
        "asked": asked,
        "now": now,
    }
    part = "console/_shops.html" if request.headers.get("HX-Target") == "shops" else "console/shops.html"
    return render(request, part, context)


@operator_view
@require_safe
def shop(request: OperatorRequest, shop: int) -> HttpResponse:
    return _page(request, _find(shop))


@operator_view
@require_POST
def suspend(request: OperatorRequest, shop: int) -> HttpResponse:
    """Close the shop's page and hold its messages; members read the reason."""
    row, form = _find(shop), ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, row, suspend_form=form, status=422)
    try:
        actions.suspend(row, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
    except Refused as refusal:
        return _page(request, row, refusal=str(refusal), status=409)
    messages.success(request, _("“%(name)s” está suspensa: a página fechou e as mensagens esperam.") % {"name": row})
    return redirect("console:shop", row.pk)


@operator_view
@require_POST
def reactivate(request: OperatorRequest, shop: int) -> HttpResponse:
    """Approve, or end a suspension."""
    row = _find(shop)
    try:
        actions.reactivate(row, by=request.user, now=timezone.now())
    except Refused as refusal:
        return _page(request, row, refusal=str(refusal), status=409)
    messages.success(request, _("“%(name)s” está ativa: a página abriu e as mensagens saem.") % {"name": row})
    return redirect("console:shop", row.pk)


@operator_view
@require_POST
def choose_plan(request: OperatorRequest, shop: int) -> HttpResponse:
    row, form = _find(shop), PlanForm(request.POST)
    if not form.is_valid():
        return _page(request, row, plan_form=form, status=422)
    actions.choose_plan(row, form.cleaned_data["plan"], by=request.user, now=timezone.now())
    messages.success(request, _("Plano trocado."))
    return redirect("console:shop", row.pk)


@operator_view
@require_POST
def enter(request: OperatorRequest, shop: int) -> HttpResponse:
    """Go into the shop as if a member, for half an hour."""
    row, form = _find(shop), ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, row, enter_form=form, status=422)
    impersonation.begin(request, row, user=request.user, reason=form.cleaned_data["reason"], now=timezone.now())
    return redirect("reports:home")


@operator_view
@require_safe
def audit(request: OperatorRequest) -> HttpResponse:
    """Who did what, when and why."""
    asked = request.GET
    rows = queries.acts(act=asked.get("ato", ""), who=asked.get("quem", ""), shop=asked.get("loja", ""))
    page = Paginator(rows, ACTS_PER_PAGE).get_page(asked.get("pagina"))
    context = {"page": page, "acts": OperatorAct.choices, "asked": asked, "now": timezone.now()}
    return render(request, "console/audit.html", context)


def _find(pk: int) -> Shop:
    return get_object_or_404(Shop.objects.select_related("plan"), pk=pk)


def _page(
    request: OperatorRequest, row: Shop, *, status: int = 200, refusal: str = "", **tried: forms.Form
) -> HttpResponse:
    """The page of a shop; `tried` are forms that were refused, with what was typed into them."""
    now = timezone.now()
    if refusal:
        row = _find(row.pk)
    shown: dict[str, Any] = {
        "suspend_form": ReasonForm(auto_id="suspender_%s"),
        "enter_form": ReasonForm(auto_id="entrar_%s"),
        "plan_form": PlanForm(initial={"plan": row.plan_id}),
        **tried,
    }
    context = {**queries.details(row, now=now), **shown, "of": row, "refusal": refusal, "now": now}
    return render(request, "console/shop.html", context, status=status)
