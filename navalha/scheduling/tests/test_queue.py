"""The line of who came without a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from conftest import make_customer, make_member, make_professional
from navalha.accounts.models import Role
from navalha.core.errors import Refused
from navalha.scheduling import actions, undoing
from navalha.scheduling.models import AppointmentState, QueueState
from navalha.scheduling.queue import actions as queue_actions
from navalha.scheduling.queue import queries as queue_queries

LINE = "/fila/"
QUERIES = 15  # of its page: session, person, membership, the form and the line


def joined(shop, haircut, owner, now, name="Davi", phone="", professional=None):
    return queue_actions.join(
        shop, name=name, phone=phone, services=[haircut], professional=professional, by=owner, now=now
    )


def seated(entry, ze, owner, now):
    return queue_actions.start(entry, professional=ze, by=owner, now=now)


def test_who_starts_from_the_line_is_a_visit_in_service_from_now_on(shop, haircut, ze, owner, now):
    visit = seated(joined(shop, haircut, owner, now), ze, owner, now + timedelta(minutes=7))

    assert (visit.state, visit.source, visit.customer.name) == (AppointmentState.IN_SERVICE, "queue", "Davi")
    assert (visit.starts_at, visit.ends_at) == (now + timedelta(minutes=7), now + timedelta(minutes=37))
    assert [item.name for item in visit.items.all()] == ["Corte"]
    entry = shop.queue_entries.get()
    assert (entry.state, entry.appointment) == (QueueState.SERVED, visit)
    assert [change.to_state for change in entry.changes.all()] == ["served", "waiting"]


def test_a_phone_is_recognised_and_gets_the_link_and_one_call_however_often_they_are_called(
    shop, haircut, ze, owner, now
):
    known = make_customer(shop)
    entry = joined(shop, haircut, owner, now, phone=known.phone)
    assert entry.customer == known
    assert "/fila/" in shop.messages.get(purpose="queue_joined").text

    queue_actions.call(entry, by=owner, now=now)
    queue_actions.undo(entry, queue_actions.last_change(entry).pk, by=owner, now=now)
    queue_actions.call(entry, by=owner, now=now)
    assert shop.messages.filter(purpose="queue_called").count() == 1
    with pytest.raises(Refused, match="já está na fila"):
        joined(shop, haircut, owner, now, name="Outro", phone=known.phone)


def test_who_gave_no_phone_is_called_by_voice(shop, haircut, ze, owner, now):
    queue_actions.call(joined(shop, haircut, owner, now), by=owner, now=now)

    assert not shop.messages.exists()
    assert not shop.customers.exists()


def test_a_taken_chair_refuses_with_who_sits_there_until_when(shop, haircut, ze, owner, now):
    first, second = (joined(shop, haircut, owner, now, name) for name in ("Davi", "Enzo"))
    visit = seated(first, ze, owner, now)

    with pytest.raises(Refused, match="Zé está atendendo Davi até 10:30"):
        seated(second, ze, owner, now + timedelta(minutes=10))
    with pytest.raises(Refused, match="Zé ainda está atendendo Davi"):
        seated(second, ze, owner, now + timedelta(minutes=40))
    actions.finish(visit, by=owner, now=now + timedelta(minutes=15))
    later = seated(second, ze, owner, now + timedelta(minutes=15))
    visit.refresh_from_db()
    assert visit.ends_at == later.starts_at


def test_a_booked_visit_before_the_end_refuses_with_its_time(shop, haircut, ze, owner, now):
    at = now + timedelta(minutes=15)
    actions.book(
        shop, services=[haircut], professional=ze, starts_at=at, name="Ana", phone="+5511955554444", now=now, by=owner
    )

    with pytest.raises(Refused, match="Zé tem Ana das 10:15 às 10:45"):
        seated(joined(shop, haircut, owner, now), ze, owner, now)


def test_a_start_by_mistake_is_taken_back_with_its_visit(shop, haircut, ze, owner, now):
    entry = joined(shop, haircut, owner, now)
    visit = seated(entry, ze, owner, now)

    queue_actions.undo(entry, queue_actions.last_change(entry).pk, by=owner, now=now)

    visit.refresh_from_db()
    entry.refresh_from_db()
    assert (entry.state, entry.appointment, visit.state) == (QueueState.WAITING, None, AppointmentState.CANCELLED)
    queue_actions.call(entry, by=owner, now=now)
    assert seated(entry, ze, owner, now).customer == visit.customer
    assert not shop.messages.exists()


def test_what_is_old_or_went_on_meanwhile_is_not_taken_back(shop, haircut, ze, owner, now):
    entry = joined(shop, haircut, owner, now)
    visit = seated(entry, ze, owner, now)
    change = queue_actions.last_change(entry)

    with pytest.raises(Refused):
        queue_actions.undo(entry, change.pk, by=owner, now=now + timedelta(hours=1))
    actions.finish(visit, by=owner, now=now)
    with pytest.raises(Refused, match="já mudou na agenda"):
        queue_actions.undo(entry, change.pk, by=owner, now=now)
    entry.refresh_from_db()
    assert entry.state == QueueState.SERVED


def test_the_line_counts_visits_and_those_before_and_forgets_yesterday(shop, haircut, beard, ze, owner, now):
    joined(shop, haircut, owner, now - timedelta(days=1), "Ontem")
    actions.book(
        shop,
        services=[haircut],
        professional=ze,
        starts_at=now + timedelta(minutes=45),
        name="Ana",
        phone="+5511955554444",
        now=now,
        by=owner,
    )
    for name in ("Davi", "Enzo", "Gael"):
        joined(shop, haircut, owner, now, name)

    found = [(place.position, place.entry.name, place.wait) for place in queue_queries.build(shop, now=now)]

    waits = [timedelta(minutes=count) for count in (0, 75, 105)]
    assert found == list(zip((1, 2, 3), ("Davi", "Enzo", "Gael"), waits, strict=True))


def test_a_service_that_takes_longer_than_booked_ends_any_moment(shop, haircut, ze, owner, now):
    seated(joined(shop, haircut, owner, now, "Davi"), ze, owner, now)
    later = now + timedelta(minutes=50)
    joined(shop, haircut, owner, later, "Enzo")

    assert queue_queries.build(shop, now=later)[0].wait == queue_queries.OVERRUN


def test_where_chairs_are_fewer_than_people_the_line_waits_for_a_chair(shop, haircut, ze, owner, now):
    make_professional(shop, "Bia", [haircut], position=2)
    shop.chairs = 1
    shop.save(update_fields=["chairs"])
    seated(joined(shop, haircut, owner, now, "Davi"), ze, owner, now)
    for name in ("Enzo", "Gael"):
        joined(shop, haircut, owner, now, name)

    assert [place.minutes for place in queue_queries.build(shop, now=now)] == [(20, 40), (45, 80)]
    shop.chairs = None
    shop.save(update_fields=["chairs"])
    assert [place.minutes for place in queue_queries.build(shop, now=now)] == [(0, 0), (20, 40)]


def test_a_visit_that_ended_early_gives_the_rest_back_with_a_line_in_its_history(shop, haircut, ze, owner, now):
    bia = make_professional(shop, "Bia", [haircut], position=2)
    shop.chairs = 1
    shop.save(update_fields=["chairs"])
    early = seated(joined(shop, haircut, owner, now, "Davi"), ze, owner, now)
    actions.finish(early, by=owner, now=now + timedelta(minutes=10))
    later = now + timedelta(minutes=15)

    visit = seated(joined(shop, haircut, owner, later, "Enzo"), bia, owner, later)

    early.refresh_from_db()
    change = undoing.last_change(early)
    assert (visit.chair, early.chair) == (1, 1)
    assert (early.ends_at, early.version, early.state) == (later, 1, AppointmentState.DONE)
    assert (change.from_ends_at, change.to_ends_at, change.by) == (now + timedelta(minutes=30), later, owner)
    with pytest.raises(Refused, match="Não dá mais para desfazer"):
        undoing.undo(early, change.pk, by=owner, now=later)
    undoing.reopen(early, by=owner, reason="Valor errado", now=later)
    assert (early.state, early.paid_cents) == (AppointmentState.IN_SERVICE, None)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_start_the_same_person_at_once_make_one_visit(shop, haircut, ze, owner, now):
    entry = joined(shop, haircut, owner, now)

    outcomes = at_once(lambda row: seated(row, ze, owner, now), shop, [entry.pk, entry.pk])

    assert shop.appointments.count() == 1
    assert {outcome.pk for outcome in outcomes} == {shop.appointments.get().pk}
    assert shop.customers.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_people_for_one_chair_at_once_one_sits_down_and_the_other_stays_in_the_line(
    shop, haircut, ze, owner, now
):
    pks = [joined(shop, haircut, owner, now, name).pk for name in ("Davi", "Enzo")]

    outcomes = at_once(lambda row: seated(row, ze, owner, now), shop, pks)

    assert sorted(type(one).__name__ for one in outcomes) == ["Appointment", "Refused"]
    assert shop.appointments.count() == 1
    assert sorted(shop.queue_entries.values_list("state", flat=True)) == ["served", "waiting"]
    assert shop.customers.count() == 1


def at_once(act, shop, pks):
    barrier = Barrier(len(pks))

    def one(pk):
        try:
            row = shop.queue_entries.get(pk=pk)
            barrier.wait(timeout=30)
            return act(row)
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(pks)) as pool:
        return list(pool.map(one, pks))


def test_the_counter_puts_calls_and_seats_people_and_takes_a_slip_back(as_owner, shop, haircut, ze):
    page = as_owner.get(LINE).content.decode()
    assert "Ninguém na fila." in page
    typed = {"name": "Davi", "phone": "", "services": [haircut.pk], "professional": ""}

    page = as_owner.post(f"{LINE}entrar/", typed, follow=True).content.decode()
    entry = shop.queue_entries.get()
    assert "Davi está na fila." in page
    assert f"/agendar/{shop.slug}/fila/{entry.pk}." in page
    assert "data:image/png;base64," in page

    assert "Davi foi chamado." in as_owner.post(f"{LINE}{entry.pk}/chamar/", follow=True).content.decode()
    page = as_owner.post(f"{LINE}{entry.pk}/comecar/", {"profissional": ze.pk}, follow=True).content.decode()
    assert "Davi está em atendimento." in page
    change = queue_actions.last_change(entry)
    assert f"{LINE}{entry.pk}/desfazer/{change.pk}/" in page
    as_owner.post(f"{LINE}{entry.pk}/desfazer/{change.pk}/")
    entry.refresh_from_db()
    assert entry.state == QueueState.CALLED


def test_somebody_whom_the_shop_knows_joins_by_being_chosen(as_owner, shop, haircut, ze):
    known = shop.customers.create(name="Seu Antônio")
    typed = {"name": "Seu Antônio", "phone": "", "customer": known.pk, "services": [haircut.pk], "professional": ""}

    as_owner.post(f"{LINE}entrar/", typed)

    assert shop.queue_entries.get().customer == known
    assert "já está na fila" in as_owner.post(f"{LINE}entrar/", typed).content.decode()
    assert shop.customers.count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Diga o nome de quem está esperando."),
        ({"services": []}, "Escolha pelo menos um serviço."),
        ({"phone": "123"}, "Este telefone não parece certo."),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(as_owner, shop, haircut, ze, change, sentence):
    typed = {"name": "Davi", "phone": "(11) 98888-7777", "services": [haircut.pk], "professional": str(ze.pk)}

    response = as_owner.post(f"{LINE}entrar/", {**typed, **change})

    assert response.status_code == 422
    page = response.content.decode()
    assert sentence in page
    assert f'value="{ze.pk}" selected' in page
    assert not shop.queue_entries.exists()


def test_a_barber_serves_their_own_next_and_nobody_elses(client, shop, haircut, ze, owner, barber):
    ze.user = barber
    ze.save(update_fields=["user"])
    other = make_professional(shop, "Bia", [haircut])
    now = timezone.now()
    for_bia = joined(shop, haircut, owner, now, "Enzo", professional=other)
    for_anybody = joined(shop, haircut, owner, now, "Davi")
    client.force_login(barber)

    client.post(f"{LINE}{for_bia.pk}/chamar/")
    client.post(f"{LINE}{for_anybody.pk}/comecar/", {"profissional": other.pk})
    for_bia.refresh_from_db()
    for_anybody.refresh_from_db()
    assert {for_bia.state, for_anybody.state} == {QueueState.WAITING}
    assert client.post(f"{LINE}entrar/", {"name": "x"}).status_code == 404

    client.post(f"{LINE}{for_anybody.pk}/comecar/", {"profissional": ze.pk})
    assert shop.appointments.get().professional == ze

    seated(for_bia, other, owner, now)
    client.post(f"{LINE}{for_bia.pk}/desfazer/{queue_actions.last_change(for_bia).pk}/")
    for_bia.refresh_from_db()
    assert for_bia.state == QueueState.SERVED


def test_the_page_of_the_line_asks_the_database_as_often_for_three_as_for_one(
    client, shop, haircut, ze, owner, django_assert_num_queries
):
    client.force_login(make_member(shop, "recepcao@navalha.example", Role.RECEPTION))
    now = timezone.now()
    joined(shop, haircut, owner, now, "Um", "+5511955550001")
    client.get(LINE)
    with django_assert_num_queries(QUERIES):
        client.get(LINE)
    for at in (2, 3):
        joined(shop, haircut, owner, now, f"Nome {at}", f"+551195555000{at}", professional=ze)
    with django_assert_num_queries(QUERIES):
        client.get(LINE)
