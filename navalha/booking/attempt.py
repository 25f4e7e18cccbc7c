"""One attempt to get a time: what was asked for, and the answers when it cannot be had."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string

from navalha.core.errors import Refused
from navalha.customers.models import Customer
from navalha.scheduling import links, queries, wishes
from navalha.scheduling.errors import DepositNeeded, SlotTaken
from navalha.scheduling.models import Professional, SlotHold
from navalha.scheduling.slots import Slot
from navalha.scheduling.terms import own_terms, total_cents
from navalha.scheduling.wishes import Wish

from . import front, visitor, words
from .access import PublicRequest
from .deposits import notice
from .forms import ContactForm, moment


class SeeOther(HttpResponseRedirect):
    """After a POST: the browser fetches the next page, and loading that again sends nothing."""

    status_code = 303


@dataclass
class Attempt:
    """`choice` at `starts_at`, by the visitor of `request`."""

    request: PublicRequest
    choice: front.Choice
    starts_at: datetime

    @cached_property
    def holder(self) -> str:
        return visitor.holder(self.request)

    @property
    def wish(self) -> Wish:
        return Wish(
            self.request.shop, self.choice.services, self.choice.professional, self.starts_at, visitor=self.holder
        )

    @property
    def local_start(self) -> datetime:
        return timezone.localtime(self.starts_at)  # the shop's clock: `public_view` set it

    @property
    def same_day(self) -> front.Choice:
        return replace(self.choice, day=self.local_start.date())

    @cached_property
    def hold(self) -> SlotHold | None:
        """The time kept for this visitor, while it is kept."""
        held = self.request.shop.slot_holds.select_related("professional")
        return held.filter(
            visitor=self.holder or None, starts_at=self.starts_at, expires_at__gt=self.request.now
        ).first()

    @cached_property
    def known(self) -> Customer | None:
        return known_customer(self.request)

    def refusal(self) -> Refused | None:
        """Why the time cannot be had at this moment; None when it can."""
        try:
            wishes.candidates(self.wish, now=self.request.now)
        except Refused as refusal:
            return refusal
        return None


def known_customer(request: PublicRequest) -> Customer | None:
    """Who comes again by the link of an earlier visit here, and has not said that it is for somebody else."""
    token = "" if "outra" in request.GET else visitor.known_by(request)
    visit = links.find(request.shop, token) if token else None
    return visit.customer if visit else None


def asked(request: PublicRequest, data: QueryDict) -> Attempt:
    """What a form or an address asks for. Raises Refused for what is not on offer or not understood."""
    choice = front.wished(front.load(request.shop), data)
    return Attempt(request, choice, moment(data.get("inicio", "")))


def form_page(
    attempt: Attempt,
    *,
    form: ContactForm | None = None,
    sentence: str = "",
    status: int = 200,
    needed: DepositNeeded | None = None,
) -> HttpResponse:
    """Summary, name and phone. `form` is what was typed and refused, `sentence` a refusal that is of no field.

    `needed` is a deposit of which the visitor had not been told.
    """
    hold = attempt.hold
    professional = hold.professional if hold else attempt.choice.professional
    typed = form.data if form else visitor.typed(attempt.request)
    key = form.data.get("chave", "") if form else get_random_string(32)
    known = attempt.known if form is None else None
    prices = _prices(attempt, professional)
    asks = notice(attempt.wish, min(prices), known=known, needed=needed, now=attempt.request.now)
    told = {
        "attempt": attempt,
        "fields": attempt.choice.fields(),
        "professional": professional,
        "total_cents": min(prices),
        "price_varies": len(prices) > 1,
        "asked": asks,
        "paid_before_cents": asks.amount_cents if asks and asks.is_certain else 0,
        "must_agree": needed is not None,
        "day": words.day_near(attempt.local_start.date(), timezone.localdate(attempt.request.now)),
        "rule": words.cancellation_rule(attempt.request.shop),
        "hold": hold,
        "hold_seconds": int((hold.expires_at - attempt.request.now).total_seconds()) if hold else 0,
        "typed": typed,
        "known": known,
        "somebody_else": attempt.choice.url(
            attempt.request.shop, "booking:details", inicio=attempt.local_start.isoformat(), outra="1"
        ),
        "errors": {name: errors[0] for name, errors in form.errors.items()} if form else {},
        "sentence": sentence,
        "key": key,
        "back": attempt.same_day.url(attempt.request.shop),
    }
    return render(attempt.request, "booking/details.html", told, status=status)


def _prices(attempt: Attempt, professional: Professional | None) -> set[int]:
    """What the visit costs with `professional`; with nobody chosen yet, what it may cost with those who do it all."""
    shop, services = attempt.request.shop, attempt.choice.services
    own = own_terms(shop, services)
    people = [professional.pk] if professional else queries.who_offers(shop, services).values_list("pk", flat=True)
    return {total_cents(services, own, pk) for pk in people} or {total_cents(services, own, None)}


def retry_page(attempt: Attempt, refusal: Refused, *, form: ContactForm | None = None) -> HttpResponse:
    """The time cannot be had: the nearest free ones, one tap each, with what was typed. 409 taken, else 422."""
    taken = isinstance(refusal, SlotTaken)
    if taken and (mine := own_visit(attempt)):
        return SeeOther(mine)
    near = refusal.nearest if isinstance(refusal, SlotTaken) else wishes.nearest(attempt.wish, now=attempt.request.now)
    told = {
        "sentence": str(refusal),
        "times": [_offer(attempt, slot) for slot in near],
        "fields": attempt.choice.fields(),
        "typed": {"nome": form.data["nome"], "telefone": form.data["telefone"]} if form else None,
        "agreed_cents": form.agreed_cents() if form else 0,
        "key": get_random_string(32),
        "all_times": attempt.same_day.url(attempt.request.shop) if near else attempt.choice.url(attempt.request.shop),
        "title_taken": taken,
    }
    return render(attempt.request, "booking/retry.html", told, status=409 if taken else 422)


def _offer(attempt: Attempt, slot: Slot) -> dict[str, object]:
    start = timezone.localtime(slot.starts_at)
    return {"start": start, "day": words.day_near(start.date(), timezone.localdate(attempt.request.now))}


def own_visit(attempt: Attempt) -> str:
    """The address of the visit that this browser has just booked at this very time; empty when there is none.

    Somebody who goes back to the form is led there: with another barber free they would book a second one.
    """
    token = visitor.last_visit(attempt.request)
    visit = links.find(attempt.request.shop, token) if token else None
    if visit is None or visit.starts_at != attempt.starts_at or visit.state not in queries.OPEN:
        return ""
    return reverse("booking:visit", args=[attempt.request.shop.slug, token])
