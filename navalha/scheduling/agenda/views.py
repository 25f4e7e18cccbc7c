"""The agenda of a shop. Everybody of the team sees it and notes visits; who may move which is in `commands.py`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused

from .. import attendance, links, queries, slots, undoing
from ..deposits import actions as deposit_actions
from ..deposits import commands as deposit_commands
from ..deposits import ends as deposit_ends
from ..deposits import queries as deposit_queries
from ..deposits import rules as deposit_rules
from ..forms import CancelForm, day_of
from ..models import Appointment, Professional
from ..openers.queries import first_word
from ..reminders import listing
from ..series import actions as series_actions
from ..series import gaps
from ..waitlist import queries as waitlist_queries
from . import commands, day, week


@shop_view(Role.BARBER)
@require_GET
def agenda(request: ShopRequest) -> HttpResponse:
    """One day; for htmx the day alone."""
    now = timezone.now()
    shown = day.build(request.shop, asked_day(request), now=now, member=request.membership)
    waiting = [block.visit for block in shown.unconfirmed if block.visit is not None]
    context = {
        "day": shown,
        "chosen": chosen_of(request, [column.professional for column in shown.columns]),
        "now": now,
        "movable": {visit.pk for visit in waiting if commands.may_change(request.membership, visit)},
        "zone": request.shop.timezone,
        "here": here(request, shown.on),
        "may_see_deposits": (may_see := deposit_commands.may_handle(request.membership)),
        "deposits_waiting": deposit_queries.waiting(request.shop) if may_see else {},
        "gap_count": gaps.open_ones(request.shop, request.membership, now=now).count(),
    }
    if not wants_part(request):
        context["waitlist_count"] = waitlist_queries.standing(request.shop)
    template = "scheduling/_day.html" if wants_part(request) else "scheduling/agenda.html"
    return render(request, template, context)


@shop_view(Role.BARBER)
@require_GET
def week_view(request: ShopRequest) -> HttpResponse:
    """Seven days of one professional or of all; for htmx the week alone."""
    now, on = timezone.now(), asked_day(request)
    whose = request.GET.get("profissional", "")
    person_id = int(whose) if whose.isdecimal() else None
    shown = week.build(request.shop, on, person_id=person_id, now=now, member=request.membership)
    context = {"week": shown, "on": on, "now": now, "zone": request.shop.timezone, "here": here(request, on)}
    return render(request, "scheduling/_week.html" if wants_part(request) else "scheduling/week.html", context)


@shop_view(Role.BARBER)
@require_GET
def visit(request: ShopRequest, pk: int) -> HttpResponse:
    """One visit with its history and messages; for htmx without the frame of the page."""
    return visit_page(request, find_visit(request, pk))


def wants_part(request: HttpRequest) -> bool:
    htmx = request.htmx  # type: ignore[attr-defined]  # set by the middleware of django-htmx
    return bool(htmx) and not htmx.history_restore_request


def asked_day(request: ShopRequest) -> date:
    """The day of the address, else today on the shop's clock."""
    today = slots.local_day(timezone.now(), queries.zone_of(request.shop))
    return day_of(request.GET.get("dia"), otherwise=today)


def here(request: ShopRequest, on: date) -> str:
    """This page's address, for what refreshes it and for what leads back to it."""
    whose = request.GET.get("profissional", "")
    return f"{request.path}?dia={on}" + (f"&profissional={whose}" if whose.isdecimal() else "")


def find_visit(request: ShopRequest, pk: int) -> Appointment:
    """The visit of this shop with what its pages show; 404 for none."""
    rows = request.shop.appointments.select_related("customer", "professional", "shop", "series").prefetch_related(
        "items"
    )
    return get_object_or_404(rows, pk=pk)


def check_may_change(request: ShopRequest, appointment: Appointment) -> None:
    """Raises Refused for a barber who is not the visit's own."""
    if not commands.may_change(request.membership, appointment):
        raise Refused(_("Só a recepção ou o próprio profissional pode mudar este horário."))


