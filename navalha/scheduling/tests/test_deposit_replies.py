"""A receipt, or a word, that comes by WhatsApp while a deposit is awaited."""

from datetime import timedelta

import pytest

from navalha.messaging.decisions import words
from navalha.messaging.models import Direction, MessageState
from navalha.scheduling.deposits import actions as deposit_actions
from navalha.scheduling.deposits import replies as deposit_replies
from navalha.scheduling.deposits import work as deposit_work
from navalha.scheduling.replies import actions as reply_actions
from navalha.scheduling.tests.test_deposits import PHONE, at, booked, deposit_of, policy, state_of, visit

__all__ = ["policy", "visit"]  # the fixtures of that story

MINUTE = timedelta(minutes=1)
REAL = [
    "Paguei",
    "já paguei!",
    "Ja paguei o sinal 👍",
    "pix feito",
    "O pix já foi enviado",
    "Fiz o pix agora",
    "acabei de fazer o pix",
    "Pagamento realizado",
    "pago",
    "tá pago",
    "Segue o comprovante",
    "comprovante",
    "Transferi agora, obrigado",
]
NOT_YET = [
    "ainda não paguei",
    "Como pago?",
    "vou fazer o pix",
    "vou mandar o comprovante",
    "posso pagar na hora",
    "não consegui fazer o pix",
    "paguei errado, e agora",
    "paguei duas vezes",
    "já paguei?",
    "oi",
    "",
    "1",
    "quero pagar",
    "paguei " * 40,
]


@pytest.mark.parametrize("text", REAL)
def test_what_people_write_when_they_have_paid(text):
    assert deposit_replies.says_paid(text)


@pytest.mark.parametrize("text", NOT_YET)
def test_what_is_no_payment_or_not_surely_one(text):
    assert not deposit_replies.says_paid(text)


def writes(visit, text="", *, kind="text", when, customer=None):
    return visit.shop.messages.create(
        customer=customer or visit.customer,
        direction=Direction.IN,
        state=MessageState.RECEIVED,
        address=PHONE,
        kind=kind,
        text=text,
        wa_id=f"IN{visit.shop.messages.count()}",
        created_at=when,
    )


@pytest.mark.parametrize("kind", ["image", "document"])
def test_a_picture_is_kept_as_the_receipt_and_a_person_looks(visit, now, kind):
    message = writes(visit, kind=kind, when=now + MINUTE)

    assert reply_actions.handle(message, now=now + MINUTE)

    assert state_of(visit) == ("pending", "receipt")
    assert deposit_of(visit).receipt == message
    assert message.needs_person
    assert words(message) == "Mandou comprovante do sinal de R$\xa015,00: falta conferir no banco."
    assert "confere e confirma" in visit.shop.messages.get(dedupe_key=f"reply:{message.pk}").text
    assert reply_actions.handle(message, now=now + MINUTE)  # the worker may come twice
    assert deposit_of(visit).changes.count() == 2


def test_a_second_picture_is_no_second_answer(visit, now):
    reply_actions.handle(writes(visit, "paguei", when=now), now=now)
    reply_actions.handle(second := writes(visit, kind="image", when=now + MINUTE), now=now + MINUTE)

    assert deposit_of(visit).receipt == second
    assert second.needs_person
    assert not visit.shop.messages.filter(dedupe_key=f"reply:{second.pk}").exists()


def test_one_receipt_for_two_visits_is_for_a_person_to_sort_out(shop, visit, haircut, ze, now):
    other = booked(shop, [haircut], ze, at(17), now)
    reply_actions.handle(message := writes(visit, kind="image", when=now), now=now)

    assert state_of(visit)[1] == state_of(other)[1] == "receipt"
    assert "R$\xa015,00 e R$\xa015,00" in words(message)


def test_a_picture_from_somebody_who_owes_nothing_is_read_by_a_person_as_ever(visit, owner, now):
    deposit_actions.receive(visit, by=owner, seen="pending", now=now)

    assert not reply_actions.handle(writes(visit, kind="image", when=now), now=now)
    assert state_of(visit) == ("confirmed", "paid")


def test_a_picture_that_comes_too_late_is_for_a_person(visit, now):
    deposit_work.lapse_due(now + timedelta(hours=1))

    assert not reply_actions.handle(writes(visit, kind="image", when=now), now=now + timedelta(hours=1))
    assert state_of(visit) == ("cancelled", "lapsed")


def test_a_yes_while_the_deposit_is_awaited_does_not_promise_the_chair(visit, now):
    sent_now(visit, now)
    reply_actions.handle(message := writes(visit, "1", when=now + MINUTE), now=now + MINUTE)

    assert state_of(visit) == ("confirmed", "pending")
    answer = visit.shop.messages.get(dedupe_key=f"reply:{message.pk}").text
    assert "Falta só o sinal de R$ 15,00" in answer


def test_a_cancellation_by_message_says_what_becomes_of_the_money(visit, owner, now):
    sent_now(visit, now)
    deposit_actions.receive(visit, by=owner, seen="pending", now=now)
    reply_actions.handle(message := writes(visit, "2", when=now + MINUTE), now=now + MINUTE)

    assert state_of(visit) == ("cancelled", "owed")
    assert "vai devolver o seu sinal" in visit.shop.messages.get(dedupe_key=f"reply:{message.pk}").text


def sent_now(visit, now) -> None:
    visit.shop.messages.filter(dedupe_key=f"booked:{visit.pk}").update(state=MessageState.SENT, sent_at=now)
