"""Who has booked writes first, with the code of their booking: who is told, where, once, and who stays who they are."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from conftest import known_by, make_customer, make_deposit_policy, make_number, make_shop
from navalha.core.states import move
from navalha.customers import merging
from navalha.messaging import inbox, sending
from navalha.messaging.decisions import words
from navalha.messaging.models import MessageState
from navalha.messaging.tests.helpers import a_message
from navalha.scheduling import actions, visits
from navalha.scheduling.models import Standing
from navalha.scheduling.moving import actions as moving
from navalha.scheduling.openers import queries
from navalha.scheduling.openers.codes import ALPHABET, LETTERS, code_of, found_in
from navalha.scheduling.replies import actions as replies
from navalha.whatsapp.models import EvolutionServer

PHONE, LID = "5511988887777", "249876543210987@lid"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def number(shop, now):
    """Connected, looked at a moment ago, principal; of a server that nobody asks."""
    server = EvolutionServer.objects.create(name="Um", url="http://127.0.0.1:1", encrypted_api_key="")
    return make_number(shop, server, "ze-1", checked_at=now, connected_at=now)


@pytest.fixture
def book(shop, haircut, ze, now):
    def booked(phone: str = f"+{PHONE}", name: str = "Rafa", hours: int = 26, **fields):
        starts_at = now + timedelta(hours=hours)
        wanted = {"services": [haircut], "professional": ze, "starts_at": starts_at, "name": name, "phone": phone}
        return actions.book(shop, now=now, **wanted, **fields)

    return booked


@pytest.fixture
def visit(number, book):
    return book()


def writes(number, visit, at, *, text: str = "", phone: str | None = PHONE, lid: str | None = None, key: str = "IN1"):
    """Somebody sends the code of the visit, or `text`, by the same way as the worker takes it in; the stored row."""
    text = text or f"Olá! Meu código é {code(visit)}."
    address = lid if phone is None else f"{phone}@s.whatsapp.net"
    told = {"key_id": key, "remote_jid": address, "phone": phone, "lid": lid, "sent_at": at}
    stored = inbox.receive(number, a_message(text, **told), now=at)
    if stored is not None:
        replies.handle(stored, now=at)
        stored.refresh_from_db()
    return stored


def code(visit) -> str:
    return code_of(visit.shop_id, visit.pk)


def told(visit):
    return visit.shop.messages.get(dedupe_key=f"booked:{visit.pk}")


def all_told(visit):
    """Every confirmation of the visit, wherever it goes."""
    return visit.shop.messages.filter(dedupe_key__in=[f"booked:{visit.pk}", f"opened:{visit.pk}"])


def sent(message, at, state=MessageState.SENT):
    move(message, to=MessageState.SENDING, now=at)
    if state != MessageState.SENDING:
        move(message, to=state, now=at, sent_at=at, wa_id=f"OUT{message.pk}")


def an_hour_later(visit, owner, now):
    hour = timedelta(hours=1)
    place = moving.Place(visit.professional, visit.starts_at + hour, visit.ends_at + hour)
    moving.reschedule(visit, place, seen=visit.version, by=owner, now=now)


def standing(visit) -> str:
    return visit.shop.openers.select_related("appointment__customer").get(appointment=visit).standing


# ---- the code


def test_a_code_is_found_whatever_stands_around_it_and_however_it_is_typed():
    code = code_of(1, 1)
    for text in (
        code,
        f"Olá! Meu código é {code}.",
        f"meu codigo: {code.lower()} obrigado!",
        f"*{code}*",
        f"{code[:3]}-{code[3:]}",
        f"é {code[:4]} {code[4:]} viu",
        f"{code[:2]}\u200b{code[2:]}",
        f"Oi\n\n{code}\n😀",
        f"“{code}”",
    ):
        assert code in found_in(text), text


def test_plain_words_hours_and_phones_are_no_codes():
    for text in ("confirmo", "sim, 15:30", "2345678", "ABCDEFG", "(11) 98888-7777", "K7Q2MX", "K0Q2MX4", ""):
        assert found_in(text) == []


def test_codes_differ_by_visit_and_by_shop_and_keep_to_the_letters():
    codes = {code_of(shop, visit) for shop in range(20) for visit in range(200)}

    assert len(codes) == 4000
    assert all(len(code) == LETTERS and set(code) <= set(ALPHABET) and code in found_in(code) for code in codes)


# ---- the customer of the visit writes


def test_the_tap_releases_what_the_shop_let_wait_and_it_goes_once(shop, number, book, now):
    shop.customer_first_minutes = 2
    shop.save()
    visit = book()
    message = told(visit)
    assert (message.due_at, message.hold_code) == (now + 2 * MINUTE, "customer_first")

    stored = writes(number, visit, now + MINUTE)

    message.refresh_from_db()
    assert (message.due_at, message.hold_code, message.address) == (now + MINUTE, "", f"+{PHONE}")
    assert "Escreveu primeiro" in words(stored)
    assert not stored.needs_person
    assert standing(visit) == Standing.VERIFIED
    assert all_told(visit).count() == 1
    assert sending.take(number, now + MINUTE).pk == message.pk


def test_without_a_tap_it_goes_when_the_time_is_over(shop, number, book, now):
    shop.customer_first_minutes = 2
    shop.save()
    visit = book()

    assert sending.take(number, now + MINUTE) is None
    assert sending.take(number, now + 2 * MINUTE).pk == told(visit).pk


def test_usually_nothing_waits(visit, now):
    assert (told(visit).due_at, told(visit).hold_code) == (now, "")


def test_nothing_waits_for_who_has_written_before_or_has_got_something(shop, number, book, now):
    shop.customer_first_minutes = 2
    shop.save()
    writes(number, None, now - timedelta(days=3), text="oi")
    other = make_customer(shop, "Bia", "+5511977770001")
    shop.messages.create(
        customer=other, direction="out", state="delivered", address=other.phone, own_phone="551199990001"
    )

    for visit in (book(), book("+5511977770001", "Bia", 28)):
        assert told(visit).hold_code == ""


def test_nothing_waits_where_nobody_can_write(shop, number, book, now):
    shop.customer_first_minutes = 2
    shop.save()
    move(number, to="unstable", now=now)

    assert told(book()).hold_code == ""


def test_a_booking_by_the_shop_has_no_code_and_does_not_wait(shop, number, book, owner):
    shop.customer_first_minutes = 2
    shop.save()
    visit = book(by=owner)

    assert told(visit).hold_code == ""
    assert not shop.openers.exists()


@pytest.mark.parametrize("state", [MessageState.SENDING, MessageState.SENT, MessageState.DELIVERED, MessageState.READ])
def test_who_has_it_already_or_is_just_getting_it_is_told_nothing_more(shop, number, visit, now, state):
    sent(told(visit), now, MessageState.SENDING if state == MessageState.SENDING else MessageState.SENT)
    if state not in (MessageState.SENDING, MessageState.SENT):
        move(told(visit), to=state, now=now)

    writes(number, visit, now + MINUTE)

    assert told(visit).state == state
    assert shop.messages.filter(direction="out", customer__isnull=False).count() == 1
    assert standing(visit) == Standing.VERIFIED


def test_what_whatsapp_refused_goes_again_in_the_conversation_that_now_exists(number, visit, now):
    message = told(visit)
    move(message, to=MessageState.SENDING, now=now, attempts=1)
    move(message, to=MessageState.FAILED, now=now, refused_at=now, error_code="refused")

    writes(number, visit, now + MINUTE)

    assert (told(visit).state, told(visit).error_code) == (MessageState.QUEUED, "")
    assert told(visit).changes.first().reason.startswith("O cliente escreveu primeiro")


def test_of_what_failed_only_the_newest_goes_again(shop, number, visit, now, owner):
    def refuse(message):
        move(message, to=MessageState.SENDING, now=now, attempts=1)
        move(message, to=MessageState.FAILED, now=now, refused_at=now)

    refuse(told(visit))
    an_hour_later(visit, owner, now)
    news = shop.messages.get(dedupe_key=f"rescheduled:{visit.pk}:1")
    refuse(news)

    writes(number, visit, now + MINUTE)

    news.refresh_from_db()
    assert (told(visit).state, news.state) == (MessageState.FAILED, MessageState.QUEUED)


def test_a_limit_of_the_pace_does_not_hold_what_answers_somebody(number, visit, now):
    told(visit).shop.messages.filter(pk=told(visit).pk).update(due_at=now + timedelta(hours=20), hold_code="daily")

    writes(number, visit, now + MINUTE)

    assert (told(visit).due_at, told(visit).hold_code) == (now + MINUTE, "")


def test_the_same_code_again_and_the_same_webhook_again_change_nothing(shop, number, visit, now):
    first = writes(number, visit, now + MINUTE)
    assert writes(number, visit, now + MINUTE) is None  # delivered a second time
    replies.handle(first, now=now + MINUTE)
    before = list(shop.messages.filter(direction="out").order_by("pk").values())

    again = writes(number, visit, now + 2 * MINUTE, key="IN2")

    assert "de novo o código" in words(again)
    assert not again.needs_person
    assert list(shop.messages.filter(direction="out").order_by("pk").values()) == before


# ---- wrong, old, and of others


def test_a_code_that_is_wrong_old_or_of_another_shop_is_read_like_any_text(shop, number, book, now, haircut, ze):
    visit = book(hours=50)
    server = EvolutionServer.objects.get()
    elsewhere = make_number(make_shop("outra", "Outra"), server, "outra-1", number="+5511999990009", checked_at=now)
    wrong = "23456AB" if code(visit) != "23456AB" else "23456AC"

    for message in (
        writes(number, visit, now + MINUTE, text=f"Meu código é {wrong}."),
        writes(elsewhere, visit, now + MINUTE, key="IN3"),
        writes(number, visit, now + timedelta(hours=25), key="IN4"),
    ):
        assert words(message) == ""
    assert standing(visit) == ""
    assert told(visit).address == f"+{PHONE}"


def test_who_tries_many_codes_in_an_hour_is_not_heard(number, visit, now):
    for nth in range(31):
        writes(number, visit, now + timedelta(seconds=nth), text=f"23456A{nth % 9 or 'B'}", key=f"TRY{nth}")

    assert words(writes(number, visit, now + MINUTE)) == ""
    assert standing(visit) == ""


def test_a_cancelled_visit_is_said_to_be_cancelled_once(shop, number, visit, now):
    visits.cancel(visit, now=now, tell_customer=False)
    assert told(visit).state == MessageState.CANCELLED

    message = writes(number, visit, now + MINUTE)
    writes(number, visit, now + 2 * MINUTE, key="IN2")

    [answer] = shop.messages.filter(dedupe_key__startswith="reply:")
    assert answer.dedupe_key == f"reply:{message.pk}"
    assert "foi cancelado" in answer.text
    assert told(visit).state == MessageState.CANCELLED


# ---- WhatsApp hides the phone


def test_who_shows_no_phone_becomes_one_with_who_the_shop_knows_by_this_booking_alone(shop, number, visit, now):
    stored = writes(number, visit, now + MINUTE, phone=None, lid=LID)

    rafa = known_by(shop, LID)
    assert rafa == known_by(shop, PHONE)
    assert shop.customers.count() == 1
    assert (stored.customer, told(visit).customer) == (rafa, rafa)
    assert told(visit).address == LID  # the conversation that they began
    assert standing(visit) == Standing.HIDDEN
    assert all_told(visit).count() == 1

    move(told(visit), to=MessageState.SENDING, now=now + MINUTE)
    move(told(visit), to=MessageState.SENT, now=now + MINUTE, sent_at=now + MINUTE, wa_id="OUT1")
    writes(number, visit, now + 3 * MINUTE, text="1", phone=None, lid=LID, key="IN2")
    visit.refresh_from_db()
    assert visit.state == "confirmed"


def test_somebody_of_the_shop_can_part_them_again(shop, number, visit, now, owner):
    writes(number, visit, now + MINUTE, phone=None, lid=LID)
    record = shop.customer_merges.get()
    assert merging.can_undo(record, now=now)

    merging.undo(shop, record.pk, by=owner, now=now)

    assert known_by(shop, LID) != known_by(shop, PHONE)
    assert standing(visit) == Standing.OTHER


def test_who_shows_no_phone_does_not_become_a_customer_whom_the_shop_knew_before(shop, number, book, now):
    maria = make_customer(shop, "Maria Silva", f"+{PHONE}")
    visit = book(name="Zeca")  # somebody who types her phone

    stored = writes(number, visit, now + MINUTE, phone=None, lid=LID)

    assert "sem mostrar o telefone" in words(stored)
    stranger = known_by(shop, LID)
    assert stranger != maria
    assert visit.customer == maria
    [confirmation] = all_told(visit)
    assert (confirmation.customer, confirmation.address) == (stranger, LID)
    assert "Maria" not in confirmation.text
    assert standing(visit) == Standing.OTHER


def test_where_the_phone_is_hidden_and_it_went_out_already_it_is_said_where(shop, number, visit, now):
    sent(told(visit), now)

    message = writes(number, visit, now + MINUTE, phone=None, lid=LID)

    assert all_told(visit).count() == 1
    assert "final 7777" in shop.messages.get(dedupe_key=f"reply:{message.pk}").text


# ---- another phone


def test_another_phone_gets_the_confirmation_in_place_of_the_typed_one(shop, number, visit, now):
    stored = writes(number, visit, now + MINUTE, phone="5511966665555")

    writer = known_by(shop, "5511966665555")
    assert writer != visit.customer
    assert (told(visit).customer, told(visit).address) == (writer, "+5511966665555")
    assert all_told(visit).count() == 1
    assert "marcado com outro telefone" in words(stored)
    assert standing(visit) == Standing.OTHER
    assert visit.customer.identities.count() == 1


def test_another_phone_is_told_too_when_the_typed_one_was(shop, number, visit, now):
    sent(told(visit), now)

    writes(number, visit, now + MINUTE, phone="5511966665555")

    confirmation = shop.messages.get(dedupe_key=f"opened:{visit.pk}")
    assert (confirmation.customer, confirmation.purpose) == (known_by(shop, "5511966665555"), "booked")
    assert told(visit).customer == visit.customer


def test_the_typed_phone_goes_on_hearing_of_a_visit_of_which_it_was_told(shop, number, visit, now, owner):
    sent(told(visit), now)
    an_hour_later(visit, owner, now)

    writes(number, visit, now + MINUTE, phone="5511966665555")

    news = shop.messages.get(dedupe_key=f"rescheduled:{visit.pk}:1")
    assert (news.customer, news.address) == (visit.customer, f"+{PHONE}")
    assert shop.messages.get(dedupe_key=f"opened:{visit.pk}").customer == known_by(shop, "5511966665555")


def test_who_held_the_code_may_answer_about_this_visit_and_about_no_other(shop, number, book, now):
    maria = make_customer(shop, "Maria Silva", f"+{PHONE}")
    hers = book()
    sent(told(hers), now)
    visit = book(hours=29)
    writes(number, visit, now + MINUTE, phone="5511966665555")
    sent(told(visit), now + MINUTE)

    answer = writes(number, visit, now + 2 * MINUTE, text="2", phone="5511966665555", key="IN2")

    visit.refresh_from_db()
    hers.refresh_from_db()
    assert (visit.customer, visit.state, hers.state) == (maria, "cancelled", "pending")
    said = shop.messages.get(dedupe_key=f"reply:{answer.pk}")
    assert (said.customer, said.address) == (known_by(shop, "5511966665555"), "+5511966665555")
    assert "Maria" not in said.text


def test_a_code_serves_one_person(shop, number, visit, now):
    writes(number, visit, now + MINUTE)

    late = writes(number, visit, now + 2 * MINUTE, phone="5511966665555", key="IN2")

    assert words(late) == ""
    assert all_told(visit).count() == 1


def test_a_visit_that_waits_for_its_deposit_sends_its_code_along(shop, number, book, now):
    make_deposit_policy(shop)
    shop.customer_first_minutes = 2
    shop.save()
    visit = book(agreed_cents=1500)
    assert told(visit).hold_code == ""  # whoever is to pay by a certain time is told at once

    writes(number, visit, now + MINUTE, phone="5511966665555")

    pix = shop.messages.get(dedupe_key=f"deposit_code:{visit.pk}")
    assert {told(visit).address, pix.address} == {"+5511966665555"}


# ---- at the same time


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("phone", [PHONE, "5511966665555"])
def test_a_tap_and_the_sending_at_the_same_moment_make_one_confirmation(shop, number, book, now, phone):
    """The worker takes the message while the tap is being written: whoever is second finds what the first did."""
    shop.customer_first_minutes = 2
    shop.save()
    at = now + 2 * MINUTE
    taken = []
    for nth, hours in enumerate((26, 27)):
        visit = book(hours=hours, name=f"Rafa {nth}")
        _together(
            lambda visit=visit, nth=nth: writes(number, visit, at, key=f"IN{nth}", phone=phone),
            lambda: taken.append(sending.take(number, at)),
        )
        assert all_told(visit).filter(customer=known_by(shop, phone)).count() == 1
        went = all_told(visit).filter(address=f"+{PHONE}").exclude(state=MessageState.QUEUED)
        assert all_told(visit).count() - (went.count() if phone != PHONE else 0) == 1
        shop.messages.filter(state__in=["queued", "sending"]).update(state="cancelled")
    assert all(message is None or message.purpose == "booked" for message in taken)


@pytest.mark.django_db(transaction=True)
def test_a_tap_and_a_cancellation_at_the_same_moment_never_confirm_what_is_cancelled(shop, number, book, now):
    visit, at = book(), now + MINUTE
    _together(
        lambda: writes(number, visit, at),
        lambda: visits.cancel(type(visit).across_shops.get(pk=visit.pk), now=at),
    )

    assert told(visit).state == MessageState.CANCELLED
    visit.refresh_from_db()
    assert visit.state == "cancelled"


def _together(*acts):
    def run(act):
        try:
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_link_leads_to_the_shops_number_with_the_code_in_the_words(shop, number, visit, now):
    address = queries.link(number, queries.open_code(visit, visit.opener, now=now))

    assert address.startswith("https://wa.me/5511999990001?text=Ol%C3%A1")
    assert code(visit) in address
