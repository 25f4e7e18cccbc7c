"""`/ajustes/sinal/`: who pays a deposit, how much, to which Pix key, and what that means in plain words."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role, Shop
from navalha.core.errors import Refused
from navalha.scheduling.deposits import asking as deposit_asking
from navalha.scheduling.deposits import policy as deposit_policy
from navalha.scheduling.deposits import preview as deposit_preview
from navalha.scheduling.deposits.rules import policy_of
from navalha.scheduling.models import Appointment, DepositPolicy
from navalha.web import undo
from navalha.whatsapp.qr import qr_png

from .deposit_form import DepositForm, deposit_values
from .forms import pairs_of
from .saving import is_sent, keep


@shop_view(Role.OWNER)
@require_http_methods(["GET", "POST"])
@undo.restoring
def deposit(request: ShopRequest) -> HttpResponse:
    """The policy, and below it what it does to whom, with the code to try out."""
    policy = policy_of(request.shop)
    form = DepositForm(request.POST if request.method == "POST" else None, shop=request.shop, policy=policy)
    if is_sent(request) and form.is_valid():
        try:
            return _keep(request, form)
        except Refused as refusal:
            if undo.is_undo(request):
                raise
            form.add_error("who", str(refusal))
    told = {"form": form, "policy": policy, **(_preview(request.shop, policy) if policy else {})}
    return render(request, "setup/deposit.html", told, status=422 if form.is_bound and not form.is_valid() else 200)


def _keep(request: ShopRequest, form: DepositForm) -> HttpResponse:
    return keep(
        request,
        partial(_save, request, form),
        said=_("Sinal: ajustes salvos. Valem para os próximos agendamentos."),
        back=request.path,
        values=lambda: _values(request.shop),
    )


def _save(request: ShopRequest, form: DepositForm) -> list[Appointment]:
    deposit_policy.save(request.shop, form.terms(), form.chosen_services(), by=request.user, now=timezone.now())
    return []


def _values(shop: Shop) -> undo.Pairs:
    return pairs_of(deposit_values(shop, policy_of(shop)))


def _preview(shop: Shop, policy: DepositPolicy) -> dict[str, Any]:
    told = {"preview": deposit_preview.build(shop, policy, now=timezone.now())}
    if not policy.pix_key:
        return told
    code = deposit_asking.code_of(policy, amount_cents=told["preview"].example_cents)
    return told | {"code": code, "qr": qr_png(code)}
