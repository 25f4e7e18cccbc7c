"""Reminders in their stories: whatever happens to a visit, the right ones go out, once, with the right words."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from conftest import make_customer, make_deposit_policy, make_professional
from navalha.accounts.models import ShopState
from navalha.messaging import work as messaging
from navalha.messaging.actions import cancel_queued
from navalha.messaging.models import Direction, MessageState
from navalha.scheduling import actions, undoing, visits
from navalha.scheduling.models import Appointment, AppointmentState, VisitReminder
from navalha.scheduling.moving import actions as moving
from navalha.scheduling.moving.actions import Place
from navalha.scheduling.reminders import actions as reminding
from navalha.scheduling.reminders import work
from navalha.scheduling.reminders.models import Dropped
from navalha.scheduling.replies import actions as replies
from navalha.scheduling.series import actions as repeating

from .reminder_helpers import PHONE, at, book, reminders, sent, taken_back

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def shop(shop):
    """One that was there long before the stories of November."""
    shop.created_at = at(9, day=1)
    shop.save(update_fields=["created_at"])
    return shop


@pytest.fixture
def visit(shop, haircut, ze, now) -> Appointment:
    """Booked at `now`, a Tuesday, for Thursday at 15:00."""
    return book(shop, haircut, ze, at(15), now=now)


def set_offsets(shop, owner, *minutes, now, is_on=True, text="", text_soon="") -> None:
    reminding.save_reminders(shop, is_on=is_on, minutes=minutes, text=text, text_soon=text_soon, by=owner, now=now)


def walk(first, last, *, step=10 * MINUTE) -> int:
    """The worker's looks from `first` to `last`; how many messages they queued."""
    queued, moment = 0, first
    while moment <= last:
        queued += work.remind(moment)
        moment += step
    return queued


def put(visit, starts_at, owner, *, now, tell=True) -> None:
    visit.refresh_from_db()
    place = Place(visit.professional, starts_at, starts_at + 30 * MINUTE)
    moving.reschedule(visit, place, seen=visit.version, by=owner, now=now, even_if_closed=True, tell_customer=tell)


def test_a_visit_is_reminded_of_a_day_and_two_hours_before_and_no_more(shop, visit, now):
    assert walk(now, at(14, 50)) == 2

    first, second = reminders(shop)
    assert at(15, day=25) <= first.created_at < at(15, 10, day=25)
    assert at(13) <= second.created_at < at(13, 10)
    assert "quinta-feira, 26/11, às 15:00" in first.text
    assert "Responda *1* para confirmar ou *2* para cancelar." in first.text
    assert first.expires_at == visit.starts_at
    assert [row.message for row in visit.reminders.all()] == [first, second]
    visit.refresh_from_db()
    sent(second, at(14, 51))
    work.remind(at(14, 59))
    visit.refresh_from_db()
    assert visit.remind_at is None, "nothing left to look at"


def test_who_has_confirmed_is_not_asked_to_confirm(shop, visit, now):
    visits.confirm(visit, now=now + HOUR)

    walk(now, at(14))

    assert [("Responda *1*" in one.text) for one in reminders(shop)] == [False, False]
    assert "responda *2* para cancelar" in reminders(shop)[0].text
    assert "*2*" not in reminders(shop)[1].text, "two hours before it is too late to cancel alone"


def test_a_booking_made_three_hours_before_gets_only_the_one_of_two_hours(shop, haircut, ze):
    book(shop, haircut, ze, at(15), now=at(12))

    assert walk(at(12), at(15)) == 1
    assert at(13) <= reminders(shop)[0].created_at < at(13, 10)


def test_a_moved_visit_is_reminded_of_its_new_time_and_never_of_the_old(shop, visit, owner, now):
    put(visit, at(17, day=27), owner, now=now + HOUR)

    walk(now, at(17, day=27))

    assert [("27/11, às 17:00" in one.text) for one in reminders(shop)] == [True, True]
    assert reminders(shop)[0].created_at >= at(17, day=26)


