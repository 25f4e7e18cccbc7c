"""The waitlist: who is asked about a freed time, in which order, until when, and what becomes of the answers."""

from datetime import time, timedelta

import pytest

from conftest import make_number, make_professional
from navalha.core.errors import Refused
from navalha.core.states import move
from navalha.messaging.decisions import words
from navalha.messaging.models import MessageState
from navalha.scheduling import actions, queries
from navalha.scheduling.models import AppointmentState, OfferState, WaitState
from navalha.scheduling.moving import actions as moving
from navalha.scheduling.moving.actions import Place
from navalha.scheduling.openings import time_off
from navalha.scheduling.waitlist import actions as waitlist_actions
from navalha.scheduling.waitlist import matching, offering, recovered
from navalha.scheduling.waitlist import work as waitlist_work

from .waitlist_helpers import MINUTE, WEDNESDAY, answer_to, at, fill, free, join, offered, says, sent

W = WaitState
QUERIES = 17  # of one look for a match


@pytest.fixture
def house(shop, server, ze, now):
    """A shop whose Wednesday is full and whose WhatsApp works."""
    make_number(shop, server, "ze-0001", connected_at=now)
    shop.visits = fill(shop, ze, now)
    return shop


def phone(number: int) -> str:
    return f"+551197777000{number}"


def state_of(row) -> str:
    row.refresh_from_db()
    return row.state


def visit_at(shop, hour: int, minute: int = 0):
    return next(one for one in shop.visits if one.starts_at == at(hour, minute))


def test_a_cancelled_time_is_offered_to_the_first_of_the_list_and_taken_with_quero(house, haircut, ze, now):
    first, second = join(house, [haircut], now), join(house, [haircut], now, name="Bia", phone="+5511977776666")
    waitlist_work.look(house.pk, now)
    assert not house.waitlist_offers.exists()

    free(visit_at(house, 15), now)
    made = offered(house, now + MINUTE)

    assert (made.entry, made.professional, made.starts_at, made.state) == (first, ze, at(15), OfferState.OPEN)
    assert (state_of(first), state_of(second)) == (W.OFFERED, W.WAITING)
    assert "quarta-feira, 25/11, às 15:00" in made.message.text
    assert "por 15 minutos" in made.message.text

    message = says(first, "Quero!", now + 2 * MINUTE)

    visit = house.appointments.get(source="waitlist")
    assert (visit.customer, visit.starts_at, visit.state) == (first.customer, at(15), AppointmentState.PENDING)
    assert (state_of(first), state_of(made), made.appointment) == (W.FULFILLED, OfferState.ACCEPTED, visit)
    assert not house.slot_holds.exists()
    assert words(message) == "Ficou com o horário de quarta-feira, 25/11, às 15:00, da lista de espera."
    assert house.messages.filter(dedupe_key=f"booked:{visit.pk}").exists()
    assert [change.to_state for change in first.changes.order_by("pk")] == ["waiting", "offered", "fulfilled"]


def test_while_one_is_asked_the_time_is_nobody_elses(house, haircut, ze, owner, now):
    entry = join(house, [haircut], now)
    free(visit_at(house, 15), now)
    made = offered(house, now)

    assert queries.free_slots(house, services=[haircut], first_day=WEDNESDAY, days=1, now=now) == []
    with pytest.raises(actions.SlotTaken):
        book(house, haircut, ze, at(15), now)
    with pytest.raises(actions.SlotTaken):
        book(house, haircut, ze, at(15), now, by=owner)
    lapsed = made.expires_at + offering.GRACE
    entry.customer.delete()
    assert book(house, haircut, ze, at(15), lapsed).starts_at == at(15)


def book(shop, service, professional, starts_at, now, **fields):
    given = {"name": "Ana", "phone": "+5511955554444", **fields}
    return actions.book(shop, services=[service], professional=professional, starts_at=starts_at, now=now, **given)


