"""Messages that nobody confirmed: looked up, and never sent again before that."""

from datetime import timedelta

import pytest

from navalha.messaging import work
from navalha.messaging.actions import say_arrived
from navalha.messaging.models import MessageState

from .helpers import PHONE, connected_number, queued, real_now, states, texts_on_phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def number(simulator, shop, server):
    return connected_number(simulator, shop, server)


@pytest.fixture
def impatient(settings):
    settings.EVOLUTION_READ_TIMEOUT = 0.4
    settings.UNCONFIRMED_SETTLE_SECONDS = 60
    settings.SEND_LEASE_SECONDS = 90


def test_a_time_out_of_a_message_that_went_out_is_looked_up_and_not_sent_again(
    simulator, shop, number, customer, impatient
):
    simulator.switch(send_hang_after=1, hang_seconds=1.0, hang_echo=False)
    now = real_now()
    message = queued(shop, customer, "Seu horário: 15h", now)

    work.send_due(shop.pk, now)
    message.refresh_from_db()
    assert message.state == MessageState.UNCONFIRMED
    work.look_up_unconfirmed(real_now() + timedelta(seconds=5))

    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert message.wa_id == simulator.phone(PHONE).received()[0]["id"]
    work.send_due(shop.pk, real_now() + timedelta(minutes=10))
    assert texts_on_phone(simulator) == ["Seu horário: 15h"]


def test_a_time_out_of_a_message_that_did_not_go_out_is_sent_once_it_is_proved_absent(
    simulator, shop, number, customer, impatient
):
    simulator.switch(send_hang_before=1, hang_seconds=1.0)
    now = real_now()
    message = queued(shop, customer, "Seu horário: 15h", now)

    work.send_due(shop.pk, now)
    work.look_up_unconfirmed(real_now() + timedelta(seconds=5))
    message.refresh_from_db()
    assert message.state == MessageState.UNCONFIRMED  # the server may still be about to send it
    assert simulator.deliveries()["asked"] == {"Seu horário: 15h": 1}
    work.look_up_unconfirmed(now + timedelta(seconds=61))
    message.refresh_from_db()
    assert message.state == MessageState.QUEUED
    work.send_due(shop.pk, now + timedelta(seconds=62))

    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert texts_on_phone(simulator) == ["Seu horário: 15h"]


def test_an_unconfirmed_message_stays_so_while_nobody_can_be_asked(simulator, shop, number, customer, impatient):
    simulator.switch(send_hang_before=1, hang_seconds=1.0)
    now = real_now()
    message = queued(shop, customer, "Oi", now)
    work.send_due(shop.pk, now)

    with simulator.stopped():
        work.look_up_unconfirmed(now + timedelta(minutes=5))

    message.refresh_from_db()
    assert message.state == MessageState.UNCONFIRMED
    assert message.due_at > now + timedelta(minutes=5)


def test_later_messages_wait_for_an_unconfirmed_one(simulator, shop, number, customer, impatient):
    simulator.switch(send_hang_after=1, hang_seconds=1.0, hang_echo=False)
    now = real_now()
    queued(shop, customer, "primeira", now)
    work.send_due(shop.pk, now)
    second = queued(shop, customer, "segunda", now)

    work.send_due(shop.pk, now + timedelta(seconds=3))
    second.refresh_from_db()
    assert second.state == MessageState.QUEUED
    work.look_up_unconfirmed(now + timedelta(seconds=5))
    work.send_due(shop.pk, now + timedelta(seconds=6))

    assert texts_on_phone(simulator) == ["primeira", "segunda"]


def test_two_messages_with_equal_words_never_claim_the_same_one(simulator, shop, number, customer, impatient):
    now = real_now()
    first = queued(shop, customer, "Oi", now)
    work.send_due(shop.pk, now)
    simulator.switch(send_hang_before=1, hang_seconds=1.0)
    second = queued(shop, customer, "Oi", now)

    work.send_due(shop.pk, now)
    work.look_up_unconfirmed(now + timedelta(seconds=61))
    work.send_due(shop.pk, now + timedelta(seconds=62))

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.wa_id != second.wa_id
    assert texts_on_phone(simulator) == ["Oi", "Oi"]


def test_a_number_that_was_paired_anew_proves_nothing_and_a_person_decides(
    simulator, shop, number, customer, owner, impatient
):
    simulator.switch(send_hang_after=1, hang_seconds=1.0, hang_echo=False)
    now = real_now()
    message = queued(shop, customer, "Oi", now)
    work.send_due(shop.pk, now)
    simulator.connected("ze-2", number="5511999990001")
    number.remote_name = "ze-2"
    number.save(update_fields=["remote_name"])

    work.look_up_unconfirmed(now + timedelta(minutes=5))

    message.refresh_from_db()
    assert message.state == MessageState.UNCONFIRMED
    assert message.needs_person
    assert "Confira no celular" in message.error_message
    later = queued(shop, customer, "Tudo bem?", now)
    work.send_due(shop.pk, now + timedelta(minutes=6))
    later.refresh_from_db()
    assert later.state == MessageState.SENT  # does not wait for what nobody will ever know
    say_arrived(message, by=owner, now=now)
    message.refresh_from_db()
    assert (message.state, message.needs_person) == (MessageState.SENT, False)


def test_a_lease_that_ran_out_makes_the_message_unconfirmed_and_not_queued(
    simulator, shop, number, customer, impatient
):
    now = real_now()
    message = queued(shop, customer, "Oi", now)
    assert work.sending.take(number, now) is not None

    work.look_up_unconfirmed(now + timedelta(seconds=89))
    message.refresh_from_db()
    assert message.state == MessageState.SENDING
    work.look_up_unconfirmed(now + timedelta(seconds=91))

    message.refresh_from_db()
    assert states(message) == ["queued", "sending", "unconfirmed", "queued"]
