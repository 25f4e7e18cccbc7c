"""Pairings that WhatsApp turns away: counted, and after several in a row no new one is begun for a while.

Trying again and again is what gets a number restricted (FACTS D 5, D 25), so the product says no before WhatsApp does.
"""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from navalha.accounts.models import User
from navalha.core.errors import Refused

from .causes import TURNED_AWAY
from .models import ConnectionState, WhatsAppInstance
from .states import Fields, stop

S = ConnectionState
# A connection that ends sooner than this was never accepted (FACTS C, 401); later it was the phone that unlinked it.
AT_ONCE = timedelta(seconds=10)
# One that has lasted so long makes up for earlier refusals.
LASTS = timedelta(seconds=90)
IN_A_ROW = 3
# After the third, the fourth, and every further one.
PAUSES = (timedelta(minutes=30), timedelta(hours=2), timedelta(hours=24))


def stop_pairing(
    row: WhatsAppInstance,
    code: str,
    fields: Fields | None = None,
    *,
    now: datetime,
    to: ConnectionState = S.DISCONNECTED,
    by: User | None = None,
) -> None:
    """End the pairing of a locked row for the reason `code`; one that WhatsApp turned away counts."""
    counted = refused_once_more(row, now=now) if code in TURNED_AWAY else {}
    stop(row, code, {**counted, **(fields or {})}, now=now, to=to, by=by)


def refused_once_more(row: WhatsAppInstance, *, now: datetime) -> Fields:
    """The fields after one more refusal: how many, and until when to rest."""
    refusals = row.refusals + 1
    if refusals < IN_A_ROW:
        return {"refusals": refusals}
    pause = PAUSES[min(refusals - IN_A_ROW, len(PAUSES) - 1)]
    return {"refusals": min(refusals, 1000), "pairing_paused_until": now + pause}


def closed_at_once(row: WhatsAppInstance, now: datetime) -> bool:
    """Whether the connection that ends now had hardly begun."""
    began = row.connected_at if row.state in (S.CONNECTED, S.UNSTABLE) else None
    return began is not None and now - began < AT_ONCE


def forgiven(row: WhatsAppInstance, now: datetime) -> Fields:
    """The fields that forget earlier refusals, for a connection that lasts; nothing when there is nothing to forget."""
    if not row.refusals or row.connected_at is None or now - row.connected_at < LASTS:
        return {}
    return {"refusals": 0, "pairing_paused_until": None}


def require_no_pause(row: WhatsAppInstance, now: datetime) -> None:
    """Raises `Refused` with for how long still, while the row rests."""
    if row.is_paused_at(now):
        raise Refused(pause_sentence(row, now))


def pause_sentence(row: WhatsAppInstance, now: datetime) -> str:
    """Why no code is made now, and when it may be asked for again."""
    left = row.pairing_paused_until - now if row.pairing_paused_until else timedelta()
    minutes = max(1, -(-left // timedelta(minutes=1)))
    if minutes > 90:
        hours = -(-minutes // 60)
        when = ngettext("daqui a %(count)d hora", "daqui a %(count)d horas", hours) % {"count": hours}
    else:
        when = ngettext("daqui a %(count)d minuto", "daqui a %(count)d minutos", minutes) % {"count": minutes}
    sentence = _(
        "O WhatsApp recusou %(refusals)d conexões seguidas deste número. Para não piorar, tente de novo %(when)s."
    )
    return sentence % {"refusals": row.refusals, "when": when}
