"""The waitlist of a shop. Everybody of the team sees it; the reception and above rule it."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

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
from navalha.messaging import readiness
from navalha.web import undo as undo_button

from .. import queries, slots
from ..agenda.views import done, not_done, wants_part
from ..models import WaitlistEntry
from . import actions, offering, recovered
from . import queries as waitlist_queries
from .forms import OfferForm, RulesForm, WaitForm
from .models import LIVE, WaitlistOffer


@shop_view(Role.BARBER)
@require_GET
def waitlist(request: ShopRequest) -> HttpResponse:
    """Who waits for what, and who is asked at the moment; for htmx the list alone."""
    today = slots.local_day(timezone.now(), queries.zone_of(request.shop))
    return _page(request, WaitForm(shop=request.shop, initial={"first_day": today}))


@shop_view(Role.RECEPTION)
@require_POST
def join(request: ShopRequest) -> HttpResponse:
    """Note somebody who asked by phone or at the counter; what is refused stays in its fields."""
    form = WaitForm(request.POST, shop=request.shop)
    if not form.is_valid():
        return _page(request, form, status=422)
    typed = form.cleaned_data
    known = None if typed["phone"] else form.known_customer()
    who: dict[str, Any] = {"name": typed["name"], "phone": typed["phone"], "customer": known}
    try:
        entry = actions.join(request.shop, form.asked(), **who, by=request.user, now=timezone.now())
    except Refused as refusal:
        return _page(request, form, status=409, refusal=str(refusal))
    messages.success(request, _("%(name)s está na lista de espera.") % {"name": entry.customer})
    return redirect("waitlist:list")


@shop_view(Role.RECEPTION)
@require_POST
def remove(request: ShopRequest, pk: int) -> HttpResponse:
    """“Tirar da lista”, with the way back."""
    entry = _find(request, pk)
    try:
        actions.leave(entry, by=request.user, now=timezone.now())
    except Refused as refusal:
        return not_done(request, refusal, "waitlist:list")
    change = actions.last_change(entry)
    assert change is not None  # noqa: S101 - joining wrote the first one
    address = reverse("waitlist:undo", args=[entry.pk, change.pk])
    undo_button.offer(request, _("%(name)s saiu da lista de espera.") % {"name": entry.customer}, address)
    return done(request, reverse("waitlist:list"))


@shop_view(Role.RECEPTION)
@require_POST
def undo(request: ShopRequest, pk: int, change_id: int) -> HttpResponse:
    """Take back what a toast named."""
    entry = _find(request, pk)
    try:
        actions.undo(entry, change_id, by=request.user, now=timezone.now())
    except Refused as refusal:
        return not_done(request, refusal, "waitlist:list")
    messages.success(request, _("Desfeito: está como antes."))
    return done(request, reverse("waitlist:list"))


@shop_view(Role.RECEPTION)
@require_http_methods(["GET", "POST"])
def offer(request: ShopRequest, pk: int) -> HttpResponse:
    """GET shows the free times of the wished days; POST offers one of them."""
    entry = _find(request, pk)
    if request.method != "POST":
        return _times(request, entry)
    form = OfferForm(request.POST)
    people = request.shop.professionals.filter(is_active=True)
    professional = people.filter(pk=form.cleaned_data["profissional"]).first() if form.is_valid() else None
    if professional is None:
        return _times(request, entry, status=422, refusal=_("Escolha um dos horários livres."))
    try:
        at = form.cleaned_data["inicio"]
        offering.offer(entry, professional=professional, starts_at=at, by=request.user, now=timezone.now())
    except Refused as refusal:
        return _times(request, entry, status=409, refusal=str(refusal))
    messages.success(request, _("Horário oferecido a %(name)s.") % {"name": entry.customer})
    return redirect("waitlist:list")


@shop_view(Role.RECEPTION)
@require_POST
def withdraw(request: ShopRequest, pk: int) -> HttpResponse:
    """“Retirar oferta”: the time is the shop's for a while."""

    def act(made: WaitlistOffer, **who_and_when: Any) -> None:
        if not offering.withdraw(made, **who_and_when):
            raise Refused(_("Esta oferta já acabou. Veja a lista."))

    return _with_offer(request, pk, act, _("Oferta retirada. O horário está livre para marcar."))


