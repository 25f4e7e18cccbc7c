"""What happens to reminders unasked. May be called at any time, by any number of workers."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from navalha.accounts.models import Shop, ShopState
from navalha.core.one_by_one import one_by_one

from ..models import Appointment
from .planning import Look

log = structlog.get_logger(__name__)

# Visits of one transaction, and shops and transactions of one call: the next call goes on.
AT_ONCE, SHOPS, TURNS = 100, 500, 20
# One that cannot be looked at is left alone for so long: the others of its shop do not wait for it.
PUT_OFF = timedelta(minutes=10)


def remind(now: datetime) -> int:
    """Look at every visit whose time to be looked at has come; how many messages were queued."""
    due = Appointment.across_shops.filter(remind_at__lte=now, shop__state=ShopState.ACTIVE)
    shops = Shop.objects.filter(pk__in=due.order_by().values("shop").distinct()[:SHOPS]).select_related("plan")
    return sum(_remind_of(shop, now) for shop in shops)


def _remind_of(shop: Shop, now: datetime) -> int:
    queued = 0
    for _turn in range(TURNS):
        try:
            found, more = look(shop, now=now)
        except Exception:
            log.exception("reminders could not be planned together", shop=shop.pk)
            return queued + _one_by_one(shop, now)
        queued += more
        if found < AT_ONCE:
            break
    return queued


@transaction.atomic
def look(shop: Shop, *, now: datetime, pk: int | None = None) -> tuple[int, int]:
    """Look at what is due of one shop: how many visits that were, and how many messages were queued."""
    due = shop.appointments.filter(remind_at__lte=now)
    if pk is not None:
        due = due.filter(pk=pk)
    # Who changes one of them holds it meanwhile, and has it looked at again afterwards.
    mine = due.select_for_update(skip_locked=True, no_key=True, of=("self",)).order_by("remind_at", "pk")
    visits = list(mine.select_related("customer", "professional").prefetch_related("items")[:AT_ONCE])
    return len(visits), Look(shop, visits, now).write() if visits else 0


def _one_by_one(shop: Shop, now: datetime) -> int:
    """The same one by one: only what fails by itself is left alone for a while."""
    due = shop.appointments.filter(remind_at__lte=now).order_by("remind_at", "pk")
    keys = list(due.values_list("pk", flat=True)[:AT_ONCE])

    def act(pk: int) -> tuple[int, int]:
        return pk, look(shop, now=now, pk=pk)[1]

    done = dict(one_by_one(keys, act, failed="reminders could not be planned", key="appointment"))
    shop.appointments.filter(pk__in=set(keys) - done.keys(), remind_at__lte=now).update(remind_at=now + PUT_OFF)
    return sum(done.values())
