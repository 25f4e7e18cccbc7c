"""The shop's limit on misses: who books only through the shop, and who lets them book alone again."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from conftest import make_customer, make_number
from navalha.customers import merging
from navalha.scheduling import attendance
from navalha.scheduling.errors import OnlyByShop
from navalha.scheduling.models import AppointmentState, CancelledBy
from navalha.scheduling.moving import actions as moving
from navalha.scheduling.waitlist import work as waitlist_work

from .test_booking import PHONE, at, book
from .waitlist_helpers import answer_to, fill, free, join, offered, says
from .waitlist_helpers import at as on_wednesday

NO_SHOW = AppointmentState.NO_SHOW


@pytest.fixture
def limited(shop):
    shop.most_missed = 2
    shop.save(update_fields=["most_missed"])
    return shop


@pytest.fixture
def rafa(shop):
    return make_customer(shop, "Rafa", PHONE)


def past(customer, ze, now, *, days, state=NO_SHOW, changed=None, **fields):
    starts_at = now - timedelta(days=days)
    return customer.shop.appointments.create(
        customer=customer,
        professional=ze,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        state=state,
        state_changed_at=changed or starts_at,
        **fields,
    )


def late_cancel(customer, ze, now, *, days):
    return past(customer, ze, now, days=days, state=AppointmentState.CANCELLED, cancelled_by=CancelledBy.CUSTOMER)


def test_who_missed_as_often_as_the_limit_books_only_through_the_shop(limited, rafa, haircut, ze, owner, now):
    past(rafa, ze, now, days=40)
    late_cancel(rafa, ze, now, days=20)

    with pytest.raises(OnlyByShop, match="combinado direto com a barbearia") as refused:
        book(limited, [haircut], ze, at(15), now)

    assert "falt" not in str(refused.value)  # whoever types a phone does not learn what its owner did
    assert not limited.appointments.filter(starts_at=at(15)).exists()
    assert book(limited, [haircut], ze, at(15), now, by=owner).customer == rafa


def test_below_the_limit_and_without_one_everybody_books_alone(limited, rafa, haircut, ze, now):
    past(rafa, ze, now, days=40)
    assert book(limited, [haircut], ze, at(15), now).pk

    past(rafa, ze, now, days=20)
    limited.most_missed = None
    assert book(limited, [haircut], ze, at(16), now).pk


def test_what_is_a_year_old_or_was_cancelled_in_time_or_by_the_shop_does_not_count(limited, rafa, haircut, ze, now):
    past(rafa, ze, now, days=366)
    past(rafa, ze, now, days=10)
    cancelled = {"state": AppointmentState.CANCELLED, "changed": now - timedelta(days=30)}
    past(rafa, ze, now, days=20, cancelled_by=CancelledBy.CUSTOMER, **cancelled)
    past(rafa, ze, now, days=31, cancelled_by=CancelledBy.SHOP, **cancelled)

    assert book(limited, [haircut], ze, at(15), now).pk


def test_what_was_missed_elsewhere_does_not_count(limited, other_shop, haircut, ze, now):
    there = make_customer(other_shop, "Rafa", PHONE)
    theirs = other_shop.professionals.create(name="Léo")
    for days in (10, 20, 30):
        past(there, theirs, now, days=days)

    assert book(limited, [haircut], ze, at(15), now).pk


def test_a_visit_of_before_can_still_be_given_another_time_by_its_customer(limited, rafa, haircut, ze, now):
    visit = book(limited, [haircut], ze, at(15), now)
    for days in (10, 20):
        past(rafa, ze, now, days=days)

    place = moving.Place(ze, at(16), at(16) + (visit.ends_at - visit.starts_at))
    moving.reschedule(visit, place, seen=visit.version, by=None, now=now)

    visit.refresh_from_db()
    assert visit.starts_at == at(16)


def test_the_limit_costs_one_query_and_none_without_it(shop, rafa, ze, now, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert attendance.books_alone(shop, rafa, now=now)
    shop.most_missed = 1
    for days in (10, 20, 30):
        past(rafa, ze, now, days=days)
        with django_assert_num_queries(1):
            assert not attendance.books_alone(shop, rafa, now=now)


def test_the_database_keeps_the_limit_between_one_and_twenty(shop):
    for number in (0, 21):
        shop.most_missed = number
        with pytest.raises(IntegrityError), transaction.atomic():
            shop.save(update_fields=["most_missed"])


# --- the waitlist -----------------------------------------------------------------------------------------------


def test_the_waitlist_is_no_way_around_but_what_the_shop_offers_is_kept(limited, rafa, server, haircut, ze, owner, now):
    make_number(limited, server, "ze-0001", connected_at=now)
    visits = fill(limited, ze, now)
    for days in (10, 20):
        past(rafa, ze, now, days=days)
    with pytest.raises(OnlyByShop):
        join(limited, [haircut], now)
    entry = join(limited, [haircut], now, by=owner)
    free(next(one for one in visits if one.starts_at == on_wednesday(15)), now)
    waitlist_work.look(limited.pk, now)

    message = says(entry, "1", offered(limited, now).told_at + timedelta(minutes=1))

    assert limited.appointments.get(source="waitlist").customer == rafa, answer_to(message)


# --- forgiving --------------------------------------------------------------------------------------------------


def test_a_member_lets_somebody_book_alone_again_and_takes_it_back(as_owner, limited, rafa, ze):
    now = timezone.now()
    for days in (10, 20):
        past(rafa, ze, now, days=days)
    profile = reverse("profiles:show", args=[rafa.pk])
    assert "só marca pela barbearia" in as_owner.get(profile).content.decode()

    page = as_owner.post(reverse("profiles:forgive", args=[rafa.pk]), follow=True)

    assert "Agendamento online liberado" in page.content.decode()
    assert "só marca pela barbearia" not in page.content.decode()
    rafa.refresh_from_db()
    assert attendance.books_alone(limited, rafa, now=now)
    (undo,) = [message.extra_tags for message in page.context["messages"]]
    as_owner.post(undo)
    rafa.refresh_from_db()
    assert not attendance.books_alone(limited, rafa, now=now)
    assert [change.act for change in rafa.history.order_by("pk")] == ["forgiven", "unforgiven"]


def test_what_is_missed_after_that_counts_again(limited, rafa, ze, now):
    for days in (10, 20):
        past(rafa, ze, now, days=days)
    rafa.misses_forgiven_at = now - timedelta(days=5)
    past(rafa, ze, now, days=4)
    assert attendance.books_alone(limited, rafa, now=now)

    past(rafa, ze, now, days=3)
    assert not attendance.books_alone(limited, rafa, now=now)


def test_a_barber_sees_the_limit_and_cannot_lift_it(client, limited, barber, rafa, ze):
    for days in (10, 20):
        past(rafa, ze, timezone.now(), days=days)
    client.force_login(barber)

    page = client.get(reverse("profiles:show", args=[rafa.pk])).content.decode()

    assert "só marca pela barbearia" in page
    assert "Liberar agendamento online" not in page
    assert client.post(reverse("profiles:forgive", args=[rafa.pk])).status_code == 404
    rafa.refresh_from_db()
    assert rafa.misses_forgiven_at is None


def test_who_is_merged_stays_forgiven_and_parted_is_as_before(limited, rafa, owner, now):
    twin = make_customer(limited, "Rafael", "+5511955554444")
    limited.customers.filter(pk=twin.pk).update(misses_forgiven_at=now)

    kept = merging.merge(limited, keep_id=rafa.pk, gone_id=twin.pk, now=now, by=owner)
    assert kept.misses_forgiven_at == now

    merging.undo(limited, limited.customer_merges.get().pk, by=owner, now=now)
    rafa.refresh_from_db()
    assert rafa.misses_forgiven_at is None
