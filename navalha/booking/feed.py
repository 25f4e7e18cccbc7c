"""What a professional's own calendar reads, again and again: no page, and the address is all that it shows."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from navalha.scheduling.feeds import actions as feed_actions
from navalha.scheduling.feeds import ics
from navalha.web.limits import allow, client_address

from .access import missing, reads, too_many


@require_safe
@gzip_page
def show(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar, or 304 for whoever has it as it is; 404 for every address that is not one (any more)."""
    now = timezone.now()
    if not allow(reads(), client_address(request), now=now):
        return too_many(request, reads(), now=now)
    feed = feed_actions.find(token)
    response = missing(request) if feed is None else _answer(request, feed_actions.calendar(feed, now=now))
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _answer(request: HttpRequest, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type=ics.CONTENT_TYPE)
    response["Cache-Control"] = "private, max-age=300"
    etag = quote_etag(hashlib.sha256(content).hexdigest())
    response["ETag"] = etag
    known = get_conditional_response(request, etag=etag, response=response)
    return known if isinstance(known, HttpResponse) else response
