"""“Receber no WhatsApp”: on the page of a visit that somebody has just booked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from navalha.core.phones import display
from navalha.messaging.delivery import ARRIVED
from navalha.scheduling import queries
from navalha.scheduling.models import Appointment
from navalha.scheduling.openers import queries as opener_queries


@dataclass(frozen=True, slots=True)
class Opener:
    """What the button opens; `code` and `number` are for who has WhatsApp on another device.

    `has_arrived`: some phone has the confirmation, so the button is for whom it did not reach.
    """

    url: str
    code: str
    number: str
    has_arrived: bool


def told_of(visit: Appointment, *, now: datetime) -> dict[str, Any]:
    """What the page of a visit says of writing first; at most four queries."""
    if visit.state not in queries.OPEN or visit.starts_at <= now:
        return {}
    opener = opener_queries.of(visit)
    if opener is not None and opener.opened_at is not None:
        return {"wrote_first": True}
    code = opener_queries.open_code(visit, opener, now=now)
    number = opener_queries.reachable_number(visit.shop, now=now) if code else None
    if number is None:
        return {}
    told = queries.last_told(visit.shop, [visit]).get(visit.pk)
    has_arrived = told is not None and told.state in ARRIVED
    return {"opener": Opener(opener_queries.link(number, code), code, display(number.number), has_arrived)}
