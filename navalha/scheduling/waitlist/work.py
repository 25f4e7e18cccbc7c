"""What happens to the waitlist unasked. Each function may be called at any time, by any number of workers."""

from datetime import datetime
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from navalha.accounts.models import Shop, ShopState
from navalha.core.errors import Refused
from navalha.core.wake import wake_now
from navalha.messaging import readiness
from navalha.messaging.models import MessageState

from .. import queries, slots, wishes
from ..wishes import Wish
from . import actions, matching, offering
from .models import LIVE, ON_THE_LIST, OfferState, WaitlistEntry, WaitlistOffer, WaitState
from .offering import GONE, GRACE, HANDED_OVER, TELL_WITHIN, UNTOLD

log = structlog.get_logger(__name__)

# Of one look; the next one goes on.
MOST_OFFERS = 20
NEVER_OUT = (MessageState.FAILED, MessageState.EXPIRED, MessageState.CANCELLED)


def wake_offering(now: datetime) -> None:
    """Ask the worker to look at the shops whose offers have news: the message is out, or the time is over."""
    telling = Q(state=OfferState.TELLING) & (
        Q(message__state__in=[*HANDED_OVER, *NEVER_OUT]) | Q(made_at__lte=now - TELL_WITHIN)
    )
    over = Q(state=OfferState.OPEN, expires_at__lte=now - GRACE)
    _wake(WaitlistOffer.across_shops.filter(telling | over).values_list("shop_id", flat=True))


def wake_waiting(now: datetime) -> None:
    """And at every shop where somebody waits: what freed a time may have told nobody."""
    _wake(WaitlistEntry.across_shops.filter(state__in=ON_THE_LIST).values_list("shop_id", flat=True))


def _wake(shop_ids: "QuerySet[Any, int]") -> None:
    for shop_id in shop_ids.order_by("shop_id").distinct():
        wake_now("waitlist", shop_id=shop_id)


def look(shop_id: int, now: datetime) -> None:
    """Bring the offers of one shop up to date, and offer what is free to the next ones."""
    shop = Shop.objects.filter(pk=shop_id, state=ShopState.ACTIVE).first()
    if shop is None:
        return
    for made in shop.waitlist_offers.filter(state__in=LIVE).select_related("message", "shop", "professional"):
        settle(made, now=now)
    _pass_by(shop, now)
    offer_free(shop, now=now)


def settle(made: WaitlistOffer, *, now: datetime) -> None:
    """What became of one offer that is out."""
    if made.state == OfferState.TELLING:
        _settle_telling(made, now)
    if made.state != OfferState.OPEN:
        return
    if offering.is_over(made, said_at=now, now=now):
        offering.lapse(made, now=now)  # not before the last answers have come
    elif made.message is not None and made.message.state in NEVER_OUT:  # WhatsApp took it and refused it afterwards
        offering.withdraw(made, reason=UNTOLD, now=now)
    elif not _is_still_free(made, now):
        offering.withdraw(made, reason=GONE, now=now)


def _settle_telling(made: WaitlistOffer, now: datetime) -> None:
    message = made.message
    if message is not None and message.state in HANDED_OVER:
        offering.record_told(made, sent_at=message.sent_at or now, now=now)
    elif message is None or message.state in NEVER_OUT or now >= made.made_at + TELL_WITHIN:
        offering.withdraw(made, reason=UNTOLD, now=now)


def _is_still_free(made: WaitlistOffer, now: datetime) -> bool:
    """Whether nobody of the shop has put something else there: their moves and walk-ins go before an offer."""
    services = list(made.entry.services.all())
    try:
        wishes.candidates(Wish(made.shop, services, made.professional, made.starts_at, made.holder), now=now)
    except Refused:
        return False
    return made.shop.slot_holds.filter(visitor=made.holder).exists()


def _pass_by(shop: Shop, now: datetime) -> None:
    today = slots.local_day(now, queries.zone_of(shop))
    for entry in shop.waitlist.filter(state=WaitState.WAITING, last_day__lt=today).select_related("shop"):
        actions.pass_by(entry, now=now)


def offer_free(shop: Shop, *, now: datetime) -> int:
    """Offer what is free, one time to one person each; returns how many offers were made."""
    for count in range(MOST_OFFERS):
        if not shop.waitlist.filter(state=WaitState.WAITING).exists() or readiness.why_not(shop, now=now):
            return count
        if not _offer_one(shop, now):
            return count
    return MOST_OFFERS


@transaction.atomic
def _offer_one(shop: Shop, now: datetime) -> bool:
    """The order of the list is kept because one worker at a time looks at a shop."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('waitlist'), %s)", [shop.pk])
    match = matching.first_match(shop, now=now)
    if match is None:
        return False
    try:
        with transaction.atomic():
            offering.offer(match.entry, professional=match.professional, starts_at=match.slot.starts_at, now=now)
    except Refused as refusal:  # somebody was faster; the next look sees what is free then
        log.info("not offered", entry=match.entry.pk, shop=shop.pk, why=type(refusal).__name__)
        return False
    return True
