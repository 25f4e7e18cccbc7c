"""What scripts get to read of a number: JSON fields with the names of the founding document."""

from datetime import datetime
from typing import Any

from navalha.core.phones import display
from navalha.web.sentences import to_read

from .causes import cause_of
from .health import shown, trouble_of
from .models import WhatsAppInstance
from .queries import Counters


def number_json(number: WhatsAppInstance, *, now: datetime, with_qr: bool = False) -> dict[str, Any]:
    """`status` is in words, `state` for programs; `qr_code` is a PNG in base64, or null when none is valid.

    Whoever reads a QR with a phone of their own gets the shop's conversations, so only who may pair sees it.
    """
    valid = number.qr_code_is_valid_at(now)
    codes = {"qr_code": number.qr_code, "connection_code": number.connection_code or None}
    secret = {name: code if valid else None for name, code in codes.items()} if with_qr else {}
    look = shown(number, now)
    why = trouble_of(number, look)
    return {
        "id": number.pk,
        "name": number.name,
        "number": number.number,
        "number_display": display(number.number) if number.number else "",
        "profile_name": number.profile_name,
        "state": number.state,
        "status": number.get_status_display_verbose() if look.key == number.state and not look.whole else look.words,
        # As every page shows it: which badge, its words, since when, and what to do.
        "shown": look.key,
        "shown_words": look.words,
        "shown_since": look.since,
        "cause": str(why.happened) if why else "",
        "is_connected": look.is_connected,
        "checked_at": number.checked_at,
        "is_primary": number.is_primary,
        **secret,
        "qr_code_is_valid": valid,
        "qr_code_expires_at": number.qr_code_expires_at,
        "qr_code_count": number.qr_code_count,
        "pairing_expires_at": number.pairing_expires_at,
        "pairing_paused_until": number.pairing_paused_until,
        "session_id": number.session_id,
        "state_changed_at": number.state_changed_at,
        "connected_at": number.connected_at,
        "disconnected_at": number.disconnected_at,
        "error_code": number.error_code,
        "error_message": to_read(number.error_message),
        "next_step": str(why.next_step) if why else _step(number),
        "created_at": number.created_at,
        "updated_at": number.updated_at,
    }


def _step(number: WhatsAppInstance) -> str:
    return str(cause_of(number.error_code).next_step) if number.error_code else ""


def list_json(numbers: list[WhatsAppInstance], *, now: datetime) -> dict[str, Any]:
    """All numbers of a shop and the dashboard's five figures."""
    counters = Counters.of(numbers, now=now)
    return {
        "total": counters.total,
        "connected": counters.connected,
        "disconnected": counters.disconnected,
        "pending": counters.pending,
        "error": counters.failing,
        "numbers": [number_json(number, now=now) for number in numbers],
    }
