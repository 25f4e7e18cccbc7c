"""Whether two addresses of WhatsApp are one person: phones with and without the ninth digit, and LIDs."""

from navalha.core.phones import phone_key, to_e164
from navalha.customers.models import IdentityKind
from navalha.evolution import jids

from .models import WhatsAppMessage


def address_of(phone: str | None, lid: str | None) -> str:
    """How we write down the other side: E.164 where there is a phone, else the whole LID."""
    if phone:
        return to_e164(phone) or f"+{phone}"
    return lid or ""


def recipient(address: str) -> str:
    """What the Evolution API takes for `address`: digits, or the whole LID."""
    return address if jids.is_lid(address) else address.removeprefix("+")


def is_to(message: WhatsAppMessage, *, phone: str | None, lid: str | None) -> bool | None:
    """Whether `message` goes to the person of `phone` or `lid`; None when the two cannot be compared.

    None: one side is a LID and the other a phone, and nobody has told us yet whose LID it is.
    """
    names = _names(message)
    offered = {IdentityKind.PHONE: phone_key(phone) if phone else "", IdentityKind.LID: lid or ""}
    known = [(kind, value) for kind, value in offered.items() if value]
    if any((kind, value) in names for kind, value in known):
        return True
    kinds = {kind for kind, _ in names}
    return False if any(kind in kinds for kind, _ in known) else None


def _names(message: WhatsAppMessage) -> set[tuple[str, str]]:
    own = (
        (IdentityKind.LID.value, message.address)
        if jids.is_lid(message.address)
        else (IdentityKind.PHONE.value, phone_key(message.address))
    )
    if message.customer is None:
        return {own}
    return {own, *message.customer.identities.values_list("kind", "value")}
