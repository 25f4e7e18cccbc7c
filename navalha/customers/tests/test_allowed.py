"""Whose images and commands are processed: of the lists, of every form of a phone, and of those who show only a LID."""

import pytest
from django.core.checks import run_checks

from conftest import make_customer, make_member
from navalha.accounts.models import Role
from navalha.customers import allow
from navalha.customers.actions import recognise
from navalha.customers.allowed import is_allowed, name_of
from navalha.customers.identities import sighting
from navalha.customers.models import AllowedPhone

pytestmark = pytest.mark.django_db
LID = "249876543210987@lid"
PHONE = "+5583999330465"
PAGE = "/ajustes/autorizados/"


@pytest.fixture
def listed(shop, owner, now):
    return allow.allow(shop, phone=PHONE, name="Contador", by=owner, now=now)


def by_phone(phone):
    return sighting(phone, None)


def test_an_empty_list_allows_nobody(shop):
    assert not is_allowed(shop, by_phone(PHONE))
    assert not is_allowed(shop, sighting(None, LID))


@pytest.mark.parametrize("form", ["558399330465", "5583999330465", "+5583999330465", "+558399330465"])
def test_a_listed_phone_is_known_with_and_without_its_ninth_digit(shop, listed, form):
    assert is_allowed(shop, by_phone(form))
    assert not is_allowed(shop, by_phone("5583999330466"))


def test_the_list_of_one_shop_counts_in_no_other(shop, other_shop, listed):
    assert is_allowed(shop, by_phone(PHONE))
    assert not is_allowed(other_shop, by_phone(PHONE))


def test_who_shows_only_a_lid_is_known_once_whatsapp_has_named_the_phone_beside_it(shop, listed, now):
    assert not is_allowed(shop, sighting(None, LID))
    recognise(shop, phone="558399330465", lid=LID, now=now)
    assert is_allowed(shop, sighting(None, LID))


def test_a_lid_that_another_shop_knows_is_nobody_here(shop, other_shop, listed, now):
    recognise(other_shop, phone=PHONE, lid=LID, now=now)
    assert not is_allowed(shop, sighting(None, LID))


def test_a_sender_who_shows_a_phone_is_judged_by_that_phone(shop, listed, now):
    recognise(shop, phone=PHONE, lid=LID, now=now)
    assert not is_allowed(shop, sighting("5511977770001", LID))


@pytest.mark.parametrize(
    "entry", ["558399330465@s.whatsapp.net", "5583999330465@s.whatsapp.net", "+55 83 99933-0465", "(83) 99933-0465"]
)
def test_the_environment_allows_in_every_shop_in_any_form_of_a_phone(shop, other_shop, settings, entry):
    settings.ALLOWED_PHONE_NUMBERS = [entry]
    assert is_allowed(shop, by_phone("558399330465"))
    assert is_allowed(other_shop, by_phone("5583999330465"))
    assert not is_allowed(shop, by_phone("5511988887777"))


def test_a_lid_in_the_environment_is_that_lid(shop, settings):
    settings.ALLOWED_PHONE_NUMBERS = [LID]
    assert is_allowed(shop, sighting(None, LID))
    assert not is_allowed(shop, sighting(None, "249876543210988@lid"))


@pytest.mark.parametrize(
    "entry", ["", "abc", "123", "5583@s.whatsapp.net", "120363041234567890@g.us", "*", "558399330465@s.whatsapp.com"]
)
def test_an_entry_that_names_nobody_allows_nobody_and_is_said_at_the_start(shop, settings, entry):
    settings.ALLOWED_PHONE_NUMBERS = ["558399330465@s.whatsapp.net", entry]

    assert name_of(entry) is None
    said = [warning.msg for warning in run_checks() if warning.id == "customers.W001"]
    assert len(said) == 1
    assert "entry 2" in said[0]
    assert entry == "" or entry not in said[0] or len(entry) < 4


def test_a_list_without_mistakes_is_started_in_silence(settings):
    settings.ALLOWED_PHONE_NUMBERS = ["558399330465@s.whatsapp.net", "5511987654321@s.whatsapp.net"]
    assert not [warning for warning in run_checks() if warning.id == "customers.W001"]


# ---- the page


def test_an_empty_list_says_that_nobody_is_on_it(as_owner):
    page = as_owner.get(PAGE).content.decode()
    assert "Ninguém." in page
    assert "nenhuma imagem e nenhum comando é processado" in page


def test_a_number_is_added_taken_off_and_brought_back(as_owner, shop, owner):
    page = as_owner.post(PAGE, {"phone": "83 9933-0465", "name": "Contador"}, follow=True).content.decode()
    row = shop.allowed_phones.get()
    assert (row.phone, row.key, row.added_by) == (PHONE, "558399330465", owner)
    assert "+55 83 99933-0465" in page
    assert "autorizado por dono@navalha.example" in page

    page = as_owner.post(f"{PAGE}{row.pk}/retirar/", follow=True).content.decode()
    assert not is_allowed(shop, by_phone(PHONE))
    assert "saiu da lista" in page
    row.refresh_from_db()
    assert row.removed_by == owner

    page = as_owner.post(f"{PAGE}{row.pk}/devolver/", follow=True).content.decode()
    assert is_allowed(shop, by_phone(PHONE))
    assert "Número de volta na lista." in page


def test_the_same_phone_in_another_form_is_refused_and_stays_typed(as_owner, shop, listed):
    answer = as_owner.post(PAGE, {"phone": "83 9933-0465", "name": "Outro"})

    assert answer.status_code == 422
    assert "Este número já está na lista." in answer.content.decode()
    assert 'value="Outro"' in answer.content.decode()
    assert shop.allowed_phones.count() == 1


@pytest.mark.parametrize("phone", ["", "123", "abc"])
def test_what_is_no_phone_is_refused_in_words(as_owner, shop, phone):
    answer = as_owner.post(PAGE, {"phone": phone})
    assert answer.status_code == 422
    assert "com DDD" in answer.content.decode()
    assert not shop.allowed_phones.exists()


def test_a_removal_is_not_undone_when_the_number_was_added_again(as_owner, shop, owner, listed, now):
    allow.disallow(listed, by=owner, now=now)
    allow.allow(shop, phone=PHONE, name="", by=owner, now=now)

    page = as_owner.post(f"{PAGE}{listed.pk}/devolver/", follow=True).content.decode()

    assert "Este número já está na lista." in page
    assert shop.allowed_phones.filter(removed_at=None).count() == 1


def test_a_full_list_says_so(as_owner, shop, now):
    AllowedPhone.across_shops.bulk_create(
        AllowedPhone(shop=shop, phone=f"+55119777700{n:02d}", key=f"55117777 {n}", added_at=now) for n in range(50)
    )
    answer = as_owner.post(PAGE, {"phone": "83 99933-0465"})
    assert "A lista já tem 50 números." in answer.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_one_and_for_many(
    as_owner, shop, owner, now, count, django_assert_num_queries
):
    for n in range(count):
        allow.allow(shop, phone=f"+551197777000{n}", name="", by=owner, now=now)
    with django_assert_num_queries(4):
        as_owner.get(PAGE)


def test_the_reception_does_not_see_the_list(client, shop):
    client.force_login(make_member(shop, "recepcao@navalha.example", Role.RECEPTION))
    assert client.get(PAGE).status_code == 404


def test_somebody_in_the_address_book_alone_is_not_allowed(shop):
    make_customer(shop, phone=PHONE)
    assert not is_allowed(shop, by_phone(PHONE))
