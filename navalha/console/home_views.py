"""The operator's first page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from .access import OperatorRequest, operator_view
from .home import home as home_of

# Longer than a worker that lives is silent (`worker.rescue`).
WORKER_IS_AWAY = 30  # seconds


@operator_view
@require_safe
def home(request: OperatorRequest) -> HttpResponse:
    """All shops at a glance; for htmx the inside alone."""
    now = timezone.now()
    page = home_of(now=now)
    seen_at = page.worker_seen_at
    away = seen_at is None or (now - seen_at).total_seconds() > WORKER_IS_AWAY
    part = "console/_home.html" if request.headers.get("HX-Target") == "home" else "console/home.html"
    return render(request, part, {"home": page, "worker_is_away": away, "now": now})
