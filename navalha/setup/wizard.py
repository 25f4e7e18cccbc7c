"""`/comecar/`: a new shop in five minutes. Each step is kept, can be skipped, and is where its owner goes on."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused
from navalha.scheduling import links
from navalha.scheduling.shop import beginning, house
from navalha.scheduling.shop.regions import zone_of_region

from .wizard_forms import AddressForm, HoursForm, ServicesForm, TeamForm

STEPS = ("servicos", "horarios", "equipe", "endereco", "pronto")


@shop_view(Role.MANAGER)
@require_safe
def start(request: ShopRequest) -> HttpResponse:
    """Go on where the owner stopped; who is through sees the whole from the beginning."""
    kept = request.shop.setup_step
    return redirect(_address(kept if kept in STEPS else STEPS[0]))


@shop_view(Role.MANAGER)
@require_http_methods(["GET", "POST"])
def step(request: ShopRequest, step: str) -> HttpResponse:
    """One step; POST keeps it and goes on, with `skip` without keeping."""
    if step == STEPS[-1]:
        return _ready(request)
    if "skip" in request.POST:
        return _next(request, step)
    form = _form(request, step)
    if form.is_valid():
        try:
            KEEP[step](request, form)
        except Refused as refusal:
            form.add_error(None, str(refusal))  # said above the form, with everything that was typed
        else:
            return _next(request, step)
    told = {"form": form, "step": step, **_progress(step)}
    return render(request, f"setup/wizard_{step}.html", told, status=422 if form.is_bound else 200)


@shop_view(Role.MANAGER)
@require_POST
def shared(request: ShopRequest) -> HttpResponse:
    """The owner says that the link is out."""
    beginning.note_shared(request.shop, now=timezone.now())
    messages.success(request, _("Ótimo! Os primeiros agendamentos aparecem na agenda."))
    return redirect("home")


@shop_view(Role.MANAGER)
@require_POST
def close_checklist(request: ShopRequest) -> HttpResponse:
    """Hide the first steps for good: the pages that they lead to stay in the menu."""
    beginning.close_checklist(request.shop, now=timezone.now())
    messages.info(request, _("Primeiros passos escondidos. Tudo continua em Ajustes."))
    return redirect("home")


def _ready(request: ShopRequest) -> HttpResponse:
    """The last page: the link to share, and the WhatsApp to connect."""
    if request.shop.setup_step:
        beginning.go_to(request.shop, "")
    link = links.booking_url(request.shop)
    told = {"link": link, "text": _("Marque seu horário aqui: %(link)s") % {"link": link}, **_progress(STEPS[-1])}
    return render(request, "setup/wizard_pronto.html", told)


def _next(request: ShopRequest, step: str) -> HttpResponse:
    following = STEPS[STEPS.index(step) + 1]
    # Who is through and comes back to one step is not sent through the others again by the first steps.
    if request.shop.setup_step:
        beginning.go_to(request.shop, following)
    return redirect(_address(following))


def _address(step: str) -> str:
    return reverse(f"setup:step_{step}")


def _progress(step: str) -> dict[str, Any]:
    at = STEPS.index(step)
    back = _address(STEPS[at - 1]) if at else ""
    return {"number": at + 1, "count": len(STEPS), "back": back}


def _form(request: ShopRequest, step: str) -> Any:
    data = request.POST if request.method == "POST" else None
    return FORMS[step](data, shop=request.shop)


def _keep_services(request: ShopRequest, form: Any) -> None:
    beginning.choose_services(request.shop, form.chosen(), by=request.user, now=timezone.now())


def _keep_hours(request: ShopRequest, form: Any) -> None:
    beginning.open_at(request.shop, form.week(), by=request.user, now=timezone.now())


def _keep_team(request: ShopRequest, form: Any) -> None:
    beginning.name_team(request.shop, form.names(), by=request.user, now=timezone.now())


def _keep_address(request: ShopRequest, form: Any) -> None:
    fields = dict(form.cleaned_data)
    if fields["region"] != request.shop.region:
        fields["timezone"] = zone_of_region(fields["region"])
    house.save_shop(request.shop, fields, by=request.user, now=timezone.now(), agreed=True)


FORMS: dict[str, Callable[..., Any]] = {
    "servicos": ServicesForm,
    "horarios": HoursForm,
    "equipe": TeamForm,
    "endereco": AddressForm,
}
KEEP: dict[str, Callable[[ShopRequest, Any], None]] = {
    "servicos": _keep_services,
    "horarios": _keep_hours,
    "equipe": _keep_team,
    "endereco": _keep_address,
}
