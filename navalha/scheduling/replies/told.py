"""What a customer had been told when they wrote: that is what a short answer is about."""

import re
from datetime import timedelta

from django.db.models import QuerySet

from navalha.messaging.models import Direction, WhatsAppMessage

# The dedupe keys of what can be answered: with the visit's number, or the offer's (none: of the list as such).
ABOUT_A_VISIT = re.compile(r"(?:booked|opened|rescheduled|reminder|confirmed|cancelled|deposit_asked):(\d+)(?::.*)?")
ABOUT_THE_WAITLIST = re.compile(r"waitlist_(?:joined:j\d+|gone:g\d+|offer:w\d+:(\d+))")
# WhatsApp tells time in whole seconds: an answer may seem a moment older than what it answers.
SAME_MOMENT = timedelta(seconds=2)
# So many of the newest messages are looked through for the last one about a visit.
LATELY = 20


def ours_before(message: WhatsAppMessage) -> "QuerySet[WhatsAppMessage]":
    """What the writer of `message` had got from the shop by then."""
    return message.shop.messages.filter(
        customer=message.customer_id,
        direction=Direction.OUT,
        sent_at__gt=message.created_at - timedelta(days=60),
        sent_at__lte=message.created_at + SAME_MOMENT,
    )


def answers_a_person(message: WhatsAppMessage) -> bool:
    """Whether the last thing said to the customer came from a person: "sim" answers that, not our question."""
    last = ours_before(message).order_by("-sent_at", "-pk").first()
    return last is not None and (last.purpose == "own" or last.written_by_id is not None)


def reminded_last(message: WhatsAppMessage) -> int | None:
    """The visit of a reminder, if that was the last thing that the writer of `message` was told about any visit."""
    told = ours_before(message).exclude(dedupe_key=None).order_by("-sent_at", "-pk")
    matches = (ABOUT_A_VISIT.fullmatch(str(key)) for key in told.values_list("dedupe_key", flat=True)[:LATELY])
    last = next((match for match in matches if match), None)
    return int(last[1]) if last and last[0].startswith("reminder:") else None


def quoted(message: WhatsAppMessage) -> WhatsAppMessage | None:
    """The message of ours that `message` quotes, or reacts to."""
    ours = message.shop.messages.filter(
        instance=message.instance_id, wa_id=message.quoted_wa_id, direction=Direction.OUT
    )
    return ours.first() if message.quoted_wa_id else None
