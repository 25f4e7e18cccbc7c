"""One person is one customer, whatever WhatsApp calls him and however many of his messages come at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from conftest import known_by, make_customer
from navalha.customers.actions import Vanished, merge, recognise
from navalha.customers.models import Customer, Identity
from navalha.messaging.models import WhatsAppMessage

LID = "249876543210987@lid"


def identities(customer):
    return set(customer.identities.values_list("kind", "value"))


def test_a_new_phone_makes_a_customer_with_its_e164(shop, now):
    customer = recognise(shop, phone="5511988887777", name="Rafa", now=now)

    assert (customer.phone, customer.name) == ("+5511988887777", "Rafa")
    assert identities(customer) == {("phone", "551188887777")}
    assert customer.created_at == now


def test_the_old_and_the_new_form_of_a_phone_are_one_customer(shop, now):
    booked = recognise(shop, phone="+5531988887777", name="Rafa", now=now, typed=True)
    wrote = recognise(shop, phone="553188887777", name="rafinha", now=now)

    assert wrote == booked
    assert (wrote.phone, wrote.name) == ("+5531988887777", "Rafa")
    assert shop.customers.count() == 1


def test_an_old_account_gets_the_number_with_its_ninth_digit(shop, now):
    assert recognise(shop, phone="553188887777", now=now).phone == "+5531988887777"


@pytest.mark.parametrize("phone", ["447911123456", "14155552671", "351912345678", "5493511234567"])
def test_a_foreign_number_stays_itself(shop, now, phone):
    customer = recognise(shop, phone=phone, now=now)

    assert customer.phone == f"+{phone}"
    assert known_by(shop, f"+{phone}") == customer


def test_a_number_of_no_plan_is_kept_as_it_came(shop, now):
    assert recognise(shop, phone="99912345678", now=now).phone == "+99912345678"


def test_somebody_with_only_a_lid_is_a_customer_without_a_phone(shop, now):
    customer = recognise(shop, phone=None, lid=LID, name="Rafa", now=now)

    assert customer.phone == ""
    assert identities(customer) == {("lid", LID)}
    assert recognise(shop, phone=None, lid=LID, now=now) == customer


def test_the_lid_is_learnt_from_a_message_that_has_both(shop, customer, now):
    recognise(shop, phone="5511988887777", lid=LID, now=now)

    assert recognise(shop, phone=None, lid=LID, now=now) == customer
    assert known_by(shop, LID) == customer


def test_the_phone_is_learnt_by_somebody_known_only_by_lid(shop, now):
    hidden = recognise(shop, phone=None, lid=LID, now=now)
    seen = recognise(shop, phone="5511988887777", lid=LID, now=now)

    assert seen == hidden
    assert seen.phone == "+5511988887777"


def test_two_customers_that_prove_to_be_one_are_merged_with_all_their_rows(shop, now):
    hidden = recognise(shop, phone=None, lid=LID, name="rafinha", now=now)
    booked = recognise(shop, phone="+5511988887777", name="Rafael Souza", now=now, typed=True)
    rows = [
        WhatsAppMessage.across_shops.create(
            shop=shop, customer=owner, direction="in", address=LID, text="oi", state="received"
        )
        for owner in (hidden, booked)
    ]

    one = recognise(shop, phone="5511988887777", lid=LID, name="rafinha", now=now)

    assert shop.customers.get() == one
    assert (one.name, one.phone) == ("Rafael Souza", "+5511988887777")
    assert identities(one) == {("lid", LID), ("phone", "551188887777")}
    for row in rows:
        row.refresh_from_db()
        assert row.customer == one


def test_every_relation_to_a_customer_can_be_moved_by_a_merge():
    relations = Customer._meta.related_objects

    assert {relation.related_model._meta.label for relation in relations} >= {
        "customers.Identity",
        "messaging.WhatsAppMessage",
        "scheduling.Appointment",
    }
    assert not [relation.name for relation in relations if relation.many_to_many]


def test_a_push_name_never_replaces_a_typed_one_but_a_typed_one_replaces_it(shop, now):
    customer = recognise(shop, phone="+5511988887777", name="✂️ Rafa", now=now)
    recognise(shop, phone="+5511988887777", name="Rafael Souza", now=now, typed=True)
    recognise(shop, phone="+5511988887777", name="✂️ Rafa", now=now)
    recognise(shop, phone="+5511988887777", name="Bobo", now=now, typed=True)

    customer.refresh_from_db()
    assert customer.name == "Rafael Souza"


def test_somebody_who_changed_his_number_is_reached_at_the_new_one(shop, now):
    customer = recognise(shop, phone="5511988887777", lid=LID, now=now)
    recognise(shop, phone="5521977776666", lid=LID, now=now)

    customer.refresh_from_db()
    assert customer.phone == "+5521977776666"
    assert known_by(shop, "+5511988887777") == customer


def test_the_same_phone_in_two_shops_is_two_customers(shop, other_shop, now):
    ours = recognise(shop, phone="5511988887777", lid=LID, now=now)
    theirs = recognise(other_shop, phone="5511988887777", lid=LID, now=now)

    assert ours != theirs
    assert known_by(shop, LID) == ours
    assert known_by(other_shop, LID) == theirs


def test_a_merge_never_reaches_into_another_shop(shop, other_shop, now):
    ours = make_customer(shop)
    theirs = make_customer(other_shop)

    with pytest.raises(Vanished):
        merge(shop, keep_id=ours.pk, gone_id=theirs.pk, now=now)

    assert Customer.across_shops.count() == 2


def test_nobody_is_recognised_without_an_identity(shop, now):
    with pytest.raises(ValueError, match="phone or a LID"):
        recognise(shop, phone="", lid=None, now=now)


def at_once(tries):
    """Run every callable in its own thread and connection, all released at the same moment."""
    gate = Barrier(len(tries))

    def run(call):
        try:
            gate.wait(30)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tries)) as pool:
        return list(pool.map(run, tries))


@pytest.mark.django_db(transaction=True)
def test_ten_messages_of_a_stranger_at_once_make_one_customer(shop, now):
    found = at_once([lambda: recognise(shop, phone="5511988887777", lid=LID, name="Rafa", now=now)] * 10)

    assert len({customer.pk for customer in found}) == 1
    assert Customer.across_shops.count() == 1
    assert Identity.across_shops.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_proof_from_many_sides_at_once_merges_once(shop, now):
    hidden = recognise(shop, phone=None, lid=LID, now=now)
    recognise(shop, phone="5511988887777", now=now)

    found = at_once([lambda: recognise(shop, phone="5511988887777", lid=LID, now=now)] * 8)

    assert {customer.pk for customer in found} == {hidden.pk}
    assert Customer.across_shops.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_row_written_during_a_merge_is_not_lost(shop, now):
    recognise(shop, phone=None, lid=LID, now=now)
    recognise(shop, phone="5511988887777", now=now)

    def write():
        with transaction.atomic():
            customer = recognise(shop, phone="5511988887777", now=now)
            WhatsAppMessage.across_shops.create(
                shop=shop, customer=customer, direction="in", address="x", text="oi", state="received"
            )

    at_once([write, write, write, lambda: recognise(shop, phone="5511988887777", lid=LID, now=now)])

    assert Customer.across_shops.count() == 1
    assert WhatsAppMessage.across_shops.filter(customer=Customer.across_shops.get()).count() == 3
