"""Whether something that nobody asked for would go out at once: who offers what does not keep must know beforehand."""

from datetime import datetime
from enum import StrEnum

from django.conf import settings

from navalha.accounts.models import Shop
from navalha.whatsapp.models import ConnectionState

from . import pace, pacing, plan


class NotNow(StrEnum):
    """Why it would wait."""

    NO_NUMBER = "no_number"
    QUIET = "quiet"
    DAILY = "daily"


def why_not(shop: Shop, *, now: datetime) -> NotNow | None:
    """None: a message would leave within the gaps of the pace. Of the person nothing is asked here."""
    number = shop.numbers.filter(is_primary=True, state=ConnectionState.CONNECTED).select_related("shop").first()
    if number is None or not shop.is_active:
        return NotNow.NO_NUMBER
    if plan.held_by_plan(shop, now=now):
        return NotNow.DAILY
    row = pacing.pace_of(number, now) if settings.MESSAGES_PACING else None
    if row is None or not row.is_on:
        return None
    policy = pacing.policy_of(row, shop.timezone)
    if pace.is_quiet(policy, now):
        return NotNow.QUIET
    return NotNow.DAILY if pacing.history_of(row, policy, now).sent_today >= policy.per_day else None
