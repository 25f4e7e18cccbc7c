"""Two who decide about one deposit in the same instant: each time one of them is first, and the other is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from navalha.core.errors import Refused
from navalha.scheduling import actions
from navalha.scheduling.deposits import actions as deposit_actions
from navalha.scheduling.deposits import work as deposit_work
from navalha.scheduling.models import Appointment
from navalha.scheduling.tests.test_deposits import DAY, HOUR, deposit_of, policy, state_of, visit

__all__ = ["policy", "visit"]

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds: Callable[[Appointment], Any], visit: Appointment) -> list[Any]:
    """What each of `deeds` returned or was refused, all begun together; each with a row of its own."""
    barrier = Barrier(len(deeds))

    def one(deed: Callable[[Appointment], Any]) -> Any:
        try:
            own = visit.shop.appointments.select_related("shop", "customer", "professional").get(pk=visit.pk)
            barrier.wait(timeout=60)
            return deed(own)
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, deeds))


def test_a_payment_that_is_seen_as_it_lapses_is_paid_or_lapsed_and_never_both(visit, owner, now):
    late = now + HOUR
    outcome = at_once(
        lambda own: deposit_actions.receive(own, by=owner, seen="pending", now=late),
        lambda own: deposit_work.lapse(own, now=late),
        lambda own: deposit_work.lapse(own, now=late),
        visit=visit,
    )

    assert state_of(visit) in {("confirmed", "paid"), ("cancelled", "lapsed")}
    lapses = sum(one is True for one in outcome[1:])
    assert lapses == (visit.state == "cancelled")
    assert isinstance(outcome[0], Refused) == (visit.state == "cancelled")
    assert visit.changes.filter(to_state="cancelled").count() == lapses
    assert deposit_of(visit).changes.count() == 2


def test_a_receipt_and_a_cancellation_at_once_leave_nothing_unclear(visit, now):
    at_once(
        lambda own: deposit_actions.claim(own, now=now),
        lambda own: actions.cancel(own, now=now),
        visit=visit,
    )

    assert state_of(visit) in {("cancelled", "receipt"), ("cancelled", "void")}


def test_two_workers_lapse_a_deposit_once(visit, now):
    done = at_once(*[lambda _own: deposit_work.lapse_due(now + DAY)] * 3, visit=visit)

    assert sum(done) == 1
    assert visit.shop.messages.filter(dedupe_key=f"cancelled:{visit.pk}").count() == 1
