"""A customer's answer on WhatsApp changes the booking it is about, and the thread says why.

Nothing is guessed: an answer counts only for a visit that the product asked about before the answer was written, that
is still to come, and that is the only one it can mean. Everything else is for a person to read.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop, override

from navalha.accounts.models import Shop
from navalha.core.errors import Refused
from navalha.messaging.actions import decide
from navalha.messaging.decisions import Decision
from navalha.messaging.models import Direction, WhatsAppMessage

from .. import queries, slots, visits
from ..deposits import replies as deposit_replies
from ..models import Appointment, AppointmentState
from ..openers import replies as opener_replies
from ..waitlist import replies as waitlist_replies
from . import answers
from .intent import Intent, days_named, understand
from .told import ABOUT_A_VISIT, ABOUT_THE_WAITLIST, answers_a_person, ours_before, quoted, reminded_last

__all__ = ["Intent", "handle", "is_surely_none", "told_of_visits", "understand"]

log = structlog.get_logger(__name__)

S = AppointmentState
BY_CUSTOMER = gettext_noop("Pelo cliente, no WhatsApp")
# What somebody wrote so long ago, while a phone or a server was off, must not change a booking unseen.
OLD = timedelta(hours=24)
# A closed visit is still what "sim" is about for so long.
RECENT = timedelta(days=2)
# Answers of ours to one customer in an hour. At the other side there may be a machine that says "ok" to everything.
MOST_ANSWERS = 6
UNDERSTOOD_KINDS = {"text", "choice", "reaction"}


@override(settings.LANGUAGE_CODE)  # what is said goes to the customer, and what is noted into the shop's rows
@transaction.atomic
def handle(message: WhatsAppMessage, *, now: datetime) -> bool:
    """Act on an inbound message, once; True when it was dealt with, False when it says nothing about a visit.

    Writes into the message what was decided. Sends at most one answer for each message.
    """
    if message.direction != Direction.IN or message.customer_id is None:
        return False
    rows = message.shop.messages.select_for_update(no_key=True, of=("self",))
    message.refresh_from_db(fields=["decision_code", "decision", "needs_person"], from_queryset=rows)
    if message.decision_code or message.decision:
        return True  # the worker may come twice
    if now - message.created_at <= OLD and (said := deposit_replies.handle(message, now=now)):
        return _to_person(message, said, now)
    if message.kind not in UNDERSTOOD_KINDS:
        return False
    if now - message.created_at <= OLD and opener_replies.handle(message, now=now):
        return True
    of_waitlist = waitlist_replies.handle(message, now=now)
    if of_waitlist is not None:
        return of_waitlist
    found = _visits_meant(message, now)
    if message.kind == "reaction":
        return _reaction(message, found, now)
    if not found:
        return False
    return _answer(message, found, now)


def is_surely_none(kind: str, *, quotes: bool, was_told: bool) -> bool:
    """Whether `handle` says False of a new message whatever its words: so it need not be asked.

    `was_told`: the customer is one of `told_of_visits`.
    """
    return kind not in UNDERSTOOD_KINDS | deposit_replies.RECEIPTS or not (kind == "reaction" or quotes or was_told)


def told_of_visits(shop: Shop, customer_ids: Collection[int]) -> set[int]:
    """Those of the customers to whom a message about a visit, or about the waitlist, was ever written."""
    if not customer_ids:
        return set()
    told = shop.messages.filter(customer__in=customer_ids, direction=Direction.OUT)
    told = told.filter(dedupe_key__regex=f"^(?:{ABOUT_A_VISIT.pattern}|{ABOUT_THE_WAITLIST.pattern})$")
    return set(told.order_by().values_list("customer_id", flat=True).distinct())


def _reaction(message: WhatsAppMessage, found: list[Appointment] | None, now: datetime) -> bool:
    """A picture under a message: a thumb under the confirmation counts, everything else disturbs nobody."""
    intent = understand(message.text)
    if found and message.quoted_wa_id and intent in (Intent.CONFIRM, Intent.CANCEL):
        return _answer(message, found, now)
    said = Decision("reacted", {"emoji": message.text}) if message.text else Decision("unreacted")
    return _decided(message, said, now=now)


def _answer(message: WhatsAppMessage, found: list[Appointment], now: datetime) -> bool:
    intent = understand(message.text)
    if intent is Intent.UNCLEAR:
        return _unclear(message, found, now)
    if now - message.created_at > OLD:
        return _to_person(message, Decision("old"), now)
    if answers.given_since(message, now - timedelta(hours=1)) >= MOST_ANSWERS:
        return _to_person(message, Decision("too_many"), now)
    if intent is Intent.CONFIRM and len(found) > 1:
        found = [visit for visit in found if visit.state == S.PENDING] or found[:1]  # the others need no yes
    if len(found) > 1:
        answers.which_one(message, found, now=now)
        return _to_person(message, Decision("several"), now)
    [visit] = found
    if _names_another_day(message, visit):
        return _to_person(message, Decision("another_day"), now)
    if visit.state not in queries.OPEN or visit.starts_at <= now:
        return _closed(message, visit, now)
    return {Intent.CONFIRM: _confirm, Intent.CANCEL: _cancel, Intent.RESCHEDULE: _other_time}[intent](
        message, visit, now
    )


def _confirm(message: WhatsAppMessage, visit: Appointment, now: datetime) -> bool:
    if visit.state == S.CONFIRMED:
        return _decided(message, Decision.of_visit("confirmed_already", visit.starts_at), now=now)
    visits.confirm(visit, now=now, reason=BY_CUSTOMER, tell_customer=False)
    answers.confirmed(message, visit, now=now)
    return _decided(message, Decision.of_visit("confirmed", visit.starts_at), now=now)


def _cancel(message: WhatsAppMessage, visit: Appointment, now: datetime) -> bool:
    try:
        visits.cancel(visit, now=now, reason=BY_CUSTOMER, tell_customer=False)
    except Refused as refusal:
        answers.say(message, str(refusal), now=now)
        return _to_person(message, Decision.of_visit("cancelled_late", visit.starts_at), now)
    answers.cancelled(message, visit, now=now)
    return _decided(message, Decision.of_visit("cancelled", visit.starts_at), now=now)


def _other_time(message: WhatsAppMessage, visit: Appointment, now: datetime) -> bool:
    offered = answers.offer_slots(message, visit, now=now)
    said = Decision("other_time", {"count": offered}) if offered else Decision("no_other_time")
    return _to_person(message, said, now)


def _closed(message: WhatsAppMessage, visit: Appointment, now: datetime) -> bool:
    """The visit was cancelled, has begun or is over."""
    if visit.state in (S.ARRIVED, S.IN_SERVICE, S.DONE):
        return _to_person(message, Decision("begun"), now)
    answers.closed(message, visit, now=now)
    code = "was_cancelled" if visit.state == S.CANCELLED else "is_over"
    return _decided(message, Decision.of_visit(code, visit.starts_at), now=now)


def _unclear(message: WhatsAppMessage, found: list[Appointment], now: datetime) -> bool:
    [first, *others] = found
    if first.state not in queries.OPEN or first.starts_at <= now:
        return False  # "ficou ótimo, obrigado" is no answer to a question
    if not others and first.state == S.PENDING:
        answers.help_once(message, first, now=now)
    return _to_person(message, Decision("unclear"), now)


def _visits_meant(message: WhatsAppMessage, now: datetime) -> list[Appointment] | None:
    """The visits that the message may be about, soonest first; None when it answers something else."""
    if message.quoted_wa_id:
        return _quoted(message)
    asked = _asked_about(message)
    if not asked or answers_a_person(message):
        return None
    mine = _visits_of(message).filter(pk__in=asked)
    coming = list(mine.filter(state__in=queries.OPEN, starts_at__gt=now).order_by("starts_at", "pk"))
    if len(coming) > 1 and (reminded := reminded_last(message)) is not None:
        coming = [visit for visit in coming if visit.pk == reminded] or coming  # what was asked last is meant
    return coming or list(mine.filter(starts_at__gt=now - RECENT).order_by("-state_changed_at", "-pk")[:1])


def _quoted(message: WhatsAppMessage) -> list[Appointment] | None:
    """The visit that the quoted message of ours told of, if the same customer's."""
    ours = quoted(message)
    told = ABOUT_A_VISIT.fullmatch((ours.dedupe_key if ours else None) or "")
    return list(_visits_of(message).filter(pk=int(told[1]))) if told else None


