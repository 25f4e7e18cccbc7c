"""What every page shares."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils import translation
from django.utils.cache import patch_vary_headers

from navalha.core.errors import Refused

GetResponse = Callable[[HttpRequest], HttpResponse]


class LanguageMiddleware:
    """Portuguese until somebody chooses: a browser that came in English does not make its owner a foreigner."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        if "public" in response.get("Cache-Control", ""):
            return response  # the same file for everybody: a browser keeps it also when a cookie changes
        patch_vary_headers(response, ["Cookie"])
        response.headers.setdefault("Content-Language", language)
        return response


class HtmxMiddleware:
    """What a full page would show and a part cannot: messages become toasts, and the log-in a page of its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not getattr(request, "htmx", False):
            return response
        if _leads_to_login(response):
            return _whole_page(request, response)
        if response.status_code == 302 and request.headers.get("X-Undo"):
            return _go_to(response["Location"])  # from a toast: nothing of the page would show what was undone
        if request.headers.get("X-Live"):
            return response  # nobody asked, and the page may be about to go: the words are for the next one
        if response.status_code not in {301, 302, 303, 307, 308} and "HX-Redirect" not in response:
            _add_toasts(request, response)
        return response


class RefusedMiddleware:
    """A command that was refused and that no view caught: say the sentence, with 409, never a 500."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refused):
            return None
        if getattr(request, "htmx", False):
            messages.error(request, str(error))  # becomes a toast; what stands on the page stays there
            response = render(request, "web/_refused.html", {"sentence": str(error)}, status=409)
            response["HX-Reswap"] = "none"
            return response
        return render(request, "web/refused.html", {"sentence": str(error), "back": _page_before(request)}, status=409)


def _leads_to_login(response: HttpResponse) -> bool:
    login = resolve_url(settings.LOGIN_URL)
    return response.status_code == 302 and urlsplit(response.get("Location", "")).path == login


def _whole_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """htmx would put the log-in page into the part. After it the person is back at the page, not at the part."""
    there = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
    login = urlsplit(response["Location"])._replace(query="").geturl()
    return _go_to(f"{login}?next={quote(there, safe='/')}")


def _go_to(address: str) -> HttpResponse:
    answer = HttpResponse(status=204)
    answer["HX-Redirect"] = address
    return answer


def _add_toasts(request: HttpRequest, response: HttpResponse) -> None:
    items = [
        {"level": message.level_tag, "text": str(message)}
        | ({"undo": message.extra_tags} if message.extra_tags else {})
        for message in messages.get_messages(request)
    ]
    if not items:
        return
    # At the body: what asked may have been replaced by a refresh, and nobody hears an event of what is gone.
    toast = {"items": items, "target": "body"}
    response["HX-Trigger"] = json.dumps({**_triggers(response.get("HX-Trigger", "")), "toast": toast})


def _triggers(header: str) -> dict[str, Any]:
    """What a view already triggers, in either form that htmx reads: JSON, or names with commas."""
    if header.startswith("{"):
        return dict(json.loads(header))
    return {name.strip(): None for name in header.split(",") if name.strip()}


def _page_before(request: HttpRequest) -> str:
    """Our own page from which the person came, else the first page."""
    before = urlsplit(request.headers.get("Referer", ""))
    return before.path if before.netloc == request.get_host() and before.path.startswith("/") else "/"
