"""Somebody's own place in the line, for whoever has its signed link. Of the others it says only how many."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from navalha.core.errors import Refused
from navalha.scheduling.models import QueueEntry
from navalha.scheduling.queue import actions as queue_actions
from navalha.scheduling.queue import links as queue_links
from navalha.scheduling.queue import queries as queue_queries

from .access import PublicRequest, linked_view
from .attempt import SeeOther


@linked_view(queue_links.find, "GET")
def show(request: PublicRequest, entry: QueueEntry, token: str) -> HttpResponse:
    """Position and expected wait; the page asks anew by itself."""
    return _page(request, entry, token)


@linked_view(queue_links.find, "GET", "POST")
def leave(request: PublicRequest, entry: QueueEntry, token: str) -> HttpResponse:
    """Give up, only by the button."""
    address = reverse("booking:queue", args=[request.shop.slug, token])
    if request.method != "POST":
        return redirect(address)
    try:
        queue_actions.leave(entry, now=request.now)
    except Refused:  # they have been served: the page says so
        return _page(request, entry, token, status=409)
    return SeeOther(address)


def _page(request: PublicRequest, entry: QueueEntry, token: str, *, status: int = 200) -> HttpResponse:
    places = queue_queries.build(request.shop, now=request.now)
    place = next((one for one in places if one.entry.pk == entry.pk), None)
    context = {"entry": entry, "place": place, "token": token}
    return render(request, "booking/queue.html", context, status=status)
