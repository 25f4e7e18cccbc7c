"""What the stories about messages have in common."""

from datetime import UTC, datetime
from typing import Any

from conftest import make_number
from navalha.accounts.models import Shop
from navalha.evolution.types import DeliveryStatus, Message, MessageKind
from navalha.messaging.actions import queue_text
from navalha.messaging.models import WhatsAppMessage
from navalha.simulator.testing import RunningSimulator
from navalha.whatsapp.models import EvolutionServer, WhatsAppInstance

PHONE = "5511988887777"  # Rafa's


def real_now() -> datetime:
    """The simulator stamps its messages with the real time, so the stories that look them up happen now."""
    return datetime.now(UTC)


def connected_number(
    simulator: RunningSimulator, shop: Shop, server: EvolutionServer, name: str = "ze-1", number: str = "5511999990001"
) -> WhatsAppInstance:
    """A number of `shop` that really is connected at the pretend server."""
    simulator.connected(name, number=number)
    return make_number(shop, server, name, number=f"+{number}")


def queued(shop: Shop, to: Any, text: str, now: datetime, **fields: Any) -> WhatsAppMessage:
    """A queued message of a person; `fields` are written on top."""
    message = queue_text(shop, to=to, text=text, purpose="reply", dedupe_key=None, now=now)
    assert message is not None
    for name, value in fields.items():
        setattr(message, name, value)
    message.save()
    return message


def a_message(text: str = "Oi", **fields: Any) -> Message:
    """What `parse` makes of a webhook: a text of Rafa's, unless `fields` say otherwise."""
    values: dict[str, Any] = {
        "key_id": "3A0001",
        "remote_jid": "5511988887777@s.whatsapp.net",
        "phone": "5511988887777",
        "lid": None,
        "from_me": False,
        "is_group": False,
        "participant": None,
        "kind": MessageKind.TEXT,
        "text": text,
        "choice": None,
        "quoted_id": None,
        "reacted_id": None,
        "push_name": "Rafa",
        "sent_at": real_now(),
        "source": "android",
        "status": DeliveryStatus.DELIVERY_ACK,
        **fields,
    }
    return Message(**values)


def states(message: WhatsAppMessage) -> list[str]:
    """The states a message went through, oldest first."""
    changes = message.changes.order_by("pk")
    return [changes[0].from_state, *(change.to_state for change in changes)] if changes else [message.state]


def texts_on_phone(simulator: RunningSimulator, phone: str = PHONE) -> list[str]:
    """What shops wrote to a phone, oldest first."""
    return [message["text"] for message in simulator.phone(phone).received()]
