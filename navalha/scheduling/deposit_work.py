"""What happens to deposits unasked: those that nobody paid in time lapse."""

from datetime import datetime

import structlog

from . import depositing
from .deposit_states import AWAITED, DepositState
from .models import Appointment, Deposit

log = structlog.get_logger(__name__)

AT_ONCE = 200


def lapse_due(now: datetime) -> int:
    """Free the times whose deposit has been waited for long enough; how many deposits changed.

    One transaction each: one that fails is tried again the next time, and holds up nobody else's.
    """
    due = Deposit.across_shops.filter(state__in=AWAITED, due_at__lte=now)
    # A receipt in a picture of which the shop was told twice waits for a person, however long.
    due = due.exclude(state=DepositState.RECEIPT, reminded_at__isnull=False)
    keys = list(due.order_by("due_at", "pk").values_list("appointment", flat=True)[:AT_ONCE])
    return sum(_lapse(pk, now) for pk in keys)


def _lapse(appointment_id: int, now: datetime) -> bool:
    rows = Appointment.across_shops.select_related("shop", "customer", "professional")
    try:
        return depositing.lapse(rows.get(pk=appointment_id), now=now)
    except Exception:
        log.exception("deposit could not lapse", appointment=appointment_id)
        return False
