"""The pages of the numbers of all shops."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from . import queries
from .access import OperatorRequest, operator_view


@operator_view
@require_safe
def instances(request: OperatorRequest) -> HttpResponse:
    """The numbers of all shops."""
    part = "console/_instances.html" if request.headers.get("HX-Target") == "instances" else "console/instances.html"
    return render(request, part, {"instances": queries.instances()[:50]})
