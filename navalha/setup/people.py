"""`/equipe/`: who serves, what they do, and when they work."""

from datetime import date
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role, Shop
from navalha.core.errors import Refused
from navalha.scheduling import queries, slots
from navalha.scheduling.models import Appointment, Professional
from navalha.scheduling.shop import team
from navalha.web import undo

from .fields import BadStretches, walls
from .forms import DateForm, ProfessionalForm, pairs_of, professional_values
from .saving import AGREE, agreed, is_sent, keep, keep_new, keep_order
from .week import Week, rows_of, typed_rows


@shop_view(Role.MANAGER)
@require_safe
def people(request: ShopRequest) -> HttpResponse:
    """The list; for htmx its inside alone."""
    rows = list(request.shop.professionals.select_related("user").prefetch_related("services", "working_hours"))
    told = {
        "working": [(row, _days_of(row)) for row in rows if row.is_active],
        "archived": [row for row in rows if not row.is_active],
    }
    part = "setup/_team.html" if request.headers.get("HX-Target") == "team" else "setup/team.html"
    return render(request, part, told)


def _days_of(row: Professional) -> str:
    """The days on which somebody works, short: `seg, ter, qua`."""
    days = Week.of(row.working_hours.all()).days
    return ", ".join(day.name[:3].lower() for day in days if day.is_open)


@shop_view(Role.MANAGER)
@require_http_methods(["GET", "POST"])
def new(request: ShopRequest) -> HttpResponse:
    """A new professional; then their hours, which begin as those of the first of the team."""
    form = ProfessionalForm(request.POST if request.method == "POST" else None, shop=request.shop)
    if is_sent(request) and form.is_valid():
        try:
            made = _added(request, form)
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            said = _("%(name)s entrou na equipe. Confira o expediente.") % {"name": made}
            undo.offer(request, said, reverse("setup:professional_archive", args=[made.pk]), before=[AGREE])
            return redirect("setup:hours", made.pk)
    return _form(request, form)


def _added(request: ShopRequest, form: ProfessionalForm) -> Professional:
    now = timezone.now()
    first = request.shop.professionals.filter(is_active=True).first()
    made = team.save_professional(request.shop, form.person(), by=request.user, now=now)
    if first is not None:
        week = Week.of(first.working_hours.all())
        week.is_valid()
        team.set_week(made, week.walls(), by=request.user, now=now)
    return made


@shop_view(Role.MANAGER)
@require_http_methods(["GET", "POST"])
@undo.restoring
def edit(request: ShopRequest, professional: int) -> HttpResponse:
    row = get_object_or_404(request.shop.professionals, pk=professional)
    form = ProfessionalForm(request.POST if request.method == "POST" else None, shop=request.shop, professional=row)
    if is_sent(request) and form.is_valid():
        said = _("%(name)s foi salvo.") % {"name": form.cleaned_data["name"]}
        act, values = partial(_save, request, form, row), partial(_values, request.shop, row.pk)
        return keep(request, act, said=said, back=reverse("setup:team"), values=values)
    return _form(request, form, row)


def _save(request: ShopRequest, form: ProfessionalForm, row: Professional) -> list[Appointment]:
    team.save_professional(request.shop, form.person(), professional=row, by=request.user, now=timezone.now())
    return []  # who is booked with them stays


def _values(shop: Shop, pk: int) -> undo.Pairs:
    return pairs_of(professional_values(shop, shop.professionals.get(pk=pk)))


@shop_view(Role.MANAGER)
@require_http_methods(["GET", "POST"])
@undo.restoring
def hours(request: ShopRequest, professional: int) -> HttpResponse:
    """The week with its breaks, and the dates that differ."""
    row = get_object_or_404(request.shop.professionals, pk=professional)
    week = Week.typed(request.POST) if request.method == "POST" else Week.of(row.working_hours.all())
    if "copy" in request.POST:
        day = request.POST["copy"]
        week.copy(int(day) if day in "0123456" and day else 0)
        messages.info(request, _("Copiado para os outros dias. Confira e salve."))
    elif is_sent(request) and week.is_valid():
        act = partial(team.set_week, row, week.walls(), by=request.user, now=timezone.now(), agreed=agreed(request))
        said = _("Expediente de %(name)s salvo.") % {"name": row}
        values = lambda: Week.of(row.working_hours.all()).pairs()  # noqa: E731 - read anew each time
        return keep(request, act, said=said, back=request.path, values=values)
    return _hours(request, row, week)