def test_silence_and_a_no_lead_to_the_next_and_nobody_is_asked_twice(house, haircut, ze, now):
    names = ("Ana", "Bia", "Caio")
    silent, refusing, last = (join(house, [haircut], now, name=name, phone=phone(at)) for at, name in enumerate(names))
    free(visit_at(house, 15), now)
    made = offered(house, now)
    assert made.entry == silent
    almost = made.expires_at + offering.GRACE - timedelta(seconds=1)
    waitlist_work.look(house.pk, almost)
    assert state_of(made) == OfferState.OPEN

    second = offered(house, made.expires_at + offering.GRACE)
    assert (state_of(made), state_of(silent), second.entry) == (OfferState.LAPSED, W.WAITING, refusing)
    message = says(refusing, "hoje não, obrigado", second.told_at + MINUTE)
    assert (state_of(second), state_of(refusing)) == (OfferState.DECLINED, W.WAITING)
    assert "Você continua na lista de espera" in answer_to(message)
    third = offered(house, second.told_at + 2 * MINUTE)
    assert third.entry == last
    says(last, "2", third.told_at + MINUTE)

    waitlist_work.look(house.pk, third.told_at + 2 * MINUTE)
    assert house.waitlist_offers.count() == 3
    free(visit_at(house, 16), third.told_at)
    assert offered(house, third.told_at + 3 * MINUTE).entry == silent  # another time: in the old order


def test_a_late_yes_hears_what_is_true_and_stays_on_the_list(house, haircut, ze, now):
    late, quick = join(house, [haircut], now), join(house, [haircut], now, name="Bia", phone="+5511977776666")
    free(visit_at(house, 15), now)
    made = offered(house, now)
    after = made.expires_at + MINUTE
    second = offered(house, after)

    message = says(late, "sim", after)
    assert "ele foi oferecido a outra pessoa" in answer_to(message)
    says(quick, "1", after + MINUTE)
    message = says(late, "quero", after + 2 * MINUTE)
    assert "ele já foi marcado" in answer_to(message)
    assert (state_of(late), state_of(made), state_of(second)) == (W.WAITING, OfferState.LAPSED, OfferState.ACCEPTED)
    assert house.appointments.filter(source="waitlist").count() == 1


def test_who_is_late_for_a_time_that_nobody_wanted_gets_the_link_to_book_it(house, haircut, now):
    entry = join(house, [haircut], now)
    free(visit_at(house, 15), now)
    made = offered(house, now)
    after = made.expires_at + MINUTE
    waitlist_work.look(house.pk, after)

    said = answer_to(says(entry, "quero", after))

    assert "ainda está livre" in said
    assert f"servico={haircut.pk}&dia=2026-11-25" in said


def test_what_was_written_in_time_counts_although_it_comes_late(house, haircut, now):
    entry = join(house, [haircut], now)
    free(visit_at(house, 15), now)
    made = offered(house, now)
    in_time, read = made.expires_at - timedelta(seconds=5), made.expires_at + timedelta(seconds=20)
    waitlist_work.look(house.pk, read)

    offering.accept(made, said_at=in_time, now=read)

    assert state_of(entry) == W.FULFILLED


def test_a_second_yes_finds_the_visit_of_the_first(house, haircut, now):
    entry = join(house, [haircut], now)
    free(visit_at(house, 15), now)
    made = offered(house, now)

    says(entry, "quero", now + MINUTE)
    message = says(entry, "sim", now + 2 * MINUTE)

    assert words(message).startswith("Já tinha ficado com o horário")
    assert offering.accept(made, said_at=now, now=now + 3 * MINUTE) == house.appointments.get(source="waitlist")
    assert house.appointments.filter(source="waitlist").count() == 1


@pytest.mark.parametrize(
    ("wish", "does_not", "does"),
    [
        ({"parts": frozenset({"morning"})}, 12, 11),
        ({"parts": frozenset({"afternoon"})}, 11, 12),
        ({"starts_from": time(15), "starts_until": time(15, 15)}, 16, 15),
        ({"parts": frozenset({"morning", "afternoon"}), "starts_from": time(16)}, 15, 16),
    ],
)
def test_only_what_suits_is_offered(house, haircut, now, wish, does_not, does):
    join(house, [haircut], now, **wish)
    free(visit_at(house, does_not), now)
    waitlist_work.look(house.pk, now)
    assert not house.waitlist_offers.exists()

    free(visit_at(house, does), now)
    assert offered(house, now).starts_at == at(does)


def test_whoever_frees_the_time_it_is_offered(house, haircut, ze, owner, now):
    """A move, a no-show, a block that ends, a longer day: what counts is that it is free."""
    other = make_professional(house, "Bia", [haircut], starts=time(9), ends=time(9, 30))
    join(house, [haircut], now, professional=ze)
    visit = visit_at(house, 15)
    moving.reschedule(
        visit, Place(other, at(9), at(9, 30)), seen=0, by=owner, now=now, even_if_closed=True, tell_customer=False
    )
    made = offered(house, now)
    assert made.starts_at == at(15)
    offering.decline(made, now=now)

    block = time_off.block_time(house, professional=ze, starts_at=at(11), ends_at=at(12), reason="", now=now)
    for hour in (11, 11.5):
        free(visit_at(house, int(hour), int(hour % 1 * 60)), now)
    waitlist_work.look(house.pk, now)
    assert house.waitlist_offers.count() == 1
    time_off.free_time(block)
    assert offered(house, now).starts_at == at(11)


