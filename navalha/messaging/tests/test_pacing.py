"""The pace in the outbox: what the rows and the customers' phones show of it."""

import itertools
import threading
from datetime import timedelta

import pytest
from django.db import connection

from conftest import make_customer
from navalha.messaging import pacing, rules, sending, wording, work
from navalha.messaging.actions import queue_test, receive, resend
from navalha.messaging.models import Direction, MessageState
from navalha.messaging.pace import PAUSE
from navalha.messaging.templatetags.messaging import ticks
from navalha.messaging.waits import why_waits
from navalha.simulator.testing import wait_until
from navalha.whatsapp import actions as whatsapp

from .helpers import a_message, connected_number, queued, real_now, texts_on_phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def paced(settings):
    settings.MESSAGES_PACING = True


@pytest.fixture
def number(simulator, shop, server, paced):
    """Connected for months: warm, with every limit at its usual."""
    number = connected_number(simulator, shop, server)
    number.connected_at = real_now() - timedelta(days=200)
    number.save()
    awake(number)
    return number


def awake(number, **fields):
    """Rules under which nothing is quiet now, whatever the time at which the tests run."""
    row = pacing.pace_of(number, real_now())
    for name, value in {"quiet_from": row.quiet_until, **fields}.items():
        setattr(row, name, value)
    row.save()
    return row


def asleep(number, now):
    """Rules under which it is quiet from an hour ago until an hour from now."""
    local = now.astimezone(pacing.policy_of(pacing.pace_of(number, now), number.shop.timezone).zone)
    edges = {"quiet_from": (local - timedelta(hours=1)).time(), "quiet_until": (local + timedelta(hours=1)).time()}
    return awake(number, **edges)


def known(shop, number, name="Bia", phone="+5511977770001"):
    """Somebody who has written to the number long ago."""
    customer = make_customer(shop, name, phone)
    long_ago = real_now() - timedelta(days=30)
    shop.messages.create(
        customer=customer,
        instance=number,
        direction=Direction.IN,
        state=MessageState.RECEIVED,
        address=phone,
        text="Oi",
        own_phone="551199990001",
        created_at=long_ago,
    )
    return customer


def reloaded(message):
    message.refresh_from_db()
    return message


@pytest.mark.parametrize("key", wording.TEXTS)
def test_of_every_text_somebody_has_decided_whether_people_expect_it(key):
    assert (key in pacing.EXPECTED) != (key in pacing.UNASKED)


def test_the_first_message_goes_at_once_and_the_next_waits_for_the_gap(simulator, shop, number, customer):
    now = real_now()
    queued(shop, customer, "primeira", now, purpose="booked")
    second = queued(shop, make_customer(shop, "Bia", "+5511977770001"), "segunda", now, purpose="booked")

    assert sending.take(number, now) is not None
    shop.messages.filter(state="sending").update(state="sent", sent_at=now)

    assert sending.take(number, now + timedelta(seconds=7)) is None
    assert reloaded(second).due_at == now, "a gap is the number's, not the message's"
    assert timedelta(seconds=1) <= pacing.time_to_turn(number, now + timedelta(seconds=7)) <= timedelta(seconds=13)
    assert sending.take(number, now + timedelta(seconds=20)) == second


def test_a_drain_waits_for_a_short_gap_by_itself(simulator, shop, number, customer, settings):
    settings.MESSAGES_GAP_SCALE = 0.02
    now = real_now()
    for text in ("um", "dois", "três"):
        queued(shop, customer, text, now, purpose="booked")

    assert work.send_due(shop.pk, now) == 3

    times = list(shop.messages.order_by("pk").values_list("attempted_at", flat=True))
    assert times == sorted(times)
    assert times[1] - times[0] >= timedelta(seconds=0.06)
    assert texts_on_phone(simulator) == ["um", "dois", "três"]


def test_who_writes_is_answered_before_those_who_wait_for_their_gap(shop, number, customer):
    now = real_now()
    queued(shop, known(shop, number), "primeira", now, purpose="booked")
    sending.take(number, now)
    shop.messages.filter(state="sending").update(state="sent", sent_at=now)
    queued(shop, make_customer(shop, "Duda", "+5511977770002"), "nova", now, purpose="booked")
    receive(number, a_message("Tem vaga?", sent_at=now), now=now)
    answer = queued(shop, customer, "Tem!", now)

    assert sending.take(number, now + timedelta(seconds=4)) == answer


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_send_two_within_one_gap(shop, number, customer):
    now = real_now()
    for turn in range(6):
        queued(shop, make_customer(shop, f"C{turn}", f"+551197777000{turn}"), str(turn), now, purpose="booked")
    taken = []

    def worker():
        try:
            for second in range(25):
                moment = now + timedelta(seconds=second)
                message = sending.take(number, moment)
                if message is not None:
                    taken.append(moment)
                    shop.messages.filter(pk=message.pk).update(state="sent", sent_at=moment)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    moments = sorted(taken)
    assert len(moments) >= 2
    assert all(later - earlier >= timedelta(seconds=8) for earlier, later in itertools.pairwise(moments))


