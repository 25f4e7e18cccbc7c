"""A visit that somebody of the shop notes: by phone, at the counter. One page that keeps what was typed."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused
from navalha.core.phones import display

from .. import actions, queries, slots
from ..errors import SlotTaken
from ..forms import BookingForm, day_of
from ..models import Appointment
from ..series import gaps
from ..slots import Slot
from .views import address_of, done, wants_part


@shop_view(Role.BARBER)
@require_http_methods(["GET", "POST"])
def new(request: ShopRequest) -> HttpResponse:
    """The form; for htmx only the free times of what is chosen so far."""
    if "look" in request.POST:  # without JavaScript: shows the times, and keeps names and phones out of the address
        return _page(request, BookingForm(initial=_initial(request, request.POST), shop=request.shop))
    if request.method == "POST":
        return _booked(request, BookingForm(request.POST, shop=request.shop))
    form = BookingForm(initial=_initial(request, request.GET), shop=request.shop)
    return _page(request, form, template="scheduling/_times.html" if _wants_times(request) else "")


def _in_sheet(request: ShopRequest) -> bool:
    """Whether the form stands over the agenda instead of on a page of its own."""
    return wants_part(request) and request.htmx.target == "sheet-body"  # type: ignore[attr-defined]  # by django-htmx


def _wants_times(request: ShopRequest) -> bool:
    return wants_part(request) and not _in_sheet(request)


def _booked(request: ShopRequest, form: BookingForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        with transaction.atomic():
            visit = _book(request, form)
            _settle(request, form.cleaned_data["gap"], visit)
    except SlotTaken as taken:
        return _page(request, form, status=409, refusal=str(taken), nearest=taken.nearest)
    except Refused as refusal:
        return _page(request, form, status=409, refusal=str(refusal))
    messages.success(request, _("Horário marcado. A confirmação vai pelo WhatsApp."))
    return done(request, address_of(visit))


def _book(request: ShopRequest, form: BookingForm) -> Appointment:
    typed = form.cleaned_data
    return actions.book(
        request.shop,
        services=form.chosen_services(typed["services"]),
        professional=form.chosen_professional(typed["professional"]),
        starts_at=typed["starts_at"],
        name=typed["name"],
        phone=typed["phone"],
        customer=form.known_customer(),
        now=timezone.now(),
        source="staff",
        by=request.user,
    )


def _settle(request: ShopRequest, gap: str, visit: Appointment) -> None:
    """What of a series had no place is seen to, once its customer has another time."""
    now = timezone.now()
    rows = gaps.open_ones(request.shop, request.membership, now=now).filter(series__visits__customer=visit.customer_id)
    found = rows.filter(pk=gap).first() if gap.isdecimal() else None
    if found is not None:
        gaps.settle(found, by=request.user, now=now)


def _initial(request: ShopRequest, said: QueryDict) -> dict[str, Any]:
    """What an address or an unfinished form has said so far; `de` is a visit of the shop to book anew."""
    today = slots.local_day(timezone.now(), queries.zone_of(request.shop))
    return {
        "services": said.getlist("services"),
        "professional": said.get("professional", ""),
        "day": day_of(said.get("day"), otherwise=today),
        "starts_at": said.get("starts_at", ""),
        "name": said.get("name", "")[:120],
        "phone": said.get("phone", "")[:40],
        "gap": said.get("gap", "")[:20],
        **_again(request, said.get("de", "")),
    }


def _again(request: ShopRequest, pk: str) -> dict[str, Any]:
    visit = request.shop.appointments.select_related("customer").filter(pk=pk).first() if pk.isdecimal() else None
    if visit is None:
        return {}
    return {
        "services": [str(item.service_id) for item in visit.items.all()],
        "professional": str(visit.professional_id),
        "name": visit.customer.name,
        "phone": display(visit.customer.phone),
    }


def _page(
    request: ShopRequest,
    form: BookingForm,
    *,
    template: str = "",
    status: int = 200,
    refusal: str = "",
    nearest: list[Slot] | None = None,
) -> HttpResponse:
    chosen = set(form["services"].value() or [])
    free = _free(request, form)
    context = {
        "form": form,
        "services": form.offered.values(),
        "chosen_services": chosen,
        "people": form.people.values(),
        "chosen_person": form["professional"].value(),
        "times": free,
        "asked": bool(chosen),
        "nearest": nearest,
        "refusal": refusal,
        "chosen_time": _chosen_time(form),
        "sheet": _in_sheet(request),
    }
    template = template or ("scheduling/_new.html" if _in_sheet(request) else "scheduling/new.html")
    return render(request, template, context, status=status)


def _free(request: ShopRequest, form: BookingForm) -> list[Slot]:
    today = slots.local_day(timezone.now(), queries.zone_of(request.shop))
    found = queries.free_slots(
        request.shop,
        services=form.chosen_services(form["services"].value() or []),
        professional=form.chosen_professional(form["professional"].value() or ""),
        first_day=_day(form, today),
        days=1,
        now=timezone.now(),
        for_staff=True,
    )
    return slots.first_at_each_time(found)


def _day(form: BookingForm, today: date) -> date:
    said = form["day"].value()
    return said if isinstance(said, date) else day_of(said, otherwise=today)


def _chosen_time(form: BookingForm) -> datetime | None:
    """The chosen instant, to mark it among the free ones; a start between two times of the grid marks none."""
    try:
        return form.fields["starts_at"].clean(form["starts_at"].value())
    except ValidationError:
        return None