def test_nothing_is_offered_that_begins_too_soon_and_the_time_to_answer_is_shorter_near_it(house, haircut, ze, now):
    house.min_notice_minutes = 30
    house.save()
    join(house, [haircut], now)
    free(visit_at(house, 15), now)

    waitlist_work.look(house.pk, at(14, 20))
    assert not house.waitlist_offers.exists()
    made = offered(house, at(14, 15))
    assert made.minutes == 9
    assert made.expires_at <= at(14, 30)


def test_in_quiet_hours_nothing_is_kept_and_in_the_morning_it_is_offered(house, haircut, now, settings):
    settings.MESSAGES_PACING = True
    join(house, [haircut], now)
    free(visit_at(house, 15), now)
    night = at(22, day=now.date())

    waitlist_work.look(house.pk, night)
    assert not house.waitlist_offers.exists()
    assert not house.slot_holds.exists()
    assert offered(house, at(9, 1)).starts_at == at(15)


def test_without_a_connected_number_nothing_is_kept(house, haircut, now):
    join(house, [haircut], now)
    house.numbers.update(state="disconnected")
    free(visit_at(house, 15), now)

    waitlist_work.look(house.pk, now)

    assert not house.waitlist_offers.exists()


def test_the_time_to_answer_begins_when_the_message_is_out(house, haircut, now):
    join(house, [haircut], now)
    free(visit_at(house, 15), now)
    waitlist_work.look(house.pk, now)
    made = house.waitlist_offers.get()
    assert (made.state, made.expires_at) == (OfferState.TELLING, None)

    sent(made.message, now + 3 * MINUTE)
    waitlist_work.look(house.pk, now + 3 * MINUTE)

    made.refresh_from_db()
    assert (made.told_at, made.expires_at) == (now + 3 * MINUTE, now + 18 * MINUTE)
    assert house.slot_holds.get().expires_at == made.expires_at + offering.GRACE


def test_who_cannot_be_told_in_time_is_passed_over_and_not_asked_about_it_again(house, haircut, now):
    first, second = join(house, [haircut], now), join(house, [haircut], now, name="Bia", phone="+5511977776666")
    free(visit_at(house, 15), now)
    waitlist_work.look(house.pk, now)
    made = house.waitlist_offers.get()

    later = now + offering.TELL_WITHIN
    waitlist_work.look(house.pk, later)

    assert (state_of(made), state_of(first), made.entry) == (OfferState.WITHDRAWN, W.WAITING, first)
    made.message.refresh_from_db()
    assert made.message.state == MessageState.CANCELLED
    assert house.waitlist_offers.latest("pk").entry == second


def test_a_phone_without_whatsapp_is_not_asked(house, haircut, now):
    lost, reached = join(house, [haircut], now), join(house, [haircut], now, name="Bia", phone="+5511977776666")
    welcome = house.messages.get(dedupe_key=f"waitlist_joined:j{lost.pk}")
    move(welcome, to=MessageState.FAILED, now=now, error_code="not_on_whatsapp")
    free(visit_at(house, 15), now)

    assert offered(house, now).entry == reached


def test_who_has_a_visit_on_a_wished_day_is_not_asked(house, haircut, ze, now):
    booked = join(house, [haircut], now)
    waits = join(house, [haircut], now, name="Bia", phone="+5511977776666")
    free(visit_at(house, 9), now)
    book(house, haircut, ze, at(9), now, phone=booked.customer.phone)
    free(visit_at(house, 15), now)

    assert offered(house, now).entry == waits


def test_two_silences_end_the_asking_until_they_write(house, haircut, now):
    entry = join(house, [haircut], now)
    when = now
    for hour in (15, 16, 17):
        free(visit_at(house, hour), now)
        waitlist_work.look(house.pk, when)
        if house.waitlist_offers.filter(starts_at=at(hour)).exists():
            when = offered(house, when).expires_at + MINUTE
            waitlist_work.look(house.pk, when)
    assert list(house.waitlist_offers.values_list("state", flat=True)) == [OfferState.LAPSED, OfferState.LAPSED]

    says(entry, "oi, desculpa, estava trabalhando", when)
    waitlist_work.look(house.pk, when + MINUTE)
    assert house.waitlist_offers.filter(starts_at=at(17)).exists()