def test_at_night_a_reminder_waits_for_the_morning_and_says_so_and_a_booking_goes(shop, number, customer):
    now = real_now()
    row = asleep(number, now)
    reminder = queued(shop, known(shop, number), "Amanhã às 15h", now, purpose="reminder", dedupe_key="reminder:7:24h")
    booked = queued(shop, customer, "Reservado", now, purpose="booked", dedupe_key="booked:8")

    assert sending.take(number, now) == booked

    reloaded(reminder)
    assert (reminder.state, reminder.hold_code) == (MessageState.QUEUED, "quiet")
    assert timedelta(minutes=59) <= reminder.due_at - now <= timedelta(minutes=61)
    assert "É hora de silêncio" in why_waits(reminder, now)
    assert f"{row.quiet_until:%H:%M}" in why_waits(reminder, now)
    assert "Na fila: É hora de silêncio" in ticks(reminder)
    shop.messages.filter(pk=booked.pk).update(state="sent", sent_at=now)
    assert sending.take(number, reminder.due_at) == reminder
    assert reloaded(reminder).hold_code == ""


def test_a_reminder_of_the_last_minutes_goes_at_night_too_but_no_third_one_without_an_answer(shop, number):
    now = real_now()
    asleep(number, now)
    bia = known(shop, number)
    soon = queued(shop, bia, "Até já", now, purpose="reminder_soon", dedupe_key="reminder:7:0:15:0")
    assert sending.take(number, now) == soon
    shop.messages.filter(pk=soon.pk).update(state="sent", sent_at=now)

    queued(shop, bia, "antes", now, purpose="reminder", dedupe_key="reminder:7:0:120:0", state="sent", sent_at=now)
    third = queued(shop, bia, "Até já", now, purpose="reminder_soon", dedupe_key="reminder:7:0:10:0")
    assert sending.take(number, now + timedelta(minutes=1)) is None
    assert reloaded(third).hold_code == "unanswered"


def test_the_confirmation_that_somebody_asked_for_is_no_message_without_an_answer(shop, number, settings):
    settings.MESSAGES_GAP_SCALE = 0
    now = real_now()
    bia = known(shop, number)
    queued(shop, bia, "Reservado", now, purpose="booked", dedupe_key="booked:7")
    for place in range(3):
        fields = {"purpose": "reminder", "dedupe_key": f"reminder:7:0:{place}:0"}
        queued(shop, bia, f"lembrete {place}", now + timedelta(seconds=place), **fields)

    assert work.send_due(shop.pk, now + timedelta(seconds=5)) == 3
    assert shop.messages.get(dedupe_key="reminder:7:0:2:0").hold_code == "unanswered"


def test_what_was_booked_hours_ago_and_could_not_go_is_not_sent_at_night(shop, number, customer):
    now = real_now()
    asleep(number, now)
    late = queued(shop, customer, "Reservado", now, purpose="booked", created_at=now - timedelta(hours=6))

    assert sending.take(number, now) is None
    assert reloaded(late).hold_code == "quiet"


def test_what_the_pace_holds_holds_up_nothing_else_of_that_person(shop, number, customer):
    now = real_now()
    asleep(number, now)
    queued(shop, customer, "Lembrete", now, purpose="reminder")
    assert sending.take(number, now) is None

    booked = queued(shop, customer, "Reservado", now, purpose="booked")

    assert sending.take(number, now + timedelta(seconds=1)) == booked


def test_what_loses_its_sense_while_it_waits_expires_with_the_reason(simulator, shop, number, customer):
    now = real_now()
    asleep(number, now)
    reminder = queued(shop, customer, "Lembrete", now, purpose="reminder", expires_at=now + timedelta(minutes=30))
    work.send_due(shop.pk, now)

    later = now + timedelta(minutes=31)
    work.expire(later)
    work.send_due(shop.pk, now + timedelta(hours=2))

    assert reloaded(reminder).state == MessageState.EXPIRED
    assert why_waits(reminder, later) == "É hora de silêncio: só sai o que o cliente acabou de pedir."
    assert texts_on_phone(simulator) == []


