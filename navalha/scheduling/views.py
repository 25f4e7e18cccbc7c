"""The agenda of a shop. Everybody of the team sees it and notes visits; who may move which is in `commands.py`."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused

from . import actions, commands, day, queries, slots
from .forms import CancelForm, day_of
from .models import Appointment


@shop_view(Role.BARBER)
@require_GET
def agenda(request: ShopRequest) -> HttpResponse:
    """One day; for htmx the day alone."""
    now = timezone.now()
    today = slots.local_day(now, queries.zone_of(request.shop))
    shown = day.build(request.shop, day_of(request.GET.get("dia"), otherwise=today), now=now)
    waiting = [block.visit for block in shown.unconfirmed if block.visit is not None]
    context = {
        "day": shown,
        "chosen": _chosen(request, shown),
        "now": now,
        "movable": {visit.pk for visit in waiting if commands.may_change(request.membership, visit)},
    }
    template = "scheduling/_day.html" if wants_part(request) else "scheduling/agenda.html"
    return render(request, template, context)


@shop_view(Role.BARBER)
@require_GET
def visit(request: ShopRequest, pk: int) -> HttpResponse:
    """One visit with its history and messages; for htmx without the frame of the page."""
    return _visit_page(request, _visit(request, pk))


@shop_view(Role.BARBER)
@require_POST
def command(request: ShopRequest, pk: int, path: str) -> HttpResponse:
    """One of the buttons. What cannot be done any more is said, on a page that shows how things are now."""
    appointment = _visit(request, pk)
    wanted = commands.COMMANDS[path]
    try:
        _check_may_change(request, appointment)
        wanted.act(appointment, by=request.user, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, str(wanted.done))
    return redirect(_back(request, appointment))


@shop_view(Role.BARBER)
@require_POST
def cancellation(request: ShopRequest, pk: int) -> HttpResponse:
    """Cancel with a reason, which the history keeps; a reason that is refused stays in its field."""
    appointment = _visit(request, pk)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _visit_page(request, appointment, form=form, status=422)
    try:
        _check_may_change(request, appointment)
        actions.cancel(appointment, by=request.user, reason=form.cleaned_data["reason"], now=timezone.now())
    except Refused as refusal:
        return _visit_page(request, appointment, form=form, status=409, refusal=str(refusal))
    messages.success(request, _("Horário cancelado. O cliente será avisado pelo WhatsApp."))
    return redirect("scheduling:visit", appointment.pk)


def wants_part(request: HttpRequest) -> bool:
    htmx = request.htmx  # type: ignore[attr-defined]  # set by the middleware of django-htmx
    return bool(htmx) and not htmx.history_restore_request


def _visit(request: ShopRequest, pk: int) -> Appointment:
    rows = request.shop.appointments.select_related("customer", "professional", "shop").prefetch_related("items")
    return get_object_or_404(rows, pk=pk)


def _check_may_change(request: ShopRequest, appointment: Appointment) -> None:
    if not commands.may_change(request.membership, appointment):
        raise Refused(_("Só a recepção ou o próprio profissional pode mudar este horário."))


def _chosen(request: ShopRequest, shown: day.Day) -> int | None:
    """Whose column a phone shows: the one asked for, else the member's own, else the first."""
    people = [column.professional for column in shown.columns]
    asked = request.GET.get("profissional", "")
    for person in people:
        if str(person.pk) == asked:
            return person.pk
    own = next((person.pk for person in people if person.user_id == request.user.pk), None)
    return own or (people[0].pk if people else None)


def _back(request: ShopRequest, appointment: Appointment) -> str:
    """The page of this site that the button stood on; else the visit's own."""
    wanted = request.POST.get("volta", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return f"/agenda/{appointment.pk}/"


def _visit_page(
    request: ShopRequest,
    appointment: Appointment,
    *,
    form: CancelForm | None = None,
    status: int = 200,
    refusal: str = "",
) -> HttpResponse:
    now = timezone.now()
    may_change = commands.may_change(request.membership, appointment)
    context: dict[str, Any] = {
        "visit": appointment,
        "now": now,
        "form": form or CancelForm(),
        "refusal": refusal,
        "may_change": may_change,
        "commands": commands.open_to(appointment, now=now) if may_change else [],
        "can_cancel": may_change and commands.can_cancel(appointment),
        "changes": appointment.changes.select_related("by"),
        "messages_out": queries.messages_about(appointment),
    }
    template = "scheduling/_visit.html" if wants_part(request) and status == 200 else "scheduling/visit.html"
    return render(request, template, context, status=status)
