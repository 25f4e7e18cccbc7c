"""What stands before every public page: the shop of the address, the limits for strangers, the shop's clock."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from navalha.accounts.models import Shop
from navalha.scheduling.queries import zone_of
from navalha.web.limits import Limit, allow, client_address, minutes_left


# By address, and generous: Brazilian mobile networks put thousands of phones behind one.
def reads() -> Limit:
    return Limit("public-reads", settings.PUBLIC_READS_PER_10_MINUTES, 600)


def writes() -> Limit:
    return Limit("public-writes", settings.PUBLIC_WRITES_PER_10_MINUTES, 600)


def bookings() -> Limit:
    """Of those that succeed: each makes a message go out."""
    return Limit("public-bookings", settings.PUBLIC_BOOKINGS_PER_HOUR, 3600)


def bookings_for_a_phone() -> Limit:
    """Anybody can type anybody's phone, cancel and book again: each time the shop writes to that phone."""
    return Limit("public-bookings-phone", settings.PUBLIC_BOOKINGS_PER_PHONE_PER_DAY, 86_400)


def waits() -> Limit:
    """Of those who join a waitlist: each makes a message go out."""
    return Limit("public-waitlist", settings.PUBLIC_BOOKINGS_PER_HOUR, 3600)


def holds() -> Limit:
    """Of one address at one shop: without cookies every hold is another visitor's, who could keep a whole month."""
    return Limit("public-holds", settings.PUBLIC_HOLDS_PER_10_MINUTES, 600)


def moves() -> Limit:
    """Of one visit: each makes messages to the customer and to the shop's people."""
    return Limit("public-moves", settings.PUBLIC_MOVES_PER_VISIT_PER_DAY, 86_400)


class PublicRequest(HttpRequest):
    """A request that `public_view` let through."""

    shop: Shop
    now: datetime


View = Callable[Concatenate[PublicRequest, ...], HttpResponse]
Row = TypeVar("Row")


def public_view(
    *methods: str, private: bool = True, open_shops: bool = False
) -> Callable[[View], Callable[..., HttpResponse]]:
    """A page of a shop for everybody. `private` ones, with somebody's data in them, are kept out of search engines,
    as all of a shop are that does not want to be found there.

    `open_shops`: only of shops that take bookings. The page of a visit stays open: who has booked may still cancel.
    """

    def decorate(view: View) -> Callable[..., HttpResponse]:
        @require_http_methods([*methods, "HEAD"])
        @gzip_page
        @wraps(view)
        def wrapper(request: PublicRequest, shop: str, **kwargs: Any) -> HttpResponse:
            request.now = timezone.now()
            response = _answer(view, request, shop, kwargs, open_shops=open_shops)
            if private or response.status_code >= 400 or not request.shop.is_indexed:
                response["X-Robots-Tag"] = "noindex, nofollow"
            return response

        return wrapper

    return decorate


def linked_view(
    find: Callable[[Shop, str], Row | None], *methods: str, open_shops: bool = False
) -> Callable[[Callable[[PublicRequest, Row, str], HttpResponse]], Callable[..., HttpResponse]]:
    """A page for whoever has a signed link: the view gets what `find` reads in its token, and the token. For a link
    that we did not make there is no page.
    """

    def decorate(view: Callable[[PublicRequest, Row, str], HttpResponse]) -> Callable[..., HttpResponse]:
        @public_view(*methods, open_shops=open_shops)
        @wraps(view)
        def wrapper(request: PublicRequest, token: str) -> HttpResponse:
            row = find(request.shop, token)
            return missing(request) if row is None else view(request, row, token)

        return wrapper

    return decorate


def _answer(
    view: View, request: PublicRequest, slug: str, kwargs: Mapping[str, Any], *, open_shops: bool
) -> HttpResponse:
    limit = writes() if request.method == "POST" else reads()
    if not allow(limit, client_address(request), now=request.now):
        return too_many(request, limit, now=request.now)
    shop = Shop.objects.filter(slug=slug).first()
    if shop is None:
        return missing(request)
    request.shop = shop
    if open_shops and not shop.is_active:
        return closed(request)
    with timezone.override(zone_of(shop)):
        return view(request, **kwargs)


def missing(request: HttpRequest) -> HttpResponse:
    """No such shop, or no such visit in it: one answer, so that links cannot be guessed at."""
    return render(request, "booking/missing.html", status=404)


def closed(request: PublicRequest) -> HttpResponse:
    """The shop takes no bookings here for now: said politely, with how to reach it, and never why."""
    response = render(request, "booking/closed.html", status=200 if request.method in ("GET", "HEAD") else 409)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def too_many(request: HttpRequest, limit: Limit, *, now: datetime) -> HttpResponse:
    """Says when the next window of `limit` begins."""
    minutes = minutes_left(limit, now=now)
    response = render(request, "booking/too_many.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response
