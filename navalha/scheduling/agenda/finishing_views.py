"""The end of a visit: what was really done, what was paid, and how."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused

from .. import actions
from ..deposits import ends as deposit_ends
from ..forms import FinishForm
from ..models import Appointment, DepositState
from .views import address_of, back, check_may_change, done, find_visit, wants_part
from .visit_views import offer_undo


@shop_view(Role.BARBER)
@require_http_methods(["GET", "POST"])
def finish(request: ShopRequest, pk: int) -> HttpResponse:
    """GET asks, filled in with what was booked; POST closes the visit."""
    appointment = find_visit(request, pk)
    if request.method == "GET":
        return _page(request, appointment, FinishForm(appointment=appointment))
    form = FinishForm(request.POST, appointment=appointment)
    if not form.is_valid():
        return _page(request, appointment, form, status=422)
    try:
        check_may_change(request, appointment)
        actions.finish(
            appointment,
            by=request.user,
            now=timezone.now(),
            services=form.chosen_services(),
            paid_cents=form.cleaned_data["paid"],
            paid_with=form.cleaned_data["paid_with"],
        )
    except Refused as refusal:
        return _page(request, appointment, form, status=409, refusal=str(refusal))
    offer_undo(request, appointment, _("Atendimento concluído."))
    return done(request, back(request, address_of(appointment)))


def _page(
    request: ShopRequest, appointment: Appointment, form: FinishForm, *, status: int = 200, refusal: str = ""
) -> HttpResponse:
    part = wants_part(request)
    deposit = deposit_ends.of(appointment)
    paid_before = deposit.amount_cents if deposit and deposit.state == DepositState.PAID else 0
    context = {
        "visit": appointment,
        "form": form,
        "refusal": refusal,
        "sheet": part,
        "paid_before": paid_before,
        "to_charge": max(appointment.total_cents - paid_before, 0),
    }
    template = "scheduling/_finish.html" if part else "scheduling/finish.html"
    return render(request, template, context, status=status)
