"""Messages that nobody confirmed: looked up, and never sent again before that."""

from datetime import timedelta

import pytest

from conftest import make_customer, make_shop
from navalha.evolution.types import StoredMessage
from navalha.messaging import work
from navalha.messaging.actions import say_arrived
from navalha.messaging.lookup import clear_up
from navalha.messaging.models import MessageState
from navalha.simulator.testing import running_simulator, wait_until
from navalha.whatsapp.models import EvolutionServer

from .helpers import PHONE, connected_number, queued, real_now, states, texts_on_phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def number(simulator, shop, server):
    return connected_number(simulator, shop, server)


@pytest.fixture
def other_customer(shop):
    return make_customer(shop, "Léo", "+5511977776666")


@pytest.fixture(autouse=True)
def patience(settings):
    settings.EVOLUTION_READ_TIMEOUT = 20
    settings.UNCONFIRMED_SETTLE_SECONDS = 60
    settings.SEND_LEASE_SECONDS = 90


@pytest.fixture
def send_unanswered(shop, simulator, settings):
    """Send what is due at `now` to a server that takes a message and does not answer; `how` are its switches."""

    def send(now, **how):
        counter = "reached" if "send_hang_after" in how else "asked"

        def taken():
            return sum(simulator.deliveries()[counter].values())

        before = taken()
        simulator.switch(hang_seconds=30.0, **how)
        settings.EVOLUTION_READ_TIMEOUT = 0.4
        work.send_due(shop.pk, now)
        settings.EVOLUTION_READ_TIMEOUT = 20
        wait_until(lambda: taken() > before, what="the server to take it")

    return send


def test_a_time_out_of_a_message_that_went_out_is_looked_up_and_not_sent_again(
    simulator, shop, number, customer, send_unanswered
):
    now = real_now()
    message = queued(shop, customer, "Seu horário: 15h", now)

    send_unanswered(now, send_hang_after=1, hang_echo=False)
    message.refresh_from_db()
    assert message.state == MessageState.UNCONFIRMED
    work.look_up_unconfirmed(real_now() + timedelta(seconds=5))

    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert message.wa_id == simulator.phone(PHONE).received()[0]["id"]
    work.send_due(shop.pk, real_now() + timedelta(minutes=10))
    assert texts_on_phone(simulator) == ["Seu horário: 15h"]


def test_a_time_out_of_a_message_that_did_not_go_out_is_sent_once_it_is_proved_absent(
    simulator, shop, number, customer, send_unanswered
):
    now = real_now()
    message = queued(shop, customer, "Seu horário: 15h", now)

    send_unanswered(now, send_hang_before=1)
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


def test_an_unconfirmed_message_stays_so_while_nobody_can_be_asked(simulator, shop, number, customer, send_unanswered):
    now = real_now()
    message = queued(shop, customer, "Oi", now)
    send_unanswered(now, send_hang_before=1)

    with simulator.stopped():
        work.look_up_unconfirmed(now + timedelta(minutes=5))

    message.refresh_from_db()
    assert message.state == MessageState.UNCONFIRMED
    assert message.due_at > now + timedelta(minutes=5)


def test_later_messages_wait_for_an_unconfirmed_one(simulator, shop, number, customer, send_unanswered):
    now = real_now()
    queued(shop, customer, "primeira", now)
    send_unanswered(now, send_hang_after=1, hang_echo=False)
    second = queued(shop, customer, "segunda", now)

    work.send_due(shop.pk, now + timedelta(seconds=3))
    second.refresh_from_db()
    assert second.state == MessageState.QUEUED
    work.look_up_unconfirmed(now + timedelta(seconds=5))
    work.send_due(shop.pk, now + timedelta(seconds=6))

    assert texts_on_phone(simulator) == ["primeira", "segunda"]


def test_two_messages_with_equal_words_never_claim_the_same_one(simulator, shop, number, customer, send_unanswered):
    now = real_now()
    first = queued(shop, customer, "Oi", now)
    work.send_due(shop.pk, now)
    second = queued(shop, customer, "Oi", now)

    send_unanswered(now, send_hang_before=1)
    work.look_up_unconfirmed(now + timedelta(seconds=61))
    work.send_due(shop.pk, now + timedelta(seconds=62))

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.wa_id != second.wa_id
    assert texts_on_phone(simulator) == ["Oi", "Oi"]