def test_new_people_beyond_the_warm_up_wait_for_tomorrow_and_may_write_first(simulator, shop, number, settings):
    settings.MESSAGES_NEW_IN_FIRST_WEEK, settings.MESSAGES_GAP_SCALE = 2, 0
    now = real_now()
    awake(number, began_at=now)
    people = [make_customer(shop, f"C{turn}", f"+551197777000{turn}") for turn in range(3)]
    messages = [queued(shop, person, person.name, now, purpose="booked") for person in people]

    assert work.send_due(shop.pk, now) == 2

    held = reloaded(messages[2])
    assert (held.hold_code, shop.messages.filter(first_contact=True).count()) == ("new_contacts", 2)
    assert held.due_at > now
    receive(number, a_message("Oi", phone="5511977770002", remote_jid="5511977770002@s.whatsapp.net"), now=now)
    assert work.send_due(shop.pk, now + timedelta(seconds=5)) == 1
    assert texts_on_phone(simulator, "5511977770002") == ["C2"]


def test_paired_anew_on_another_row_the_phone_keeps_its_history_and_another_phone_starts_its_own(shop, number, server):
    began_at = pacing.pace_of(number, real_now()).began_at
    number.is_primary, number.state, number.remote_name = False, "removed", None
    number.save()
    again = shop.numbers.create(server=server, remote_name="ze-9", number="+5511999990001", connected_at=real_now())
    other = shop.numbers.create(server=server, remote_name="ze-8", number="+5511999990002", connected_at=real_now())

    assert pacing.pace_of(again, real_now()).began_at == began_at
    assert pacing.pace_of(other, real_now()).began_at > began_at


def test_what_the_limits_of_one_number_hold_goes_from_the_next_principal(simulator, shop, number, server, settings):
    settings.MESSAGES_NEW_IN_FIRST_WEEK, settings.MESSAGES_GAP_SCALE = 1, 0
    now = real_now()
    awake(number, began_at=now)
    for turn in range(2):
        queued(shop, make_customer(shop, f"C{turn}", f"+551197777000{turn}"), f"{turn}", now, purpose="booked")
    assert work.send_due(shop.pk, now) == 1
    simulator.connected("ze-2", number="5511999990003")
    second = shop.numbers.create(
        server=server, remote_name="ze-2", number="+5511999990003", state="connected", connected_at=now
    )

    whatsapp.set_primary(second, now=now)

    assert work.send_due(shop.pk, now) == 1
    assert shop.messages.get(text="1").instance == second


def test_a_third_message_without_an_answer_waits_until_the_person_writes(shop, number, settings):
    settings.MESSAGES_GAP_SCALE = 0
    now = real_now()
    bia = known(shop, number)
    for turn in range(3):
        fields = {"purpose": "reminder", "dedupe_key": f"reminder:7:{turn}"}
        queued(shop, bia, f"lembrete {turn}", now + timedelta(seconds=turn), **fields)
    of_another_visit = queued(shop, bia, "outra", now, purpose="reminder", dedupe_key="reminder:8:0")

    assert work.send_due(shop.pk, now + timedelta(seconds=5)) == 3

    held = shop.messages.get(dedupe_key="reminder:7:2")
    assert held.hold_code == "unanswered"
    assert reloaded(of_another_visit).sent_at is not None
    assert "Sai quando ele responder." in why_waits(held, now)
    jid = {"phone": "5511977770001", "remote_jid": "5511977770001@s.whatsapp.net"}
    receive(number, a_message("ok", **jid, sent_at=real_now()), now=real_now())
    assert work.send_due(shop.pk, real_now()) == 1


@pytest.fixture
def refused(simulator, shop, number, settings):
    """WhatsApp has refused three new chats in a row; a fourth customer has just booked."""
    settings.MESSAGES_GAP_SCALE = 0
    simulator.switch(ack_error=True)
    now = real_now()
    for turn in range(3):
        queued(shop, make_customer(shop, f"C{turn}", f"+551197777000{turn}"), str(turn), now, purpose="booked")
    work.send_due(shop.pk, now)
    wait_until(lambda: _acked(number))
    simulator.switch(ack_error=False)
    return queued(shop, make_customer(shop), "Reservado", real_now(), purpose="booked")


def _acked(number):
    """Ask for the acks, as the worker does when webhooks are lost."""
    number.shop.messages.filter(state="sent").update(due_at=real_now())
    work.recover_acks(real_now())
    return number.shop.messages.filter(state="failed", error_code="refused").count() == 3