@shop_view(Role.MANAGER)
@require_POST
@undo.restoring
def dates(request: ShopRequest, professional: int) -> HttpResponse:
    """Other hours on one date; with none typed the week counts again."""
    row = get_object_or_404(request.shop.professionals, pk=professional)
    form, typed = DateForm(request.POST), typed_rows(request.POST)
    back = reverse("setup:hours", args=[row.pk])
    try:
        said = walls(typed)
    except BadStretches as bad:
        form.add_error(None, str(bad))
    if not is_sent(request) or not form.is_valid():
        return _hours(request, row, Week.of(row.working_hours.all()), form=form, typed=typed)
    on = form.cleaned_data["on"]
    act = partial(team.set_date, row, on, said, by=request.user, now=timezone.now(), agreed=agreed(request))
    words = _("Horário especial de %(day)s salvo.") if said else _("Em %(day)s vale de novo o expediente da semana.")
    return keep(request, act, said=words % {"day": f"{on:%d/%m/%Y}"}, back=back, values=partial(_date_values, row, on))


def _date_values(row: Professional, on: date) -> undo.Pairs:
    stretches = rows_of(row.date_hours.filter(on=on).values_list("starts", "ends"))
    return [("on", on.isoformat()), *(pair for one in stretches for pair in zip(("from", "to"), one, strict=True))]


@shop_view(Role.MANAGER)
@require_POST
@undo.restoring
def archive(request: ShopRequest, professional: int) -> HttpResponse:
    """Take no more bookings for somebody; their booked visits are listed first, and stay."""
    row = get_object_or_404(request.shop.professionals, pk=professional)
    back = reverse("setup:team")
    act = partial(team.archive, row, by=request.user, now=timezone.now(), agreed=agreed(request))
    offer = partial(undo.offer, request, address=reverse("setup:professional_restore", args=[row.pk]))
    said = _("%(name)s não recebe mais agendamentos.") % {"name": row}
    return keep_new(request, act, said=said, back=back, offer=offer)


@shop_view(Role.MANAGER)
@require_POST
def restore(request: ShopRequest, professional: int) -> HttpResponse:
    row = get_object_or_404(request.shop.professionals, pk=professional)
    team.restore(row, by=request.user, now=timezone.now())
    messages.success(request, _("%(name)s atende de novo, no expediente que tinha.") % {"name": row})
    return redirect("setup:team")


@shop_view(Role.MANAGER)
@require_POST
@undo.restoring
def order(request: ShopRequest) -> HttpResponse:
    """The order in which customers and the agenda show the team."""
    return keep_order(request, request.shop.professionals.all(), back=reverse("setup:team"))


def _form(request: ShopRequest, form: ProfessionalForm, row: Professional | None = None) -> HttpResponse:
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "setup/professional.html", {"form": form, "professional": row}, status=status)


def _hours(
    request: ShopRequest,
    row: Professional,
    week: Week,
    *,
    form: DateForm | None = None,
    typed: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    today = slots.local_day(timezone.now(), queries.zone_of(request.shop))
    said: dict[object, list[tuple[str, str]]] = {}
    for one in row.date_hours.filter(on__gte=today):
        said.setdefault(one.on, []).extend(rows_of([(one.starts, one.ends)]))
    told = {
        "professional": row,
        "week": week,
        "dates": list(said.items()),
        "date_form": form or DateForm(),
        "date_rows": [*(typed or []), *[("", "")] * (3 - len(typed or []))],
        "today": today,
    }
    failed = any(day.error for day in week.days) or (form is not None and not form.is_valid())
    return render(request, "setup/hours.html", told, status=422 if failed else 200)
