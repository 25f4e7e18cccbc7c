"""The place of a visit: whose time, how long the chair is blocked, and which of the shop's chairs.

Whoever makes a visit or moves one asks here, so that buffers and chairs cannot be forgotten.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from navalha.accounts.models import Shop

from . import queries
from .models import Appointment
from .slots import LONGEST, NO_CHAIR, Need, Stretch, chair_for

NONE_FREE = -1


def place(starts_at: datetime, need: Need, professional_id: int) -> dict[str, Any]:
    """The fields of a visit or a hold that say whose time it takes and for how long; without the chair."""
    return {
        "professional_id": professional_id,
        "starts_at": starts_at,
        "ends_at": starts_at + need.duration,
        "buffer_before_minutes": need.before.seconds // 60,
        "buffer_after_minutes": need.after.seconds // 60,
    }


def stand_in_line(shop: Shop, professionals: Sequence[int]) -> None:
    """Wait for those who want the same people's time. In one order, so that two never wait for each other."""
    rows = shop.professionals.select_for_update(no_key=True).filter(pk__in=professionals)
    list(rows.order_by("pk").values_list("pk"))


def free_chair(
    shop: Shop, blocked: Stretch, *, now: datetime, visitor: str = "", leaving: Appointment | None = None
) -> int | None:
    """The number of a chair that is free, NONE_FREE, or None where the shop has not said how many it has.

    Call in a transaction, after `stand_in_line`: the number of chairs is read anew, and changes only while everybody
    waits. `leaving` is a visit that gives its own chair up. Who writes without asking here meets the constraint.
    """
    limit = Shop.objects.values_list("chairs", flat=True).get(pk=shop.pk)
    if limit is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('chairs'), %s)", [shop.pk])
    between = blocked[0] - LONGEST, blocked[1] + LONGEST
    taken = queries.chairs_taken(shop, between=between, now=now, visitor=visitor, chairs=limit, leaving=leaving)
    chair = chair_for(taken, blocked)
    return NONE_FREE if chair == NO_CHAIR else chair + 1
