"""`/`: where a person lands. Here, because only this package may know both the operator's pages and the shops'."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from navalha.accounts import impersonation
from navalha.accounts.access import memberships_of
from navalha.accounts.views import no_shop
from navalha.console.home_views import home as operators_home


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The operator sees all shops, unless inside one; members their shop; everybody else is told what to do."""
    inside = impersonation.current(request, now=timezone.now()) is not None
    if request.user.is_superuser and not inside:
        return operators_home(request)
    if inside or memberships_of(request.user):
        return redirect("reports:home")
    return no_shop(request)
