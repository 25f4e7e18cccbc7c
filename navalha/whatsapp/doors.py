"""How the views of this package are entered: by people, by htmx and by scripts, each answered in its own way.

Roles, decided here once: the reception sees the numbers and why one is down; only managers and owners connect,
disconnect, choose the principal, add, rename or remove. The health badge of the shell is for every member.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from navalha.accounts.access import ShopRequest, shop_view
from navalha.accounts.models import Role
from navalha.core.errors import Refused
from navalha.web.limits import Limit, minutes_left

from . import queries

SEE = Role.RECEPTION
MANAGE = Role.MANAGER
JSON = "application/json"
View = Callable[..., HttpResponse]


def wants_json(request: HttpRequest) -> bool:
    """A script, not a browser: neither htmx nor somebody who would rather have a page."""
    return not getattr(request, "htmx", False) and request.get_preferred_type([JSON, "text/html"]) != "text/html"


def number_view(role: Role, *methods: str, api: bool = False) -> Callable[[View], View]:
    """A view of one number of the member's shop, passed as `number`.

    Another shop's number, a removed one and too low a role are 404, and only then the method counts (405). For
    scripts, and always with `api`, every refusal is JSON with a sentence: {"error": "…"}.
    """

    def decorate(view: View) -> View:
        @shop_view(role)
        @wraps(view)
        def found(request: ShopRequest, pk: int) -> HttpResponse:
            number = get_object_or_404(queries.numbers(request.shop), pk=pk)
            return view(request, number) if request.method in methods else not_allowed(request, methods, api=api)

        return in_json(found, api=api)

    return decorate


def in_json(view: View, *, api: bool) -> View:
    """`view`, whose refusals are JSON where a script asks."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (api or wants_json(request)):
            return view(request, *args, **kwargs)
        if not request.user.is_authenticated and JSON in request.headers.get("Accept", ""):
            return error(_("Entre com o seu e-mail e senha."), 401)
        try:
            return view(request, *args, **kwargs)
        except Http404:
            return error(_("Não há um número com este endereço na sua barbearia."), 404)
        except Refused as refusal:
            return error(str(refusal), 409)

    return answered


def not_allowed(request: HttpRequest, methods: tuple[str, ...], *, api: bool) -> HttpResponse:
    """405 with `Allow`, as a page for people."""
    sentence = _("Este endereço é de um botão: volte à página dos números e toque nele.")
    answer: HttpResponse = (
        error(sentence, 405)
        if api or wants_json(request)
        else render(request, "web/refused.html", {"sentence": sentence, "back": "/whatsapp/"}, status=405)
    )
    answer["Allow"] = HttpResponseNotAllowed(methods)["Allow"]
    return answer


def too_often(request: HttpRequest, limit: Limit, *, now: datetime, **context: Any) -> HttpResponse:
    """429 with when to try again: JSON, the inside of the pairing window (`context` is for it), or a page."""
    minutes = minutes_left(limit, now=now)
    sentence = ngettext(
        "Muitos códigos pedidos em pouco tempo. Tente de novo daqui a %(minutes)d minuto.",
        "Muitos códigos pedidos em pouco tempo. Tente de novo daqui a %(minutes)d minutos.",
        minutes,
    ) % {"minutes": minutes}
    return told_later(request, sentence, minutes * 60, **context)


def told_later(request: HttpRequest, sentence: str, seconds: int, **context: Any) -> HttpResponse:
    """429 with a sentence and after how many seconds it is worth trying again."""
    if wants_json(request):
        answer: HttpResponse = error(sentence, 429)
    else:
        part = "whatsapp/_sentence.html" if in_window(request) else "web/refused.html"
        answer = render(request, part, {"sentence": sentence, "back": "/whatsapp/", **context}, status=429)
    answer["Retry-After"] = str(seconds)
    return answer


def in_window(request: HttpRequest) -> bool:
    """Asked by htmx: the answer is a part of the page."""
    return bool(getattr(request, "htmx", False))


def error(sentence: str, status: int) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status)


def may_manage(request: HttpRequest) -> bool:
    """Whether the page offers what changes something."""
    return cast(ShopRequest, request).membership.role >= MANAGE
