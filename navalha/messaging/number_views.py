"""The pace of a shop's number: its own page, the same as a part of the number's page, and a line on its card."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.whatsapp import queries as whatsapp
from navalha.whatsapp.models import WhatsAppInstance

from . import pacing, rules
from .forms import RulesForm
from .standing import figures_of, standing_of, waiting


@shop_view(Role.RECEPTION)
@require_GET
def pace(request: ShopRequest, pk: int) -> HttpResponse:
    """The page; for htmx the part alone."""
    number = _number(request, pk)
    template = "messaging/_pace.html" if _is_htmx(request) else "messaging/pace.html"
    return render(request, template, _shown(request, number))


@shop_view(Role.RECEPTION)
@require_GET
def line(request: ShopRequest, pk: int) -> HttpResponse:
    """For the number's card on the dashboard: how much of today's limits is used.

    Each card asks for its own, so that no answer is about a card that is not there yet or any more. A card may ask
    just after its number was removed: that is no error.
    """
    number = get_object_or_404(request.shop.numbers.select_related("shop"), pk=pk)
    standing = standing_of(number, timezone.now()) if number.number else None
    return render(request, "messaging/_pace_line.html", {"standing": standing})


@shop_view(Role.OWNER)
@require_http_methods(["GET", "POST"])
def set_rules(request: ShopRequest, pk: int) -> HttpResponse:
    """Quiet hours and limits of one number."""
    number = _number(request, pk)
    row = pacing.pace_of(number, timezone.now())
    form = RulesForm(request.POST or None, initial=RulesForm.initial_of(row))
    if request.method == "POST" and form.is_valid():
        rules.set_rules(row, **form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, _("Regras salvas. O que esperava na fila já segue as novas."))
        return redirect("pacing:pace", number.pk)
    return render(request, "messaging/rules.html", {"form": form, "number": number}, status=422 if form.errors else 200)


@shop_view(Role.OWNER)
@require_POST
def resume(request: ShopRequest, pk: int) -> HttpResponse:
    """Retomar: the owner ends a pause."""
    number = _number(request, pk)
    rules.lift_pause(pacing.pace_of(number, timezone.now()), by=request.user, now=timezone.now())
    if _is_htmx(request):
        return render(request, "messaging/_pace.html", _shown(request, number))
    messages.success(request, _("Pausa retirada. O número volta a escrever a contatos novos, um de cada vez."))
    return redirect("pacing:pace", number.pk)


def _number(request: ShopRequest, pk: int) -> WhatsAppInstance:
    return get_object_or_404(whatsapp.numbers(request.shop).select_related("shop"), pk=pk)


def _is_htmx(request: HttpRequest) -> bool:
    htmx = request.htmx  # type: ignore[attr-defined]  # set by the middleware of django-htmx
    return bool(htmx) and not htmx.history_restore_request and not htmx.boosted


def _shown(request: ShopRequest, number: WhatsAppInstance) -> dict[str, Any]:
    now = timezone.now()
    standing = standing_of(number, now)
    held, count = waiting(request.shop) if number.is_primary else ([], 0)
    return {
        "number": number,
        "standing": standing,
        "figures": figures_of(standing),
        "waiting": held,
        "waiting_count": count,
        "may_rule": request.membership.role >= Role.OWNER,
        "now": now,
    }
