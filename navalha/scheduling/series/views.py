"""The page of the visits that repeat: what had no place, and which series go on."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused
from navalha.web import undo as undo_button

from ..agenda.views import back, wants_part
from ..models import SeriesGap, VisitSeries
from . import actions, gaps, queries, topping_up


@shop_view(Role.BARBER)
@require_GET
def listing(request: ShopRequest) -> HttpResponse:
    """What has to be seen to, and every series that goes on; for htmx the list alone."""
    shown = queries.build(request.shop, request.membership, now=timezone.now())
    template = "scheduling/_series.html" if wants_part(request) else "scheduling/series.html"
    return render(request, template, {"shown": shown})


@shop_view(Role.BARBER)
@require_POST
def settle(request: ShopRequest, pk: int) -> HttpResponse:
    """“Resolvido”: off the list, with an undo."""
    gap = _gap(request, pk)

    def act() -> None:
        gaps.settle(gap, by=request.user, now=timezone.now())
        undo_button.offer(request, _("Fora da lista."), reverse("scheduling:unsettle_gap", args=[gap.pk]))

    return _done(request, gap.series, act)


@shop_view(Role.BARBER)
@require_POST
def unsettle(request: ShopRequest, pk: int) -> HttpResponse:
    """Back on the list."""
    gap = _gap(request, pk)

    def act() -> None:
        gaps.unsettle(gap)
        messages.success(request, _("Desfeito: está como antes."))

    return _done(request, gap.series, act)


@shop_view(Role.BARBER)
@require_POST
def try_again(request: ShopRequest, pk: int) -> HttpResponse:
    """“Tentar de novo”: the time may have become free."""
    gap = _gap(request, pk)

    def act() -> None:
        visit = topping_up.fill(gap, by=request.user, now=timezone.now())
        messages.success(request, _("Horário marcado.") if visit else _("Este horário já foi resolvido."))

    return _done(request, gap.series, act)


@shop_view(Role.BARBER)
@require_POST
def stop(request: ShopRequest, pk: int) -> HttpResponse:
    """“Parar de repetir”: what is booked stays."""
    series = _series(request, pk)

    def act() -> None:
        actions.stop(series, now=timezone.now())
        words = _("A repetição parou. As visitas já marcadas continuam na agenda.")
        undo_button.offer(request, words, reverse("scheduling:go_on_series", args=[series.pk]))

    return _done(request, series, act)


@shop_view(Role.BARBER)
@require_POST
def go_on(request: ShopRequest, pk: int) -> HttpResponse:
    """“Voltar a repetir”."""
    series = _series(request, pk)

    def act() -> None:
        actions.go_on(series, now=timezone.now())
        messages.success(request, _("A repetição continua: as próximas visitas são marcadas sozinhas."))

    return _done(request, series, act)


def _gap(request: ShopRequest, pk: int) -> SeriesGap:
    rows = request.shop.series_gaps.select_related("shop", "series__shop", "series__professional")
    return get_object_or_404(rows, pk=pk)


def _series(request: ShopRequest, pk: int) -> VisitSeries:
    return get_object_or_404(request.shop.visit_series.select_related("shop", "professional"), pk=pk)


def _done(request: ShopRequest, series: VisitSeries, act: Callable[[], None]) -> HttpResponse:
    """Do it, or say why not, and lead back to the page of the button."""
    try:
        _check_may(request, series)
        act()
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(back(request, reverse("scheduling:series")))


def _check_may(request: ShopRequest, series: VisitSeries) -> None:
    own = series.professional is not None and series.professional.user_id == request.membership.user_id
    if request.membership.role < Role.RECEPTION and not own:
        raise Refused(_("Só a recepção ou o próprio profissional pode mudar esta repetição."))
