"""A customer's answer on WhatsApp to a time that the waitlist offered, or their wish to be taken off it.

What they were asked last is what they answer: an offer counts when it was told after everything else that can be
answered. The first yes to a time wins, under the lock of `offering.accept`; whoever comes late hears what is true.
"""

from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from navalha.core.errors import Refused
from navalha.messaging.actions import decide
from navalha.messaging.decisions import Decision
from navalha.messaging.models import WhatsAppMessage

from ..replies import answers as reply_answers
from ..replies.intent import ABOUT_AN_OFFER, Intent, understand, wants_out
from ..replies.told import ABOUT_A_VISIT, ABOUT_THE_WAITLIST, answers_a_person, ours_before, quoted
from . import actions, answers, offering
from .models import LIVE, ON_THE_LIST, OfferState, WaitlistOffer
from .offering import TooLate

BY_CUSTOMER = gettext_noop("Pelo cliente, no WhatsApp")
# An offer of so long ago is still what "sim" is about.
RECENT = timedelta(days=2)
MOST_ANSWERS = 6  # in an hour, as to all replies


def handle(message: WhatsAppMessage, *, now: datetime) -> bool | None:
    """As `replies.actions.handle`, which calls it with the message locked; None when it is about something else."""
    if message.kind != "reaction" and wants_out(message.text) and _leaves(message, now):
        return True
    made = _offer_meant(message)
    if made is None:
        return None
    intent = understand(message.text, ABOUT_AN_OFFER)
    if message.kind == "reaction" and intent not in (Intent.CONFIRM, Intent.CANCEL):
        return None
    if intent is Intent.UNCLEAR:
        return _unclear(message, made, now)
    if reply_answers.given_since(message, now - timedelta(hours=1)) >= MOST_ANSWERS:
        return _decided(message, Decision("too_many"), now, needs_person=True)
    act = {Intent.CONFIRM: _accept, Intent.CANCEL: _decline, Intent.RESCHEDULE: _other_time}[intent]
    return act(message, made, now)


def _leaves(message: WhatsAppMessage, now: datetime) -> bool:
    """Take the writer off the list; False when they do not stand on it."""
    mine = message.shop.waitlist.filter(customer=message.customer_id, state__in=ON_THE_LIST)
    entries = list(mine.select_related("customer", "shop", "professional"))
    for entry in entries:
        actions.leave(entry, reason=BY_CUSTOMER, now=now)
    if entries:
        answers.left(message, entries[0], now=now)
        _decided(message, Decision("left_waitlist"), now)
    return bool(entries)


def _accept(message: WhatsAppMessage, made: WaitlistOffer, now: datetime) -> bool:
    was_accepted = made.state == OfferState.ACCEPTED
    try:
        visit = offering.accept(made, said_at=message.created_at, now=now)
    except TooLate:
        answers.too_late(message, made, now=now)
        return _decided(message, Decision.of_visit("offer_late", made.starts_at), now)
    except Refused as refusal:
        reply_answers.say(message, f"{refusal} Você continua na lista de espera.", now=now)
        return _decided(message, Decision.of_visit("offer_taken", made.starts_at), now)
    if was_accepted:
        return _decided(message, Decision.of_visit("offer_had", visit.starts_at), now)
    return _decided(
        message, Decision.of_visit("offer_accepted", visit.starts_at), now
    )  # the booking's own message answers


def _decline(message: WhatsAppMessage, made: WaitlistOffer, now: datetime) -> bool | None:
    if made.state == OfferState.ACCEPTED:
        return None  # a no to what they have is for the visit
    if not offering.decline(made, now=now):
        return _decided(message, Decision.of_visit("offer_gone", made.starts_at), now)
    answers.declined(message, now=now)
    return _decided(message, Decision.of_visit("offer_declined", made.starts_at), now)


def _other_time(message: WhatsAppMessage, made: WaitlistOffer, now: datetime) -> bool:
    return _decided(message, Decision("offer_other_time"), now, needs_person=True)


def _unclear(message: WhatsAppMessage, made: WaitlistOffer, now: datetime) -> bool | None:
    """What speaks of a visit is for the visit; else a person reads it while the time is still offered."""
    if made.state not in LIVE or understand(message.text) is Intent.CANCEL:
        return None
    answers.help_once(made, now=now)
    return _decided(message, Decision("offer_unclear"), now, needs_person=True)


def _offer_meant(message: WhatsAppMessage) -> WaitlistOffer | None:
    if message.quoted_wa_id:
        ours = quoted(message)
        return _offer_of(message, (ours.dedupe_key if ours else None) or "")
    told = ours_before(message).filter(sent_at__gt=message.created_at - RECENT, dedupe_key__isnull=False)
    for key in told.order_by("-sent_at", "-pk").values_list("dedupe_key", flat=True):
        if ABOUT_THE_WAITLIST.fullmatch(key or ""):
            return None if answers_a_person(message) else _offer_of(message, key or "")
        if ABOUT_A_VISIT.fullmatch(key or ""):
            return None
    return None


def _offer_of(message: WhatsAppMessage, key: str) -> WaitlistOffer | None:
    told = ABOUT_THE_WAITLIST.fullmatch(key)
    if told is None or told[1] is None:
        return None
    rows = message.shop.waitlist_offers.filter(entry__customer=message.customer_id, pk=int(told[1]))
    return rows.select_related("entry__customer", "professional", "shop", "message", "appointment").first()


def _decided(message: WhatsAppMessage, decision: Decision, now: datetime, *, needs_person: bool = False) -> bool:
    decide(message, decision=decision, needs_person=needs_person, now=now)
    return True
