"""A time that is freed for want of its deposit goes to the waitlist, and whoever takes it pays one too."""

from datetime import timedelta

import pytest

from conftest import make_deposit_policy, make_number
from navalha.core.errors import Refused
from navalha.scheduling.deposits import asking as deposit_asking
from navalha.scheduling.deposits import work as deposit_work
from navalha.scheduling.tests.waitlist_helpers import MINUTE, at, fill, join, offered, says
from navalha.scheduling.waitlist import work as waitlist_work


@pytest.fixture
def house(shop, server, ze, now):
    make_number(shop, server, "ze-0001", connected_at=now)
    shop.visits = fill(shop, ze, now)
    return shop


def test_an_unpaid_time_is_offered_and_its_taker_is_asked_for_the_deposit(house, haircut, ze, owner, now):
    policy = make_deposit_policy(house)
    unpaid = next(one for one in house.visits if one.starts_at == at(15, 0))
    house.appointments.filter(pk=unpaid.pk).update(total_cents=4500)
    with pytest.raises(Refused, match="não tem telefone"):
        deposit_asking.ask(unpaid, by=owner, now=now)
    unpaid.customer.phone = "+5511977770099"
    unpaid.customer.save(update_fields=["phone"])
    deposit_asking.ask(unpaid, by=owner, now=now)
    waiting = join(house, [haircut], now)
    waitlist_work.look(house.pk, now)
    assert not house.waitlist_offers.exists()

    late = now + timedelta(minutes=policy.minutes_to_pay)
    assert deposit_work.lapse_due(late) == 1
    made = offered(house, late + MINUTE)
    assert (made.entry, made.starts_at) == (waiting, unpaid.starts_at)
    says(waiting, "Quero!", late + 2 * MINUTE)

    visit = house.appointments.get(source="waitlist")
    assert (visit.starts_at, visit.deposit.state) == (unpaid.starts_at, "pending")
    assert "sinal de R$ 15,00" in house.messages.get(dedupe_key=f"booked:{visit.pk}").text