@shop_view(Role.RECEPTION)
@require_POST
def accept(request: ShopRequest, pk: int) -> HttpResponse:
    """“Aceitou”: they said yes by phone."""

    def act(made: WaitlistOffer, **who_and_when: Any) -> None:
        offering.accept(made, said_at=who_and_when["now"], **who_and_when)

    return _with_offer(request, pk, act, _("Horário marcado. A confirmação vai pelo WhatsApp."))


@shop_view(Role.MANAGER)
@require_POST
def rules(request: ShopRequest) -> HttpResponse:
    """How long somebody has to answer, and whether strangers can join."""
    form = RulesForm(request.POST)
    if not form.is_valid():
        return _page(request, WaitForm(shop=request.shop), status=422, rules=form)
    takes, minutes = form.cleaned_data["takes_waitlist"], form.cleaned_data["waitlist_minutes"]
    actions.set_rules(request.shop, takes=takes, minutes=minutes, by=request.user, now=timezone.now())
    messages.success(request, _("Ajustes salvos."))
    return redirect("waitlist:list")


def _with_offer(request: ShopRequest, pk: int, act: Callable[..., Any], sentence: str) -> HttpResponse:
    entry = _find(request, pk)
    made = entry.offers.filter(state__in=LIVE).select_related("shop", "professional", "message").first()
    try:
        if made is None:
            raise Refused(_("Esta oferta já acabou. Veja a lista."))
        act(made, by=request.user, now=timezone.now())
    except Refused as refusal:
        return not_done(request, refusal, "waitlist:list")
    messages.success(request, sentence)
    return done(request, reverse("waitlist:list"))


def _find(request: ShopRequest, pk: int) -> WaitlistEntry:
    rows = request.shop.waitlist.select_related("customer", "professional", "shop").prefetch_related("services")
    return get_object_or_404(rows, pk=pk)


def _times(request: ShopRequest, entry: WaitlistEntry, *, status: int = 200, refusal: str = "") -> HttpResponse:
    now, zone = timezone.now(), queries.zone_of(request.shop)
    names = dict(request.shop.professionals.values_list("pk", "name"))
    free: list[dict[str, Any]] = [
        {"start": slot.starts_at.astimezone(zone), "pk": slot.professional_id, "name": names[slot.professional_id]}
        for slot in waitlist_queries.times_for(entry, now=now)
        if offering.minutes_for(request.shop, slot.starts_at, now=now)
    ]
    days = [(day, list(times)) for day, times in groupby(free, key=lambda one: one["start"].date())]
    context = {"entry": entry, "days": days, "refusal": refusal, "not_now": readiness.why_not(request.shop, now=now)}
    return render(request, "scheduling/waitlist_offer.html", context, status=status)


def _page(
    request: ShopRequest, form: WaitForm, *, status: int = 200, refusal: str = "", rules: RulesForm | None = None
) -> HttpResponse:
    now, shop, role = timezone.now(), request.shop, request.membership.role
    context: dict[str, Any] = {
        "rows": waitlist_queries.build(shop, now=now),
        "may_rule": role >= Role.RECEPTION,
        "sees_money": role >= Role.RECEPTION,
        "recovered": recovered.this_month(shop, now=now) if role >= Role.RECEPTION else None,
        "not_now": readiness.why_not(shop, now=now),
        "now": now,
    }
    if wants_part(request) and request.method == "GET":
        return render(request, "scheduling/_waitlist.html", context)
    known = {"takes_waitlist": shop.takes_waitlist, "waitlist_minutes": shop.waitlist_minutes}
    context |= {
        "form": form,
        "refusal": refusal,
        "chosen": form["services"].value() or [],
        "chosen_parts": form["parts"].value() or [],
        "rules": (rules or RulesForm(initial=known)) if role >= Role.MANAGER else None,
    }
    return render(request, "scheduling/waitlist.html", context, status=status)