def chosen_of(request: ShopRequest, people: Sequence[Professional]) -> int | None:
    """Whose column a phone shows: the one asked for, else the member's own, else the first."""
    asked = request.GET.get("profissional", "")
    for person in people:
        if str(person.pk) == asked:
            return person.pk
    own = next((person.pk for person in people if person.user_id == request.user.pk), None)
    return own or (people[0].pk if people else None)


def done(request: ShopRequest, where: str) -> HttpResponse:
    """After a command: the page `where`; a part stays, hears what became of it and refreshes by its tick."""
    return HttpResponse(status=204) if wants_part(request) else redirect(where)


def not_done(request: ShopRequest, refusal: Refused, where: str) -> HttpResponse:
    """After a command that was refused: the page `where` says why. For htmx the middleware says it, and what stands on
    the page stays there."""
    if wants_part(request):
        raise refusal
    messages.error(request, str(refusal))
    return redirect(where)


def back(request: ShopRequest, otherwise: str) -> str:
    """The page of this site that the button stood on; else `otherwise`."""
    wanted = request.POST.get("volta", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return otherwise


def address_of(appointment: Appointment) -> str:
    return reverse("scheduling:visit", args=[appointment.pk])


def visit_page(
    request: ShopRequest,
    appointment: Appointment,
    *,
    form: CancelForm | None = None,
    status: int = 200,
    refusal: str = "",
) -> HttpResponse:
    """The page of a visit; with a `form` that was refused, the whole page again with what was typed."""
    context = _visit_context(request, appointment, timezone.now())
    context |= {"form": form or CancelForm(), "refusal": refusal}
    template = "scheduling/_visit.html" if wants_part(request) and status == 200 else "scheduling/visit.html"
    return render(request, template, context, status=status)


def _visit_context(request: ShopRequest, appointment: Appointment, now: Any) -> dict[str, Any]:
    may_change = commands.may_change(request.membership, appointment)
    changes = list(appointment.changes.select_related("by", "from_professional", "to_professional"))
    newest = changes[0] if changes else None
    return {
        "visit": appointment,
        "now": now,
        "may_change": may_change,
        "commands": commands.open_to(appointment, now=now) if may_change else [],
        "can_cancel": may_change and commands.can_cancel(appointment),
        "can_move": may_change and commands.can_move(appointment),
        "link": links.manage_url(appointment) if may_change else "",
        "can_reopen": may_change and appointment.state in undoing.REOPENABLE,
        "undoable": newest if may_change and undoing.can_undo(appointment, newest, now=now) else None,
        "changes": changes,
        "missed": attendance.missed(request.shop, [appointment.customer_id]).get(appointment.customer_id),
        "series": appointment.series,
        "series_left": len(series_actions.following(appointment, now=now)),
        "can_repeat": may_change and not _goes_on(appointment) and commands.can_move(appointment),
        "done_items": appointment.done_items.all(),
        "messages_out": queries.messages_about(appointment),
        "reminders": listing.of(appointment, now=now),
        "may_set_reminders": request.membership.role >= Role.MANAGER,
        "first_word": first_word(appointment),
        **_deposit_context(request, appointment, now),
    }


def _deposit_context(request: ShopRequest, appointment: Appointment, now: datetime) -> dict[str, Any]:
    """The deposit for everybody who sees the visit; what can be done about it for those who handle money."""
    deposit = deposit_ends.of(appointment)
    if not deposit_commands.may_handle(request.membership):
        return {"deposit": deposit}
    if deposit is None:
        may_ask = appointment.state in queries.OPEN and appointment.starts_at > now and appointment.total_cents > 0
        return {"deposit": None, "may_ask_deposit": may_ask and deposit_rules.can_ask(request.shop)}
    changes = list(deposit.changes.select_related("by"))
    newest = changes[0] if changes else None
    return {
        "deposit": deposit,
        "deposit_commands": deposit_commands.open_to(deposit, appointment),
        "deposit_changes": changes,
        "deposit_undoable": newest if deposit_actions.can_undo(deposit, newest, now=now) else None,
    }


def _goes_on(appointment: Appointment) -> bool:
    return appointment.series is not None and appointment.series.ended_at is None