def test_a_reminder_that_waits_is_taken_back_when_the_visit_moves_and_comes_again_when_that_is_undone(
    shop, visit, owner
):
    work.remind(at(15, day=25))
    [waiting] = reminders(shop)
    put(visit, at(17, day=27), owner, now=at(15, 1, day=25))
    assert taken_back(waiting)
    assert work.remind(at(15, 2, day=25)) == 0

    change = undoing.last_change(visit)
    undoing.undo(visit, change.pk, by=owner, now=at(15, 3, day=25))
    assert work.remind(at(15, 4, day=25)) == 1

    again = reminders(shop)[1]
    assert "26/11, às 15:00" in again.text
    assert visit.reminders.get().message == again
    assert walk(at(15, 5, day=25), at(12)) == 0


def test_a_visit_that_comes_back_to_a_time_of_which_it_was_told_is_not_reminded_of_it_twice(shop, visit, owner):
    work.remind(at(15, day=25))
    sent(reminders(shop)[0], at(15, day=25))
    put(visit, at(16), owner, now=at(16, day=25))
    put(visit, at(15), owner, now=at(17, day=25))

    walk(at(17, day=25), at(12))

    assert len(reminders(shop)) == 1


def test_who_was_reminded_of_a_time_hears_when_the_visit_leaves_it_again(shop, visit, owner):
    """Moved without a word, then reminded of: the old time is news."""
    put(visit, at(16), owner, now=at(10, day=25), tell=False)
    work.remind(at(16, day=25))
    sent(reminders(shop)[0], at(16, day=25))
    assert "às 16:00" in reminders(shop)[0].text

    put(visit, at(15), owner, now=at(17, day=25))

    assert "Agora é quinta-feira, 26/11, às 15:00" in shop.messages.get(purpose="rescheduled").text


@pytest.mark.parametrize("tell", [True, False])
def test_another_professional_at_the_same_time_leaves_what_waits_with_the_right_name(shop, visit, owner, haircut, tell):
    work.remind(at(15, day=25))
    place = Place(make_professional(shop, "Nando", [haircut]), visit.starts_at, visit.ends_at)
    moving.reschedule(visit, place, seen=visit.version, by=owner, now=at(15, 1, day=25), tell_customer=tell)

    assert walk(at(15, 2, day=25), at(13, 10)) == 2

    waiting = [one for one in reminders(shop) if not taken_back(one)]
    assert all("com Nando" in one.text for one in waiting)
    assert [one.state for one in waiting] == ["queued"]
    dropped = {row.minutes: row.dropped for row in visit.reminders.all()}
    assert dropped == {1440: Dropped.FOLLOWED, 120: ""}


def test_a_cancelled_visit_is_not_reminded_of_and_what_waits_is_taken_back(shop, visit, now):
    work.remind(at(15, day=25))
    visits.cancel(visit, now=at(16, day=25))

    assert taken_back(reminders(shop)[0])
    assert walk(at(16, day=25), at(15)) == 0
    assert visit.reminders.get().dropped == Dropped.MOVED


def test_who_is_here_already_is_not_told_that_it_is_soon(shop, visit, owner):
    set_offsets(shop, owner, 15, now=at(10))
    visits.arrive(visit, by=owner, now=at(14, 40))

    assert walk(at(14, 40), at(15)) == 0


def test_what_a_person_took_out_of_the_queue_does_not_come_again(shop, visit, owner):
    work.remind(at(15, day=25))
    cancel_queued(reminders(shop)[0], by=owner, now=at(15, 5, day=25))
    visits.confirm(visit, now=at(15, 6, day=25))

    assert walk(at(15, 7, day=25), at(12)) == 0


