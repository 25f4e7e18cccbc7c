"""Who may see which page: the one place where a view gets its shop."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from . import impersonation
from .models import Membership, Role, Shop, User

SESSION_KEY = "shop_id"
View = Callable[..., HttpResponse]


class ShopRequest(HttpRequest):
    """A request of a member of `shop`: what a `@shop_view` receives."""

    shop: Shop
    membership: Membership
    memberships: list[Membership]
    user: User
    acting: impersonation.Acting | None


def memberships_of(user: User | AnonymousUser) -> list[Membership]:
    """Where the person works, with the shops; the highest role first."""
    if not user.is_authenticated:
        return []
    return list(Membership.objects.filter(user=user).select_related("shop").order_by("-role", "shop__name", "pk"))


def chosen(mine: list[Membership], shop_id: int | None) -> Membership | None:
    """The membership at whose shop the person is: the chosen one, else the first; None for no member."""
    return next((m for m in mine if m.shop_id == shop_id), mine[0] if mine else None)


def _time_is_up(request: HttpRequest) -> HttpResponse:
    """Out of the shop; a part that fetched itself takes the whole page along."""
    messages.warning(request, _("O tempo dentro da barbearia acabou. Entre de novo se ainda precisar."))
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("home")})
    return redirect("home")


def shop_view(role: Role) -> Callable[[View], View]:
    """Only for members of a shop with at least `role`; sets `request.shop` and `request.membership`.

    Anonymous people are sent to the log-in. A lower role, or nobody's member, gets 404: a page that is not yours
    does not exist.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            now = timezone.now()
            if impersonation.is_over(request, now=now):
                return _time_is_up(request)
            acting = impersonation.current(request, now=now)
            mine = [acting.membership] if acting else memberships_of(request.user)
            membership = chosen(mine, request.session.get(SESSION_KEY))
            if membership is None or membership.role < role:
                raise Http404("no page for this member")
            member_request = cast(ShopRequest, request)
            member_request.shop, member_request.membership = membership.shop, membership
            member_request.acting = acting
            if acting and request.method not in ("GET", "HEAD"):
                impersonation.note_act(request, acting, now=now)
            member_request.memberships = mine  # for the shell's switch, so that it needs no query of its own
            with timezone.override(membership.shop.timezone):  # the shop's clock, on every page of its members
                return view(member_request, *args, **kwargs)

        guarded.needed_role = role  # type: ignore[attr-defined]  # read by the guard test that walks every URL
        return guarded

    return decorate
