"""The pace in the outbox: reads what `pace.decide` wants to know, and takes its answer down on the rows.

All of it happens while the number's row is locked (`sending.take`): two workers never both find that the gap is over.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import connection

from navalha.core.phones import phone_key
from navalha.live import topics
from navalha.live.publish import publish
from navalha.whatsapp.models import WhatsAppInstance

from . import pace, wording
from .models import MessageState, Pace, WhatsAppMessage
from .turn import CANDIDATES, HISTORY, NEXT

log = structlog.get_logger(__name__)

# Looked at in one go, and how often: what must wait is put away, and what stands behind it has its turn.
LOOKED_AT, LOOKS = 20, 10
# A phone that is on tells of a delivery within this time.
TOLD_WITHIN = timedelta(minutes=30)
# Until then a person who was only sent something still counts as known: the news of its delivery may be on its way.
CHAT_OPENS_WITHIN = timedelta(hours=1)
DAY = timedelta(days=1)
# What follows from somebody's act, and what nobody asked for; a test holds that every text is in one of the two.
# What is in neither is held like what nobody asked for.
EXPECTED = frozenset(
    {"booked", "confirmed", "cancelled", "rescheduled", "reply", "person", "test", "offer_slots"}
    | {"series_booked", "series_cancelled"}
    | {"queue_joined", "queue_called"}
    | {"reply_help", "reply_confirmed", "reply_cancelled", "reply_confirmed_deposit", "reply_cancelled_deposit"}
    | {"booked_deposit", "cancelled_deposit", "deposit_asked", "deposit_code", "deposit_paid", "deposit_not_found"}
    | {"deposit_waived", "deposit_returned", "deposit_lapsed"}
    | {"waitlist_joined", "waitlist_gone"}
    | wording.NOTICES
    | wording.ALERTS
)
UNASKED = frozenset({"reminder", "reminder_soon", "review", "series_more", "waitlist_offer"})
# Of no use but at their moment, to somebody who is up: quiet hours do not hold them.
TIMED = frozenset({"reminder_soon"})


def pace_of(number: WhatsAppInstance, now: datetime) -> Pace:
    """The pace of the number's phone, made when the phone is new to the shop; hours are taken over from its others."""
    phone = phone_key(number.number)
    found = number.shop.paces.filter(phone=phone).first()
    if found is not None:
        return found
    latest = number.shop.paces.order_by("-pk").first()
    hours = {"quiet_from": latest.quiet_from, "quiet_until": latest.quiet_until} if latest else {}
    began_at = min(number.connected_at or now, now)
    found, _ = number.shop.paces.get_or_create(phone=phone, defaults={"began_at": began_at, **hours})
    return found


def policy_of(row: Pace, zone: str) -> pace.Policy:
    """The rules as they hold: the operator's limits win over what was once chosen within wider ones."""
    return pace.Policy(
        zone=ZoneInfo(zone),
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        per_day=min(row.per_day, settings.MESSAGES_MOST_PER_DAY),
        new_per_day=min(row.new_per_day, settings.MESSAGES_MOST_NEW_PER_DAY),
        gap_scale=settings.MESSAGES_GAP_SCALE,
        first_week=settings.MESSAGES_NEW_IN_FIRST_WEEK,
    )


def history_of(row: Pace, policy: pace.Policy, now: datetime) -> pace.History:
    """What the phone has sent; one query."""
    lifted_at = row.lifted_at or row.began_at - DAY
    midnight = pace.midnight_before(policy, now)
    values: dict[str, Any] = {
        "shop": row.shop_id,
        "phone": row.phone,
        "midnight": midnight,
        "since": max(now - DAY, lifted_at),
        "settled": now - TOLD_WITHIN,
        "oldest": min(midnight, now - DAY),
    }
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, values)
        last, today, new, well, refused, tried, silent = cursor.fetchone()
    since = max(lifted_at, well) if well else lifted_at
    refused_at = tuple(moment for moment in refused or () if moment > since)
    return pace.History(row.began_at, last, today, new, refused_at, tried, silent)


