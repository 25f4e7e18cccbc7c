"""Who of the waitlist is asked next, and about which free time: reads only, a constant number of queries.

It does not ask what freed a time. A cancellation, a visit that moved, a block that was shortened, new hours, a hold
that ended: what is free now and suits somebody is offered to the first whom it suits.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max

from navalha.accounts.models import Shop
from navalha.messaging.models import Direction, MessageState
from navalha.messaging.pace import MOST_UNANSWERED

from .. import queries, slots, terms
from ..actions import MOST_OPEN_PER_CUSTOMER
from ..models import Professional, Service
from ..slots import Board, Calendar, Rules, Slot, Stretch
from . import offering, suiting
from .models import LIVE, OfferState, WaitlistEntry, WaitlistOffer, WaitState
from .suiting import Wanted

NOT_ON_WHATSAPP = "not_on_whatsapp"
# After a member took a time back they have so long to use it before the list is asked about it.
LEFT_TO_SHOP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Match:
    """The first of the list whom a free time suits."""

    entry: WaitlistEntry
    professional: Professional
    slot: Slot


def wanted_of(entry: WaitlistEntry) -> Wanted:
    """The wish of a row, as `suiting` reads it."""
    return Wanted(entry.first_day, entry.last_day, frozenset(entry.parts), entry.starts_from, entry.starts_until)


def first_match(shop: Shop, *, now: datetime) -> Match | None:
    """Whom to ask next; None when no free time suits anybody who can be asked."""
    entries = waiting(shop, now=now)
    if not entries:
        return None
    people = People(shop, entries, now)
    free = FreeTimes(shop, entries, now)
    for entry in entries:
        if people.why_not(entry):
            continue
        slot = suiting.best(free.of(entry), wanted_of(entry), free.rules.zone, asked=people.asked_before(entry))
        if slot is not None:
            return Match(entry, free.people[slot.professional_id], slot)
    return None


def waiting(shop: Shop, *, now: datetime) -> list[WaitlistEntry]:
    """Who waits for a day that is not over, first first."""
    today = slots.local_day(now, queries.zone_of(shop))
    rows = shop.waitlist.filter(state=WaitState.WAITING, last_day__gte=today).order_by("joined_at", "pk")
    return list(rows.select_related("customer", "shop").prefetch_related("services", "offers"))


class People:
    """Whether each of `entries` can be asked at all: five queries."""

    def __init__(self, shop: Shop, entries: Sequence[WaitlistEntry], now: datetime) -> None:
        self._now, self._zone = now, queries.zone_of(shop)
        customers = {entry.customer_id for entry in entries}
        self._asked_now = set(
            shop.waitlist_offers.filter(state__in=LIVE).order_by().values_list("entry__customer_id", flat=True)
        )
        self._unreachable = unreachable(shop, customers)
        self._heard = dict(
            shop.messages.filter(customer__in=customers, direction=Direction.IN)
            .order_by()
            .values_list("customer")
            .annotate(Max("created_at"))
        )
        self._visits: defaultdict[int, list[datetime]] = defaultdict(list)
        coming = shop.appointments.filter(customer__in=customers, state__in=queries.OPEN, starts_at__gt=now)
        for customer_id, starts_at in coming.order_by().values_list("customer_id", "starts_at"):
            self._visits[customer_id].append(starts_at)

    def why_not(self, entry: WaitlistEntry) -> str:
        """Why nothing is offered to them at present, as a word; empty when something may be."""
        customer_id = entry.customer_id
        if customer_id in self._asked_now:
            return "asked"
        if customer_id in self._unreachable:
            return "unreachable"
        if len(self._visits[customer_id]) >= MOST_OPEN_PER_CUSTOMER:
            return "booked"
        days = {slots.local_day(one, self._zone) for one in self._visits[customer_id]}
        if any(entry.first_day <= day <= entry.last_day for day in days):
            return "booked"
        return "silent" if self._is_silent(entry) else ""

    def asked_before(self, entry: WaitlistEntry) -> list[Stretch]:
        """What they did not take, or could not be told of: they are not asked about that time again."""
        return [(one.starts_at, one.ends_at) for one in entry.offers.all() if _is_answered(one)]

    def _is_silent(self, entry: WaitlistEntry) -> bool:
        """They have not answered to as many offers as the pace lets through, nor written anything since."""
        lately = [one for one in entry.offers.all() if one.told_at is not None][:MOST_UNANSWERED]
        if len(lately) < MOST_UNANSWERED or any(one.state != OfferState.LAPSED for one in lately):
            return False
        heard = self._heard.get(entry.customer_id)
        return heard is None or heard < lately[0].made_at


def unreachable(shop: Shop, customers: Iterable[int]) -> set[int]:
    """Those of the customers whose phone turned out to have no WhatsApp: the last message to them failed of that."""
    last = shop.messages.filter(customer__in=set(customers), direction=Direction.OUT).order_by("customer", "-pk")
    rows = last.distinct("customer").values_list("customer", "state", "error_code")
    return {pk for pk, state, code in rows if (state, code) == (MessageState.FAILED, NOT_ON_WHATSAPP)}


def _is_answered(offer: WaitlistOffer) -> bool:
    return offer.state in (OfferState.DECLINED, OfferState.LAPSED) or (
        offer.state == OfferState.WITHDRAWN and offer.told_at is None
    )


class FreeTimes:
    """The free times for each of `entries`, from one reading of the calendars: eleven queries."""

    def __init__(self, shop: Shop, entries: Sequence[WaitlistEntry], now: datetime) -> None:
        self._shop, self._now = shop, now
        self.rules: Rules = queries.ranked(shop, queries.rules_of(shop))
        active = shop.professionals.filter(is_active=True).prefetch_related("services")
        self.people = {one.pk: one for one in active}
        self._skills = {pk: {service.pk for service in one.services.all()} for pk, one in self.people.items()}
        self._own = terms.own_terms(shop, {service for entry in entries for service in entry.services.all()})
        first = max(min(entry.first_day for entry in entries), slots.local_day(now, self.rules.zone))
        last = min(max(entry.last_day for entry in entries), self.rules.last_day(now))
        self._read(first, max((last - first).days + 1, 1))
        self._known: dict[tuple[object, ...], list[Slot]] = {}

    def _read(self, first: date, days: int) -> None:
        between = queries.around(self._shop, first, days)
        found = queries.calendars_of(self._shop, list(self.people), between=between, now=self._now)
        kept = self._left_to_shop()
        self._calendars = [_with(one, kept) for one in found]
        self._chairs = queries.chairs_taken(self._shop, between=between, now=self._now)

    def _left_to_shop(self) -> Mapping[int, list[Stretch]]:
        kept: defaultdict[int, list[Stretch]] = defaultdict(list)
        taken_back = self._shop.waitlist_offers.filter(
            state=OfferState.WITHDRAWN, state_changed_at__gt=self._now - LEFT_TO_SHOP
        )
        by_hand = taken_back.filter(changes__to_state=OfferState.WITHDRAWN, changes__reason=offering.BY_SHOP).order_by()
        for professional_id, start, end in by_hand.values_list("professional", "starts_at", "ends_at"):
            kept[professional_id].append((start, end))
        return kept

    def of(self, entry: WaitlistEntry) -> list[Slot]:
        """What could be offered: long enough ahead for an answer."""
        services = list(entry.services.all())
        key = (frozenset(one.pk for one in services), entry.professional_id, entry.first_day, entry.last_day)
        if key not in self._known:
            self._known[key] = self._find(entry, services)
        return self._known[key]

    def _find(self, entry: WaitlistEntry, services: Sequence[Service]) -> list[Slot]:
        wanted = {one.pk for one in services}
        if not services or not all(one.is_active for one in services):
            return []
        able = [pk for pk in self.people if wanted <= self._skills[pk] and entry.professional_id in (None, pk)]
        calendars = [one for one in self._calendars if one.professional_id in able]
        board = Board(calendars, {pk: terms.need(services, self._own, pk) for pk in able}, self._chairs)
        days = (entry.last_day - entry.first_day).days + 1
        found = slots.free_slots(self.rules, board, first_day=entry.first_day, days=days, now=self._now)
        return [one for one in found if offering.minutes_for(self._shop, one.starts_at, now=self._now)]


def _with(calendar: Calendar, kept: Mapping[int, list[Stretch]]) -> Calendar:
    taken = [*calendar.taken, *kept.get(calendar.professional_id, ())]
    return Calendar(calendar.professional_id, calendar.hours, calendar.away, taken, calendar.special)
