"""Acks and echoes as they really come: early, late, twice, in any order, for nobody."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from conftest import make_number
from navalha.customers.actions import recognise
from navalha.evolution.types import DeliveryStatus, Sent
from navalha.messaging import sending, work
from navalha.messaging.actions import receive, record_delivery, record_sent_echo
from navalha.messaging.models import MessageState, PendingDelivery, WhatsAppMessage
from navalha.simulator.testing import wait_until
from navalha.whatsapp.models import EvolutionServer

from .helpers import a_message, connected_number, queued, real_now, states

pytestmark = pytest.mark.django_db
D = DeliveryStatus
JID = "5511988887777@s.whatsapp.net"


@pytest.fixture
def number(shop):
    return make_number(shop, None, "ze-1")


@pytest.fixture
def under_way(shop, number, customer):
    """A message that a worker is just sending."""
    number.server = _a_server()
    number.save()
    queued(shop, customer, "Seu horário: 15h", real_now())
    message = sending.take(number, real_now())
    assert message is not None
    return message


def _a_server() -> EvolutionServer:
    server = EvolutionServer(name="Servidor", url="http://127.0.0.1:1")
    server.api_key = "a-key-of-nobody"
    server.save()
    return server


def answered(message: WhatsAppMessage, key_id: str = "3EB0AA") -> None:
    sending.record_sent(message, Sent(key_id=key_id, remote_jid=JID, sent_at=real_now()), now=real_now())


def echo(key_id: str = "3EB0AA", text: str = "Seu horário: 15h", **fields):
    return a_message(text, key_id=key_id, from_me=True, push_name="Você", source="web", status=D.PENDING, **fields)


def test_acks_lift_a_sent_message_and_note_when(number, under_way):
    answered(under_way)
    now = real_now()

    record_delivery(number, "3EB0AA", D.DELIVERY_ACK, now=now)
    record_delivery(number, "3EB0AA", D.READ, now=now + timedelta(seconds=3))

    under_way.refresh_from_db()
    assert under_way.state == MessageState.READ
    assert (under_way.delivered_at, under_way.read_at) == (now, now + timedelta(seconds=3))
    number.refresh_from_db()
    assert number.last_ack_at == now


def test_acks_that_come_before_the_answer_are_kept_and_applied(number, under_way):
    record_delivery(number, "3EB0AA", D.READ, now=real_now())
    record_delivery(number, "3EB0AA", D.DELIVERY_ACK, now=real_now())
    record_delivery(number, "3EB0AA", D.DELIVERY_ACK, now=real_now())
    assert PendingDelivery.across_shops.count() == 2

    answered(under_way)

    under_way.refresh_from_db()
    assert under_way.state == MessageState.READ
    assert under_way.delivered_at is not None
    assert not PendingDelivery.across_shops.exists()


def test_read_before_delivery_and_a_late_delivery_leave_it_read(number, under_way):
    answered(under_way)
    record_delivery(number, "3EB0AA", D.READ, now=real_now())
    read = WhatsAppMessage.across_shops.get(pk=under_way.pk)

    record_delivery(number, "3EB0AA", D.DELIVERY_ACK, now=real_now() + timedelta(minutes=1))

    under_way.refresh_from_db()
    assert under_way.state == MessageState.READ
    assert under_way.read_at == read.read_at
    assert states(under_way) == ["queued", "sending", "sent", "read"]


def test_an_error_in_place_of_an_ack_fails_the_message_with_what_to_do(number, under_way):
    answered(under_way)

    record_delivery(number, "3EB0AA", D.ERROR, now=real_now())

    under_way.refresh_from_db()
    assert under_way.state == MessageState.FAILED
    assert under_way.error_message.startswith("O WhatsApp recusou a mensagem")


def test_an_ack_for_a_message_of_nobody_is_swept_after_an_hour(number):
    now = real_now()
    record_delivery(number, "UNKNOWN-ID", D.READ, now=now)

    work.expire(now + timedelta(minutes=59))
    assert PendingDelivery.across_shops.count() == 1
    work.expire(now + timedelta(minutes=61))

    assert not PendingDelivery.across_shops.exists()


def test_an_ack_finds_nothing_at_another_number(shop, other_shop, number, under_way):
    answered(under_way)
    elsewhere = make_number(other_shop, None, "bela-1")

    record_delivery(elsewhere, "3EB0AA", D.READ, now=real_now())

    under_way.refresh_from_db()
    assert under_way.state == MessageState.SENT


def test_an_echo_before_the_answer_is_the_proof_and_the_answer_changes_nothing(number, under_way):
    record_sent_echo(number, echo(), now=real_now())
    found = WhatsAppMessage.across_shops.get(pk=under_way.pk)
    assert (found.state, found.wa_id) == (MessageState.SENT, "3EB0AA")

    answered(under_way)

    assert states(found) == ["queued", "sending", "sent"]
    assert WhatsAppMessage.across_shops.count() == 1


def test_an_echo_clears_up_an_unconfirmed_message(number, under_way):
    work.end_leases(real_now() + timedelta(hours=1))

    record_sent_echo(number, echo(), now=real_now())

    under_way.refresh_from_db()
    assert (under_way.state, under_way.error_message) == (MessageState.SENT, "")


def test_an_echo_with_the_other_form_of_the_number_is_the_same_person(shop, number, under_way):
    under_way.customer = None
    under_way.address = "+5531988887777"
    under_way.save()

    record_sent_echo(number, echo(remote_jid="553188887777@s.whatsapp.net", phone="553188887777"), now=real_now())

    under_way.refresh_from_db()
    assert under_way.state == MessageState.SENT


def test_an_echo_by_lid_is_the_customer_whose_lid_it_is(shop, number, under_way):
    recognise(shop, phone="+5511988887777", lid="249876543210987@lid", now=real_now())

    record_sent_echo(
        number, echo(remote_jid="249876543210987@lid", phone=None, lid="249876543210987@lid"), now=real_now()
    )

    under_way.refresh_from_db()
    assert under_way.state == MessageState.SENT


def test_an_echo_to_somebody_else_with_equal_words_is_not_ours(shop, number, under_way):
    record_sent_echo(number, echo(remote_jid="5511977776666@s.whatsapp.net", phone="5511977776666"), now=real_now())

    under_way.refresh_from_db()
    assert under_way.state == MessageState.SENDING


def test_an_echo_that_was_taken_for_another_programs_is_absorbed_by_the_answer(number, under_way):
    record_sent_echo(number, echo(text="O servidor mudou as palavras"), now=real_now())
    record_delivery(number, "3EB0AA", D.DELIVERY_ACK, now=real_now())
    assert WhatsAppMessage.across_shops.count() == 2

    answered(under_way)

    [only] = WhatsAppMessage.across_shops.all()
    assert (only.pk, only.state, only.wa_id) == (under_way.pk, MessageState.DELIVERED, "3EB0AA")


def test_a_missing_ack_is_asked_for_and_found(simulator, shop, server, customer):
    connected_number(simulator, shop, server)
    message = queued(shop, customer, "Oi", real_now())
    work.send_due(shop.pk, real_now())
    simulator.wait_state("ze-1", "open")
    wait_until(lambda: simulator.phone("5511988887777").messages()[0]["status"] == "READ", what="the customer to read")
    work.recover_acks(real_now() + timedelta(seconds=30))
    message.refresh_from_db()
    assert message.state == MessageState.SENT  # too soon to worry

    work.recover_acks(real_now() + timedelta(minutes=3))

    message.refresh_from_db()
    assert message.state == MessageState.READ


def test_a_number_that_is_connected_but_dead_leaves_messages_sent_and_is_asked_ever_more_rarely(
    simulator, shop, server, customer
):
    connected_number(simulator, shop, server)
    simulator.switch(dead=True)
    now = real_now()
    message = queued(shop, customer, "Oi", now)
    work.send_due(shop.pk, now)

    work.recover_acks(now + timedelta(minutes=3))
    message.refresh_from_db()
    first_wait = message.due_at - now
    work.recover_acks(now + timedelta(minutes=10))

    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert first_wait > timedelta(minutes=5)
    assert message.due_at - now > timedelta(minutes=19)
    assert simulator.phone("5511988887777").received() == []


@pytest.mark.django_db(transaction=True)
def test_an_ack_and_the_answer_at_the_same_moment_never_miss_each_other(shop, customer):
    number = make_number(shop, _a_server(), "ze-1")
    for turn in range(20):
        queued(shop, customer, f"Oi {turn}", real_now())
        message = sending.take(number, real_now())
        assert message is not None
        _at_once(
            lambda message=message, turn=turn: answered(message, f"ID{turn}"),
            lambda turn=turn: record_delivery(number, f"ID{turn}", D.DELIVERY_ACK, now=real_now()),
        )
        message.refresh_from_db()
        assert message.state == MessageState.DELIVERED

    assert not PendingDelivery.across_shops.exists()


@pytest.mark.django_db(transaction=True)
def test_an_echo_and_the_answer_at_the_same_moment_make_one_message(shop, customer):
    number = make_number(shop, _a_server(), "ze-1")
    for turn in range(10):
        queued(shop, customer, f"Oi {turn}", real_now())
        message = sending.take(number, real_now())
        assert message is not None
        _at_once(
            lambda message=message, turn=turn: answered(message, f"ID{turn}"),
            lambda turn=turn: record_sent_echo(number, echo(f"ID{turn}", f"Oi {turn}"), now=real_now()),
        )

    assert WhatsAppMessage.across_shops.filter(state=MessageState.SENT).count() == 10
    assert WhatsAppMessage.across_shops.count() == 10


def _at_once(*calls) -> None:
    """Run each in its own thread with its own connection, all starting together; raises what any of them raised."""
    gate, failures = threading.Barrier(len(calls)), []

    def run(call):
        try:
            gate.wait()
            call()
        except Exception as error:  # noqa: BLE001 - handed to the test below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_a_message_typed_on_the_phone_gets_its_ticks_too(number):
    receive(number, echo("PHONE1", "Pode vir!"), now=real_now())

    record_delivery(number, "PHONE1", D.READ, now=real_now())

    assert WhatsAppMessage.across_shops.get().state == MessageState.READ
