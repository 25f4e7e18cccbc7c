"""The names by which one person is known, as values: what is equal for WhatsApp must be equal here. No database."""

from dataclasses import dataclass

from navalha.core.phones import digits, phone_key, to_e164

from .models import IdentityKind


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one message or booking tells about who somebody is; at least one of the two is known."""

    phone: str  # E.164 with plus, or empty
    lid: str  # whole `…@lid`, or empty

    @property
    def identities(self) -> frozenset[tuple[str, str]]:
        """The (kind, value) pairs under which this person is stored."""
        known = {(IdentityKind.PHONE.value, phone_key(self.phone))} if self.phone else set()
        return frozenset(known | ({(IdentityKind.LID.value, self.lid)} if self.lid else set()))


def sighting(phone: str | None, lid: str | None) -> Sighting:
    """`phone` is E.164 or the bare digits of a JID (with country code, maybe without the ninth digit)."""
    return Sighting(phone=e164(phone or ""), lid=(lid or "").strip().lower())


def e164(phone: str) -> str:
    """A number with its country code as E.164; one that no numbering plan knows is kept as it came."""
    known = digits(phone)
    return (to_e164(f"+{known}") or f"+{known}"[:20]) if known else ""
