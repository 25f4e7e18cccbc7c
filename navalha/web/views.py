"""Pages of no package: is the process well, and what is said when something went wrong."""

import structlog
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

log = structlog.get_logger(__name__)


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """200 when the process can do its work, 503 when it cannot. For supervisors: no log-in, no details."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        log.warning("health", database=type(error).__name__)
        return JsonResponse({"database": "down"}, status=503)
    return JsonResponse({"database": "ok"})


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask here when they open something that is no page of ours, such as a picture."""
    return redirect(static("img/navalha.svg"), permanent=True)
