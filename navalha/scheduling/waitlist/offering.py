"""Every write of an offer from the waitlist: a free time that is kept while one person is asked about it.

An offer, its hold, its message and its entry change in one transaction, under the lock of the entry: whoever is
killed leaves all or nothing, and of an answer, its end and a withdrawal at the same moment exactly one counts. That
the time is given to nobody else meanwhile is for the exclusion constraints to say.
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from navalha.accounts.models import Shop, User
from navalha.core.errors import Refused
from navalha.core.states import move
from navalha.core.wake import wake
from navalha.live import topics
from navalha.live.publish import publish
from navalha.messaging import readiness
from navalha.messaging.actions import cancel_queued, queue_template
from navalha.messaging.models import MessageState
from navalha.messaging.readiness import NotNow

from .. import actions, queries
from ..errors import SlotTaken
from ..models import Appointment, Professional
from ..wishes import Wish
from . import suiting
from . import words as waitlist_words
from .models import FOR_WAITLIST, LIVE, ON_THE_LIST, OfferState, WaitlistEntry, WaitlistOffer, WaitState

log = structlog.get_logger(__name__)
W = WaitState

# A message that has not left by then is taken back: the time is for somebody who can be told.
TELL_WITHIN = timedelta(minutes=5)
# What was written in time and is still on its way counts, and so does a worker that looks a moment late.
GRACE = timedelta(seconds=45)
HANDED_OVER = (MessageState.SENT, MessageState.DELIVERED, MessageState.READ, MessageState.PLAYED)
# Kept in the history, and said there in the reader's language.
UNTOLD = gettext_noop("A mensagem não pôde sair.")
GONE = gettext_noop("O horário foi ocupado.")
NOT_BOOKED = gettext_noop("A visita não pôde ser marcada.")
BY_SHOP = gettext_noop("Retirada pela barbearia.")
HAS_LEFT = gettext_noop("A pessoa saiu da lista.")


class TooLate(Refused):
    """The offer is over; `offer` says how."""

    def __init__(self, offer: WaitlistOffer) -> None:
        over, stays = _("Esta oferta já acabou."), _("Você continua na lista de espera.")
        super().__init__(f"{over} {stays}" if offer.entry.state in ON_THE_LIST else over)
        self.offer = offer


def minutes_for(shop: Shop, starts_at: datetime, *, now: datetime) -> int:
    """How long somebody can be given to answer about a time; 0 when it begins too soon to ask anybody."""
    rules = queries.rules_of(shop)
    return suiting.minutes_to_answer(shop.waitlist_minutes, starts_at - rules.notice - now - TELL_WITHIN - GRACE)


@transaction.atomic
def offer(
    entry: WaitlistEntry, *, professional: Professional, starts_at: datetime, by: User | None = None, now: datetime
) -> WaitlistOffer:
    """Keep the time for the entry's customer and ask them. Raises Refused when that cannot be, SlotTaken among them.

    `by` is the member who chose the time; nobody for one that the product found.
    """
    lock_entry(entry)
    if entry.state != W.WAITING:
        raise Refused(_("Esta espera já está como “%(state)s”.") % {"state": entry.get_state_display()})
    check_ready(entry.shop, now=now)
    minutes = minutes_for(entry.shop, starts_at, now=now)
    if not minutes:
        raise Refused(_("Este horário começa cedo demais para esperar uma resposta. Ligue para a pessoa."))
    wish = Wish(entry.shop, list(entry.services.all()), professional, starts_at, FOR_WAITLIST + get_random_string(24))
    hold = actions.keep(wish, until=now + TELL_WITHIN + GRACE, now=now)
    made: WaitlistOffer = entry.offers.create(
        shop=entry.shop,
        professional=professional,
        starts_at=starts_at,
        ends_at=hold.ends_at,
        state_changed_at=now,
        minutes=minutes,
        holder=wish.visitor,
        made_at=now,
        by=by,
    )
    made.changes.create(shop=entry.shop, from_state="", to_state=OfferState.TELLING, at=now, by=by)
    move(entry, to=W.OFFERED, now=now, by=by)
    _ask(made, now)
    publish(entry.shop_id, topics.AGENDA)
    log.info("offered", offer=made.pk, entry=entry.pk, shop=entry.shop_id, minutes=minutes)
    return made


def check_ready(shop: Shop, *, now: datetime) -> None:
    """Raises Refused when the message would not leave now: a time that is kept meanwhile would be lost."""
    words = {
        NotNow.NO_NUMBER: _("O WhatsApp da barbearia não está conectado: a oferta não sairia agora."),
        NotNow.QUIET: _("É hora de silêncio: a oferta não sairia agora."),
        NotNow.DAILY: _("O limite de mensagens de hoje acabou: a oferta não sairia agora."),
    }
    why = readiness.why_not(shop, now=now)
    if why is not None:
        raise Refused(words[why])


@transaction.atomic
def record_told(made: WaitlistOffer, *, sent_at: datetime, now: datetime) -> None:
    """WhatsApp has the message: the time to answer begins. Nothing happens to an offer that is not `telling`."""
    if not _read_again(made) or made.state != OfferState.TELLING:
        return
    latest = made.starts_at - queries.rules_of(made.shop).notice - GRACE
    expires_at = min(sent_at + timedelta(minutes=made.minutes), latest)
    move(made, to=OfferState.OPEN, now=now, told_at=sent_at, expires_at=expires_at)
    made.shop.slot_holds.filter(visitor=made.holder).update(expires_at=expires_at + GRACE)
    publish(made.shop_id, topics.AGENDA)


def accept(made: WaitlistOffer, *, said_at: datetime, by: User | None = None, now: datetime) -> Appointment:
    """They want it: the visit is made, with its usual messages. A second yes finds the visit of the first.

    `said_at` is when they said so, which counts; `by` the member to whom they said it. Raises TooLate when the offer is
    over, and what `actions.book` raises when the time is gone all the same: the offer is withdrawn then, and they stay
    on the list.
    """
    with transaction.atomic():
        outcome = _accept(made, said_at, by, now)
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


def _accept(made: WaitlistOffer, said_at: datetime, by: User | None, now: datetime) -> Appointment | Refused:
    """A refusal is returned, not raised: what it writes must stay."""
    if not _read_again(made):
        return TooLate(made)
    if made.state == OfferState.ACCEPTED and made.appointment is not None:
        return made.appointment
    if made.state not in LIVE or is_over(made, said_at=said_at, now=now):
        return TooLate(made)
    try:
        with transaction.atomic():
            visit = _book(made, now)
    except Refused as refusal:
        _end(made, OfferState.WITHDRAWN, now=now, reason=GONE if isinstance(refusal, SlotTaken) else NOT_BOOKED)
        return refusal
    move(made, to=OfferState.ACCEPTED, now=now, by=by, appointment=visit)
    move(made.entry, to=W.FULFILLED, now=now, by=by)
    _drop_question(made, now)
    publish(made.shop_id, topics.AGENDA)
    return visit


@transaction.atomic
def decline(made: WaitlistOffer, *, now: datetime) -> bool:
    """They do not want this time and stay on the list; False when the offer was over."""
    if not _read_again(made) or made.state not in LIVE:
        return False
    _end(made, OfferState.DECLINED, now=now)
    return True


@transaction.atomic
def lapse(made: WaitlistOffer, *, now: datetime) -> None:
    """Nobody answered in time: the next one is asked. Nothing happens before that time."""
    if _read_again(made) and made.state == OfferState.OPEN and has_lapsed(made, now=now):
        _end(made, OfferState.LAPSED, now=now)


@transaction.atomic
def withdraw(made: WaitlistOffer, *, by: User | None = None, reason: str = "", now: datetime) -> bool:
    """Take a time back that cannot be had, or that the shop wants itself; False when the offer was over.

    Who has been told of it is told that it is gone.
    """
    if not _read_again(made) or made.state not in LIVE:
        return False
    was_told = made.state == OfferState.OPEN
    _end(made, OfferState.WITHDRAWN, by=by, reason=reason or BY_SHOP, now=now)
    if was_told:
        _tell_gone(made, now)
    return True


def end_offer(entry: WaitlistEntry, *, by: User | None, now: datetime) -> None:
    """Whoever leaves the list gives the time back that is offered to them. The entry is locked by the caller."""
    made = entry.offers.filter(state__in=LIVE).first()
    if made is not None:
        made.entry = entry
        _end(made, OfferState.WITHDRAWN, by=by, reason=HAS_LEFT, now=now)


def is_over(made: WaitlistOffer, *, said_at: datetime, now: datetime) -> bool:
    """Whether an answer of `said_at`, read at `now`, comes too late. What nobody was told of yet has no end."""
    return made.expires_at is not None and (said_at >= made.expires_at or has_lapsed(made, now=now))


def has_lapsed(made: WaitlistOffer, *, now: datetime) -> bool:
    """Whether even an answer that was written in time would be here by now."""
    return made.expires_at is not None and now >= made.expires_at + GRACE


def _book(made: WaitlistOffer, now: datetime) -> Appointment:
    customer = made.entry.customer
    return actions.book(
        made.shop,
        services=list(made.entry.services.all()),
        professional=made.professional,
        starts_at=made.starts_at,
        name=customer.name,
        phone=customer.phone,
        customer=customer,
        visitor=made.holder,
        source="waitlist",
        key=made.holder,
        was_offered=True,
        now=now,
    )


def _ask(made: WaitlistOffer, now: datetime) -> None:
    message = queue_template(
        "waitlist_offer",
        shop=made.shop,
        to=made.entry.customer,
        context=waitlist_words.context_of_offer(made),
        dedupe_key=f"waitlist_offer:w{made.entry_id}:{made.pk}",
        now=now,
        expires_at=now + TELL_WITHIN,
    )
    made.message = message
    made.save(update_fields=["message"])


def _tell_gone(made: WaitlistOffer, now: datetime) -> None:
    queue_template(
        "waitlist_gone",
        shop=made.shop,
        to=made.entry.customer,
        context=waitlist_words.context_of_offer(made),
        dedupe_key=f"waitlist_gone:g{made.pk}",
        now=now,
        expires_at=max(made.starts_at, now),
    )


def _end(made: WaitlistOffer, to: OfferState, *, by: User | None = None, reason: str = "", now: datetime) -> None:
    """Give the time back. The entry waits on, in its old place."""
    move(made, to=to, now=now, by=by, reason=reason)
    move(made.entry, to=W.WAITING, now=now, by=by, reason=reason)
    actions.release_hold(made.shop, visitor=made.holder)
    _drop_question(made, now)
    publish(made.shop_id, topics.AGENDA)
    wake("waitlist", shop_id=made.shop_id)


def _drop_question(made: WaitlistOffer, now: datetime) -> None:
    """Keep the question from going out when it is answered, or makes no sense any more."""
    message = made.message
    if message is None or message.state != MessageState.QUEUED:
        return
    try:
        cancel_queued(message, now=now, reason=gettext_noop("A oferta acabou."))
    except Refused:
        return  # the worker has just taken it: whoever answers is told that the offer is over


def lock_entry(entry: WaitlistEntry) -> None:
    """Whoever changes an entry or an offer of it holds this; the row is read anew."""
    rows = entry.shop.waitlist.select_for_update(no_key=True, of=("self",))
    entry.refresh_from_db(fields=["state", "customer"], from_queryset=rows)


def _read_again(made: WaitlistOffer) -> bool:
    """Lock the entry, then take the offer as it is now; False when it is gone with its customer."""
    entry = made.shop.waitlist.select_for_update(no_key=True, of=("self",)).filter(pk=made.entry_id)
    found = entry.select_related("customer", "shop", "professional").first()
    if found is None:
        return False
    made.refresh_from_db()
    made.entry = found
    return True
