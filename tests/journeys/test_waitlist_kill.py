"""A worker that is killed with -9 while it offers a time leaves all of the offer or nothing of it."""

import signal
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.utils import timezone

from conftest import make_number
from navalha.scheduling.models import OfferState, WaitState
from navalha.scheduling.waitlist import actions as waitlist_actions
from navalha.scheduling.waitlist import work as waitlist_work
from navalha.scheduling.waitlist.actions import Asked
from navalha.scheduling.waitlist.suiting import Wanted
from tests.journeys.test_outbox_kill import Nursery

pytestmark = pytest.mark.django_db(transaction=True)
# Beside the states of the offer and its entry: how many holds and messages the death leaves behind.
STEPS = {"kept": 0, "asked": 0, "offered": 1}


@pytest.fixture(scope="module")
def nursery(django_db_setup, django_db_blocker) -> Iterator[Nursery]:
    with django_db_blocker.unblock():
        nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.mark.parametrize(("step", "left"), STEPS.items())
def test_a_killed_worker_leaves_a_whole_offer_or_none_and_the_next_makes_it_once(
    nursery, shop, server, haircut, ze, step, left
):
    now = timezone.now()
    make_number(shop, server, "ze-0001", connected_at=now)
    day = date.fromordinal(timezone.localdate(now).toordinal() + 2)
    wish = Wanted(day, day + timedelta(days=1))
    entry = waitlist_actions.join(shop, Asked([haircut], ze, wish), name="Rafa", phone="+5511988887777", now=now)

    assert nursery.wait(nursery.start(step, shop)) == -signal.SIGKILL

    rows = shop.waitlist_offers.count(), shop.slot_holds.count(), shop.messages.filter(purpose="waitlist_offer").count()
    assert rows == (left, left, left)
    entry.refresh_from_db()
    assert entry.state == (WaitState.OFFERED if left else WaitState.WAITING)
    waitlist_work.look(shop.pk, timezone.now())
    assert shop.waitlist_offers.get().state == OfferState.TELLING
    assert shop.messages.filter(purpose="waitlist_offer").count() == 1