def _visits_of(message: WhatsAppMessage) -> "QuerySet[Appointment]":
    """Those of the writer, and of which they sent the code: who holds it may answer about that one."""
    theirs = Q(customer=message.customer_id) | Q(opener__writer=message.customer_id)
    return message.shop.appointments.filter(theirs).select_related("customer", "professional", "shop")


def _asked_about(message: WhatsAppMessage) -> set[int]:
    """The visits of which this customer had been told when the message was written."""
    told = ours_before(message).exclude(dedupe_key=None).values_list("dedupe_key", flat=True)
    matches = (ABOUT_A_VISIT.fullmatch(key or "") for key in told)
    return {int(match[1]) for match in matches if match}


def _names_another_day(message: WhatsAppMessage, visit: Appointment) -> bool:
    zone = queries.zone_of(visit.shop)
    written = slots.local_day(message.created_at, zone)
    ahead = (slots.local_day(visit.starts_at, zone) - written).days
    named = days_named(message.text)
    return bool(named) and ahead not in named and understand(message.text) is not Intent.RESCHEDULE


def _to_person(message: WhatsAppMessage, decision: Decision, now: datetime) -> bool:
    return _decided(message, decision, now=now, needs_person=True)


def _decided(message: WhatsAppMessage, decision: Decision, *, now: datetime, needs_person: bool = False) -> bool:
    decide(message, decision=decision, needs_person=needs_person, now=now)
    log.info("reply", message=message.pk, shop=message.shop_id, needs_person=needs_person)
    return True
