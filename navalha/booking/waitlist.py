"""Joining the waitlist without an account, and one's own place on it, for whoever has its signed link."""

from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from navalha.core.errors import Refused
from navalha.core.phones import phone_key
from navalha.customers.models import Customer
from navalha.scheduling import links, queries, slots
from navalha.scheduling.errors import OnlyByShop
from navalha.scheduling.models import Appointment, AppointmentState, WaitlistEntry
from navalha.scheduling.waitlist import actions as waiting
from navalha.scheduling.waitlist import links as waitlist_links
from navalha.scheduling.waitlist import offering, suiting
from navalha.scheduling.waitlist import queries as waitlist_queries
from navalha.scheduling.waitlist import words as waitlist_words
from navalha.scheduling.waitlist.models import DayPart, OfferState, WaitlistOffer, WaitState
from navalha.scheduling.wishes import Wish
from navalha.web.limits import allow, client_address

from . import access, front, visitor, words
from .access import PublicRequest, linked_view, public_view
from .attempt import SeeOther, known_customer
from .deposits import notice
from .forms import ContactForm, WishForm

SHOWN_FREE = 8
LONGEST_NUMBER = 9


class TooManyWaits(Refused):
    """This address, or somebody with this phone, has asked often enough."""


@public_view("GET", "POST", open_shops=True)
def join(request: PublicRequest) -> HttpResponse:
    """GET asks what for and who; POST joins, unless a free time suits already."""
    query = request.POST if request.method == "POST" else request.GET
    choice = _choice(request, query)
    if not request.shop.takes_waitlist or not choice.services:
        return redirect(choice.url(request.shop))
    if request.method != "POST":
        return _form_page(request, choice)
    wish, contact = WishForm(request.POST), ContactForm(request.POST)
    known = known_customer(request) if "conhecido" in request.POST else None
    typed = None if known else contact
    status, sentence, may_call = 422, "", False
    if choice.problems:
        sentence = choice.problems[0]
    elif wish.is_valid() and (known or contact.is_valid()):
        try:
            return _joined(request, choice, wish, contact, known)
        except Refused as refusal:
            status, sentence, may_call = _status_of(refusal), str(refusal), isinstance(refusal, OnlyByShop)
    page = _form_page(request, choice, wish=wish, contact=typed, sentence=sentence, may_call=may_call, status=status)
    return _remembered(contact, page)


def _status_of(refusal: Refused) -> int:
    if isinstance(refusal, TooManyWaits):
        return 429
    return 409 if isinstance(refusal, waiting.AlreadyWaiting) else 422


def _joined(
    request: PublicRequest, choice: front.Choice, wish: WishForm, contact: ContactForm, known: Customer | None
) -> HttpResponse:
    """The way to their place, or the free times that suit. Raises Refused."""
    asked = waiting.Asked(choice.services, choice.professional, wish.wanted())
    waiting.check(request.shop, asked, now=request.now)
    if free := _free(request, asked):
        return _form_page(request, choice, wish=wish, contact=None if known else contact, free=free, status=409)
    try:
        entry = _join(request, asked, contact, known)
    except waiting.AlreadyWaiting as already:
        mine = waitlist_links.token(already.entry)
        if visitor.last_place(request) != mine:  # anybody can type a phone: its place opens by its own link only
            raise
        return SeeOther(_address(request, mine))
    token = waitlist_links.token(entry)
    response = SeeOther(_address(request, token))
    visitor.remember_place(response, token)
    return response


@transaction.atomic
def _join(request: PublicRequest, asked: waiting.Asked, contact: ContactForm, known: Customer | None) -> WaitlistEntry:
    """Join within the limits: one too many is undone. Raises as `waitlist.actions.join`, and TooManyWaits."""
    name, phone = ("", "") if known else (contact.cleaned_data["nome"], contact.cleaned_data["telefone"])
    entry = waiting.join(request.shop, asked, name=name, phone=phone, customer=known, now=request.now)
    if not allow(access.waits(), client_address(request), now=request.now):
        raise TooManyWaits(_("Já saíram muitos pedidos desta rede na última hora. Tente mais tarde."))
    who = phone_key(entry.customer.phone) or f"customer {entry.customer_id}"
    if not allow(access.bookings_for_a_phone(), who, now=request.now):
        raise TooManyWaits(_("Este telefone já fez muitos pedidos hoje. Fale com a barbearia."))
    return entry


@linked_view(waitlist_links.find, "GET")
def show(request: PublicRequest, entry: WaitlistEntry, token: str) -> HttpResponse:
    """Where they stand, and the time that is offered to them; the page asks anew by itself."""
    return _place_page(request, entry, token)


@linked_view(waitlist_links.find, "GET", "POST")
def accept(request: PublicRequest, entry: WaitlistEntry, token: str) -> HttpResponse:
    """ "Quero": only by the button, for the offer that the page showed."""
    made = _offer(request, entry)
    if request.method != "POST" or made is None:
        return redirect(_address(request, token))
    try:
        visit = offering.accept(made, said_at=request.now, now=request.now)
    except Refused as refusal:
        return _place_page(request, entry, token, sentence=str(refusal), status=409)
    visit_token = links.token(visit)
    response = SeeOther(reverse("booking:visit", args=[request.shop.slug, visit_token]))
    visitor.remember_visit(response, visit_token)
    return response


@linked_view(waitlist_links.find, "GET", "POST")
def decline(request: PublicRequest, entry: WaitlistEntry, token: str) -> HttpResponse:
    """ "Não quero este": they stay on the list."""
    made = _offer(request, entry)
    if request.method == "POST" and made is not None:
        offering.decline(made, now=request.now)
    return SeeOther(_address(request, token))


