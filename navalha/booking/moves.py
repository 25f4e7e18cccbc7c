"""Another time for a visit, by whoever has its link: choose as on the page of the shop, say yes once, done."""

from datetime import datetime

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from navalha.core.errors import Refused
from navalha.scheduling import links, queries, slots
from navalha.scheduling.errors import SlotTaken
from navalha.scheduling.models import Appointment, Professional
from navalha.scheduling.moving import another_time
from navalha.web.limits import allow

from . import access, front, page, times, visitor, visits, words
from .access import PublicRequest, closed, linked_view
from .attempt import SeeOther
from .forms import moment

NEVER = -1  # the version that no visit has
LONGEST_NUMBER = 9


@linked_view(links.find, "GET", "POST")
def move(request: PublicRequest, visit: Appointment, token: str) -> HttpResponse:
    """GET shows the free times, and with `inicio` asks once, with the rule; POST moves."""
    if not request.shop.is_active:
        return closed(request)
    try:
        another_time.check(visit, now=request.now)
    except Refused as refusal:
        if request.method == "POST":
            return visits.page(request, visit, token, sentence=str(refusal), status=409)
        return SeeOther(visits.address(request, token))
    if request.method == "POST":
        return _take(request, visit, token)
    return _ask(request, visit, token) if "inicio" in request.GET else _choosing(request, visit, token)


def _choosing(request: PublicRequest, visit: Appointment, token: str, refusal: Refused | None = None) -> HttpResponse:
    """The free times. With `refusal`, after an address or a form that asked for what is not on offer."""
    offer, choice = _choice(request, visit, token, QueryDict() if refusal else request.GET)
    today = timezone.localdate(request.now)
    told = {
        **visits.told_of(request, visit, token),
        "problems": [*([str(refusal)] if refusal else []), *choice.problems],
        "choice": choice,
        "fields": choice.fields(),
        "page": {"people": page.people(offer, choice)},
        "times": times.find(offer, choice, now=request.now, visitor=visitor.holder(request), visit=visit),
        "chosen_day": words.day_near(choice.day, today) if choice.day else "",
    }
    return render(request, "booking/move.html", told, status=422 if refusal else 200)


def _choice(
    request: PublicRequest, visit: Appointment, token: str, query: QueryDict
) -> tuple[front.Front, front.Choice]:
    rules = queries.rules_of(request.shop)
    days = slots.local_day(request.now, rules.zone), rules.last_day(request.now)
    offer = front.for_visit(visit)
    return offer, front.read_move(offer, query, visit, token, days=days)


def _ask(request: PublicRequest, visit: Appointment, token: str) -> HttpResponse:
    """Both times side by side, and one button."""
    try:
        who, starts_at = _wanted(request, visit, token, request.GET)
        found = another_time.candidates(visit, who, starts_at, now=request.now, visitor=visitor.holder(request))
    except SlotTaken as refusal:
        return _taken(request, visit, token, who, refusal)
    except Refused as refusal:
        return _choosing(request, visit, token, refusal)
    start = timezone.localtime(starts_at)
    told = {
        **visits.told_of(request, visit, token),
        "wanted": start,
        "wanted_day": words.day_near(start.date(), timezone.localdate(request.now)),
        "wanted_who": who or request.shop.professionals.get(pk=found[0]),
        "fields": _fields(who, visit.version),
    }
    return render(request, "booking/move_ask.html", told)


def _take(request: PublicRequest, visit: Appointment, token: str) -> HttpResponse:
    number = request.POST.get("versao", "")[:LONGEST_NUMBER]
    try:
        who, starts_at = _wanted(request, visit, token, request.POST)
    except Refused as refusal:
        return _choosing(request, visit, token, refusal)
    if not allow(access.moves(), str(visit.pk), now=request.now):
        sentence = _("Este horário já mudou muitas vezes hoje. Fale com a barbearia.")
        return visits.page(request, visit, token, sentence=sentence, status=429)
    seen = int(number) if number.isdecimal() else NEVER
    try:
        another_time.take(visit, who, starts_at, seen=seen, now=request.now, visitor=visitor.holder(request))
    except SlotTaken as refusal:
        return _taken(request, visit, token, who, refusal)
    except Refused as refusal:
        fresh = links.find(request.shop, token) or visit
        if fresh.version == seen and fresh.state in queries.OPEN:  # nothing else happened: the time is not on offer
            return _choosing(request, fresh, token, refusal)
        return visits.page(request, fresh, token, sentence=str(refusal), status=409)
    return SeeOther(visits.address(request, token))


def _wanted(
    request: PublicRequest, visit: Appointment, token: str, query: QueryDict
) -> tuple[Professional | None, datetime]:
    """Who and when. Raises Refused for what is not on offer or not understood."""
    _offer, choice = _choice(request, visit, token, query)
    if choice.problems:
        raise Refused(choice.problems[0])
    return choice.professional, moment(query.get("inicio", ""))


def _taken(
    request: PublicRequest, visit: Appointment, token: str, who: Professional | None, refusal: SlotTaken
) -> HttpResponse:
    """Somebody was faster: the nearest free times, one tap each. The visit stands where it stood."""
    today = timezone.localdate(request.now)
    starts = [timezone.localtime(slot.starts_at) for slot in refusal.nearest]
    told = {
        **visits.told_of(request, visit, token),
        "sentence": str(refusal),
        "offers": [{"start": start, "day": words.day_near(start.date(), today)} for start in starts],
        "fields": _fields(who, visit.version),
    }
    return render(request, "booking/move_taken.html", told, status=409)


def _fields(who: Professional | None, version: int) -> list[tuple[str, object]]:
    return [("profissional", who.pk if who else ""), ("versao", version)]
