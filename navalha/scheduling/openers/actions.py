"""Making the code of a visit, and whether its confirmation waits for the customer to write first."""

from datetime import datetime, timedelta

from navalha.messaging.opened import has_chat

from ..models import Appointment, Opener
from .codes import code_of, hash_of
from .models import LIFE
from .queries import reachable_number


def make(appointment: Appointment, *, now: datetime) -> Opener:
    """The code of a visit that somebody has just booked by themselves."""
    shop = appointment.shop
    return shop.openers.create(
        appointment=appointment,
        code_hash=hash_of(shop.pk, code_of(shop.pk, appointment.pk)),
        created_at=now,
        expires_at=min(now + LIFE, appointment.starts_at),
    )


def awaited_until(appointment: Appointment, *, now: datetime) -> datetime | None:
    """Until when the confirmation waits for the customer to write; None when it goes at once.

    Only where the shop wants that, the page shows the button, and number and customer have never talked: writing to
    such people is what WhatsApp takes numbers away for (FACTS D 11, E).
    """
    minutes = appointment.shop.customer_first_minutes
    number = reachable_number(appointment.shop, now=now) if minutes else None
    if number is None or has_chat(number, appointment.customer):
        return None
    return min(now + timedelta(minutes=minutes), appointment.starts_at)