def test_one_freed_hour_is_offered_to_two_people_at_once_each_their_half(house, haircut, now):
    for number, name in enumerate(("Ana", "Bia")):
        join(house, [haircut], now, name=name, phone=phone(number))
    free(visit_at(house, 15), now)
    free(visit_at(house, 15, 30), now)

    waitlist_work.look(house.pk, now)

    assert sorted(house.waitlist_offers.values_list("starts_at", flat=True)) == [at(15), at(15, 30)]
    assert house.slot_holds.count() == 2


def test_a_time_that_the_shop_takes_meanwhile_is_withdrawn_and_told(house, haircut, ze, owner, now):
    entry = join(house, [haircut], now)
    free(visit_at(house, 15), now)
    made = offered(house, now)
    moving.reschedule(
        visit_at(house, 10),
        Place(ze, at(15), at(15, 30)),
        seen=0,
        by=owner,
        now=now,
        even_if_closed=True,
        tell_customer=False,
    )

    waitlist_work.look(house.pk, now + MINUTE)

    assert state_of(made) == OfferState.WITHDRAWN
    assert "não está mais disponível" in house.messages.get(purpose="waitlist_gone").text
    again = house.waitlist_offers.latest("pk")
    assert (again.entry, again.starts_at) == (entry, at(10))  # the time that the move has freed


def test_a_yes_to_a_time_that_the_shop_took_is_told_so(house, haircut, ze, owner, now):
    entry = join(house, [haircut], now)
    free(visit_at(house, 15), now)
    made = offered(house, now)
    moving.reschedule(
        visit_at(house, 10),
        Place(ze, at(15), at(15, 30)),
        seen=0,
        by=owner,
        now=now,
        even_if_closed=True,
        tell_customer=False,
    )

    message = says(entry, "quero", now + MINUTE)

    assert "Você continua na lista de espera" in answer_to(message)
    assert (state_of(made), state_of(entry)) == (OfferState.WITHDRAWN, W.WAITING)
    assert not house.slot_holds.exists()


def test_sair_takes_off_the_list_and_the_time_goes_on(house, haircut, now):
    first, second = join(house, [haircut], now), join(house, [haircut], now, name="Bia", phone="+5511977776666")
    free(visit_at(house, 15), now)
    made = offered(house, now)

    message = says(first, "Sair, por favor", now + MINUTE)

    assert "você saiu da lista" in answer_to(message)
    assert (state_of(first), state_of(made)) == (W.LEFT, OfferState.WITHDRAWN)
    assert offered(house, now + MINUTE).entry == second
    late = answer_to(says(first, "quero", now + 2 * MINUTE, quoted_wa_id=made.message.wa_id))
    assert "ele foi oferecido a outra pessoa" in late
    assert "continua na lista" not in late


def test_a_word_that_is_about_the_visit_stays_with_the_visit(house, haircut, ze, now):
    """An offer is out, and the same person has a visit on another day."""
    entry = join(house, [haircut], now)
    visit = book(house, haircut, ze, at(9, day=WEDNESDAY + timedelta(days=2)), now, phone=entry.customer.phone)
    sent(house.messages.get(dedupe_key=f"booked:{visit.pk}"), now)
    free(visit_at(house, 15), now)
    made = offered(house, now + MINUTE)

    says(entry, "cancela meu horário", now + 2 * MINUTE)

    assert (state_of(visit), state_of(made)) == (AppointmentState.CANCELLED, OfferState.OPEN)


def test_what_is_unclear_is_explained_once_and_read_by_a_person(house, haircut, now):
    entry = join(house, [haircut], now)
    free(visit_at(house, 15), now)
    made = offered(house, now)

    for second in (1, 2):
        assert says(entry, "tem estacionamento?", now + second * MINUTE).needs_person
    assert house.messages.filter(dedupe_key=f"waitlist_help:{made.pk}").count() == 1
    assert says(entry, "tem mais tarde?", now + 3 * MINUTE).needs_person
    assert state_of(made) == OfferState.OPEN


