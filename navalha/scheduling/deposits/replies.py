"""A customer of whom a deposit is awaited sends a receipt, or writes that they have paid: somebody of the shop looks.

Nothing is read from the picture: that the money came is for a person to say.
"""

from datetime import datetime

from django.db.models import Q

from navalha.messaging.decisions import Decision
from navalha.messaging.models import WhatsAppMessage

from ..models import Deposit
from ..replies import answers as reply_answers
from ..replies import lexicon
from ..replies.plain_text import plain
from . import actions
from .states import AWAITED, DepositState

RECEIPTS = {"image", "document"}
LONGEST = 160  # characters: who writes more says more


def says_paid(text: str) -> bool:
    """Whether a short Portuguese message says that its writer has paid. When in doubt, no: a person reads it."""
    flat = plain(text)
    return len(text) <= LONGEST and bool(lexicon.PAID.search(flat)) and not lexicon.NOT_PAID.search(flat)


def handle(message: WhatsAppMessage, *, now: datetime) -> Decision | None:
    """Act on an inbound message of a customer who owes a deposit; what was decided, None when it is about none.

    One receipt for several deposits is one for a person to sort out: each of them is to be checked.
    """
    receipt = message if message.kind in RECEIPTS else None
    if receipt is None and not (message.kind == "text" and says_paid(message.text)):
        return None
    awaited = [one for one in _awaited(message, now) if receipt is not None or not _is_known(one)]
    if not awaited:
        return None
    fresh = [one for one in awaited if one.state == DepositState.PENDING]
    for deposit in awaited:
        actions.claim(deposit.appointment, now=now, receipt=receipt)
    if fresh:
        reply_answers.say(message, "Recebido, obrigado! Alguém da barbearia confere e confirma por aqui.", now=now)
    return Decision("receipt" if receipt else "says_paid", {"cents": [one.amount_cents for one in awaited]})


def _awaited(message: WhatsAppMessage, now: datetime) -> list[Deposit]:
    """Awaited, of visits to come: those of the writer and of a visit whose code they sent; the soonest first."""
    theirs = Q(appointment__customer=message.customer_id) | Q(appointment__opener__writer=message.customer_id)
    rows = message.shop.deposits.filter(theirs, state__in=AWAITED, appointment__starts_at__gt=now)
    related = ("appointment__shop", "appointment__customer", "appointment__professional")
    return list(rows.select_related(*related).order_by("due_at", "pk"))


def _is_known(deposit: Deposit) -> bool:
    """A mere word says nothing new of it."""
    return deposit.state == DepositState.RECEIPT or deposit.not_found_at is not None