@linked_view(waitlist_links.find, "GET", "POST")
def leave(request: PublicRequest, entry: WaitlistEntry, token: str) -> HttpResponse:
    """Off the list, only by the button."""
    if request.method == "POST":
        try:
            waiting.leave(entry, reason=waiting.BY_CUSTOMER, now=request.now)
        except Refused:  # it is over: the page says how
            return _place_page(request, entry, token, status=409)
    return SeeOther(_address(request, token))


def _choice(request: PublicRequest, query: QueryDict) -> front.Choice:
    rules = queries.rules_of(request.shop)
    days = slots.local_day(request.now, rules.zone), rules.last_day(request.now)
    return front.read(front.load(request.shop), query, first_day=days[0], last_day=days[1])


def _free(request: PublicRequest, asked: waiting.Asked) -> list[datetime]:
    """The first free times that suit, on the shop's clock: who finds one need not wait."""
    wanted = asked.wanted
    found = queries.free_slots(
        request.shop,
        services=asked.services,
        professional=asked.professional,
        first_day=wanted.first_day,
        days=(wanted.last_day - wanted.first_day).days + 1,
        now=request.now,
        visitor=visitor.holder(request),
    )
    starts = [timezone.localtime(slot.starts_at) for slot in slots.first_at_each_time(found)]
    return [start for start in starts if suiting.suits(wanted, start)][:SHOWN_FREE]


def _form_page(
    request: PublicRequest,
    choice: front.Choice,
    *,
    wish: WishForm | None = None,
    contact: ContactForm | None = None,
    free: list[datetime] | None = None,
    sentence: str = "",
    may_call: bool = False,
    status: int = 200,
) -> HttpResponse:
    rules, today = queries.rules_of(request.shop), timezone.localdate(request.now)
    errors = {**(wish.errors if wish else {}), **(contact.errors if contact else {})}
    told: dict[str, Any] = {
        "choice": choice,
        "may_call": may_call,
        "fields": replace(choice, day=None).fields(),
        "wish": wish or WishForm(initial={"dia": choice.day or today}),
        "parts": DayPart.choices,
        "chosen_parts": (wish["parte"].value() if wish else None) or [],
        "today": today,
        "last_day": rules.last_day(request.now),
        "typed": contact.data if contact else visitor.typed(request),
        "known": known_customer(request),
        "errors": {name: found[0] for name, found in errors.items()},
        "problems": choice.problems if request.method != "POST" else [],
        "free": [(words.day_near(day, today), list(starts)) for day, starts in groupby(free or (), key=datetime.date)],
        "sentence": sentence,
        "back": choice.url(request.shop),
    }
    return render(request, "booking/waitlist_join.html", told, status=status)


def _remembered(contact: ContactForm, response: HttpResponse) -> HttpResponse:
    data = contact.data
    visitor.remember_typed(response, nome=data.get("nome", ""), telefone=data.get("telefone", ""))
    return response


def _offer(request: PublicRequest, entry: WaitlistEntry) -> WaitlistOffer | None:
    said = request.POST.get("oferta", "")[:LONGEST_NUMBER]
    rows = entry.offers.select_related("professional", "shop", "message", "appointment")
    return rows.filter(pk=said).first() if said.isdecimal() else None


def _place_page(
    request: PublicRequest, entry: WaitlistEntry, token: str, *, sentence: str = "", status: int = 200
) -> HttpResponse:
    entry.refresh_from_db(fields=["state"])
    made = entry.offers.select_related("professional", "appointment__professional").first()
    live = made if made and entry.state == WaitState.OFFERED and not _is_over(made, request.now) else None
    visit = _theirs(made) if made else None
    shown = live or visit
    again = front.Choice(tuple(one for one in entry.services.all() if one.is_active), entry.professional)
    told: dict[str, Any] = {
        "entry": entry,
        "token": token,
        "hours": waitlist_words.hours(entry),
        "is_waiting": entry.state in (WaitState.WAITING, WaitState.OFFERED),
        "position": waitlist_queries.ahead_of(entry) + 1,
        "offer": live,
        "shown": shown,
        "start": timezone.localtime(shown.starts_at) if shown else None,
        "day": words.day_near(timezone.localdate(shown.starts_at), timezone.localdate(request.now)) if shown else "",
        "visit_token": links.token(visit) if visit else "",
        "phone_end": entry.customer.phone[-4:],
        **(_terms(request, live) if live else {}),
        "again": again.url(request.shop),
        "sentence": sentence,
    }
    return render(request, "booking/waitlist.html", told, status=status)


def _theirs(made: WaitlistOffer) -> Appointment | None:
    """The visit that a "quero" made, unless it was cancelled since."""
    visit = made.appointment if made.state == OfferState.ACCEPTED else None
    return visit if visit and visit.state != AppointmentState.CANCELLED else None


def _terms(request: PublicRequest, made: WaitlistOffer) -> dict[str, Any]:
    """What the offered time costs, and the shop's rule on deposits: not what it knows of whose phone was typed."""
    total = waitlist_words.total_of(made)
    wish = Wish(request.shop, list(made.entry.services.all()), made.professional, made.starts_at)
    return {"total_cents": total, "asked": notice(wish, total, known=None, needed=None, now=request.now)}


def _is_over(made: WaitlistOffer, now: datetime) -> bool:
    return offering.is_over(made, said_at=now, now=now)


def _address(request: PublicRequest, token: str) -> str:
    return reverse("booking:waitlist", args=[request.shop.slug, token])
