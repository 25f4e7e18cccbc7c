"""`/equipe/…/folgas/` and `/ajustes/fechamentos/`: when somebody, or the whole shop, is away."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused
from navalha.scheduling.models import Appointment, Professional, TimeOff
from navalha.scheduling.openings import affected
from navalha.scheduling.shop import team
from navalha.web import undo

from .forms import TimeOffForm
from .saving import AGREE, agreed, is_sent, keep_new

SHOWN = 50  # past ones are history, not work


@shop_view(Role.BARBER)
@require_safe
def own(request: ShopRequest) -> HttpResponse:
    """Where a member looks after their own days off; who has no calendar of their own is told so."""
    mine = request.shop.professionals.filter(user=request.user).first()
    if mine is not None:
        return redirect("setup:absences", mine.pk)
    if request.membership.role >= Role.MANAGER:
        return redirect("setup:team")
    messages.info(request, _("Sua conta não está ligada a um profissional. Peça ao gerente para ligar, em Equipe."))
    return redirect("home")


@shop_view(Role.BARBER)
@require_http_methods(["GET", "POST"])
@undo.restoring
def absences(request: ShopRequest, professional: int) -> HttpResponse:
    """The days off of one professional: everybody of the team sees them, managers and themselves mark them."""
    if request.method == "POST":
        return _page(request, _mine(request, professional))
    row = get_object_or_404(request.shop.professionals, pk=professional)
    return _page(request, row, may_change=_may_change(request, row))


@shop_view(Role.MANAGER)
@require_http_methods(["GET", "POST"])
@undo.restoring
def closures(request: ShopRequest) -> HttpResponse:
    """When the whole shop is closed."""
    return _page(request, None)


@shop_view(Role.BARBER)
@require_POST
def remove(request: ShopRequest, time_off: int) -> HttpResponse:
    """Work again in that stretch."""
    row = get_object_or_404(request.shop.times_off, pk=time_off)
    if row.professional_id is not None:
        _mine(request, row.professional_id)
    elif request.membership.role < Role.MANAGER:
        raise Http404("the shop's closures are for managers")
    path, pairs = _path(row.professional), _pairs(row)
    team.remove_time_off(row, by=request.user, now=timezone.now())
    said = _("Removido. Estes horários podem ser marcados de novo.")
    undo.offer(request, said, path, before=[*pairs, AGREE])
    return redirect(path)


def _mine(request: ShopRequest, professional: int) -> Professional:
    """The professional, if the member may look after them. Raises Http404."""
    row = get_object_or_404(request.shop.professionals, pk=professional)
    if not _may_change(request, row):
        raise Http404("not their own calendar")
    return row


def _may_change(request: ShopRequest, row: Professional) -> bool:
    return request.membership.role >= Role.MANAGER or row.user_id == request.user.pk


def _page(request: ShopRequest, professional: Professional | None, *, may_change: bool = True) -> HttpResponse:
    form = TimeOffForm(request.POST if request.method == "POST" else None, shop=request.shop)
    if is_sent(request) and form.is_valid():
        try:
            return _add(request, professional, form)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    rows = request.shop.times_off.filter(professional=professional, ends_at__gt=timezone.now())[:SHOWN]
    coming = affected.coming_visits(request.shop, now=timezone.now(), professional=professional)
    told = {
        "professional": professional,
        "form": form,
        "rows": [(row, _inside(row, coming)) for row in rows],
        "may_change": may_change,
        "is_manager": request.membership.role >= Role.MANAGER,
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "setup/absences.html", told, status=status)


def _add(request: ShopRequest, professional: Professional | None, form: TimeOffForm) -> HttpResponse:
    data = form.cleaned_data
    made: list[TimeOff] = []

    def act() -> list[Appointment]:
        row, left = team.add_time_off(
            request.shop,
            professional,
            starts_at=data["starts_at"],
            ends_at=data["ends_at"],
            reason=data["reason"],
            by=request.user,
            now=timezone.now(),
            agreed=agreed(request),
        )
        made.append(row)
        return left

    def offer(said: str) -> None:
        undo.offer(request, said, reverse("setup:absence_remove", args=[made[0].pk]))

    said = _("Pronto. Ninguém marca neste período.")
    return keep_new(request, act, said=said, back=_path(professional), offer=offer)


def _path(professional: Professional | None) -> str:
    return reverse("setup:absences", args=[professional.pk]) if professional else reverse("setup:closures")


def _pairs(row: TimeOff) -> list[tuple[str, str]]:
    """The fields that make the same stretch again."""
    starts, ends = timezone.localtime(row.starts_at), timezone.localtime(row.ends_at)
    return [
        ("from_day", f"{starts:%Y-%m-%d}"),
        ("from_time", f"{starts:%H:%M}"),
        ("to_day", f"{ends:%Y-%m-%d}"),
        ("to_time", f"{ends:%H:%M}"),
        ("reason", row.reason),
    ]


def _inside(row: TimeOff, coming: list[Appointment]) -> list[Appointment]:
    """The visits that are booked in that stretch all the same."""
    return [visit for visit in coming if visit.starts_at < row.ends_at and row.starts_at < visit.ends_at]