def choose(number: WhatsAppInstance, now: datetime) -> WhatsAppMessage | None:
    """The next message that may go out from `number` now, with `own_phone` and `first_contact` set; locked.

    What must wait for a rule is put away until then, with the reason on its row. Call with the number's row locked.
    """
    row = pace_of(number, now) if settings.MESSAGES_PACING else None
    if row is None or not row.is_on:
        return _longest_due(number, now)
    if number.is_primary:
        _take_over(number, row, now)
    policy = policy_of(row, number.shop.timezone)
    history = history_of(row, policy, now)
    for _ in range(LOOKS):
        found = [(message, pace.decide(facts_of(message, now), history, policy, now)) for message in _due(number, now)]
        free = next((message for message, wait in found if wait is None), None)
        held = [(message, wait) for message, wait in found if wait is not None and wait.hold is not pace.Hold.GAP]
        _put_away(number, held)
        if free is not None or not held:  # else others have stood behind them
            break
    turns = [wait.until for _, wait in found if wait is not None and wait.hold is pace.Hold.GAP]
    _note_next_turn(row, None if free is not None else min(turns, default=None))
    return free


def _take_over(number: WhatsAppInstance, row: Pace, now: datetime) -> None:
    """What another phone's pace holds is this one's to send now: the shop chose another principal, or another phone."""
    held = number.shop.messages.filter(state=MessageState.QUEUED)
    held = held.exclude(hold_code__in=["", pace.Hold.CUSTOMER_FIRST])
    held.exclude(own_phone=row.phone).update(due_at=now, hold_code="")


def _longest_due(number: WhatsAppInstance, now: datetime) -> WhatsAppMessage | None:
    return next(iter(number.shop.messages.raw(NEXT, _values(number, now))), None)


def _due(number: WhatsAppInstance, now: datetime) -> list[WhatsAppMessage]:
    """Some of what is due, in the order of its turn, with `is_live`, `is_new` and `unanswered`."""
    more = {
        "phone": phone_key(number.number),
        "lately": now - pace.LIVE,
        "just": now - CHAT_OPENS_WITHIN,
        "unasked": list(UNASKED),
    }
    rows = list(number.shop.messages.raw(CANDIDATES, {**_values(number, now), **more}))
    for message in rows:
        message.first_contact = message.is_new  # type: ignore[attr-defined]  # a column of this query
    return rows


def _values(number: WhatsAppInstance, now: datetime) -> dict[str, object]:
    return {
        "shop": number.shop_id,
        "number": number.pk,
        "primary": number.is_primary,
        "now": now,
        "most": LOOKED_AT,
    }


def facts_of(message: Any, now: datetime) -> pace.Message:
    """What the pace wants to know of a row of `_due`."""
    return pace.Message(
        is_new=message.is_new,
        is_live=message.is_live,
        is_prompt=message.purpose in EXPECTED and now - message.created_at < pace.PROMPT,
        is_timed=message.purpose in TIMED,
        is_waived=message.hold_waived_at is not None or message.purpose in wording.THROUGH_ITS_NUMBER,
        unanswered=0 if message.written_by_id else message.unanswered,
        expires_at=message.expires_at,
    )


def _put_away(number: WhatsAppInstance, held: Sequence[tuple[WhatsAppMessage, pace.Wait]]) -> None:
    for message, wait in held:
        message.due_at, message.hold_code, message.own_phone = wait.until, wait.hold.value, phone_key(number.number)
        log.info("message waits", message=message.pk, shop=number.shop_id, hold=message.hold_code, until=message.due_at)
    if held:
        number.shop.messages.bulk_update([message for message, _ in held], ["due_at", "hold_code", "own_phone"])
        publish(number.shop_id, topics.MESSAGES)


def _note_next_turn(row: Pace, at: datetime | None) -> None:
    if row.next_send_at != at:
        row.next_send_at = at
        row.save(update_fields=["next_send_at"])


def time_to_turn(number: WhatsAppInstance, now: datetime) -> timedelta | None:
    """How long until something of what is due may go out from the number; None when nothing waits for its turn."""
    row = number.shop.paces.filter(phone=phone_key(number.number), next_send_at__gt=now).first()
    return row.next_send_at - now if row and row.next_send_at else None
