"""What every page shares."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse

from navalha.core.errors import Refused


class RefusedMiddleware:
    """A command that was refused and that no view caught: say the sentence, with 409, never a 500."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refused):
            return None
        if getattr(request, "htmx", False):
            return TemplateResponse(request, "web/_refused.html", {"sentence": str(error)}, status=409).render()
        messages.error(request, str(error))
        return render(request, "web/refused.html", {"sentence": str(error)}, status=409)
