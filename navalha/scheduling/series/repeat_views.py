"""Repeating a visit every few weeks: what would come, with its conflicts, before anything is booked."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused

from ..agenda.views import address_of, check_may_change, done, find_visit
from ..agenda.visit_views import refused
from ..models import Appointment
from . import actions
from .actions import Occurrence


@shop_view(Role.BARBER)
@require_http_methods(["GET", "POST"])
def repeat(request: ShopRequest, pk: int) -> HttpResponse:
    """GET lists the coming visits for the chosen interval (`semanas`); POST books those that can be."""
    appointment = find_visit(request, pk)
    weeks = _weeks(request)
    if request.method == "GET":
        return _page(request, appointment, weeks)
    try:
        check_may_change(request, appointment)
        found = actions.repeat(appointment, every_weeks=weeks, by=request.user, now=timezone.now())
    except Refused as refusal:
        return _page(request, appointment, weeks, status=409, refusal=str(refusal))
    _say(request, found)
    return done(request, address_of(appointment))


@shop_view(Role.BARBER)
@require_POST
def end(request: ShopRequest, pk: int) -> HttpResponse:
    """Cancel this visit and the later ones of its series."""
    appointment = find_visit(request, pk)
    try:
        check_may_change(request, appointment)
        count = actions.end(appointment, by=request.user, now=timezone.now())
    except Refused as refusal:
        return refused(request, appointment, refusal)
    said = ngettext(
        "%(count)d visita cancelada. O cliente será avisado.",
        "%(count)d visitas canceladas. O cliente será avisado.",
        count,
    )
    messages.success(request, said % {"count": count})
    return done(request, address_of(appointment))


def _weeks(request: ShopRequest) -> int:
    said = request.POST.get("semanas") or request.GET.get("semanas", "")
    return int(said) if said.isdecimal() and int(said) in actions.EVERY else 2


def _say(request: ShopRequest, found: list[Occurrence]) -> None:
    booked = [one for one in found if not one.problem]
    said = ngettext("%(count)d visita marcada.", "%(count)d visitas marcadas.", len(booked))
    messages.success(request, said % {"count": len(booked)})
    lost = [f"{timezone.localtime(one.starts_at):%d/%m}" for one in found if one.problem]
    if lost:
        messages.warning(
            request, _("Não couberam: %(days)s. Marque outro horário para esses dias.") % {"days": ", ".join(lost)}
        )


def _page(
    request: ShopRequest, appointment: Appointment, weeks: int, *, status: int = 200, refusal: str = ""
) -> HttpResponse:
    context = {
        "visit": appointment,
        "weeks": weeks,
        "choices": actions.EVERY,
        "found": actions.plan(appointment, every_weeks=weeks, now=timezone.now()),
        "refusal": refusal,
    }
    return render(request, "scheduling/repeat.html", context, status=status)
