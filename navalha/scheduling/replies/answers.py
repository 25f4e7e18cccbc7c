"""What the product says back to a customer's reply: one short message for each of theirs at most.

The words go to a Brazilian customer and, in the thread, to the shop; they do not follow anybody's browser.
"""

from collections.abc import Sequence
from datetime import datetime

from navalha.messaging.actions import queue_text
from navalha.messaging.models import WhatsAppMessage

from .. import links, notices, queries
from ..deposits import ends as deposit_ends
from ..deposits import notices as deposit_notices
from ..models import Appointment, AppointmentState, DepositState

OFFERED = 3


def confirmed(message: WhatsAppMessage, visit: Appointment, *, now: datetime) -> None:
    deposit = deposit_ends.of(visit)
    if deposit is not None and deposit.state == DepositState.PENDING:
        said = deposit_notices.words_of(deposit, visit, now)
        notices.tell_customer(
            "reply_confirmed_deposit", visit, now=now, dedupe_key=_key(message), to=message.customer, **said
        )
    else:
        notices.tell_customer("reply_confirmed", visit, now=now, dedupe_key=_key(message), to=message.customer)


def cancelled(message: WhatsAppMessage, visit: Appointment, *, now: datetime) -> None:
    deposit_notices.cancelled(
        deposit_ends.of(visit),
        visit,
        now=now,
        template="reply_cancelled",
        dedupe_key=_key(message),
        link=links.booking_url(visit.shop),
        to=message.customer,
    )


def offer_slots(message: WhatsAppMessage, visit: Appointment, *, now: datetime) -> int:
    """Offer the nearest free times with the same professional; how many there were."""
    services = [item.service for item in visit.items.select_related("service")]
    free = queries.nearest_free(
        visit.shop,
        services=services,
        professional=visit.professional,
        around=visit.starts_at,
        now=now,
        count=OFFERED,
    )
    if free:
        options = "\n".join(f"• {notices.when_words(slot.starts_at, visit)}" for slot in free)
        notices.tell_customer(
            "offer_slots", visit, now=now, dedupe_key=_key(message), to=message.customer, options=options
        )
    else:
        say(message, "Não achei outro horário livre por perto. Alguém da barbearia já responde por aqui.", now=now)
    return len(free)


def help_once(message: WhatsAppMessage, visit: Appointment, *, now: datetime) -> None:
    """Say how to answer, once for each visit: a second time would only be in the way of the person who reads."""
    notices.tell_customer("reply_help", visit, now=now, dedupe_key=f"reply_help:{visit.pk}", to=message.customer)


def which_one(message: WhatsAppMessage, visits: Sequence[Appointment], *, now: datetime) -> None:
    lines = "\n".join(f"• {notices.when(visit)}: {links.manage_url(visit)}" for visit in visits)
    say(
        message,
        f"Você tem mais de um horário marcado. Toque no link do que quer mudar:\n{lines}",
        now=now,
    )


def closed(message: WhatsAppMessage, visit: Appointment, *, now: datetime) -> None:
    what = "foi cancelado" if visit.state == AppointmentState.CANCELLED else "já passou"
    say(
        message,
        f"Seu horário de {notices.when(visit)} {what}. Para marcar outro: {links.again_url(visit)}",
        now=now,
    )


def given_since(message: WhatsAppMessage, moment: datetime) -> int:
    """How many answers the product has given the writer of `message` by itself."""
    ours = message.shop.messages.filter(customer=message.customer_id, created_at__gt=moment, written_by=None)
    return ours.filter(dedupe_key__startswith="reply:").count()


def say(message: WhatsAppMessage, text: str, *, now: datetime) -> None:
    """Queue `text` as the one answer to `message`."""
    if message.customer is not None:
        queue_text(
            message.shop,
            to=message.customer,
            text=text,
            purpose="reply",
            dedupe_key=_key(message),
            now=now,
        )


def _key(message: WhatsAppMessage) -> str:
    return f"reply:{message.pk}"
