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
from navalha.messaging.models import MessageState
from navalha.messaging.together import Outgoing

from .. import queries
from ..models import Appointment, AppointmentState, Deposit, DepositState
from ..moving.actions import UNDONE
from . import moments, terms, words
from .models import Dropped, Kind, VisitReminder
from .moments import Moment
from .taking_back import take_back
from .terms import Terms

# What waits in the queue is looked at again so soon: its words may be about something that has changed.
LOOK_AGAIN = timedelta(minutes=5)
# Who marks a visit as done days later does not want its customer to be asked about it then.
REVIEWED_WITHIN = timedelta(days=2)
# A request that could not go out for so long would surprise.
REVIEW_LASTS = timedelta(days=2)
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
        self.terms: Terms = terms.of(shop)
        self.done = _done_before(shop, visits)
        self.known_at = known_since(shop, visits)
        self.deposits = _deposits_awaited(shop, visits)
        self.where = together.addresses(shop, [visit.customer for visit in visits])
        self.asked_lately = self._asked_lately()
        self._new: list[tuple[VisitReminder, Outgoing | None]] = []

    def write(self) -> int:
        """Do what is to be done; how many messages were queued."""
        with override(settings.LANGUAGE_CODE):
            for visit in self.visits:
                visit.remind_at = self._look_at(visit)
        queued = self._queue()
        self.shop.appointments.bulk_update(self.visits, ["remind_at"])
        return queued

    def _look_at(self, visit: Appointment) -> datetime | None:
        """When to look again; None when nothing more is to come unless something changes."""
        if visit.state == AppointmentState.DONE:
            self._drop_waiting(visit, [], Kind.REMINDER)
            return self._review(visit)
        is_open = visit.state in queries.OPEN
        planned = self._planned(visit) if is_open else []
        waiting = self._drop_waiting(visit, planned, Kind.REMINDER)
        self._drop_waiting(visit, [], Kind.REVIEW)
        if not is_open:
            return None
        self._remind(visit, planned)
        coming = [one.at for one in planned if one.at > self.now]
        again = [self.now + LOOK_AGAIN] if waiting and visit.starts_at > self.now else []
        return min([*coming, *again], default=None)

    def _planned(self, visit: Appointment) -> list[Moment]:
        known_at, offsets = self.known_at[visit.pk], self.terms.offsets
        found = moments.moments(visit.starts_at, offsets, known_at=known_at, quiet=self.terms.quiet)
        return [one for one in found if one.why_not is None]

    def _remind(self, visit: Appointment, planned: Sequence[Moment]) -> None:
        """Queue the newest of what is due; what it comes after is over."""
        rows = [row for row in self.done[visit.pk] if row.kind == Kind.REMINDER]
        of_this_time = {row.minutes: row for row in rows if row.of_starts_at == visit.starts_at}
        due = [one for one in planned if one.at <= self.now]
        for place, one in enumerate(due, start=1):
            row = of_this_time.get(one.minutes)
            if row is not None and row.is_over:
                continue
            row = row or VisitReminder(minutes=one.minutes, of_starts_at=visit.starts_at)
            row.planned_at = one.at
            if visit.starts_at <= self.now:
                self._note(row, visit, Dropped.LATE)
            elif place < len(due):
                self._note(row, visit, Dropped.FOLLOWED)
            else:
                self._put(row, visit)

    def _put(self, row: VisitReminder, visit: Appointment) -> None:
        """Have a reminder queued, in place of an earlier one that never left."""
        if visit.customer_id not in self.where:
            self._note(row, visit, Dropped.NO_ADDRESS)
            return
        for other in self.done[visit.pk]:
            if other.kind == Kind.REMINDER and _waits(other):
                take_back(other, Dropped.FOLLOWED, FOLLOWED, now=self.now)
        key = f"reminder:{visit.pk}:{visit.version}:{row.minutes}:{row.times}"
        purpose, until = words.template_of(row.minutes), max(visit.starts_at, self.now)
        self._note(row, visit, "", Outgoing(visit.customer, self._words(row, visit), purpose, key, until))

    def _review(self, visit: Appointment) -> datetime | None:
        policy, done_at = self.terms.policy, visit.state_changed_at
        rows = [row for row in self.done[visit.pk] if row.kind == Kind.REVIEW]
        if not is_asked(visit, self.terms):
            self._drop_waiting(visit, [], Kind.REVIEW)
            return None
        if any(row.is_over for row in rows):
            return self.now + LOOK_AGAIN if self._reworded(rows, visit) else None
        at = moments.review_at(done_at, policy.review_hours, self.terms.quiet)
        if at > self.now:
            return at
        row = rows[0] if rows else VisitReminder(kind=Kind.REVIEW, minutes=0, of_starts_at=visit.starts_at)
        row.planned_at = at
        if at + REVIEW_LASTS <= self.now:
            self._note(row, visit, Dropped.LATE)
        elif visit.customer_id not in self.where:
            self._note(row, visit, Dropped.NO_ADDRESS)
        elif visit.customer_id in self.asked_lately:
            self._note(row, visit, Dropped.ASKED_LATELY)
        else:
            self._ask(row, visit)
        return None

    def _ask(self, row: VisitReminder, visit: Appointment) -> None:
        self.asked_lately.add(visit.customer_id)
        # Not of the visit's own count: who came has answered its reminders by coming.
        key = f"review:r{visit.pk}:{row.times}"
        until = self.now + REVIEW_LASTS
        self._note(row, visit, "", Outgoing(visit.customer, self._words(row, visit), "review", key, until))

    def _words(self, row: VisitReminder, visit: Appointment) -> str:
        policy = self.terms.policy
        if row.kind == Kind.REVIEW:
            return words.review(visit, policy)
        return words.reminder(visit, row.minutes, policy, deposit=self.deposits.get(visit.pk), now=self.now)

    def _note(self, row: VisitReminder, visit: Appointment, dropped: str, item: Outgoing | None = None) -> None:
        row.shop, row.appointment, row.dropped, row.message = self.shop, visit, dropped, None
        row.created_at = self.now
        self._new.append((row, item))

    def _drop_waiting(self, visit: Appointment, planned: Sequence[Moment], kind: Kind) -> bool:
        """Take back what waits and is not `planned` any more, reword what is; whether something still waits."""
        still = {(one.minutes, visit.starts_at) for one in planned}
        kept = []
        for row in [row for row in self.done[visit.pk] if row.kind == kind and _waits(row)]:
            if (row.minutes, row.of_starts_at) in still:
                kept.append(row)
            else:
                take_back(row, _why_dropped(row, visit), NO_SENSE, now=self.now)
        return self._reworded(kept, visit)

    def _reworded(self, rows: Iterable[VisitReminder], visit: Appointment) -> bool:
        waiting = [row for row in rows if _waits(row)]
        for row in waiting:
            text = self._words(row, visit)
            if row.message is not None and row.message.text != text:
                together.reword(row.message, text)
        return bool(waiting)

    def _queue(self) -> int:
        items = [item for _row, item in self._new if item is not None]
        found = together.queue_together(self.shop, items, self.where, now=self.now) if items else {}
        for row, item in self._new:
            if item is not None:
                row.message, row.times = found[item.dedupe_key], row.times + 1
        self._save([row for row, _item in self._new])
        return len(items)

    def _save(self, rows: Sequence[VisitReminder]) -> None:
        known = [row for row in rows if row.pk is not None]
        self.shop.visit_reminders.bulk_create([row for row in rows if row.pk is None])
        if known:
            names = ["planned_at", "message", "dropped", "times", "created_at"]
            self.shop.visit_reminders.bulk_update(known, names)

    def _asked_lately(self) -> set[int]:
        """Customers who were asked for a review, or will be in a moment, within the days that the shop leaves alone."""
        people = {visit.customer_id for visit in self.visits if visit.state == AppointmentState.DONE}
        if not people or not self.terms.asks_for_reviews:
            return set()
        since = self.now - timedelta(days=self.terms.policy.review_days)
        rows = self.shop.visit_reminders.filter(
            kind=Kind.REVIEW, dropped="", created_at__gt=since, appointment__customer__in=people
        )
        never = [MessageState.CANCELLED, MessageState.EXPIRED, MessageState.FAILED]
        return set(rows.exclude(message__state__in=never).values_list("appointment__customer", flat=True))


def is_asked(visit: Appointment, found: Terms) -> bool:
    """Whether the customer of a finished visit is asked for a review, as far as the visit itself is concerned."""
    done_at = visit.state_changed_at
    in_time = done_at >= found.policy.review_since and done_at <= visit.ends_at + REVIEWED_WITHIN
    return found.asks_for_reviews and in_time


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


def _waits(row: VisitReminder) -> bool:
    return row.message is not None and row.message.state == MessageState.QUEUED and not row.dropped


def _why_dropped(row: VisitReminder, visit: Appointment) -> Dropped:
    is_same = row.of_starts_at == visit.starts_at and visit.state in (*queries.OPEN, AppointmentState.DONE)
    return Dropped.OFF if is_same else Dropped.MOVED
