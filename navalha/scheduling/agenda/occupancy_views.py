"""How full the week is, for each professional and day, against the week before; also as a file."""

from collections.abc import Iterator
from datetime import timedelta

import structlog
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.customers import exporting

from . import occupancy
from .occupancy import Occupancy
from .views import asked_day, wants_part

log = structlog.get_logger(__name__)


@shop_view(Role.BARBER)
@require_GET
def show(request: ShopRequest) -> HttpResponse:
    """The week of `dia`; a barber sees their own. For htmx the bars alone."""
    shown = occupancy.build(request.shop, asked_day(request), member=request.membership)
    context = {"shown": shown, "may_export": request.membership.role >= Role.MANAGER}
    template = "scheduling/_occupancy.html" if wants_part(request) else "scheduling/occupancy.html"
    return render(request, template, context)


@shop_view(Role.MANAGER)
@require_GET
def export(request: ShopRequest) -> HttpResponse:
    """The same as a spreadsheet: a line for each professional and day."""
    shown = occupancy.build(request.shop, asked_day(request), member=request.membership)
    log.info("occupancy exported", shop=request.shop.pk, by=request.user.pk)
    answer = HttpResponse(exporting.as_csv(_table(shown)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="ocupacao-{shown.first}.csv"'
    return answer


def _table(shown: Occupancy) -> Iterator[list[str]]:
    yield [_("Profissional"), _("Dia"), _("Expediente (min)"), _("Ocupado (min)"), _("Concluído (min)"), _("Ocupação")]
    for line in shown.lines:
        for one in line.days if line.professional else ():
            share = one.share
            percent = "" if share.percent is None else f"{share.percent}%"
            times = [_minutes(share.working), _minutes(share.booked), _minutes(share.done)]
            yield [str(line.professional), f"{one.on:%d/%m/%Y}", *times, percent]


def _minutes(length: timedelta) -> str:
    return str(length // timedelta(minutes=1))
