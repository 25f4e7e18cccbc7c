"""Two cadastros of one person become one, and two again when that was a mistake."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from conftest import known_by, make_customer
from navalha.core.errors import Refused
from navalha.customers import duplicates, merging
from navalha.customers.actions import recognise
from navalha.customers.models import Customer

LID = "249876543210987@lid"


@pytest.fixture
def twin(shop):
    return make_customer(shop, "Rafa", "+5511977776666")


def message(shop, customer):
    return shop.messages.create(customer=customer, direction="in", address="x", text="oi", state="received")


def visit(customer, ze, at):
    return customer.shop.appointments.create(
        customer=customer, professional=ze, starts_at=at, ends_at=at + timedelta(minutes=30)
    )


def test_a_merge_keeps_everything_of_both_and_its_undo_gives_each_their_own_back(shop, customer, twin, ze, owner, now):
    customer_rows = [message(shop, customer), visit(customer, ze, now)]
    twin_rows = [message(shop, twin), visit(twin, ze, now + timedelta(days=1)), twin.identities.get()]
    shop.preferences.create(customer=twin, professional=ze, said_at=now)
    shop.customers.filter(pk=customer.pk).update(notes="Máquina 2", tags=["VIP"])
    shop.customers.filter(pk=twin.pk).update(notes="Café", tags=["vip", "barba"], birth_day=24, birth_month=11)

    kept = merging.merge(shop, keep_id=customer.pk, gone_id=twin.pk, now=now, by=owner)

    assert (kept.notes, kept.tags, kept.birthday) == ("Máquina 2\nCafé", ["VIP", "barba"], "24/11")
    assert known_by(shop, twin.phone) == kept
    assert kept.appointments.count() == kept.messages.count() == 2
    later = message(shop, kept)

    back = merging.undo(shop, kept.merges.get().pk, by=owner, now=now + timedelta(days=29))

    assert back.pk == twin.pk
    back.refresh_from_db()
    assert (back.name, back.phone, back.notes, back.tags, back.birthday) == (
        "Rafa",
        "+5511977776666",
        "Café",
        ["vip", "barba"],
        "24/11",
    )
    for row, whose in [*((row, kept) for row in [*customer_rows, later]), *((row, back) for row in twin_rows)]:
        row.refresh_from_db()
        assert row.customer == whose
    kept.refresh_from_db()
    assert (kept.notes, kept.tags, kept.birthday) == ("Máquina 2", ["VIP"], "")
    assert back.preferences.count() == 1


def test_an_undo_leaves_what_somebody_changed_since(shop, customer, twin, owner, now):
    shop.customers.filter(pk=twin.pk).update(notes="Café")
    kept = merging.merge(shop, keep_id=customer.pk, gone_id=twin.pk, now=now, by=owner)
    shop.customers.filter(pk=kept.pk).update(notes="Café sem açúcar")

    merging.undo(shop, kept.merges.get().pk, by=owner, now=now)

    kept.refresh_from_db()
    assert kept.notes == "Café sem açúcar"


def test_an_undo_is_refused_twice_after_a_month_and_before_a_newer_one(shop, customer, twin, owner, now):
    third = make_customer(shop, "Rafa", "+5511966665555")
    kept = merging.merge(shop, keep_id=customer.pk, gone_id=twin.pk, now=now, by=owner)
    merging.merge(shop, keep_id=third.pk, gone_id=kept.pk, now=now, by=owner)
    newer, older = third.merges.all()

    with pytest.raises(Refused, match="mais nova"):
        merging.undo(shop, older.pk, by=owner, now=now)
    with pytest.raises(Refused, match="30 dias"):
        merging.undo(shop, newer.pk, by=owner, now=now + timedelta(days=30))
    merging.undo(shop, newer.pk, by=owner, now=now)
    merging.undo(shop, older.pk, by=owner, now=now)
    with pytest.raises(Refused, match="já foi desfeita"):
        merging.undo(shop, older.pk, by=owner, now=now)
    assert shop.customers.count() == 3
    assert [row.identities.count() for row in shop.customers.all()] == [1, 1, 1]


def test_what_whatsapp_proved_is_noted_and_cannot_be_undone(shop, owner, now):
    recognise(shop, phone=None, lid=LID, now=now)
    recognise(shop, phone="5511988887777", now=now)
    one = recognise(shop, phone="5511988887777", lid=LID, now=now)

    record = one.merges.get()
    assert record.by is None
    assert not merging.can_undo(record, now=now)
    with pytest.raises(Refused):
        merging.undo(shop, record.pk, by=owner, now=now)


@pytest.mark.django_db(transaction=True)
def test_an_undo_pressed_by_many_at_once_while_messages_come_happens_once(shop, customer, twin, owner, now):
    kept = merging.merge(shop, keep_id=customer.pk, gone_id=twin.pk, now=now, by=owner)
    record, gate = kept.merges.get(), Barrier(8)

    def press():
        return bool(merging.undo(shop, record.pk, by=owner, now=now))

    def write():
        return recognise(shop, phone=twin.phone, now=now).pk in {customer.pk, twin.pk}

    def run(call):
        try:
            gate.wait(30)
            return call()
        except Refused:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(run, [press] * 4 + [write] * 4))

    assert results[:4].count(True) == 1
    assert all(results[4:])
    assert Customer.across_shops.count() == 2
    assert known_by(shop, twin.phone).pk == twin.pk


def test_suspected_pairs_are_those_of_one_phone_or_of_one_name_and_nearly_one_phone(shop, now):
    def add(name, phone):
        return shop.customers.create(name=name, phone=phone)

    old, new = add("Rafael", "+553188887777"), add("R. Souza", "+5531988887777")
    joao, slip = add("João Sá", "+5511955554444"), add("JOAO SA", "+5511955554445")
    lidia, moved = add("Lídia", "+5511944443333"), add("lidia", "+5521944443333")
    hidden, shown = add("Bia Reis", ""), add("Bia Reis", "+5511933332222")
    add("Ana", "+5511922221111"), add("Ana", "+5511911119999"), add("Caio", "+5521922221111")

    found = {(pair.one, pair.other): pair.why for pair in duplicates.suspected(shop)}

    assert found == {
        (old, new): duplicates.SAME_PHONE,
        (joao, slip): duplicates.SIMILAR,
        (lidia, moved): duplicates.SAME_LOCAL,
        (hidden, shown): duplicates.ONLY_WHATSAPP,
    }


def test_the_pairs_cost_the_same_queries_however_many(shop, django_assert_num_queries):
    for at in range(3):
        shop.customers.create(name=f"Rafa {at}", phone="")
        shop.customers.create(name=f"Rafa {at}", phone=f"+551195555444{at}")
        with django_assert_num_queries(3):
            assert len(duplicates.suspected(shop)) == at + 1


def test_a_person_sees_both_sides_joins_them_and_takes_it_back(as_owner, shop, customer, twin):
    page = reverse("duplicates:join", args=[customer.pk, twin.pk])
    assert "Depois de juntar" in as_owner.get(page).content.decode()

    answer = as_owner.post(page, follow=True)

    assert "agora são um só" in answer.content.decode()
    assert as_owner.get(reverse("profiles:show", args=[twin.pk])).url == reverse("profiles:show", args=[customer.pk])
    assert as_owner.post(page).status_code == 404
    undo = reverse("duplicates:undo", args=[customer.merges.get().pk])
    assert "Desfeito" in as_owner.post(undo, follow=True).content.decode()
    assert shop.customers.filter(pk=twin.pk).exists()


def test_two_people_who_are_said_to_be_two_are_not_suspected_again(as_owner, shop, customer):
    twin = shop.customers.create(name=customer.name, phone="")
    assert len(duplicates.suspected(shop)) == 1

    as_owner.post(reverse("duplicates:apart", args=[customer.pk, twin.pk]))

    assert duplicates.suspected(shop) == []
    assert shop.known_apart.get().said_at <= timezone.now()

    [said] = [one.extra_tags for one in as_owner.get(reverse("duplicates:suspects")).context["messages"]]
    assert as_owner.post(said).status_code == 302
    assert len(duplicates.suspected(shop)) == 1
