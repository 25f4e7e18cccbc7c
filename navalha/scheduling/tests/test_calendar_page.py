"""The page of the calendars' addresses: whose each role sees, and what its buttons do."""

import pytest

from conftest import make_member, make_professional
from navalha.accounts.models import Role

PAGE = "/agenda/calendario/"


@pytest.fixture
def joao(shop, haircut, barber):
    return make_professional(shop, "João", [haircut], user=barber)


def test_an_address_is_made_changed_and_switched_off(as_owner, shop, ze):
    assert "Criar endereço" in as_owner.get(PAGE).content.decode()

    made = as_owner.post(f"{PAGE}{ze.pk}/criar/", follow=True).content.decode()
    first = shop.calendar_feeds.get().made_at
    assert "/agendar/calendario/" in made
    assert "Endereço criado" in made

    assert "Endereço novo criado" in as_owner.post(f"{PAGE}{ze.pk}/trocar/", follow=True).content.decode()
    assert shop.calendar_feeds.get().made_at > first

    off = as_owner.post(f"{PAGE}{ze.pk}/desligar/", follow=True).content.decode()
    assert "Endereço desligado" in off
    assert "/agendar/calendario/" not in off


def test_a_barber_sees_and_makes_their_own_only(client, shop, ze, joao, barber):
    client.force_login(barber)

    page = client.get(PAGE).content.decode()

    assert "João" in page
    assert f"{PAGE}{ze.pk}/" not in page
    assert client.post(f"{PAGE}{ze.pk}/criar/").status_code == 404
    assert client.post(f"{PAGE}{joao.pk}/criar/").status_code == 302
    assert shop.calendar_feeds.get().professional == joao


def test_the_reception_sees_everybody_who_works_here(client, shop, ze, joao, haircut):
    make_professional(shop, "Foi Embora", [haircut], is_active=False)
    client.force_login(make_member(shop, "balcao@navalha.example", Role.RECEPTION))

    page = client.get(PAGE).content.decode()

    assert "Zé" in page
    assert "João" in page
    assert "Foi Embora" not in page


def test_a_barber_whom_nobody_tied_to_a_name_reads_whom_to_ask(client, ze, barber):
    client.force_login(barber)

    assert "Peça ao dono" in client.get(PAGE).content.decode()


def test_the_page_costs_the_same_for_one_person_and_for_three(as_owner, shop, ze, haircut, django_assert_num_queries):
    with django_assert_num_queries(4):  # the session, the person, where they work, the people with their addresses
        as_owner.get(PAGE)
    for name in ("João", "Bia"):
        as_owner.post(f"{PAGE}{make_professional(shop, name, [haircut]).pk}/criar/")
    as_owner.get(PAGE)  # shows the two messages, which changes the session
    with django_assert_num_queries(4):
        as_owner.get(PAGE)
