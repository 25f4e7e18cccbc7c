"""What one look at some visits wants done, gathered and then written in a few statements for all of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from navalha.accounts.models import Shop
from navalha.messaging import together
from navalha.messaging.models import MessageState
from navalha.messaging.together import Outgoing

from ..models import Appointment
from .models import VisitReminder

FIELDS = ["planned_at", "message", "dropped", "times", "created_at"]
ON_ITS_WAY = (MessageState.QUEUED, MessageState.SENDING, MessageState.UNCONFIRMED)


class Notes:
    """Rows of reminders, new or known, with the message that each is to have. `write()` makes them true."""

    def __init__(self, shop: Shop, visits: Iterable[Appointment], now: datetime) -> None:
        self.shop, self.now = shop, now
        self.where = together.addresses(shop, [visit.customer for visit in visits])
        self._rows: list[tuple[VisitReminder, Outgoing | None]] = []

    def drop(self, row: VisitReminder, visit: Appointment, why: str) -> None:
        """It does not go out, and the visit's page says why."""
        self._add(row, visit, why, None)

    def queue(
        self, row: VisitReminder, visit: Appointment, text: str, *, purpose: str, key: str, until: datetime
    ) -> None:
        """It goes out as `text`, and makes sense `until` then; the customer has an address. `key` is its own."""
        item = Outgoing(visit.customer, text, purpose, f"{key}:{row.times}", until)
        self._add(row, visit, "", item)

    def write(self) -> int:
        """How many messages were queued. In the caller's transaction."""
        items = [item for _row, item in self._rows if item is not None]
        found = together.queue_together(self.shop, items, self.where, now=self.now) if items else {}
        for row, item in self._rows:
            if item is not None:
                row.message, row.times = found[item.dedupe_key], row.times + 1
        self._save([row for row, _item in self._rows])
        return len(items)

    def _add(self, row: VisitReminder, visit: Appointment, dropped: str, item: Outgoing | None) -> None:
        row.shop, row.appointment, row.dropped, row.message = self.shop, visit, dropped, None
        row.created_at = self.now
        self._rows.append((row, item))

    def _save(self, rows: Sequence[VisitReminder]) -> None:
        known = [row for row in rows if row.pk is not None]
        self.shop.visit_reminders.bulk_create([row for row in rows if row.pk is None])
        if known:
            self.shop.visit_reminders.bulk_update(known, FIELDS)


def waits(row: VisitReminder) -> bool:
    """Whether its message is still in the queue: it can be taken back, or say something else."""
    return row.message is not None and row.message.state == MessageState.QUEUED and not row.dropped


def is_on_its_way(row: VisitReminder) -> bool:
    """Whether it may wait again in a moment: a send that fails comes back to the queue."""
    return row.message is not None and row.message.state in ON_ITS_WAY and not row.dropped
