"""`/ajustes/`: the shop's data and rules, and its holidays."""

from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role, Shop
from navalha.core.errors import Refused
from navalha.scheduling import queries, slots
from navalha.scheduling.models import Appointment
from navalha.scheduling.openings import closures
from navalha.scheduling.openings.affected import Affects
from navalha.scheduling.shop import house
from navalha.web import undo

from .forms import HolidayForm, ShopForm, pairs_of, shop_values
from .saving import AGREE, agreed, is_sent, keep, keep_new, touched


@shop_view(Role.MANAGER)
@require_http_methods(["GET", "POST"])
@undo.restoring
def shop(request: ShopRequest) -> HttpResponse:
    """Name, address, and how times are offered."""
    form = ShopForm(request.POST if request.method == "POST" else None, shop=request.shop)
    if is_sent(request) and form.is_valid():
        act, values = partial(_save, request, form.cleaned_data), partial(_values, request.shop.pk)
        return keep(request, act, said=_("Ajustes salvos."), back=request.path, values=values)
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "setup/shop.html", {"form": form}, status=status)


def _save(request: ShopRequest, data: dict[str, Any]) -> list[Appointment]:
    now, chairs = timezone.now(), data["chairs"]
    fields = {name: value for name, value in data.items() if name != "chairs"}
    left = house.save_shop(request.shop, fields, by=request.user, now=now, agreed=agreed(request))
    if chairs != request.shop.chairs:
        standing = house.set_chairs(request.shop, chairs, by=request.user, now=now)
        if standing:
            messages.warning(request, _standing(standing))
    return left


def _values(pk: int) -> undo.Pairs:
    return pairs_of(shop_values(Shop.objects.get(pk=pk)))


def _standing(visits: list[Appointment]) -> str:
    """Which visits found no chair: they stay booked."""
    words = ngettext(
        "%(count)d horário já marcado não cabe neste número de cadeiras e continua marcado: %(which)s.",
        "%(count)d horários já marcados não cabem neste número de cadeiras e continuam marcados: %(which)s.",
        len(visits),
    )
    which = "; ".join(f"{timezone.localtime(one.starts_at):%d/%m %H:%M} {one.customer}" for one in visits[:5])
    return words % {"count": len(visits), "which": which + ("…" if len(visits) > 5 else "")}


@shop_view(Role.MANAGER)
@require_http_methods(["GET", "POST"])
@undo.restoring
def holidays(request: ShopRequest) -> HttpResponse:
    """The holidays of a year, and those of the city that are noted by hand."""
    form = HolidayForm(request.POST if request.method == "POST" else None)
    if is_sent(request) and form.is_valid():
        try:
            return _add(request, form)
        except Affects as affects:
            return touched(request, affects, back=request.path)
        except Refused as refusal:
            form.add_error("on", str(refusal))
    return _holidays(request, form)


@shop_view(Role.MANAGER)
@require_POST
@undo.restoring
def holiday(request: ShopRequest) -> HttpResponse:
    """Work on a holiday, or not: `on` is the day, `is_open` is 1 or 0."""
    on = _day(request.POST.get("on", ""))
    if on is None:
        messages.error(request, _("Não entendemos este dia. Escolha um feriado da lista."))
        return redirect("setup:holidays")
    is_open = request.POST.get("is_open") == "1"
    back = f"{reverse('setup:holidays')}?ano={on.year}"
    act = partial(
        house.choose_holiday,
        request.shop,
        on,
        is_open=is_open,
        by=request.user,
        now=timezone.now(),
        agreed=agreed(request),
    )
    words = _("A barbearia abre em %(day)s.") if is_open else _("A barbearia fecha em %(day)s.")
    values = partial(_holiday_values, request.shop, on)
    return keep(request, act, said=words % {"day": f"{on:%d/%m/%Y}"}, back=back, values=values)


def _holiday_values(shop: Shop, on: date) -> undo.Pairs:
    is_closed = on in closures.closed_days(Shop.objects.get(pk=shop.pk), on, on)
    return [("on", on.isoformat()), ("is_open", "0" if is_closed else "1")]


@shop_view(Role.MANAGER)
@require_POST
@undo.restoring
def usual(request: ShopRequest) -> HttpResponse:
    """Whether the shop works on holidays as a rule."""
    opens = request.POST.get("opens_on_holidays") == "1"
    act = partial(
        house.save_shop,
        request.shop,
        {"opens_on_holidays": opens},
        by=request.user,
        now=timezone.now(),
        agreed=agreed(request),
    )
    said = _("A barbearia abre nos feriados.") if opens else _("A barbearia fecha nos feriados.")
    values = partial(_usual_values, request.shop.pk)
    return keep(request, act, said=said, back=reverse("setup:holidays"), values=values)


def _usual_values(pk: int) -> undo.Pairs:
    return [("opens_on_holidays", "1" if Shop.objects.get(pk=pk).opens_on_holidays else "0")]


@shop_view(Role.MANAGER)
@require_POST
def forget(request: ShopRequest, holiday: int) -> HttpResponse:
    """Remove a holiday that was noted by hand."""
    row = get_object_or_404(request.shop.holidays, pk=holiday)
    pairs = [("on", row.on.isoformat()), ("name", row.name), *([("every_year", "on")] if row.every_year else [])]
    house.remove_holiday(row, by=request.user, now=timezone.now())
    before = [*pairs, AGREE] if row.is_own else None
    if before is None:
        messages.success(request, _("Feriado removido."))
    else:
        undo.offer(request, _("Feriado removido."), reverse("setup:holidays"), before=before)
    return redirect("setup:holidays")


def _add(request: ShopRequest, form: HolidayForm) -> HttpResponse:
    data = form.cleaned_data
    left = house.add_holiday(
        request.shop,
        data["on"],
        data["name"],
        every_year=data["every_year"],
        by=request.user,
        now=timezone.now(),
        agreed=agreed(request),
    )
    row = request.shop.holidays.get(on=data["on"])
    offer = partial(undo.offer, request, address=reverse("setup:holiday_forget", args=[row.pk]))
    back = f"{reverse('setup:holidays')}?ano={row.on.year}"
    return keep_new(request, lambda: left, said=_("Feriado anotado: a barbearia fecha."), back=back, offer=offer)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _holidays(request: ShopRequest, form: HolidayForm) -> HttpResponse:
    today = slots.local_day(timezone.now(), queries.zone_of(request.shop))
    asked = request.GET.get("ano", "")
    year = int(asked) if asked.isdecimal() and today.year - 1 <= int(asked[:4]) <= today.year + 3 else today.year
    found = closures.holidays(request.shop, date(year, 1, 1), date(year, 12, 31))
    told = {"year": year, "years": [today.year, today.year + 1], "found": found, "form": form, "today": today}
    return render(request, "setup/holidays.html", told, status=422 if form.is_bound and not form.is_valid() else 200)
