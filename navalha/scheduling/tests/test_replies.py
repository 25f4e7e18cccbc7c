"""Replies on WhatsApp: which visit they are about, what they change, and what the thread says of it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from conftest import make_customer
from navalha.core.states import move
from navalha.messaging.decisions import words
from navalha.messaging.models import Direction, MessageState, WhatsAppMessage
from navalha.scheduling import actions
from navalha.scheduling.models import Appointment, AppointmentState, CancelledBy
from navalha.scheduling.replies import actions as reply_actions

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
PHONE = "+5511988887777"
MINUTE = timedelta(minutes=1)


def at(hour: int, day: int = 25) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=SAO_PAULO).astimezone(UTC)


@pytest.fixture
def visit(shop, haircut, ze, now) -> Appointment:
    """Booked at `now` for 15:00 of the next day, and told to the customer a moment later."""
    shop.phone = "+551133334444"
    shop.save(update_fields=["phone"])
    return booked(shop, haircut, ze, at(15), now)


def booked(shop, haircut, ze, starts_at, now) -> Appointment:
    made = actions.book(
        shop, services=[haircut], professional=ze, starts_at=starts_at, name="Rafa", phone=PHONE, now=now
    )
    sent(shop.messages.get(dedupe_key=f"booked:{made.pk}"), now)
    return made


def sent(message: WhatsAppMessage, when: datetime) -> None:
    move(message, to=MessageState.SENDING, now=when)
    move(message, to=MessageState.SENT, now=when, sent_at=when, wa_id=f"OUT{message.pk}")


def reply(visit: Appointment, text: str, when: datetime, **fields) -> WhatsAppMessage:
    count = visit.shop.messages.count()
    return visit.shop.messages.create(
        customer=visit.customer,
        direction=Direction.IN,
        state=MessageState.RECEIVED,
        address=PHONE,
        text=text,
        wa_id=f"IN{count}",
        **{"created_at": when, "kind": "text", **fields},
    )


def answer_to(message: WhatsAppMessage) -> str:
    return message.shop.messages.get(dedupe_key=f"reply:{message.pk}").text


def state_of(visit: Appointment) -> str:
    visit.refresh_from_db()
    return visit.state


def test_a_machine_that_says_ok_to_every_answer_is_not_answered_for_ever(shop, visit, now):
    actions.cancel(visit, now=now, tell_customer=False)
    for second in range(20):
        message = reply(visit, "ok", now + MINUTE + timedelta(seconds=second))
        assert reply_actions.handle(message, now=message.created_at)

    assert shop.messages.filter(dedupe_key__startswith="reply:").count() == reply_actions.MOST_ANSWERS
    message.refresh_from_db()
    assert message.needs_person
    assert "com uma pessoa" in words(message)

    later = reply(visit, "ok", now + timedelta(hours=2))
    reply_actions.handle(later, now=now + timedelta(hours=2))
    assert "foi cancelado" in answer_to(later)


def test_one_confirms_tells_the_shop_answers_and_says_so_in_the_thread(shop, visit, now):
    message = reply(visit, "1", now + MINUTE)

    assert reply_actions.handle(message, now=now + MINUTE)

    assert state_of(visit) == AppointmentState.CONFIRMED
    change = visit.changes.first()
    assert (change.to_state, change.by, change.reason) == ("confirmed", None, "Pelo cliente, no WhatsApp")
    assert "quarta-feira, 25/11, às 15:00" in answer_to(message)
    assert shop.messages.filter(dedupe_key=f"notice_confirmed:{visit.pk}", address=shop.phone).exists()
    assert not shop.messages.filter(dedupe_key=f"confirmed:{visit.pk}").exists()  # one answer, not two
    message.refresh_from_db()
    assert words(message) == "Confirmou o horário de quarta-feira, 25/11, às 15:00."
    assert not message.needs_person


def test_a_refusal_cancels_frees_the_chair_and_drops_what_still_waited(shop, visit, now):
    message = reply(visit, "Não vou poder ir", now + MINUTE)

    assert reply_actions.handle(message, now=now + MINUTE)

    assert state_of(visit) == AppointmentState.CANCELLED
    assert visit.cancelled_by == CancelledBy.CUSTOMER
    assert f"/agendar/{shop.slug}/" in answer_to(message)
    assert not shop.messages.filter(dedupe_key=f"cancelled:{visit.pk}").exists()
    assert shop.messages.get(dedupe_key=f"notice_booked:{visit.pk}").state == MessageState.CANCELLED
    assert shop.messages.filter(dedupe_key=f"notice_cancelled:{visit.pk}").exists()


def test_asking_for_another_time_offers_three_and_calls_a_person(shop, visit, now):
    message = reply(visit, "tem mais tarde?", now + MINUTE)

    assert reply_actions.handle(message, now=now + MINUTE)

    assert state_of(visit) == AppointmentState.PENDING
    text = answer_to(message)
    assert [line for line in text.splitlines() if line.startswith("•")] == [
        "• quarta-feira, 25/11, às 14:15",
        "• quarta-feira, 25/11, às 14:30",
        "• quarta-feira, 25/11, às 15:30",
    ]
    message.refresh_from_db()
    assert words(message) == "Quer outro horário: ofereci 3 horários livres."
    assert message.needs_person


def test_what_is_not_clear_changes_nothing_and_goes_to_a_person(shop, visit, now):
    for text in ("ok, mas posso chegar 10 min atrasado?", "qual o endereço?"):
        message = reply(visit, text, now + MINUTE)
        assert reply_actions.handle(message, now=now + MINUTE)
        message.refresh_from_db()
        assert message.needs_person
        assert words(message) == "Não ficou claro se confirma ou cancela."

    assert state_of(visit) == AppointmentState.PENDING
    assert shop.messages.filter(purpose="reply_help").count() == 1  # how to answer is said once


def test_a_message_is_handled_once_however_often_the_worker_comes(shop, visit, now):
    message = reply(visit, "sim", now + MINUTE)

    for _ in range(3):
        assert reply_actions.handle(WhatsAppMessage.across_shops.get(pk=message.pk), now=now + MINUTE)

    assert visit.changes.filter(to_state="confirmed").count() == 1
    assert shop.messages.filter(purpose="reply_confirmed").count() == 1


def test_yes_after_yes_is_no_error_and_gets_no_second_answer(shop, visit, now):
    reply_actions.handle(reply(visit, "sim", now + MINUTE), now=now + MINUTE)
    again = reply(visit, "ok, obrigado!", now + 2 * MINUTE)

    assert reply_actions.handle(again, now=now + 2 * MINUTE)

    again.refresh_from_db()
    assert words(again) == "O horário de quarta-feira, 25/11, às 15:00 já estava confirmado."
    assert shop.messages.filter(purpose="reply_confirmed").count() == 1


def test_a_confirmed_visit_can_still_be_cancelled_by_a_reply(visit, now):
    reply_actions.handle(reply(visit, "sim", now + MINUTE), now=now + MINUTE)

    reply_actions.handle(reply(visit, "cancela por favor", now + 2 * MINUTE), now=now + 2 * MINUTE)

    assert state_of(visit) == AppointmentState.CANCELLED


def test_cancelling_too_late_says_whom_to_call_and_calls_a_person(visit, now):
    late = visit.starts_at - 30 * MINUTE
    message = reply(visit, "não vou poder", late)

    assert reply_actions.handle(message, now=late)

    assert state_of(visit) == AppointmentState.PENDING
    assert "+55 11 3333-4444" in answer_to(message)
    message.refresh_from_db()
    assert message.needs_person
    assert "fora do prazo" in words(message)


def test_a_thumb_under_the_confirmation_confirms_and_another_picture_does_not(visit, now):
    ours = f"OUT{visit.shop.messages.get(dedupe_key=f'booked:{visit.pk}').pk}"
    heart = reply(visit, "❤️", now + MINUTE, kind="reaction", quoted_wa_id=ours)
    assert reply_actions.handle(heart, now=now + MINUTE)
    assert state_of(visit) == AppointmentState.PENDING
    heart.refresh_from_db()
    assert not heart.needs_person

    liked = reply(visit, "👍🏽", now + MINUTE, kind="reaction", quoted_wa_id=ours)
    assert reply_actions.handle(liked, now=now + MINUTE)
    assert state_of(visit) == AppointmentState.CONFIRMED


def test_a_thumb_under_something_else_and_one_taken_back_change_nothing(visit, now):
    for text, quoted in (("👍", "SOMETHING-ELSE"), ("", f"OUT{visit.shop.messages.get(purpose='booked').pk}")):
        message = reply(visit, text, now + MINUTE, kind="reaction", quoted_wa_id=quoted)
        assert reply_actions.handle(message, now=now + MINUTE)
        message.refresh_from_db()
        assert not message.needs_person

    assert state_of(visit) == AppointmentState.PENDING


def test_a_tapped_choice_counts_like_its_words(visit, now):
    reply_actions.handle(reply(visit, "Confirmar", now + MINUTE, kind="choice"), now=now + MINUTE)

    assert state_of(visit) == AppointmentState.CONFIRMED


def test_a_picture_or_a_voice_message_is_left_to_a_person(visit, now):
    for kind in ("image", "audio", "sticker", "unknown"):
        assert not reply_actions.handle(reply(visit, "sim", now + MINUTE, kind=kind), now=now + MINUTE)

    assert state_of(visit) == AppointmentState.PENDING


def test_with_two_visits_the_product_asks_instead_of_guessing(shop, haircut, ze, visit, now):
    other = booked(shop, haircut, ze, at(16), now)
    message = reply(visit, "sim", now + MINUTE)

    assert reply_actions.handle(message, now=now + MINUTE)

    assert {state_of(visit), state_of(other)} == {AppointmentState.PENDING}
    assert answer_to(message).count("/visita/") == 2
    message.refresh_from_db()
    assert message.needs_person


def test_with_two_visits_a_quote_says_which(shop, haircut, ze, visit, now):
    other = booked(shop, haircut, ze, at(16), now)
    ours = shop.messages.get(dedupe_key=f"booked:{other.pk}")

    reply_actions.handle(reply(visit, "não", now + MINUTE, quoted_wa_id=ours.wa_id), now=now + MINUTE)

    assert state_of(visit) == AppointmentState.PENDING
    assert state_of(other) == AppointmentState.CANCELLED


def test_a_yes_with_one_visit_already_confirmed_is_about_the_other(shop, haircut, ze, visit, now, owner):
    actions.confirm(visit, by=owner, now=now)
    other = booked(shop, haircut, ze, at(16), now)

    reply_actions.handle(reply(visit, "sim", now + MINUTE), now=now + MINUTE)

    assert state_of(other) == AppointmentState.CONFIRMED


def test_a_no_with_one_of_two_confirmed_still_asks(shop, haircut, ze, visit, now, owner):
    actions.confirm(visit, by=owner, now=now)
    other = booked(shop, haircut, ze, at(16), now)

    reply_actions.handle(reply(visit, "não vou", now + MINUTE), now=now + MINUTE)

    assert state_of(visit) == AppointmentState.CONFIRMED
    assert state_of(other) == AppointmentState.PENDING


def test_a_quote_of_a_persons_own_words_is_no_answer_to_the_booking(shop, visit, now):
    chat = shop.messages.create(
        customer=visit.customer,
        direction=Direction.OUT,
        state=MessageState.SENT,
        address=PHONE,
        text="Quer um café?",
        purpose="own",
        wa_id="CHAT",
        sent_at=now,
        created_at=now,
    )

    assert not reply_actions.handle(reply(visit, "sim", now + MINUTE, quoted_wa_id=chat.wa_id), now=now + MINUTE)
    # It came last: the same question.
    assert not reply_actions.handle(reply(visit, "sim", now + MINUTE), now=now + 2 * MINUTE)

    assert state_of(visit) == AppointmentState.PENDING


def test_a_message_from_before_the_confirmation_was_sent_is_not_about_it(shop, visit, now):
    assert not reply_actions.handle(reply(visit, "sim", now - MINUTE), now=now + MINUTE)

    assert state_of(visit) == AppointmentState.PENDING


def test_a_visit_that_nobody_has_told_of_yet_is_not_meant(shop, haircut, ze, now):
    made = actions.book(shop, services=[haircut], professional=ze, starts_at=at(15), name="Rafa", phone=PHONE, now=now)

    assert not reply_actions.handle(reply(made, "sim", now + MINUTE), now=now + MINUTE)
    assert state_of(made) == AppointmentState.PENDING


def test_what_was_written_more_than_a_day_ago_changes_nothing_by_itself(visit, now, shop, haircut, ze):
    far = booked(shop, haircut, ze, at(15, day=28), now)
    message = reply(far, "cancela", now + MINUTE, quoted_wa_id=shop.messages.get(dedupe_key=f"booked:{far.pk}").wa_id)

    assert reply_actions.handle(message, now=now + timedelta(hours=30))

    assert state_of(far) == AppointmentState.PENDING
    message.refresh_from_db()
    assert message.needs_person
    assert "antiga" in words(message)


def test_words_of_another_day_go_to_a_person(visit, now):
    message = reply(visit, "confirmado para hoje", now + MINUTE)  # the visit is tomorrow

    assert reply_actions.handle(message, now=now + MINUTE)

    assert state_of(visit) == AppointmentState.PENDING
    message.refresh_from_db()
    assert message.needs_person


def test_words_of_the_right_day_count(visit, now):
    reply_actions.handle(reply(visit, "Até amanhã!", now + MINUTE), now=now + MINUTE)

    assert state_of(visit) == AppointmentState.CONFIRMED


def test_a_yes_to_a_cancelled_visit_says_so_kindly(visit, now, owner):
    actions.cancel(visit, by=owner, now=now)
    message = reply(visit, "sim", now + MINUTE)

    assert reply_actions.handle(message, now=now + MINUTE)

    assert state_of(visit) == AppointmentState.CANCELLED
    assert "foi cancelado" in answer_to(message)


def test_a_yes_after_the_time_has_passed_says_so_kindly(visit, now):
    after = visit.starts_at + 10 * MINUTE
    message = reply(visit, "sim", after)

    assert reply_actions.handle(message, now=after)

    assert state_of(visit) == AppointmentState.PENDING
    assert "já passou" in answer_to(message)


def test_thanks_after_the_visit_are_no_answer(visit, now):
    assert not reply_actions.handle(reply(visit, "ficou ótimo!", visit.ends_at), now=visit.ends_at)


def test_our_own_messages_and_strangers_never_count(shop, visit, now):
    own = reply(visit, "sim", now + MINUTE)
    WhatsAppMessage.across_shops.filter(pk=own.pk).update(direction=Direction.OUT, state=MessageState.SENT)
    own.refresh_from_db()
    assert not reply_actions.handle(own, now=now + MINUTE)

    ana = make_customer(shop, name="Ana", phone="+5511955554444")
    hers = reply(visit, "sim", now + MINUTE)
    WhatsAppMessage.across_shops.filter(pk=hers.pk).update(customer=ana)
    hers.refresh_from_db()
    assert not reply_actions.handle(hers, now=now + MINUTE)
    assert state_of(visit) == AppointmentState.PENDING


def test_a_quote_of_another_customers_confirmation_is_not_taken(shop, visit, now):
    ana = make_customer(shop, name="Ana", phone="+5511955554444")
    ours = shop.messages.get(dedupe_key=f"booked:{visit.pk}")
    hers = reply(visit, "2", now + MINUTE, quoted_wa_id=ours.wa_id)
    WhatsAppMessage.across_shops.filter(pk=hers.pk).update(customer=ana)
    hers.refresh_from_db()

    assert not reply_actions.handle(hers, now=now + MINUTE)
    assert state_of(visit) == AppointmentState.PENDING


def test_nothing_is_answered_when_the_booking_cannot_be_changed_together_with_it(visit, now, monkeypatch):
    """Decision, change and answer are one transaction."""
    message = reply(visit, "sim", now + MINUTE)

    def lost(*args, **kwargs):
        raise ConnectionError("the database went away")

    monkeypatch.setattr(reply_actions, "decide", lost)
    with pytest.raises(ConnectionError):
        reply_actions.handle(message, now=now + MINUTE)

    assert state_of(visit) == AppointmentState.PENDING
    assert not visit.shop.messages.filter(dedupe_key=f"reply:{message.pk}").exists()
