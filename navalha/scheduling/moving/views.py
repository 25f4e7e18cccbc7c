"""Moving a visit: the form that works without script and by keyboard, and what a drop on the grid posts."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused

from ..agenda import commands
from ..agenda.views import address_of, back, check_may_change, done, find_visit, wants_part
from ..agenda.visit_views import offer_undo
from ..errors import OutOfHours
from ..forms import MoveForm
from ..models import Appointment, AppointmentChange
from . import actions
from .actions import Place


@shop_view(Role.BARBER)
@require_http_methods(["GET", "POST"])
def move(request: ShopRequest, pk: int) -> HttpResponse:
    """GET asks for the new place; POST moves. `direto` in a POST of the grid: there is no form to show again."""
    appointment = find_visit(request, pk)
    if request.method == "GET":
        return _page(request, appointment, MoveForm(appointment=appointment))
    form = MoveForm(request.POST, appointment=appointment)
    try:
        check_may_change(request, appointment)
        if not form.is_valid():
            return _page(request, appointment, form, status=422)
        change = _moved(request, appointment, form)
    except Refused as refusal:
        if "direto" in request.POST:
            raise
        return _page(request, appointment, form, status=409, refusal=refusal)
    offer_undo(request, appointment, _sentence(appointment, change))
    return done(request, back(request, address_of(appointment)))


def _moved(request: ShopRequest, appointment: Appointment, form: MoveForm) -> AppointmentChange | None:
    said = form.cleaned_data
    if not commands.may_give(request.membership, appointment, said["professional"]):
        raise Refused(_("Só a recepção pode passar um horário para outro profissional."))
    starts_at = said["starts_at"]
    return actions.reschedule(
        appointment,
        Place(said["professional"], starts_at, starts_at + timedelta(minutes=said["minutes"])),
        seen=said["version"],
        by=request.user,
        now=timezone.now(),
        even_if_closed=said["even_if_closed"],
        tell_customer=said["tell_customer"],
    )


def _sentence(appointment: Appointment, change: AppointmentChange | None) -> str:
    said = {
        "time": f"{timezone.localtime(appointment.starts_at):%H:%M}",
        "professional": appointment.professional,
        "end": f"{timezone.localtime(appointment.ends_at):%H:%M}",
        "day": f"{timezone.localtime(appointment.starts_at):%d/%m}",
    }
    if change is None:
        return _("O horário já estava assim.")
    if change.from_starts_at == change.to_starts_at and change.from_professional_id == change.to_professional_id:
        return _("Agora termina às %(end)s.") % said
    if timezone.localtime(change.from_starts_at).date() == timezone.localtime(change.to_starts_at).date():
        return _("Movido para %(time)s com %(professional)s.") % said
    return _("Movido para %(day)s, %(time)s, com %(professional)s.") % said


def _page(
    request: ShopRequest, appointment: Appointment, form: MoveForm, *, status: int = 200, refusal: Refused | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "visit": appointment,
        "form": form,
        "refusal": str(refusal or ""),
        "can_insist": isinstance(refusal, OutOfHours),
        "sheet": wants_part(request),
    }
    return render(
        request, "scheduling/_move.html" if wants_part(request) else "scheduling/move.html", context, status=status
    )
