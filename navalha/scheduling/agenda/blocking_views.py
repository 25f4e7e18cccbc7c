"""Blocking time from the grid, and what a blocked stretch says when it is touched."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused
from navalha.web import undo as undo_button

from ..forms import BlockForm
from ..models import TimeOff
from ..openings import time_off
from .views import asked_day, done, wants_part


@shop_view(Role.BARBER)
@require_http_methods(["GET", "POST"])
def block(request: ShopRequest) -> HttpResponse:
    """GET asks who, when and why; POST blocks."""
    if request.method == "GET":
        return _page(request, BlockForm(initial=_initial(request), member=request.membership))
    form = BlockForm(request.POST, member=request.membership)
    if not form.is_valid():
        return _page(request, form, status=422)
    said = form.cleaned_data
    try:
        row = time_off.block_time(
            request.shop,
            professional=said["professional"],
            starts_at=said["starts_at"],
            ends_at=said["ends_at"],
            reason=said["reason"],
            now=timezone.now(),
        )
    except Refused as refusal:
        return _page(request, form, status=409, refusal=str(refusal))
    undo_button.offer(request, _sentence(row), reverse("scheduling:free", args=[row.pk]))
    return done(request, f"{reverse('scheduling:agenda')}?dia={timezone.localtime(row.starts_at):%Y-%m-%d}")


@shop_view(Role.BARBER)
@require_GET
def show(request: ShopRequest, time_off_id: int) -> HttpResponse:
    """Who is away, when, why, and the button that ends it."""
    row = _row(request, time_off_id)
    context = {"row": row, "may_free": time_off.may_block(request.membership, row.professional)}
    part = "scheduling/_time_off.html" if wants_part(request) else "scheduling/time_off.html"
    return render(request, part, context | {"sheet": wants_part(request)})


@shop_view(Role.BARBER)
@require_POST
def free(request: ShopRequest, time_off_id: int) -> HttpResponse:
    """End the block."""
    row = _row(request, time_off_id)
    if not time_off.may_block(request.membership, row.professional):
        raise Refused(_("Só a recepção ou o próprio profissional pode liberar este horário."))
    day = timezone.localtime(row.starts_at)
    time_off.free_time(row)
    messages.success(request, _("Horário liberado."))
    return done(request, f"{reverse('scheduling:agenda')}?dia={day:%Y-%m-%d}")


def _row(request: ShopRequest, pk: int) -> TimeOff:
    return get_object_or_404(request.shop.times_off.select_related("professional", "shop"), pk=pk)


def _initial(request: ShopRequest) -> dict[str, Any]:
    """What the address says: the day, whose column, and the moment that was touched."""
    said: dict[str, Any] = {"day": asked_day(request), "professional": request.GET.get("profissional", "")}
    try:
        moment = datetime.fromisoformat(request.GET.get("das", "")).astimezone(UTC)
    except (ValueError, OverflowError):
        return said
    local = timezone.localtime(moment)
    end = timezone.localtime(moment + BlockForm.USUAL)
    return said | {"day": local.date(), "starts": local.time(), "ends": end.time()}


def _sentence(row: TimeOff) -> str:
    said = _("%(who)s: bloqueado das %(from)s às %(to)s.") % {
        "who": row.professional or _("Barbearia inteira"),
        "from": f"{timezone.localtime(row.starts_at):%H:%M}",
        "to": f"{timezone.localtime(row.ends_at):%H:%M}",
    }
    inside = time_off.visits_within(row)
    if not inside:
        return said
    stays = ngettext(
        "%(count)d horário já marcado continua: mova ou cancele se for preciso.",
        "%(count)d horários já marcados continuam: mova ou cancele se for preciso.",
        inside,
    )
    return f"{said} {stays % {'count': inside}}"


def _page(request: ShopRequest, form: BlockForm, *, status: int = 200, refusal: str = "") -> HttpResponse:
    part = wants_part(request)
    template = "scheduling/_block_time.html" if part else "scheduling/block_time.html"
    return render(request, template, {"form": form, "refusal": refusal, "sheet": part}, status=status)
