"""The ladder of acks: pure. Acks come late, twice and in any order; a state never goes down (RECORDED 5)."""

from collections.abc import Mapping

from navalha.evolution.types import DeliveryStatus

from .models import MessageState

RUNG: Mapping[DeliveryStatus, MessageState] = {
    DeliveryStatus.SERVER_ACK: MessageState.SENT,
    DeliveryStatus.DELIVERY_ACK: MessageState.DELIVERED,
    DeliveryStatus.READ: MessageState.READ,
    DeliveryStatus.PLAYED: MessageState.PLAYED,
}
# Some phone has it.
ARRIVED = (MessageState.DELIVERED, MessageState.READ, MessageState.PLAYED)
_ORDER = (MessageState.SENT, *ARRIVED)
# An error is believed only of what has not arrived: after a delivery it speaks of another device of the person.
MAY_FAIL = frozenset({MessageState.SENDING, MessageState.UNCONFIRMED, MessageState.SENT})
# Where an ack or an echo can still find a message. Queued: it was unconfirmed, looked absent, and went out after all.
BEFORE_SENT = frozenset({MessageState.QUEUED, MessageState.SENDING, MessageState.UNCONFIRMED})


def after(state: str, status: DeliveryStatus) -> MessageState | None:
    """The state that `status` lifts a message in `state` to; None when it changes nothing."""
    if status is DeliveryStatus.ERROR:
        return MessageState.FAILED if state in MAY_FAIL else None
    rung = RUNG.get(status)
    if rung is None:
        return None
    if state in BEFORE_SENT:
        return rung
    if state == MessageState.FAILED:  # arrival is a stronger proof than the error was
        return None if rung is MessageState.SENT else rung
    if state not in _ORDER:
        return None
    return rung if _ORDER.index(rung) > _ORDER.index(MessageState(state)) else None


def is_sign_of_life(status: DeliveryStatus) -> bool:
    """Whether `status` shows that the number really speaks with WhatsApp."""
    return status in RUNG
