"""What happens to deposits unasked: those that nobody paid in time lapse."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from navalha.core.one_by_one import one_by_one
from navalha.live import topics
from navalha.live.publish import publish

from .. import queries, visits
from ..models import Appointment, Deposit
from . import actions, notices
from .states import AWAITED, DepositState

S = DepositState
UNPAID = gettext_noop("O sinal não foi pago no prazo")
UNCHECKED = gettext_noop("Ninguém achou o pagamento no prazo")
BEGUN = gettext_noop("O horário chegou")

AT_ONCE = 200


def lapse_due(now: datetime) -> int:
    """Free the times whose deposit has been waited for long enough; how many deposits changed.

    One transaction each: one that fails is tried again the next time, and holds up nobody else's.
    """
    due = Deposit.across_shops.filter(state__in=AWAITED, due_at__lte=now)
    # A receipt in a picture of which the shop was told twice waits for a person, however long.
    due = due.exclude(state=S.RECEIPT, reminded_at__isnull=False)
    keys = list(due.order_by("due_at", "pk").values_list("appointment", flat=True)[:AT_ONCE])
    rows = Appointment.across_shops.select_related("shop", "customer", "professional")
    changed = one_by_one(
        keys, lambda pk: lapse(rows.get(pk=pk), now=now), failed="deposit could not lapse", key="appointment"
    )
    return sum(changed)


@transaction.atomic
def lapse(appointment: Appointment, *, now: datetime) -> bool:
    """What has waited too long: the visit is cancelled and the time is free. Whether something was to be done.

    A receipt in a picture is not thrown away unseen: the shop is told once more, and the visit stands.
    """
    deposit = actions.read(appointment)
    if not deposit.is_awaited or deposit.due_at > now:
        return False
    begun = appointment.starts_at <= now or appointment.state not in queries.OPEN
    if deposit.state == S.RECEIPT and (begun or deposit.receipt_id is not None):
        return _remind(deposit, appointment, now)
    if begun:
        actions.step(deposit, S.VOID, now=now, by=None, reason=BEGUN)
        return True
    reason = UNPAID if deposit.state == S.PENDING else UNCHECKED
    actions.step(deposit, S.LAPSED, now=now, by=None, reason=reason)
    visits.release(appointment, reason=reason, now=now)
    notices.drop_unsent(deposit, appointment, now=now)
    notices.lapsed(deposit, appointment, now=now)
    return True


def _remind(deposit: Deposit, appointment: Appointment, now: datetime) -> bool:
    if deposit.reminded_at is not None:
        return False
    deposit.reminded_at = now
    deposit.save(update_fields=["reminded_at"])
    notices.tell_shop_of_receipt(deposit, appointment, now=now, again=True)
    publish(deposit.shop_id, topics.AGENDA)
    return True
