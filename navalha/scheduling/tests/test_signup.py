"""Sign-up: one form, and the shop can be booked."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError

from navalha.accounts.models import Role, Shop, User
from navalha.scheduling import queries
from navalha.scheduling.shop.defaults import free_slug, open_shop
from navalha.scheduling.shop.signup import begin

FORM = {
    "shop_name": "Barbearia São João",
    "name": "João",
    "phone": "(11) 99999-0001",
    "email": "Joao@Navalha.example",
    "password": "tesoura afiada 27",
}


def sign_up(client, **changes):
    return client.post("/cadastro/", {**FORM, **changes})


def test_one_form_makes_a_shop_that_can_be_booked_at_once(client, db, now):
    assert sign_up(client).status_code == 302

    shop = Shop.objects.get()
    assert (shop.name, shop.slug, shop.phone) == ("Barbearia São João", "barbearia-sao-joao", "+5511999990001")
    member = shop.memberships.get()
    assert (member.user.email, member.role) == ("joao@navalha.example", Role.OWNER)
    services = list(shop.services.values_list("name", "duration_minutes", "price_cents"))
    assert services == [("Corte", 30, 4500), ("Barba", 20, 3000), ("Corte + barba", 50, 7000)]
    free = queries.free_slots(shop, services=[shop.services.first()], first_day=now.date(), days=7, now=now)
    assert len(free) > 50


def test_who_signs_up_is_logged_in_and_at_work(client, db):
    answer = sign_up(client)
    assert client.get(answer["Location"])["Location"] == "/comecar/servicos/"


def test_two_shops_of_one_name_get_two_addresses(client, db):
    sign_up(client)
    client.logout()
    sign_up(client, email="outro@navalha.example")
    assert set(Shop.objects.values_list("slug", flat=True)) == {"barbearia-sao-joao", "barbearia-sao-joao-2"}


@pytest.mark.parametrize(
    ("name", "slug"),
    [("✂️💈", "barbearia"), ("Zé & Filhos", "ze-filhos"), ("a" * 80, "a" * 54), ("  Ação!  ", "acao")],
)
def test_every_name_gives_an_address(db, name, slug):
    assert free_slug(name) == slug


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"email": "isto não é"}, "válido"),
        ({"email": "dono@navalha.example"}, "Já existe uma conta com este e-mail"),
        ({"email": "DONO@navalha.example"}, "Já existe uma conta com este e-mail"),
        ({"password": "curta"}, "muito curta"),
        ({"password": "1234567890123"}, "inteiramente numérica"),
        ({"phone": "123"}, "com DDD"),
        ({"shop_name": ""}, "obrigatório"),
        ({"shop_name": "x" * 10_000}, "80 caracteres"),
        ({"name": "\x00"}, "nulos"),
    ],
)
def test_bad_input_is_said_and_nothing_typed_is_lost(client, owner, changes, said):
    page = sign_up(client, **changes).content.decode()
    assert said in page
    assert 'name="password" value' not in page
    kept = {"shop_name", "name", "phone", "email"} - set(changes)
    assert all(f'value="{FORM[field]}"' in page for field in kept)
    assert Shop.objects.count() == 1


def test_the_phone_is_optional(client, db):
    assert sign_up(client, phone="").status_code == 302
    assert Shop.objects.get().phone == ""


def test_a_double_submit_makes_one_shop(client, db):
    sign_up(client)
    client.logout()
    assert "Já existe uma conta" in sign_up(client).content.decode()
    assert Shop.objects.count() == User.objects.count() == 1


def test_the_loser_of_a_race_for_an_e_mail_is_told(db, owner, now):
    data = {**FORM, "email": owner.email, "phone": ""}
    assert begin(data, now=now) is None


def test_a_shop_is_made_whole_or_not_at_all(db, owner, shop, now, monkeypatch):
    monkeypatch.setattr("navalha.scheduling.shop.defaults.free_slug", lambda name: shop.slug)
    with pytest.raises(IntegrityError):
        open_shop(name="Outra", phone="", owner=owner, now=now)


@pytest.mark.usefixtures("one_window")
def test_too_many_sign_ups_from_one_address_have_to_wait(client, db):
    answers = [sign_up(client, email="ruim") for _ in range(21)]
    assert [answer.status_code for answer in answers[-2:]] == [200, 429]
    assert "Espere alguns minutos" in answers[-1].content.decode()


def test_who_is_logged_in_needs_no_sign_up(as_owner):
    assert as_owner.get("/cadastro/")["Location"] == "/"


def test_the_hours_are_those_of_the_shops_clock(db, owner):
    shop = open_shop(name="Manhã", phone="", owner=owner, now=datetime(2026, 11, 22, tzinfo=UTC))
    stretches = shop.working_hours.values_list("weekday", "starts__hour", "ends__hour")
    assert set(stretches) == {(day, *hours) for day in range(6) for hours in ((9, 12), (13, 19))}
