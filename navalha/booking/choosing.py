"""The page to choose on: what is offered, who does it, when it is free, and what the shop says of itself."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from navalha.accounts.models import Shop
from navalha.core.errors import Refused
from navalha.scheduling import links, queries, slots
from navalha.scheduling.openings import closures
from navalha.scheduling.shop import dressing

from . import dress, front, opening, page, soon, structured, times, visitor, words
from .access import PublicRequest


def _description(shop: Shop) -> str:
    """What a link to the page says where it is shared."""
    said = _("Escolha o serviço e o horário e agende sem cadastro.")
    return f"{said} {shop.address}" if shop.address else said


def answer(request: PublicRequest, query: QueryDict, refusal: Refused | None = None) -> HttpResponse:
    """The page to choose on; with `refusal`, after a form that asked for what is not on offer."""
    offer = front.load(request.shop)
    rules = queries.rules_of(request.shop)
    today = slots.local_day(request.now, rules.zone)
    choice = front.read(offer, query, first_day=today, last_day=rules.last_day(request.now))
    holder, pictures = visitor.holder(request), dressing.shown(request.shop)
    shared, when = dress.shared(request.shop, pictures), _openings(offer, choice, now=request.now, visitor=holder)
    told = {
        "shared": shared,
        "business": structured.business(request.shop, when["opening"], image=shared.url),
        **when,
        "problems": list(dict.fromkeys([*([str(refusal)] if refusal else []), *choice.problems])),
        "choice": choice,
        "address": links.booking_url(request.shop),
        "description": _description(request.shop),
        "pictures": pictures,
        "fields": choice.alone().fields(),
        "page": page.build(offer, choice),
        "times": times.find(offer, choice, now=request.now, visitor=holder) if choice.services else None,
        "chosen_day": words.day_near(choice.day, today) if choice.day else "",
        "waitlist_url": choice.alone().url(request.shop, "booking:waitlist_join")
        if request.shop.takes_waitlist
        else "",
    }
    return render(request, "booking/home.html", told, status=422 if refusal else 200)


def _openings(offer: front.Front, choice: front.Choice, *, now: datetime, visitor: str) -> dict[str, Any]:
    """When the shop is open, and before a service is chosen the first free times: seven queries, or eight."""
    shop, zone = offer.shop, queries.zone_of(offer.shop)
    today, among = slots.local_day(now, zone), [one.pk for one in offer.professionals]
    between = queries.around(shop, today - timedelta(days=1), opening.AHEAD + 2)
    if choice.services:
        calendars, first = queries.openings_of(shop, among, between=between), []
    else:
        calendars = queries.calendars_of(shop, among, between=between, now=now, visitor=visitor)
        chairs = queries.chairs_taken(shop, between=between, now=now, visitor=visitor)
        first = soon.find(offer, choice, calendars, chairs, now=now)
    last = today + timedelta(days=opening.AHEAD)
    holidays = {day.on: day.name for day in closures.holidays(shop, today, last) if not day.is_open}
    return {"opening": opening.read(calendars, zone, now=now, holidays=holidays), "soon": first}
