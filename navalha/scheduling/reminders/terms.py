"""What a shop's reminders are: the offsets, the words and the review requests, as they hold now."""

from dataclasses import dataclass

from navalha.accounts.models import Shop
from navalha.core.phones import phone_key
from navalha.messaging import pacing
from navalha.messaging.models import Pace
from navalha.messaging.pace import Policy
from navalha.whatsapp.queries import principal

from .models import ReminderPolicy
from .moments import Offset

# Of a shop that has not chosen: minutes before the visit.
USUAL = (24 * 60, 2 * 60)


@dataclass(frozen=True, slots=True)
class Terms:
    """`offsets` are empty while the reminders are off; `policy` is unsaved for a shop that has not chosen."""

    policy: ReminderPolicy
    offsets: tuple[Offset, ...]
    quiet: Policy | None

    @property
    def asks_for_reviews(self) -> bool:
        return self.policy.review_is_on and bool(self.policy.review_link)


def of(shop: Shop) -> Terms:
    """Four queries."""
    policy = policy_of(shop)
    offsets = offsets_of(shop, policy) if policy.is_on else ()
    return Terms(policy, offsets, quiet_of(shop))


def policy_of(shop: Shop) -> ReminderPolicy:
    """What the shop chose, else the usual, which is not saved."""
    return shop.reminder_policies.first() or ReminderPolicy(shop=shop, on_since=shop.created_at)


def offsets_of(shop: Shop, policy: ReminderPolicy) -> tuple[Offset, ...]:
    """The longest first."""
    if policy.pk is None:
        return tuple(Offset(minutes, shop.created_at) for minutes in USUAL)
    rows = shop.reminder_offsets.filter(removed_at=None)
    return tuple(Offset(row.minutes, max(row.since, policy.on_since)) for row in rows)


def quiet_of(shop: Shop) -> Policy | None:
    """The quiet hours of the number that reminders go out from; the usual ones while there is none. None for none."""
    number = principal(shop)
    rows = {row.phone: row for row in shop.paces.order_by("pk")}
    row = rows.get(phone_key(number.number)) if number else None
    row = row or next(reversed(rows.values()), None) or Pace(shop=shop)
    return pacing.policy_of(row, shop.timezone) if row.quiet_from != row.quiet_until else None


def promise(shop: Shop) -> str:
    """What a customer of many coming visits is told of reminders; empty while there are none."""
    policy = policy_of(shop)
    return "Perto de cada um você recebe um lembrete. " if policy.is_on and offsets_of(shop, policy) else ""