def test_what_waits_says_what_is_true_when_it_leaves(shop, visit, owner, ze):
    work.remind(at(15, day=25))
    visits.confirm(visit, now=at(15, 1, day=25))
    ze.name = "José"
    ze.save()

    work.remind(at(15, 2, day=25))

    [waiting] = reminders(shop)
    assert "com José" in waiting.text
    assert "*1*" not in waiting.text
    set_offsets(shop, owner, 1440, text="{quando}. {resposta}", now=at(15, 3, day=25))
    work.remind(at(15, 4, day=25))
    waiting.refresh_from_db()
    assert waiting.text == "quinta-feira, 26/11, às 15:00. Se não puder vir, responda *2* para cancelar."


def test_the_words_of_what_waits_follow_the_clock(shop, visit):
    """Queued while it could be cancelled alone; when the number is back it is too late for that."""
    work.remind(at(12, 55))
    assert "*2*" in reminders(shop)[-1].text

    walk(at(13), at(13, 10), step=MINUTE)

    last = reminders(shop)[-1]
    assert last.state == MessageState.QUEUED
    assert "*2*" not in last.text


def test_after_a_night_without_a_number_one_reminder_goes_out_and_after_the_visit_none(shop, visit):
    walk(at(15, day=25), at(14))
    first, second = reminders(shop)

    assert taken_back(first)
    assert visit.reminders.get(minutes=1440).dropped == Dropped.FOLLOWED
    messaging.expire(at(15, 1))
    second.refresh_from_db()
    assert second.state == MessageState.EXPIRED


def test_a_worker_that_was_away_makes_up_for_what_still_makes_sense(shop, visit, haircut, ze):
    gone = book(shop, haircut, ze, at(10), now=at(9, day=23))

    assert work.remind(at(13, 30)) == 1

    [message] = reminders(shop)
    assert "às 15:00" in message.text
    assert {row.minutes: row.dropped for row in visit.reminders.all()} == {1440: Dropped.FOLLOWED, 120: ""}
    assert {row.dropped for row in gone.reminders.all()} == {Dropped.LATE}


def test_offsets_that_are_changed_later_hold_from_then_on(shop, visit, owner, now):
    set_offsets(shop, owner, 48 * 60, 180, 15, now=at(20, day=24))

    assert walk(at(20, day=24), at(15)) == 2
    assert [row.minutes for row in visit.reminders.order_by("planned_at")] == [180, 15]
    assert [one.purpose for one in reminders(shop)] == ["reminder", "reminder_soon"]


def test_switched_off_nothing_goes_and_what_waits_is_taken_back(shop, visit, owner):
    work.remind(at(15, day=25))
    set_offsets(shop, owner, 1440, 120, is_on=False, now=at(15, 1, day=25))
    work.remind(at(15, 2, day=25))
    assert taken_back(reminders(shop)[0])

    assert walk(at(15, 3, day=25), at(15)) == 0


def test_a_slip_in_the_settings_and_its_undo_skip_no_reminder(shop, visit, owner):
    set_offsets(shop, owner, 1440, 120, is_on=False, now=at(14, 59, day=25))
    work.remind(at(15, day=25))
    set_offsets(shop, owner, 1440, 120, now=at(15, 1, day=25))
    assert work.remind(at(15, 2, day=25)) == 1

    set_offsets(shop, owner, 120, now=at(15, 3, day=25))
    work.remind(at(15, 4, day=25))
    set_offsets(shop, owner, 1440, 120, now=at(15, 5, day=25))
    work.remind(at(15, 6, day=25))
    assert [one.state for one in reminders(shop)] == ["cancelled", "queued"]

    set_offsets(shop, owner, 1440, 120, is_on=False, now=at(15, 7, day=25))
    set_offsets(shop, owner, 1440, 120, now=at(17, day=25))
    work.remind(at(17, 1, day=25))
    assert work.remind(at(17, 2, day=25)) == 0