def test_three_refused_first_contacts_stop_the_next_for_a_day_and_conversations_go_on(simulator, shop, number, refused):
    now = real_now()
    answer = queued(shop, known(shop, number, phone="+5511977770009"), "Tem!", now)

    assert work.send_due(shop.pk, now) == 1

    held = reloaded(refused)
    assert (reloaded(answer).state, held.hold_code) == (MessageState.SENT, "paused")
    assert timedelta(hours=23) < held.due_at - now <= PAUSE
    assert "recusou" in why_waits(held, now)
    assert texts_on_phone(simulator) == []


def test_sending_a_refused_one_again_does_not_end_the_pause(shop, number, refused, owner):
    failed = shop.messages.filter(state="failed").first()

    resend(failed, by=owner, now=real_now())

    assert work.send_due(shop.pk, real_now()) == 0
    assert reloaded(failed).hold_code == "paused"


def test_the_owner_lifts_the_pause_and_what_waited_goes(simulator, shop, number, refused, owner):
    work.send_due(shop.pk, real_now())

    rules.lift_pause(pacing.pace_of(number, real_now()), by=owner, now=real_now())
    work.send_due(shop.pk, real_now())

    assert texts_on_phone(simulator) == ["Reservado"]


def test_one_message_goes_all_the_same_when_the_owner_says_so_and_the_thread_says_who(
    simulator, shop, number, refused, as_owner, owner
):
    work.send_due(shop.pk, real_now())

    page = as_owner.post(f"/conversas/mensagem/{refused.pk}/enviar-agora/", follow=True).content.decode()
    work.send_due(shop.pk, real_now())

    assert "Mandada sair já" in page
    assert texts_on_phone(simulator) == ["Reservado"]
    assert refused.changes.filter(by=owner, from_state="queued", to_state="queued").exists()


def test_a_message_that_waits_no_more_is_not_sent_anyway(shop, customer, as_owner):
    sent = queued(shop, customer, "Oi", real_now(), state=MessageState.SENT)

    page = as_owner.post(f"/conversas/mensagem/{sent.pk}/enviar-agora/", follow=True).content.decode()

    assert "já não está esperando" in page


def test_a_number_that_whatsapp_blocked_sends_nothing(shop, number, customer):
    message = queued(shop, customer, "Oi", real_now(), purpose="booked")
    number.state, number.error_code = "error", "403"
    number.save()

    assert sending.take(number, real_now()) is None
    assert reloaded(message).attempts == 0


def test_an_operator_who_switches_the_pace_off_lets_go_what_it_held(shop, number, customer, client, operator):
    now = real_now()
    row = asleep(number, now)
    held = queued(shop, customer, "Lembrete", now, purpose="reminder")
    assert sending.take(number, now) is None
    client.force_login(operator)

    fields = {"began_at_0": "2026-01-01", "began_at_1": "12:00", "quiet_from": "20:00", "quiet_until": "09:00"}
    client.post(f"/admin/messaging/pace/{row.pk}/change/", {**fields, "per_day": "300", "new_per_day": "80"})

    row.refresh_from_db()
    assert not row.is_on
    assert sending.take(number, real_now()) == held


def test_tests_go_out_whatever_the_limits_say(shop, number, owner):
    awake(number, per_day=1)
    now = real_now()
    asleep(number, now)

    queue_test(number, to="+5511977770009", now=now)

    assert sending.take(number, now).purpose == "test"


def test_the_queue_of_another_shop_is_not_slowed(simulator, shop, other_shop, server, number, customer):
    other = connected_number(simulator, other_shop, server, "bela-1", "5511999990002")
    now = real_now()
    queued(shop, customer, "um", now, purpose="booked")
    theirs = queued(other_shop, make_customer(other_shop, "Lia", "+5511966660000"), "dois", now, purpose="booked")

    assert sending.take(number, now) is not None
    assert sending.take(other, now) == theirs


def test_a_shop_whose_turn_has_not_come_is_not_woken_until_it_has(shop, number, customer):
    now = real_now()
    queued(shop, customer, "um", now, purpose="booked")
    sending.take(number, now)
    shop.messages.filter(state="sending").update(state="sent", sent_at=now)
    queued(shop, make_customer(shop, "Bia", "+5511977770001"), "dois", now, purpose="booked")
    assert sending.take(number, now + timedelta(seconds=1)) is None

    assert woken(now + timedelta(seconds=1)) == []
    assert woken(now + timedelta(seconds=21)) == [shop.pk]


def woken(now):
    asked = []
    original, work.wake = work.wake, lambda task, **row: asked.append(row["shop_id"])
    try:
        work.wake_waiting(now)
    finally:
        work.wake = original
    return asked