def test_a_server_that_does_not_answer_is_not_tried_with_each_waiting_message(
    simulator, shop, number, other_customer, customer, send_unanswered
):
    now = real_now()
    first = queued(shop, customer, "primeira", now)
    second = queued(shop, other_customer, "segunda", now)

    send_unanswered(now, send_hang_before=True)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (MessageState.UNCONFIRMED, MessageState.QUEUED)
    assert second.attempts == 0


def test_who_slept_after_taking_a_message_does_not_send_it(simulator, shop, number, customer):
    now = real_now()
    message = queued(shop, customer, "Oi", now)
    taken = work.sending.take(number, now)

    assert work._is_fresh(taken, lambda: now + timedelta(seconds=9))
    assert not work._is_fresh(taken, lambda: now + timedelta(minutes=3))

    assert texts_on_phone(simulator) == []
    work.look_up_unconfirmed(now + timedelta(minutes=3))
    message.refresh_from_db()
    assert states(message) == ["queued", "sending", "unconfirmed", "queued"]


def test_a_message_that_the_servers_list_does_not_decide_goes_to_a_person_in_the_end(
    simulator, shop, number, customer, send_unanswered
):
    """The same words to a LID of whom nobody knows the phone: perhaps ours, perhaps not."""
    now = real_now()
    message = queued(shop, customer, "Oi", now)
    send_unanswered(now, send_hang_before=1)
    message.refresh_from_db()
    stored = [StoredMessage("3EB0", "249876543210987@lid", True, "Oi", now, None)]

    clear_up(message, stored, now=now + timedelta(minutes=2))
    message.refresh_from_db()
    assert not message.needs_person
    clear_up(message, stored, now=now + timedelta(minutes=20))

    message.refresh_from_db()
    assert (message.state, message.needs_person) == (MessageState.UNCONFIRMED, True)
    later = queued(shop, customer, "Tudo bem?", now)
    work.send_due(shop.pk, now + timedelta(minutes=21))
    later.refresh_from_db()
    assert later.state == MessageState.SENT


def test_one_mute_server_is_asked_once_in_a_round_however_many_numbers_it_has(
    simulator, shop, number, customer, monkeypatch, caplog
):
    monkeypatch.setattr(work, "LOOK_PATIENCE", 0.3)
    now = real_now()
    messages = []
    with running_simulator() as mute:
        server = EvolutionServer(name="Mudo", url=mute.url)
        server.api_key = mute.key
        server.save()
        for count in range(4):
            shop_of_it = make_shop(f"loja-{count}", "Loja")
            row = connected_number(mute, shop_of_it, server, f"mudo-{count}", f"551199999000{count}")
            message = queued(shop_of_it, make_customer(shop_of_it), "Oi", now)
            work.sending.take(row, now)
            messages.append(message)
        mute.switch(server_mode="hang")
        work.look_up_unconfirmed(now + timedelta(minutes=5))
        mute.switch(server_mode="up")

    assert caplog.text.count("look-up failed") == 1
    for message in messages:
        message.refresh_from_db()
        assert message.state == MessageState.UNCONFIRMED
        assert message.due_at > now + timedelta(minutes=5)


def test_a_number_that_was_paired_anew_proves_nothing_and_a_person_decides(
    simulator, shop, number, customer, owner, send_unanswered
):
    now = real_now()
    message = queued(shop, customer, "Oi", now)
    send_unanswered(now, send_hang_after=1, hang_echo=False)
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


def test_a_lease_that_ran_out_makes_the_message_unconfirmed_and_not_queued(simulator, shop, number, customer):
    now = real_now()
    message = queued(shop, customer, "Oi", now)
    assert work.sending.take(number, now) is not None

    work.look_up_unconfirmed(now + timedelta(seconds=89))
    message.refresh_from_db()
    assert message.state == MessageState.SENDING
    work.look_up_unconfirmed(now + timedelta(seconds=91))

    message.refresh_from_db()
    assert states(message) == ["queued", "sending", "unconfirmed", "queued"]
