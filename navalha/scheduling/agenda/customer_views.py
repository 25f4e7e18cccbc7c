"""Finding a customer while somebody types: by name or by phone."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.customers.queries import find

from .. import attendance

MOST = 8


@shop_view(Role.BARBER)
@require_GET
def customers(request: ShopRequest) -> HttpResponse:
    """The few customers whose name or phone has what was typed, as the options of a list."""
    found = list(find(request.shop, request.GET.get("q", ""), most=MOST))
    missed = attendance.missed(request.shop, [customer.pk for customer in found]) if found else {}
    options = [(customer, missed.get(customer.pk)) for customer in found]
    return render(request, "scheduling/_customers.html", {"options": options})
