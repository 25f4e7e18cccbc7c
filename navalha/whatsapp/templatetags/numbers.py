"""What the templates of numbers say often."""

from django import template

from navalha.whatsapp.causes import Cause, trouble_of
from navalha.whatsapp.models import ConnectionState, WhatsAppInstance

register = template.Library()


@register.filter
def badge_key(number: WhatsAppInstance) -> str:
    """The word of the badge vocabulary: the state, except that a number WhatsApp blocked is shown as that."""
    blocked = number.state == ConnectionState.ERROR and number.error_code == "403"
    return "blocked" if blocked else number.state


@register.filter
def trouble(number: WhatsAppInstance) -> Cause | None:
    """Why the number is out of service; None when it is in service or never was."""
    return trouble_of(number)


@register.filter
def in_use(number: WhatsAppInstance) -> bool:
    """Whether there is a connection to end; a QR that nobody has read yet is cancelled, not disconnected."""
    troubled = number.state == ConnectionState.ERROR and bool(number.remote_name)
    return troubled or number.state in (
        ConnectionState.CONNECTING,
        ConnectionState.CONNECTED,
        ConnectionState.UNSTABLE,
    )


@register.filter
def initials(name: str) -> str:
    """`Barbearia do Zé` -> `BZ`: stands for the photo, which would have to come from a foreign server."""
    words = [word for word in name.split() if word[:1].isalpha()] or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.filter
def sign_of_life(number: WhatsAppInstance) -> object:
    """The later of the last delivery and the last message received; None when there was neither."""
    known = [moment for moment in (number.last_ack_at, number.last_inbound_at) if moment]
    return max(known, default=None)
