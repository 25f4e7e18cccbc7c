"""The shop's first page. Reads only; what can be done stands on the pages that it leads to."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role

from .home import home_of

# As on the page of the numbers: who may see them, and who may connect them.
SEE, MANAGE = Role.RECEPTION, Role.MANAGER


@shop_view(Role.BARBER)
@require_safe
def home(request: ShopRequest) -> HttpResponse:
    """Today at a glance; for htmx the inside alone."""
    now, role = timezone.now(), request.membership.role
    context = {
        "home": home_of(request.shop, request.user, now=now, sees_numbers=role >= SEE),
        "may_see_numbers": role >= SEE,
        "may_manage": role >= MANAGE,
        "now": now,
    }
    part = "reports/_home.html" if request.headers.get("HX-Target") == "home" else "reports/home.html"
    return render(request, part, context)
