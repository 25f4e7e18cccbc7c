"""The outbox against the pretend server: what each answer, and no answer, makes of a message."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction

from conftest import make_number
from navalha.messaging import work
from navalha.messaging.actions import queue_template, queue_test, queue_text, resend
from navalha.messaging.models import MessageState, WhatsAppMessage
from navalha.whatsapp.models import ConnectionState

from .helpers import PHONE, connected_number, queued, real_now, states, texts_on_phone

pytestmark = pytest.mark.django_db
CONTEXT = {
    "name": "Rafa",
    "shop": "Barbearia do Zé",
    "when": "terça, 24/11, às 15:00",
    "services": "Corte",
    "professional": "Zé",
    "link": "http://127.0.0.1:8000/agendar/x",
}


@pytest.fixture
def number(simulator, shop, server):
    return connected_number(simulator, shop, server)


def test_a_queued_message_reaches_the_phone_and_gets_whatsapps_id(simulator, shop, number, customer):
    message = queued(shop, customer, "Seu horário: 15h", real_now())

    assert work.send_due(shop.pk, real_now()) == 1

    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert message.wa_id == simulator.phone(PHONE).wait_for(1)[0]["id"]
    assert message.instance == number
    assert states(message) == ["queued", "sending", "sent"]
    assert texts_on_phone(simulator) == ["Seu horário: 15h"]


def test_the_clock_of_a_drain_counts_the_time_for_which_the_machine_was_paused(monkeypatch, now):
    clock, time_of_day = work.ticking(now), time.time
    before = clock()

    # What a machine sees that stood still for a minute: only the time of day has moved.
    monkeypatch.setattr(time, "time", lambda: time_of_day() + 60)

    assert now <= before < now + timedelta(seconds=30)
    assert timedelta(seconds=60) <= clock() - before < timedelta(seconds=90)


def test_the_same_dedupe_key_queues_once_for_each_shop(shop, other_shop, customer):
    now = real_now()
    first = queue_template("booked", shop=shop, to=customer, context=CONTEXT, dedupe_key="booked:1", now=now)
    second = queue_template("booked", shop=shop, to=customer, context=CONTEXT, dedupe_key="booked:1", now=now)
    elsewhere = queue_template(
        "booked", shop=other_shop, to="+5511977776666", context=CONTEXT, dedupe_key="booked:1", now=now
    )

    assert first is not None
    assert second is None
    assert elsewhere is not None
    assert shop.messages.count() == 1


def test_a_booking_that_is_rolled_back_queues_nothing(shop, customer):
    def book_and_fail():
        with transaction.atomic():
            queue_template("booked", shop=shop, to=customer, context=CONTEXT, dedupe_key="booked:1", now=real_now())
            assert shop.messages.exists()
            raise RuntimeError("changed our mind")

    with pytest.raises(RuntimeError, match="changed our mind"):
        book_and_fail()

    assert not shop.messages.exists()


def test_nothing_is_attempted_while_the_principal_number_is_not_connected(simulator, shop, number, customer):
    number.state = ConnectionState.DISCONNECTED
    number.save(update_fields=["state"])
    message = queued(shop, customer, "Oi", real_now())

    assert work.send_due(shop.pk, real_now()) == 0

    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.QUEUED, 0)
    assert simulator.deliveries()["asked"] == {}


def test_another_shops_number_never_sends(simulator, shop, other_shop, server, customer):
    connected_number(simulator, other_shop, server, "bela-1", "5511999990002")
    message = queued(shop, customer, "Oi", real_now())

    assert work.send_due(shop.pk, real_now()) == 0

    message.refresh_from_db()
    assert message.state == MessageState.QUEUED


@pytest.mark.parametrize("switch", ["send_500", "send_400"])
def test_connection_closed_sends_it_back_to_the_queue_with_a_wait(simulator, shop, number, customer, switch):
    simulator.switch(**{switch: 1})
    now = real_now()
    message = queued(shop, customer, "Oi", now)

    work.send_due(shop.pk, now)

    message.refresh_from_db()
    assert states(message) == ["queued", "sending", "queued"]
    assert message.due_at > now + timedelta(seconds=3)
    assert "sem conexão" in message.error_message
    work.send_due(shop.pk, now + timedelta(seconds=20))
    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert texts_on_phone(simulator) == ["Oi"]


def test_waits_grow_and_never_pass_ten_minutes(simulator, shop, number, customer):
    simulator.switch(send_500=True)
    now = real_now()
    message = queued(shop, customer, "Oi", now, expires_at=None)
    waits = []

    for _ in range(12):
        work.send_due(shop.pk, now)
        message.refresh_from_db()
        waits.append((message.due_at - now).total_seconds())
        now = message.due_at + timedelta(seconds=1)

    assert 3 < waits[0] <= 6
    assert waits[0] < waits[2] < waits[4] < waits[7]
    assert max(waits) <= 601
    assert message.attempts == 12


def test_a_server_that_is_down_loses_nothing(simulator, shop, number, customer):
    message = queued(shop, customer, "Oi", real_now())
    with simulator.stopped():
        work.send_due(shop.pk, real_now())
        message.refresh_from_db()
        assert message.state == MessageState.QUEUED

    simulator.wait_state("ze-1", "open")
    work.send_due(shop.pk, real_now() + timedelta(seconds=20))

    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert texts_on_phone(simulator) == ["Oi"]


def test_a_server_that_fails_is_not_asked_for_each_waiting_message(simulator, shop, number, customer):
    simulator.switch(send_500=True)
    for phone in ("+5511977770001", "+5511977770002", "+5511977770003"):
        queued(shop, phone, f"Oi {phone}", real_now())

    work.send_due(shop.pk, real_now())

    assert sum(shop.messages.values_list("attempts", flat=True)) == 1


def test_a_number_without_whatsapp_fails_in_words_and_is_not_tried_again(simulator, shop, number, customer):
    simulator.switch(number=PHONE, not_on_whatsapp=True)
    message = queued(shop, customer, "Oi", real_now())

    work.send_due(shop.pk, real_now())
    work.send_due(shop.pk, real_now() + timedelta(hours=1))

    message.refresh_from_db()
    assert message.state == MessageState.FAILED
    assert message.error_message == "Este número não tem WhatsApp."
    assert simulator.deliveries()["asked"] == {"Oi": 1}


def test_one_that_fails_for_good_does_not_stop_the_others(simulator, shop, number, customer):
    simulator.switch(number=PHONE, not_on_whatsapp=True)
    queued(shop, customer, "Oi", real_now())
    queued(shop, "+5511977770001", "Olá", real_now())

    work.send_due(shop.pk, real_now())

    assert texts_on_phone(simulator, "5511977770001") == ["Olá"]


def test_what_has_lost_its_sense_expires_instead_of_going_out(simulator, shop, number, customer):
    now = real_now()
    late = queued(shop, customer, "Tarde demais", now, expires_at=now - timedelta(minutes=1))
    fresh = queued(shop, customer, "Ainda em tempo", now, expires_at=now + timedelta(hours=1))

    work.send_due(shop.pk, now)
    work.expire(now)

    late.refresh_from_db()
    fresh.refresh_from_db()
    assert (late.state, fresh.state) == (MessageState.EXPIRED, MessageState.SENT)
    assert texts_on_phone(simulator) == ["Ainda em tempo"]


def test_messages_to_one_person_go_out_in_the_order_they_were_queued(simulator, shop, number, customer):
    now = real_now()
    for turn in range(6):
        queued(shop, customer, f"{turn}", now)

    assert work.send_due(shop.pk, now) == 6

    assert texts_on_phone(simulator) == ["0", "1", "2", "3", "4", "5"]


def test_later_messages_to_the_same_person_wait_for_the_one_that_is_held(simulator, shop, number, customer):
    now = real_now()
    first = queued(shop, customer, "primeira", now, due_at=now + timedelta(minutes=5))
    second = queued(shop, customer, "segunda", now)
    to_somebody_else = queued(shop, "+5511977770001", "outra pessoa", now)

    work.send_due(shop.pk, now)

    for message in (first, second, to_somebody_else):
        message.refresh_from_db()
    assert [first.state, second.state] == [MessageState.QUEUED, MessageState.QUEUED]
    assert to_somebody_else.state == MessageState.SENT
    work.send_due(shop.pk, now + timedelta(minutes=6))
    assert texts_on_phone(simulator) == ["primeira", "segunda"]


def test_a_number_has_one_message_under_way_at_a_time(simulator, shop, number, customer):
    now = real_now()
    queued(shop, customer, "Oi", now)
    queued(shop, "+5511977770001", "Olá", now)

    assert work.sending.take(number, now) is not None
    assert work.sending.take(number, now) is None


def test_a_failed_message_goes_out_when_a_person_says_so(simulator, shop, number, customer, owner):
    simulator.switch(number=PHONE, not_on_whatsapp=True)
    message = queued(shop, customer, "Oi", real_now())
    work.send_due(shop.pk, real_now())
    simulator.switch(number=PHONE, not_on_whatsapp=False)
    message.refresh_from_db()

    resend(message, by=owner, now=real_now())
    work.send_due(shop.pk, real_now())

    message.refresh_from_db()
    assert (message.state, message.error_message) == (MessageState.SENT, "")
    assert message.changes.filter(by=owner, to_state="queued").exists()


def test_replies_keep_who_wrote_them_and_what_they_answer(shop, customer, owner):
    asked = shop.messages.create(
        customer=customer, direction="in", state="received", address=customer.phone, text="Tem vaga?", wa_id="3A01"
    )
    answer = queue_text(
        shop, to=customer, text="Tem!", purpose="person", dedupe_key=None, now=real_now(), by=owner, quoted=asked
    )

    assert answer is not None
    stored = WhatsAppMessage.across_shops.get(pk=answer.pk)
    assert (stored.written_by, stored.quoted_wa_id) == (owner, "3A01")


@pytest.mark.parametrize("second", [0.0, 4.9])
def test_a_test_asked_for_twice_within_five_seconds_is_one(shop, server, now, second):
    number = make_number(shop, server, "ze-1")
    first = now + timedelta(seconds=second)

    def asked_for(seconds):
        return queue_test(number, to="+5511977770009", now=first + timedelta(seconds=seconds)) is not None

    assert [asked_for(0), asked_for(0.2), asked_for(4.9), asked_for(5.1)] == [True, False, False, True]
    other = make_number(shop, server, "ze-2", is_primary=False)
    assert queue_test(other, to="+5511977770009", now=first)
    assert shop.messages.filter(purpose="test").count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_test_asked_for_twice_at_the_same_moment_is_one(shop, now):
    number, gate = make_number(shop, None, "ze-1"), Barrier(4)

    def ask(milliseconds):
        try:
            gate.wait(30)
            return queue_test(number, to="+5511977770009", now=now + timedelta(milliseconds=milliseconds))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = [message for message in pool.map(ask, range(4)) if message]

    assert list(shop.messages.all()) == made
    assert len(made) == 1


def test_a_test_of_a_second_number_goes_out_from_that_number_and_nothing_else_does(
    simulator, shop, number, server, customer
):
    simulator.connected("ze-2", number="5511999990003")
    second = make_number(shop, server, "ze-2", is_primary=False, name="Segundo", number="+5511999990003")
    queue_test(second, to="+5511977770009", now=real_now())
    ordinary = queued(shop, customer, "Oi", real_now())

    assert work.send_due(shop.pk, real_now()) == 2

    test = shop.messages.get(purpose="test")
    ordinary.refresh_from_db()
    assert (test.instance, ordinary.instance) == (second, number)
    assert (test.state, ordinary.state) == (MessageState.SENT, MessageState.SENT)