def test_the_same_wish_of_the_same_phone_is_one_entry(house, haircut, beard, now):
    entry = join(house, [haircut], now)

    with pytest.raises(waitlist_actions.AlreadyWaiting) as refused:
        join(house, [haircut], now, name="Outro nome")
    assert refused.value.entry == entry
    join(house, [beard], now)
    join(house, [haircut, beard], now)
    with pytest.raises(Refused, match="3 vezes"):
        join(house, [haircut], now, parts=frozenset({"morning"}))
    assert house.messages.filter(purpose="waitlist_joined").count() == 3


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"last_day": WEDNESDAY - timedelta(days=1)}, "deve vir depois"),
        ({"first_day": WEDNESDAY - timedelta(days=7)}, "A agenda está aberta de"),
        ({"last_day": WEDNESDAY + timedelta(days=300)}, "A agenda está aberta de"),
        ({"starts_from": time(15), "starts_until": time(14)}, "O fim deve vir"),
    ],
)
def test_a_wish_that_cannot_come_true_is_refused(house, haircut, now, wish, sentence):
    with pytest.raises(Refused, match=sentence):
        join(house, [haircut], now, **wish)


def test_who_was_taken_off_by_mistake_comes_back_to_the_old_place(house, haircut, owner, now):
    first = join(house, [haircut], now)
    join(house, [haircut], now + MINUTE, name="Bia", phone="+5511977776666")
    waitlist_actions.leave(first, by=owner, now=now + 2 * MINUTE)

    waitlist_actions.undo(first, waitlist_actions.last_change(first).pk, by=owner, now=now + 3 * MINUTE)

    free(visit_at(house, 15), now)
    assert offered(house, now + 4 * MINUTE).entry == first
    with pytest.raises(Refused):
        waitlist_actions.undo(first, waitlist_actions.last_change(first).pk, by=owner, now=now + 5 * MINUTE)


def test_a_wish_whose_days_are_over_ends(house, haircut, now):
    entry = join(house, [haircut], now)

    waitlist_work.look(house.pk, at(0, 1, day=WEDNESDAY + timedelta(days=1)))

    assert state_of(entry) == W.PASSED


def test_after_the_shop_took_a_time_back_it_has_a_while_to_use_it(house, haircut, owner, now):
    join(house, [haircut], now)
    free(visit_at(house, 15), now)
    made = offered(house, now)

    offering.withdraw(made, by=owner, now=now + MINUTE)
    waitlist_work.look(house.pk, now + 2 * MINUTE)

    assert house.waitlist_offers.count() == 1
    assert offered(house, now + 20 * MINUTE).starts_at == at(15)


def test_who_is_taken_off_the_list_leaves_the_time_to_the_next(house, haircut, owner, now):
    first, second = join(house, [haircut], now), join(house, [haircut], now, name="Bia", phone="+5511977776666")
    free(visit_at(house, 15), now)
    offered(house, now)

    waitlist_actions.leave(first, by=owner, now=now + MINUTE)

    assert offered(house, now + MINUTE).entry == second


def test_a_time_that_a_visitor_does_not_take_is_offered_when_its_hold_has_ended(house, haircut, ze, now):
    join(house, [haircut], now)
    visit = visit_at(house, 15)
    free(visit, now)
    hold = actions.hold(house, services=[haircut], professional=ze, starts_at=at(15), visitor="v", now=now)
    waitlist_work.look(house.pk, now)
    assert not house.waitlist_offers.exists()

    assert offered(house, hold.expires_at).starts_at == at(15)


def test_what_the_list_was_worth_counts_what_stands_and_what_was_paid(house, haircut, now):
    for number, hour in enumerate((10, 11, 12)):
        entry = join(house, [haircut], now, name="Ana", phone=phone(number))
        free(visit_at(house, hour), now)
        says(entry, "1", offered(house, now).told_at + MINUTE)
    done, missed, _open = house.appointments.filter(source="waitlist").order_by("starts_at")
    house.appointments.filter(pk=done.pk).update(state=AppointmentState.DONE, paid_cents=6000, paid_with="pix")
    house.appointments.filter(pk=missed.pk).update(state=AppointmentState.CANCELLED)

    found = recovered.this_month(house, now=now)

    assert (found.done_cents, found.coming_cents, found.count) == (6000, 4500, 2)


def test_a_look_asks_the_database_as_often_for_three_as_for_one(
    house, haircut, beard, ze, now, django_assert_num_queries
):
    join(house, [haircut], now)
    with django_assert_num_queries(QUERIES):
        assert matching.first_match(house, now=now) is None
    join(house, [beard], now, name="Bia", phone="+5511977776666")
    join(house, [haircut], now, name="Caio", phone="+5511977776667", professional=ze)
    with django_assert_num_queries(QUERIES):
        assert matching.first_match(house, now=now) is None
