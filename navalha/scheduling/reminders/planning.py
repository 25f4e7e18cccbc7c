"""Bringing the reminders of visits in line with how things are now.

A visit says when to look at it next (`Appointment.remind_at`); whatever changes it sets that to now. A look computes
from the visit, the shop's terms and what was done before which reminders there are to be, queues those whose moment
has come, takes back or rewords what still waits and is no longer right, and notes when to look again: all in one
transaction, with the visits locked. So a look may be repeated, come late, or die half-way, and each reminder is queued
once. Nothing is planned ahead that a change would have to find.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_noop, override

from navalha.accounts.models import Shop
from navalha.messaging import together

from .. import queries
from ..models import Appointment, AppointmentState, Deposit, DepositState
from ..moving.actions import UNDONE
from . import moments, reviews, terms, words
from .models import Dropped, Kind, VisitReminder
from .moments import Moment
from .notes import Notes, is_on_its_way, waits
from .taking_back import take_back

# What has not left is looked at again so soon: its words may be about something that has changed.
LOOK_AGAIN = timedelta(minutes=5)
# And what is still to come so soon: the shop's clock and the quiet hours of its number may have been changed.
LOOK_ANYWAY = timedelta(hours=3)
NO_SENSE = gettext_noop("O lembrete perdeu o sentido.")
FOLLOWED = gettext_noop("O lembrete seguinte tomou o lugar deste.")


class Look:
    """One look at some visits of one shop, which the caller has locked. A constant number of queries.

    `visits` have their customer, professional and items at hand.
    """

    def __init__(self, shop: Shop, visits: Sequence[Appointment], now: datetime) -> None:
        self.shop, self.visits, self.now = shop, visits, now
        for visit in visits:
            visit.shop = shop  # the row's own shop, without a query for each
        self.terms = terms.of(shop)
        self.done = _done_before(shop, visits)
        self.known_at = known_since(shop, visits)
        self.deposits = _deposits_awaited(shop, visits)
        self.asked_lately = reviews.asked_lately(shop, visits, self.terms, now=now)
        self.notes = Notes(shop, visits, now)

    def write(self) -> int:
        """Do what is to be done; how many messages were queued."""
        with override(settings.LANGUAGE_CODE):
            for visit in self.visits:
                visit.remind_at = self._look_at(visit)
        queued = self.notes.write()
        self.shop.appointments.bulk_update(self.visits, ["remind_at"])
        return queued

    def _look_at(self, visit: Appointment) -> datetime | None:
        """When to look again; None when nothing more is to come unless something changes."""
        is_open = visit.state in queries.OPEN
        planned = self._planned(visit) if is_open else []
        is_asked = visit.state == AppointmentState.DONE and reviews.is_asked(visit, self.terms)
        still = {(Kind.REMINDER, one.minutes, visit.starts_at) for one in planned}
        still |= {(Kind.REVIEW, 0, visit.starts_at)} if is_asked else set()
        is_pending = self._follow(visit, still)
        if is_asked:
            return self._review(visit, is_pending=is_pending)
        return self._remind(visit, planned, is_pending=is_pending) if is_open else None

    def _planned(self, visit: Appointment) -> list[Moment]:
        known_at, offsets = self.known_at[visit.pk], self.terms.offsets
        found = moments.moments(visit.starts_at, offsets, known_at=known_at, quiet=self.terms.quiet)
        return [one for one in found if one.why_not is None]

    def _remind(self, visit: Appointment, planned: Sequence[Moment], *, is_pending: bool) -> datetime | None:
        """Queue the newest of what is due; what it comes after is over. When to look again."""
        due = [one for one in planned if one.at <= self.now]
        for place, one in enumerate(due, start=1):
            row = self._row_of(visit, one)
            if row.pk is not None and row.is_over:
                continue
            row.planned_at = one.at
            if visit.starts_at <= self.now:
                self.notes.drop(row, visit, Dropped.LATE)
            elif place < len(due):
                self.notes.drop(row, visit, Dropped.FOLLOWED)
            else:
                is_pending |= self._put(row, visit)
        coming = [min(one.at, self.now + LOOK_ANYWAY) for one in planned if one.at > self.now]
        again = [self.now + LOOK_AGAIN] if is_pending and visit.starts_at > self.now else []
        return min([*coming, *again], default=None)

    def _row_of(self, visit: Appointment, one: Moment) -> VisitReminder:
        key = (Kind.REMINDER, one.minutes, visit.starts_at)
        known = next((row for row in self.done[visit.pk] if _key(row) == key), None)
        return known or VisitReminder(minutes=one.minutes, of_starts_at=visit.starts_at)

    def _put(self, row: VisitReminder, visit: Appointment) -> bool:
        """Have a reminder queued, in place of an earlier one that never left; False without an address."""
        if visit.customer_id not in self.notes.where:
            self.notes.drop(row, visit, Dropped.NO_ADDRESS)
            return False
        for other in self.done[visit.pk]:
            if waits(other):
                take_back(other, Dropped.FOLLOWED, FOLLOWED, now=self.now)
        self.notes.queue(
            row,
            visit,
            self._words(row, visit),
            purpose=words.template_of(row.minutes),
            key=f"reminder:{visit.pk}:{visit.version}:{row.minutes}",
            until=visit.starts_at,
        )
        return True

    def _review(self, visit: Appointment, *, is_pending: bool) -> datetime | None:
        """Ask once the moment has come; when to look again."""
        row = next((row for row in self.done[visit.pk] if row.kind == Kind.REVIEW), None)
        if row is not None and row.is_over:
            return self.now + LOOK_AGAIN if is_pending else None
        at = reviews.due_at(visit, self.terms)
        if at > self.now:
            return at
        reviews.ask(row, visit, self.terms, self.notes, self.asked_lately)
        return self.now + LOOK_AGAIN

    def _follow(self, visit: Appointment, still: Iterable[object]) -> bool:
        """Take back what waits and is not `still` to be, reword what is; whether some of that has not left."""
        kept = [row for row in self.done[visit.pk] if _key(row) in still and is_on_its_way(row)]
        for row in self.done[visit.pk]:
            if waits(row) and row not in kept:
                take_back(row, _why_dropped(row, visit), NO_SENSE, now=self.now)
        for row in kept:
            text = self._words(row, visit)
            if row.message is not None and waits(row) and row.message.text != text:
                together.reword(row.message, text)
        return bool(kept)

    def _words(self, row: VisitReminder, visit: Appointment) -> str:
        policy = self.terms.policy
        if row.kind == Kind.REVIEW:
            return words.review(visit, policy)
        return words.reminder(visit, row.minutes, policy, deposit=self.deposits.get(visit.pk), now=self.now)


def known_since(shop: Shop, visits: Sequence[Appointment]) -> dict[int, datetime]:
    """Since when each visit has had its time, by visit: one query when any of them was ever moved."""
    moves = defaultdict(list)
    moved = [visit.pk for visit in visits if visit.version]
    if moved:
        rows = shop.appointments.filter(pk__in=moved, changes__version__isnull=False).order_by("changes__version")
        names = ("pk", "changes__at", "changes__from_starts_at", "changes__to_starts_at", "changes__reason")
        for pk, at, before, after, reason in rows.values_list(*names):
            moves[pk].append((at, before, after, reason == UNDONE))
    return {visit.pk: moments.known_since(visit.created_at, moves[visit.pk]) for visit in visits}


def _done_before(shop: Shop, visits: Sequence[Appointment]) -> "defaultdict[int, list[VisitReminder]]":
    found = defaultdict(list)
    rows = shop.visit_reminders.filter(appointment__in=visits).select_related("message__shop")
    for row in rows.order_by("planned_at", "pk"):
        found[row.appointment_id].append(row)
    return found


def _deposits_awaited(shop: Shop, visits: Sequence[Appointment]) -> dict[int, Deposit]:
    rows = shop.deposits.filter(appointment__in=visits, state=DepositState.PENDING)
    return {row.appointment_id: row for row in rows}


def _key(row: VisitReminder) -> tuple[Kind, int, datetime]:
    return Kind(row.kind), row.minutes, row.of_starts_at


def _why_dropped(row: VisitReminder, visit: Appointment) -> Dropped:
    is_same = row.of_starts_at == visit.starts_at and visit.state in (*queries.OPEN, AppointmentState.DONE)
    return Dropped.OFF if is_same else Dropped.MOVED
