"""From the link to the visit: choose, keep a time, say who comes, book. Fields and answers stand in `urls.py`."""

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from navalha.core.errors import Refused
from navalha.core.phones import phone_key
from navalha.customers.models import Customer
from navalha.scheduling import actions, links
from navalha.scheduling.errors import DepositNeeded, SlotTaken
from navalha.scheduling.models import Appointment
from navalha.web.limits import allow, client_address

from . import access, choosing, embed, visitor
from .access import PublicRequest, public_view
from .attempt import Attempt, SeeOther, asked, form_page, own_visit, retry_page
from .forms import ContactForm


class TooManyBookings(Refused):
    """This address, or somebody with this phone, has booked its share."""


@embed.framable
@public_view("GET", private=False, open_shops=True)
def home(request: PublicRequest) -> HttpResponse:
    """Services, then who and when."""
    return choosing.answer(request, request.GET)


@public_view("GET", "POST", open_shops=True)
def hold(request: PublicRequest) -> HttpResponse:
    """Keep the chosen time for this visitor and lead to the form."""
    if request.method != "POST":
        return redirect("booking:home", request.shop.slug)
    try:
        attempt = asked(request, request.POST)
    except Refused as refusal:
        return choosing.answer(request, request.POST, refusal)
    attempt.holder = attempt.holder or visitor.new_holder()
    try:
        _hold(attempt)
    except Refused as refusal:
        return retry_page(attempt, refusal)
    response = SeeOther(attempt.choice.url(request.shop, "booking:details", inicio=attempt.local_start.isoformat()))
    visitor.remember_holder(response, attempt.holder)
    return response


def _hold(attempt: Attempt) -> None:
    """Keep the time. Who has kept too many goes on without: it is a courtesy, and the form says when it is gone."""
    request, wish = attempt.request, attempt.wish
    if not allow(access.holds(), f"{request.shop.pk} {client_address(request)}", now=request.now):
        return
    actions.hold(
        request.shop,
        services=wish.services,
        professional=wish.professional,
        starts_at=wish.starts_at,
        visitor=wish.visitor,
        now=request.now,
    )


@public_view("GET", open_shops=True)
def details(request: PublicRequest) -> HttpResponse:
    """The form, also for somebody who came by a link and holds nothing."""
    try:
        attempt = asked(request, request.GET)
    except Refused as refusal:
        return choosing.answer(request, request.GET, refusal)
    if attempt.hold is None and (mine := own_visit(attempt)):
        return SeeOther(mine)
    gone = attempt.refusal()
    return retry_page(attempt, gone) if gone else form_page(attempt)


@public_view("GET", "POST", open_shops=True)
def book(request: PublicRequest) -> HttpResponse:
    """Make the visit."""
    if request.method != "POST":
        return redirect("booking:home", request.shop.slug)
    form = ContactForm(request.POST)
    try:
        attempt = asked(request, request.POST)
        if "conhecido" in request.POST and attempt.known:
            return _booked(attempt, form, attempt.known)
        response = _booked(attempt, form) if form.is_valid() else form_page(attempt, form=form, status=422)
    except Refused as refusal:
        response = choosing.answer(request, request.POST, refusal)
    if response.status_code >= 400:
        visitor.remember_typed(response, nome=form.data.get("nome", ""), telefone=form.data.get("telefone", ""))
    return response


def _booked(attempt: Attempt, form: ContactForm, known: Customer | None = None) -> HttpResponse:
    """The way to the visit, or what stands in it. Of a `known` customer nothing was typed and nothing is shown."""
    request = attempt.request
    typed = None if known else form
    try:
        visit = _book(attempt, form, known)
    except DepositNeeded as needed:
        return form_page(attempt, form=typed, needed=needed, status=422)
    except TooManyBookings as refusal:
        return form_page(attempt, form=typed, sentence=str(refusal), status=429)
    except SlotTaken as refusal:
        return retry_page(attempt, refusal, form=typed)
    except Refused as refusal:
        # Of the time, when nobody could have it; else of the person, who is told beside what they typed.
        if attempt.refusal():
            return retry_page(attempt, refusal, form=typed)
        return form_page(attempt, form=typed, sentence=str(refusal), status=422)
    token = links.token(visit)
    response = SeeOther(reverse("booking:visit", args=[request.shop.slug, token]))
    visitor.remember_visit(response, token)
    return response


@transaction.atomic
def _book(attempt: Attempt, form: ContactForm, known: Customer | None) -> Appointment:
    """Book within the limit of bookings: one too many is undone. Raises as `actions.book` does, and TooManyBookings."""
    request, wish = attempt.request, attempt.wish
    name, phone = (known.name, known.phone) if known else (form.cleaned_data["nome"], form.cleaned_data["telefone"])
    who = phone or f"customer {known.pk if known else ''}"
    visit = actions.book(
        request.shop,
        services=wish.services,
        professional=wish.professional,
        starts_at=wish.starts_at,
        name=name,
        phone=phone,
        customer=known,
        visitor=wish.visitor,
        channel=attempt.choice.channel,
        key=form.booking_key(wish.starts_at, who),
        agreed_cents=form.agreed_cents(),
        now=request.now,
    )
    if visit.created_at == request.now:  # and not the visit of an earlier submit
        _check_limits(request, phone_key(phone) if phone else who)
    return visit


def _check_limits(request: PublicRequest, who: str) -> None:
    """Count one more booking of this address and for `who`: the key of a phone, or a customer without one.

    Raises TooManyBookings.
    """
    if not allow(access.bookings(), client_address(request), now=request.now):
        raise TooManyBookings(
            _("Já saíram muitos agendamentos desta rede na última hora. Tente mais tarde ou fale com a barbearia.")
        )
    if not allow(access.bookings_for_a_phone(), who, now=request.now):
        raise TooManyBookings(_("Este telefone já fez muitos agendamentos hoje. Fale com a barbearia."))
