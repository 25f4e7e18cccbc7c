"""Who may see the operator's pages: the one door of this package."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from navalha.accounts import impersonation
from navalha.accounts.access import memberships_of
from navalha.accounts.models import Membership, User

View = Callable[..., HttpResponse]


class OperatorRequest(HttpRequest):
    """A request of an operator: what an `@operator_view` receives. It has no shop, because it is about all of them."""

    user: User
    is_operators: bool
    memberships: list[Membership]
    acting: impersonation.Acting | None


def operator_view(view: View) -> View:
    """Only for who runs the installation (a superuser).

    Anonymous people are sent to the log-in; for everybody else, whatever their role in a shop, the page does not exist.
    """

    @wraps(view)
    @login_required
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_superuser:
            raise Http404("no page for this person")
        operator_request = cast(OperatorRequest, request)
        operator_request.is_operators = True  # the shell shows the operator's menu and hears every shop
        operator_request.acting = impersonation.current(request, now=timezone.now())  # a way out on every page
        operator_request.memberships = memberships_of(request.user)  # the way to the shops where they also work
        return view(operator_request, *args, **kwargs)

    guarded.for_operator = True  # type: ignore[attr-defined]  # read by the menu and by the guard that walks every URL
    return guarded
