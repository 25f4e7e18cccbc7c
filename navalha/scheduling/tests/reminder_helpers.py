"""What the stories about reminders have in common."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from navalha.accounts.models import Shop
from navalha.core.states import move
from navalha.messaging.models import MessageState, WhatsAppMessage
from navalha.scheduling import actions
from navalha.scheduling.models import Appointment

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
PHONE = "+5511988887777"


def at(hour: int, minute: int = 0, *, day: int = 26) -> datetime:
    """A time of that day in November 2026 on the shop's clock."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SAO_PAULO).astimezone(UTC)


def book(shop: Shop, service, professional, starts_at: datetime, *, now: datetime, phone: str = PHONE) -> Appointment:
    return actions.book(
        shop, services=[service], professional=professional, starts_at=starts_at, name="Rafa", phone=phone, now=now
    )


def reminders(shop: Shop) -> list[WhatsAppMessage]:
    """Every reminder that was ever queued, in that order."""
    return list(shop.messages.filter(purpose__in=["reminder", "reminder_soon"]).order_by("created_at", "pk"))


def sent(message: WhatsAppMessage, when: datetime) -> WhatsAppMessage:
    """It has left, and WhatsApp has it."""
    message.refresh_from_db()
    move(message, to=MessageState.SENDING, now=when)
    move(message, to=MessageState.SENT, now=when, sent_at=when, wa_id=f"OUT{message.pk}")
    return message


def taken_back(message: WhatsAppMessage) -> bool:
    message.refresh_from_db()
    return message.state == MessageState.CANCELLED
