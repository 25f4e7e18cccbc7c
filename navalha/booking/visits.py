"""The page of one visit, for whoever has its signed link; with a link that we did not make it does not exist."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from navalha.core.errors import Refused
from navalha.scheduling import actions, links, queries
from navalha.scheduling.deposits import actions as deposit_actions
from navalha.scheduling.feeds import ics
from navalha.scheduling.models import Appointment
from navalha.scheduling.visits import can_still_change, too_late

from . import deposits, opener, visitor, words
from .access import PublicRequest, linked_view
from .attempt import SeeOther
from .front import Choice


@linked_view(links.find, "GET")
def show(request: PublicRequest, visit: Appointment, token: str) -> HttpResponse:
    """The visit in words, and what can be done about it."""
    return page(request, visit, token)


@linked_view(links.find, "GET", "POST")
def confirm(request: PublicRequest, visit: Appointment, token: str) -> HttpResponse:
    """ "I will come": only by the button. A link that is opened, or previewed, shows the visit."""
    return _command(request, visit, token, actions.confirm)


@linked_view(links.find, "GET", "POST")
def cancel(request: PublicRequest, visit: Appointment, token: str) -> HttpResponse:
    """GET asks once, with the rule; POST cancels."""
    if request.method == "POST":
        return _command(request, visit, token, actions.cancel)
    if not _can_cancel(visit, request):
        return SeeOther(address(request, token))
    return render(request, "booking/cancel.html", told_of(request, visit, token))


@linked_view(links.find, "GET", "POST")
def say_paid(request: PublicRequest, visit: Appointment, token: str) -> HttpResponse:
    """ "Já paguei": the clock of the deposit stops, and somebody of the shop looks."""
    return _command(request, visit, token, deposit_actions.claim)


@linked_view(links.find, "GET", open_shops=True)
def again(request: PublicRequest, visit: Appointment, token: str) -> HttpResponse:
    """The same services with the same professional, for the same customer, who types nothing."""
    services = [item.service for item in visit.items.select_related("service") if item.service.is_active]
    who = visit.professional if visit.professional.is_active else None
    response = SeeOther(Choice(tuple(services), who).url(request.shop))
    visitor.remember_known(response, token)
    return response


@linked_view(links.find, "GET")
def calendar_file(request: PublicRequest, visit: Appointment, token: str) -> HttpResponse:
    """The visit for the customer's own calendar. Opened again after a change, it replaces what stands there."""
    event = ics.for_customer(visit)
    response = HttpResponse(ics.calendar([event], name=request.shop.name), content_type=ics.CONTENT_TYPE)
    name = f"horario-{timezone.localtime(visit.starts_at):%Y-%m-%d}.ics"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _command(request: PublicRequest, visit: Appointment, token: str, action: Callable[..., object]) -> HttpResponse:
    if request.method != "POST":
        return redirect(address(request, token))
    try:
        action(visit, now=request.now)
    except Refused as refusal:
        return page(request, visit, token, sentence=str(refusal), status=409)
    return SeeOther(address(request, token))


def page(
    request: PublicRequest, visit: Appointment, token: str, *, sentence: str = "", status: int = 200
) -> HttpResponse:
    """The visit, with a refusal if there is one."""
    told = {**told_of(request, visit, token), "sentence": sentence}
    told |= deposits.picture(told) | opener.told_of(visit, now=request.now)
    return render(request, "booking/visit.html", told, status=status)


def told_of(request: PublicRequest, visit: Appointment, token: str) -> dict[str, Any]:
    """What every page of a visit says of it."""
    start = timezone.localtime(visit.starts_at)
    items = list(visit.items.select_related("service"))
    is_open = visit.state in queries.OPEN and visit.starts_at > request.now
    return {
        "visit": visit,
        "token": token,
        "items": items,
        "start": start,
        "day": words.day_near(start.date(), timezone.localdate(request.now)),
        "is_open": is_open,
        "before": _before(visit),
        "can_cancel": is_open and _can_cancel(visit, request),
        "too_late": too_late(request.shop),
        "rule": words.cancellation_rule(request.shop),
        "phone_end": visit.customer.phone[-4:],
        **deposits.told_of(visit, now=request.now),
    }


def _before(visit: Appointment) -> datetime | None:
    """Where the visit stood before it was last given another time, on the shop's clock."""
    change = visit.changes.filter(version=visit.version).first() if visit.version else None
    if change is None or change.from_starts_at is None or change.from_starts_at == visit.starts_at:
        return None
    return timezone.localtime(change.from_starts_at)


def _can_cancel(visit: Appointment, request: PublicRequest) -> bool:
    return visit.state in queries.OPEN and can_still_change(visit, request.now)


def address(request: PublicRequest, token: str) -> str:
    return reverse("booking:visit", args=[request.shop.slug, token])