def test_each_visit_of_a_series_is_reminded_of_like_any_other(shop, visit, owner, now):
    repeating.repeat(visit, every_weeks=1, by=owner, now=now)
    second = shop.appointments.filter(source="series").order_by("starts_at").first()

    walk(second.starts_at - 2 * DAY, second.starts_at, step=30 * MINUTE)

    assert [row.minutes for row in second.reminders.all()] == [1440, 120]
    said = shop.messages.get(purpose="series_booked").text
    assert "Perto de cada um você recebe um lembrete." in said


def test_a_customer_without_a_phone_is_reminded_of_nothing_and_the_page_can_say_why(shop, haircut, ze, now):
    nobody = shop.customers.create(name="Seu Antônio")
    visit = shop.appointments.create(
        customer=nobody, professional=ze, starts_at=at(15), ends_at=at(16), created_at=now, remind_at=now
    )
    assert walk(now, at(14), step=HOUR) == 0
    assert {row.dropped for row in visit.reminders.all()} == {Dropped.NO_ADDRESS}


def test_what_awaits_its_deposit_is_reminded_of_that(shop, haircut, ze, now):
    make_deposit_policy(shop, minutes_to_pay=1440)
    visit = book_with_deposit(shop, haircut, ze, now)
    shop.deposits.update(due_at=at(14))

    work.remind(at(15, day=25))

    [message] = reminders(shop)
    assert "Falta só o *sinal de R$ 15,00*" in message.text
    assert "*1*" not in message.text
    assert visit.reminders.count() == 1


def book_with_deposit(shop, haircut, ze, now) -> Appointment:
    return actions.book(
        shop,
        services=[haircut],
        professional=ze,
        starts_at=at(15),
        name="Rafa",
        phone=PHONE,
        now=now,
        agreed_cents=1500,
    )


def inbound(visit, text):
    return visit.shop.messages.create(
        customer=visit.customer,
        direction=Direction.IN,
        state=MessageState.RECEIVED,
        address=PHONE,
        text=text,
        kind="text",
        wa_id="IN1",
        created_at=at(16, day=25),
    )


@pytest.mark.parametrize(("answer", "state"), [("1", "confirmed"), ("2", "cancelled")])
def test_an_answer_to_a_reminder_changes_the_visit_that_it_tells_of(shop, visit, haircut, ze, now, answer, state):
    other = book(shop, haircut, ze, at(15, day=30), now=now)
    shop.messages.update(dedupe_key=None)  # the confirmations are long gone: only the reminder can be meant
    work.remind(at(15, day=25))
    sent(reminders(shop)[0], at(15, day=25))

    assert replies.handle(inbound(visit, answer), now=at(16, day=25))

    visit.refresh_from_db()
    other.refresh_from_db()
    assert (visit.state, other.state) == (state, AppointmentState.PENDING)


@pytest.mark.parametrize("answer", ["1", "2"])
def test_of_two_visits_an_answer_means_the_one_of_the_last_reminder(shop, visit, haircut, ze, now, answer):
    other = book(shop, haircut, ze, at(15, day=30), now=now)
    for message in shop.messages.filter(purpose="booked"):
        sent(message, now + MINUTE)
    work.remind(at(15, day=25))
    sent(reminders(shop)[0], at(15, day=25))

    assert replies.handle(inbound(visit, answer), now=at(16, day=25))

    visit.refresh_from_db()
    other.refresh_from_db()
    assert (visit.state, other.state) == ({"1": "confirmed", "2": "cancelled"}[answer], AppointmentState.PENDING)


def test_a_change_of_the_quiet_hours_is_seen_in_time(shop, haircut, ze, now):
    """Planned for half past seven in the morning; then the number becomes quiet until nine."""
    shop.paces.create(phone="", began_at=now, quiet_from=time(22), quiet_until=time(7))
    book(shop, haircut, ze, at(9, 30), now=at(10, day=25))
    work.remind(at(10, day=25))
    shop.paces.update(quiet_from=time(20), quiet_until=time(9))

    walk(at(10, day=25), at(23, day=25))

    [message] = reminders(shop)
    assert at(19, 30, day=25) <= message.created_at <= at(19, 40, day=25)


