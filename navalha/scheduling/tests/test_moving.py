"""The same visit at another time: its history, who hears of it, and two people who move it at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from conftest import make_member, make_professional
from navalha.accounts.models import Role
from navalha.core.errors import Refused
from navalha.messaging.models import MessageState, WhatsAppMessage
from navalha.scheduling import actions, undoing
from navalha.scheduling.errors import OutOfHours
from navalha.scheduling.models import Appointment, AppointmentState
from navalha.scheduling.moving import actions as moving
from navalha.scheduling.moving.actions import Place

S = AppointmentState
SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def at(hour: int, minute: int = 0, day: int = 25) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SAO_PAULO).astimezone(UTC)


def place(professional, starts_at: datetime, minutes: int = 30) -> Place:
    return Place(professional, starts_at, starts_at + timedelta(minutes=minutes))


@pytest.fixture
def joao(shop, haircut):
    return make_professional(shop, "João", [haircut], phone="+5511966660002", position=2)


@pytest.fixture
def visit(shop, haircut, ze, now) -> Appointment:
    return actions.book(
        shop, services=[haircut], professional=ze, starts_at=at(15), name="Rafa", phone="+5511988887777", now=now
    )


def sent(visit) -> None:
    """All that waits has gone out."""
    visit.shop.messages.filter(state=MessageState.QUEUED).update(state=MessageState.SENT)


def waiting(shop) -> list[WhatsAppMessage]:
    return list(shop.messages.filter(state=MessageState.QUEUED, customer__isnull=False).order_by("pk"))


def test_a_moved_visit_stays_the_same_with_its_history(visit, joao, ze, owner, now):
    change = moving.reschedule(visit, place(joao, at(16)), seen=0, by=owner, now=now)

    visit.refresh_from_db()
    assert (visit.starts_at, visit.ends_at, visit.professional, visit.version) == (at(16), at(16, 30), joao, 1)
    assert (change.from_professional, change.from_starts_at) == (ze, at(15))
    assert (change.to_professional, change.to_starts_at, change.by) == (joao, at(16), owner)
    assert visit.changes.count() == 2


def test_the_customer_hears_of_the_new_time_once_and_after_a_moment(visit, ze, owner, now):
    sent(visit)
    moving.reschedule(visit, place(ze, at(16)), seen=0, by=owner, now=now)
    moving.reschedule(visit, place(ze, at(17)), seen=1, by=owner, now=now)

    [message] = waiting(visit.shop)
    assert message.purpose == "rescheduled"
    assert "às 17:00" in message.text
    assert message.due_at == now + timedelta(seconds=20)


def test_an_undo_within_the_moment_says_nothing_at_all(visit, ze, owner, now):
    sent(visit)
    change = moving.reschedule(visit, place(ze, at(16)), seen=0, by=owner, now=now)
    undoing.undo(visit, change.pk, by=owner, now=now + timedelta(seconds=5))

    visit.refresh_from_db()
    assert (visit.starts_at, visit.version) == (at(15), 2)
    assert waiting(visit.shop) == []
    assert visit.changes.first().reason == "Desfeito"


def test_an_undo_after_the_message_went_out_tells_the_old_time_again(visit, ze, owner, now):
    sent(visit)
    change = moving.reschedule(visit, place(ze, at(16)), seen=0, by=owner, now=now)
    sent(visit)
    undoing.undo(visit, change.pk, by=owner, now=now + timedelta(minutes=1))

    [message] = waiting(visit.shop)
    assert "às 15:00" in message.text


def test_a_booking_that_nobody_was_told_of_is_told_with_its_last_time(visit, ze, owner, now):
    change = moving.reschedule(visit, place(ze, at(16)), seen=0, by=owner, now=now)
    [message] = waiting(visit.shop)
    assert (message.purpose, "às 16:00" in message.text) == ("booked", True)

    undoing.undo(visit, change.pk, by=owner, now=now)
    [message] = waiting(visit.shop)
    assert (message.purpose, "às 15:00" in message.text) == ("booked", True)


def test_a_yes_to_one_time_is_no_yes_to_another_and_an_undo_brings_it_back(visit, ze, owner, now):
    actions.confirm(visit, now=now)
    change = moving.reschedule(visit, place(ze, at(16)), seen=0, by=owner, now=now)
    assert visit.state == S.PENDING

    undoing.undo(visit, change.pk, by=owner, now=now)
    visit.refresh_from_db()
    assert visit.state == S.CONFIRMED


def test_what_was_agreed_with_the_customer_stays_confirmed_and_tells_nobody(visit, ze, owner, now):
    actions.confirm(visit, now=now)
    sent(visit)
    moving.reschedule(visit, place(ze, at(16)), seen=0, by=owner, now=now, tell_customer=False)

    assert visit.state == S.CONFIRMED
    assert waiting(visit.shop) == []


def test_another_length_alone_is_nobodys_news(visit, ze, owner, now):
    sent(visit)
    moving.reschedule(visit, place(ze, at(15), 60), seen=0, by=owner, now=now)

    assert visit.ends_at == at(16)
    assert not visit.shop.messages.filter(state=MessageState.QUEUED).exists()


def test_both_professionals_hear_of_a_visit_that_changes_hands(visit, joao, ze, owner, now):
    ze.phone = "+5511966660001"
    ze.save(update_fields=["phone"])
    moving.reschedule(visit, place(joao, at(16)), seen=0, by=owner, now=now)

    notices = visit.shop.messages.filter(purpose="notice_rescheduled")
    assert {notice.address for notice in notices} == {ze.phone, joao.phone}
    assert "Era quarta-feira, 25/11, às 15:00" in notices[0].text


def test_the_second_of_two_is_told_what_the_first_did_and_overwrites_nothing(visit, ze, owner, shop, now):
    maria = make_member(shop, "maria@navalha.example", Role.RECEPTION)
    maria.name = "Maria"
    maria.save(update_fields=["name"])
    seen_by_owner = Appointment.across_shops.get(pk=visit.pk)
    moving.reschedule(visit, place(ze, at(16)), seen=0, by=maria, now=now)

    with pytest.raises(Refused, match="Maria moveu este horário para 25/11, 16:00 com Zé"):
        moving.reschedule(seen_by_owner, place(ze, at(17)), seen=0, by=owner, now=now)

    visit.refresh_from_db()
    assert visit.starts_at == at(16)


def test_an_occupied_place_is_refused_with_who_is_there(visit, shop, haircut, ze, owner, now):
    actions.book(
        shop, services=[haircut], professional=ze, starts_at=at(16), name="Bia", phone="+5511955554444", now=now
    )

    with pytest.raises(Refused, match="Zé já tem Bia das 16:00 às 16:30"):
        moving.reschedule(visit, place(ze, at(16, 15)), seen=0, by=owner, now=now)

    visit.refresh_from_db()
    assert (visit.starts_at, visit.version) == (at(15), 0)


def test_outside_the_hours_takes_somebody_who_insists(visit, shop, ze, owner, now):
    shop.times_off.create(professional=ze, starts_at=at(12), ends_at=at(13))
    for hour in (12, 18, 8):
        with pytest.raises(OutOfHours, match="Fora do expediente de Zé"):
            moving.reschedule(visit, place(ze, at(hour)), seen=0, by=owner, now=now)

    moving.reschedule(visit, place(ze, at(18)), seen=0, by=owner, now=now, even_if_closed=True)
    assert visit.starts_at == at(18)


def test_a_professional_who_does_not_do_it_takes_somebody_who_insists(visit, shop, beard, owner, now):
    lia = make_professional(shop, "Lia", [beard])

    with pytest.raises(OutOfHours, match="Lia não faz todos os serviços"):
        moving.reschedule(visit, place(lia, at(16)), seen=0, by=owner, now=now)


@pytest.mark.parametrize(
    ("starts_at", "minutes", "sentence"),
    [
        (at(15, day=23), 30, "Este dia já passou"),
        (at(16), 0, "entre 5 minutos e 8 horas"),
        (at(9), 600, "entre 5 minutos e 8 horas"),
        (at(15) + timedelta(days=400), 30, "até um ano"),
    ],
)
def test_what_no_visit_can_be_is_refused(visit, ze, owner, now, starts_at, minutes, sentence):
    with pytest.raises(Refused, match=sentence):
        moving.reschedule(visit, place(ze, starts_at, minutes), seen=0, by=owner, now=now, even_if_closed=True)


@pytest.mark.parametrize("state", [S.DONE, S.NO_SHOW, S.CANCELLED])
def test_a_closed_visit_stays_where_it_is(visit, ze, owner, now, state):
    Appointment.across_shops.filter(pk=visit.pk).update(state=state)

    with pytest.raises(Refused, match="não pode mais ser movido"):
        moving.reschedule(visit, place(ze, at(16)), seen=0, by=owner, now=now)


def test_nothing_is_undone_late_or_after_somebody_went_on(visit, ze, owner, now):
    first = moving.reschedule(visit, place(ze, at(16)), seen=0, by=owner, now=now)
    with pytest.raises(Refused, match="Não dá mais para desfazer"):
        undoing.undo(visit, first.pk, by=owner, now=now + timedelta(minutes=16))

    moving.reschedule(visit, place(ze, at(17)), seen=1, by=owner, now=now)
    with pytest.raises(Refused, match="mudou de novo"):
        undoing.undo(visit, first.pk, by=owner, now=now)
    assert visit.starts_at == at(17)


def test_a_visit_goes_over_midnight_and_through_a_day_of_a_clock_change(visit, ze, owner, shop, now):
    moving.reschedule(visit, place(ze, at(23, 30), 60), seen=0, by=owner, now=now, even_if_closed=True)
    assert (visit.starts_at, visit.ends_at) == (at(23, 30), at(0, 30, day=26))


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_move_one_visit_at_once_one_does_and_the_others_are_told(shop, haircut, ze, joao, owner, now):
    visit = actions.book(
        shop, services=[haircut], professional=ze, starts_at=at(9), name="Rafa", phone="+5511988887777", now=now
    )
    barrier = Barrier(20)

    def one(number: int) -> str:
        barrier.wait(timeout=60)
        mine = Appointment.across_shops.get(pk=visit.pk)
        wish = place(ze if number % 2 else joao, at(10) + timedelta(minutes=15 * number))
        try:
            moving.reschedule(mine, wish, seen=0, by=owner, now=now, even_if_closed=True)
            return "moved"
        except Refused as refusal:
            return str(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(one, range(20)))

    visit.refresh_from_db()
    assert outcomes.count("moved") == 1
    assert all("moveu este horário" in outcome for outcome in outcomes if outcome != "moved")
    assert visit.version == 1
    assert visit.changes.exclude(version=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_visits_that_are_moved_onto_one_time_at_once_never_overlap(shop, haircut, ze, owner, now):
    visits = [
        actions.book(
            shop,
            services=[haircut],
            professional=ze,
            starts_at=at(9 + number),
            name="Rafa",
            phone=f"+55119{80000000 + number}",
            now=now,
        )
        for number in range(4)
    ]
    barrier = Barrier(4)

    def one(visit: Appointment) -> bool:
        barrier.wait(timeout=60)
        try:
            moving.reschedule(visit, place(ze, at(15)), seen=0, by=owner, now=now)
            return True
        except Refused:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, visits)) == 1

    assert shop.appointments.filter(starts_at=at(15)).count() == 1
