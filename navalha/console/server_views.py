"""The pages of the Evolution servers."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from . import queries
from .access import OperatorRequest, operator_view


@operator_view
@require_safe
def servers(request: OperatorRequest) -> HttpResponse:
    """All servers, with how full and how well each is."""
    part = "console/_servers.html" if request.headers.get("HX-Target") == "servers" else "console/servers.html"
    return render(request, part, {"servers": queries.servers()})