def test_while_a_shop_is_suspended_nothing_is_planned_and_afterwards_what_makes_sense(shop, visit):
    shop.state = ShopState.SUSPENDED
    shop.save()
    assert walk(at(14, day=25), at(13, 30), step=HOUR) == 0
    shop.state = ShopState.ACTIVE
    shop.save()

    assert work.remind(at(13, 40)) == 1


def test_a_look_costs_the_same_for_one_visit_and_for_three(shop, visit, haircut, ze, owner):
    def look(moment):
        with CaptureQueriesContext(connection) as queries:
            work.remind(moment)
        return [query["sql"] for query in queries]

    later = [make_customer(shop, f"C{place}", f"+551197777000{place}") for place in range(3)]
    look(at(14, day=25))
    one = look(at(15, day=25))
    sent(reminders(shop)[0], at(15, day=25))
    for place, customer in enumerate(later):
        made = book(shop, haircut, ze, at(10 + place, day=28), now=at(9, day=24), phone=customer.phone)
        put(made, at(11 + place, day=29), owner, now=at(10, day=24))
    look(at(9, day=26))
    three = look(at(13, day=28))

    assert len(reminders(shop)) == 1 + 3
    assert len(three) <= len(one) + 1  # what was moved asks for the moves, once
    assert not look(at(13, day=28))[1:], "with nothing due it is one query"


def test_what_is_due_is_found_by_its_index(shop, visit):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan TO off")
        cursor.execute("EXPLAIN SELECT shop_id FROM scheduling_appointment WHERE remind_at <= now()")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "reminders_to_look_at" in plan


def test_one_visit_that_cannot_be_looked_at_holds_up_no_other(shop, visit, haircut, ze, now, monkeypatch):
    other = book(shop, haircut, ze, at(16), now=now, phone="+5511977770001")
    shop.appointments.filter(pk=visit.pk).update(starts_at=at(15))
    shop.visit_reminders.create(
        appointment=visit, minutes=1440, of_starts_at=at(15), planned_at=at(15, day=25), dropped=Dropped.OFF
    )
    # Its key stands on another customer's message: queueing it again finds that one linked already.
    taken = shop.messages.create(
        direction=Direction.OUT, state="sent", address="+5511966660000", dedupe_key=f"reminder:{visit.pk}:0:1440:0"
    )
    shop.visit_reminders.create(
        appointment=other, minutes=5, of_starts_at=at(16), planned_at=at(15, day=25), message=taken
    )

    assert work.remind(at(16, day=25)) == 1

    assert other.reminders.filter(minutes=1440, dropped="").exists()
    visit.refresh_from_db()
    assert visit.remind_at > at(16, day=25)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_queue_each_reminder_once(shop, haircut, ze, now):
    for hour in range(10, 16):
        book(shop, haircut, ze, at(hour), now=now, phone=f"+55119777700{hour}")
    barrier = Barrier(3)

    def look():
        try:
            barrier.wait(timeout=20)
            return work.remind(at(16, day=25))
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        counts = [future.result(timeout=60) for future in [pool.submit(look) for _ in range(3)]]

    assert sum(counts) == len(reminders(shop)) == 6
    assert shop.visit_reminders.count() == 6


@pytest.mark.django_db(transaction=True)
def test_who_moves_a_visit_while_a_worker_looks_at_it_is_believed(shop, haircut, ze, owner, now):
    visit = book(shop, haircut, ze, at(15), now=now)
    with transaction.atomic():
        shop.appointments.select_for_update(no_key=True).get(pk=visit.pk)

        def look():
            try:
                return work.remind(at(15, day=25))
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(look).result(timeout=60) == 0, "it does not wait, and does not guess"
        put(visit, at(17, day=28), owner, now=at(15, day=25))

    assert work.remind(at(15, 1, day=25)) == 0
    assert VisitReminder.across_shops.count() == 0
