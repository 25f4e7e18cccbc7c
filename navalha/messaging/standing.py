"""How a number stands with its pace, for whoever looks: figures, what is left of each limit, what waits and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from navalha.accounts.models import Shop
from navalha.whatsapp.models import WhatsAppInstance

from . import pace, pacing
from .models import MessageState, Pace, WhatsAppMessage

# Shares are of a week: one day of a small shop says nothing.
SHARES_OF = timedelta(days=7)
SHOWN_WAITING = 10

# Of the phone: today's sends of each hour and first contacts; of the week what was received and who answered.
FIGURES = """
WITH sends AS (
  SELECT s.attempted_at, s.first_contact, s.customer_id, s.delivered_at,
    s.attempted_at >= %(midnight)s AS today, s.attempted_at < %(settled)s AS settled
  FROM messaging_whatsappmessage s
  WHERE s.shop_id = %(shop)s AND s.own_phone = %(phone)s AND s.attempted_at > %(since)s AND s.direction = 'out'
    AND s.state NOT IN ('queued', 'expired', 'cancelled')),
people AS (
  SELECT customer_id, min(attempted_at) AS at FROM sends WHERE customer_id IS NOT NULL GROUP BY customer_id)
SELECT
  (SELECT count(*) FROM sends WHERE today),
  (SELECT count(*) FROM sends WHERE attempted_at > %(hour_ago)s),
  (SELECT count(*) FROM sends WHERE today AND first_contact),
  (SELECT count(*) FROM sends WHERE settled),
  (SELECT count(*) FROM sends WHERE settled AND delivered_at IS NULL),
  (SELECT count(*) FROM people),
  (SELECT count(*) FROM people p WHERE EXISTS (
    SELECT 1 FROM messaging_whatsappmessage i
    WHERE i.customer_id = p.customer_id AND i.direction = 'in' AND i.created_at > p.at)),
  (SELECT array_agg(coalesce(n, 0) ORDER BY hour) FROM generate_series(0, 23) hour LEFT JOIN (
    SELECT extract(hour FROM attempted_at AT TIME ZONE %(zone)s)::int AS hour, count(*) AS n
    FROM sends WHERE today GROUP BY 1) counted USING (hour))
"""


def percent(part: int, whole: int) -> int | None:
    """`part` of `whole` in whole percent; None of nothing."""
    return round(100 * part / whole) if whole else None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a phone sent: today, in the last hour, and in a week how much was not received and how many answered."""

    today: int
    last_hour: int
    new_today: int
    settled: int
    undelivered: int
    written_to: int
    answered: int
    hours: list[int]

    @property
    def new_share(self) -> int | None:
        return percent(self.new_today, self.today)

    @property
    def undelivered_share(self) -> int | None:
        return percent(self.undelivered, self.settled)

    @property
    def answered_share(self) -> int | None:
        return percent(self.answered, self.written_to)

    @property
    def bars(self) -> list[dict[str, int]]:
        """Today's hours for a drawing 240 wide and 44 high; an hour without a send is a line of 2."""
        most = max(self.hours) or 1
        heights = [2 + 42 * n // most for n in self.hours]
        return [
            {"hour": hour, "count": n, "x": 10 * hour + 1, "y": 44 - height, "height": height}
            for hour, (n, height) in enumerate(zip(self.hours, heights, strict=True))
        ]


@dataclass(frozen=True, slots=True)
class Standing:
    """A number's pace as it holds at `now`."""

    row: Pace
    policy: pace.Policy
    history: pace.History
    now: datetime

    @property
    def is_on(self) -> bool:
        return self.row.is_on and settings.MESSAGES_PACING

    @property
    def new_allowed(self) -> int:
        return pace.new_allowed(self.history, self.policy, self.now)

    @property
    def new_left_out(self) -> bool:
        """Whether today's new contacts are used up."""
        return self.history.new_today >= self.new_allowed

    @property
    def warms_up(self) -> bool:
        return self.new_allowed < self.policy.new_per_day

    @property
    def paused_until(self) -> datetime | None:
        return pace.paused_until(self.history, self.now)

    @property
    def slowed(self) -> int:
        return pace.slowed(self.history)

    @property
    def is_silent(self) -> bool:
        return pace.is_silent(self.history)

    @property
    def has_quiet_hours(self) -> bool:
        return self.policy.quiet_from != self.policy.quiet_until

    @property
    def is_quiet(self) -> bool:
        return pace.is_quiet(self.policy, self.now)

    @property
    def state(self) -> str:
        """The badge: what matters most of it all."""
        if not self.is_on:
            return "pace_off"
        if self.paused_until:
            return "pace_paused"
        if self.slowed > 1:
            return "pace_slow"
        return "pace_quiet" if self.is_quiet else "pace_normal"


def standing_of(number: WhatsAppInstance, now: datetime) -> Standing:
    """Two queries once the phone is known."""
    row = pacing.pace_of(number, now)
    policy = pacing.policy_of(row, number.shop.timezone)
    return Standing(row, policy, pacing.history_of(row, policy, now), now)


def figures_of(standing: Standing) -> Figures:
    """One query."""
    now = standing.now
    midnight = pace.midnight_before(standing.policy, now)
    values: dict[str, Any] = {
        "shop": standing.row.shop_id,
        "phone": standing.row.phone,
        "midnight": midnight,
        "since": min(midnight, now - SHARES_OF),
        "settled": now - pacing.TOLD_WITHIN,
        "hour_ago": now - timedelta(hours=1),
        "zone": str(standing.policy.zone),
    }
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, values)
        return Figures(*cursor.fetchone())


def waiting(shop: Shop) -> tuple[list[WhatsAppMessage], int]:
    """The next messages that the pace holds, with whom they are for, and how many there are; one or two queries."""
    held = shop.messages.filter(state=MessageState.QUEUED).exclude(hold_code="")
    shown = list(held.select_related("customer").order_by("due_at", "pk")[: SHOWN_WAITING + 1])
    count = held.count() if len(shown) > SHOWN_WAITING else len(shown)
    return shown[:SHOWN_WAITING], count
