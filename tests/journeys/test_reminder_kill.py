"""A worker that is killed with -9 while it plans reminders leaves all of them or none, and each goes out once."""

import signal
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import make_customer
from navalha.messaging import work as messaging
from navalha.messaging.tests.helpers import connected_number
from navalha.scheduling.reminders import work
from tests.journeys.test_outbox_kill import Nursery

pytestmark = pytest.mark.django_db(transaction=True)
# How many messages and notes of reminders the death leaves behind.
STEPS = {"queued": 0, "planned": 0, "reminded": 2}


@pytest.fixture(scope="module")
def nursery(django_db_setup, django_db_blocker) -> Iterator[Nursery]:
    with django_db_blocker.unblock():
        nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.mark.parametrize(("step", "left"), STEPS.items())
def test_a_killed_worker_leaves_whole_reminders_or_none_and_each_arrives_once(
    nursery, simulator, shop, server, ze, step, left
):
    now = timezone.now()
    connected_number(simulator, shop, server)
    shop.created_at = now - timedelta(days=9)
    shop.save(update_fields=["created_at"])
    shop.reminder_policies.create(on_since=shop.created_at)
    shop.reminder_offsets.create(minutes=50, since=shop.created_at)  # of those that quiet hours do not move
    phones = ["+5511988887777", "+5511977770001"]
    for place, phone in enumerate(phones):
        shop.appointments.create(
            customer=make_customer(shop, "Rafa", phone),
            professional=ze,
            starts_at=now + timedelta(minutes=30 + 5 * place),
            ends_at=now + timedelta(minutes=35 + 5 * place),
            created_at=now - timedelta(days=2),
            remind_at=now,
        )

    assert nursery.wait(nursery.start(step, shop)) == -signal.SIGKILL

    assert (shop.messages.count(), shop.visit_reminders.count()) == (left, left)
    work.remind(timezone.now())
    work.remind(timezone.now())
    messaging.send_due(shop.pk, timezone.now())
    got = [len(simulator.phone(phone.removeprefix("+")).received()) for phone in phones]
    assert got == [1, 1]
