"""The first set-up: from the sign-up to a shop that can be booked, kept at each step."""

from datetime import time

import pytest

from navalha.accounts.models import Plan, Shop
from navalha.scheduling.shop.defaults import USUAL_SERVICES

SIGN_UP = {
    "shop_name": "Barbearia São João",
    "name": "João",
    "phone": "(92) 99999-0001",
    "email": "joao@navalha.example",
    "password": "tesoura afiada 27",
}
NUMBER = {usual.name: number for number, usual in enumerate(USUAL_SERVICES)}


@pytest.fixture
def new_shop(client, db) -> Shop:
    answer = client.post("/cadastro/", SIGN_UP)
    assert answer["Location"] == "/comecar/"
    return Shop.objects.get()


def step(client, name, data=None):
    return client.post(f"/comecar/{name}/", data or {"skip": "1"})


def ticked(**prices):
    data = {}
    for name, price in prices.items():
        number = NUMBER[name]
        data |= {f"has_{number}": "on", f"minutes_{number}": "25", f"price_{number}": price}
    return data


def test_the_phone_says_the_state_and_its_clock(new_shop):
    assert (new_shop.region, new_shop.timezone) == ("AM", "America/Manaus")


def test_five_steps_make_a_shop_of_what_was_chosen(client, new_shop):
    assert client.get("/comecar/")["Location"] == "/comecar/servicos/"
    assert step(client, "servicos", ticked(Corte="50", Sobrancelha="12,50"))["Location"] == "/comecar/horarios/"
    hours = {"days": ["1", "2"], "opens": "10:00", "closes": "20:00", "lunch_from": "14:00", "lunch_to": "15:00"}
    assert step(client, "horarios", hours)["Location"] == "/comecar/equipe/"
    assert step(client, "equipe", {"team": "Léo\n Ana  Maria \nLéo\nJoão"})["Location"] == "/comecar/endereco/"
    assert step(client, "endereco", {"address": "Rua 7, 10", "region": "AC"})["Location"] == "/comecar/pronto/"
    assert client.get("/comecar/pronto/").status_code == 200

    new_shop.refresh_from_db()
    offered = new_shop.services.filter(is_active=True).values_list("name", "duration_minutes", "price_cents")
    assert sorted(offered) == [("Corte", 25, 5000), ("Sobrancelha", 25, 1250)]
    assert [one.name for one in new_shop.professionals.all()] == ["João", "Léo", "Ana Maria"]
    for one in new_shop.professionals.all():
        assert list(one.working_hours.values_list("weekday", "starts", "ends")) == [
            (day, starts, ends) for day in (1, 2) for starts, ends in ((time(10), time(14)), (time(15), time(20)))
        ]
        assert one.services.filter(is_active=True).count() == 2
    assert (new_shop.address, new_shop.region, new_shop.timezone) == ("Rua 7, 10", "AC", "America/Rio_Branco")
    assert new_shop.setup_step == ""


def test_a_step_that_is_skipped_keeps_what_was_there_and_the_next_day_it_goes_on(client, new_shop):
    step(client, "servicos")
    step(client, "horarios")

    assert client.get("/comecar/")["Location"] == "/comecar/equipe/"
    assert new_shop.services.filter(is_active=True).count() == 3
    assert "Continuar a configuração" in client.get("/inicio/").content.decode()


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("servicos", {"has_0": ""}, "Marque pelo menos um serviço"),
        ("servicos", {"has_0": "on", "minutes_0": "", "price_0": "x"}, "Escreva o valor em reais"),
        ("horarios", {"opens": "09:00", "closes": "19:00"}, "Marque pelo menos um dia"),
        ("horarios", {"days": ["0"], "opens": "19:00", "closes": "09:00"}, "termina antes de começar"),
        ("equipe", {"team": "x" * 90}, "longo demais"),
        ("endereco", {"phone": "123"}, "Este telefone não parece certo"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_kept(client, new_shop, name, data, sentence):
    answer = step(client, name, data)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    new_shop.refresh_from_db()
    assert new_shop.setup_step == "servicos"


def test_the_combo_of_the_usual_services_is_one(client, new_shop):
    combo = new_shop.services.get(name="Corte + barba")
    assert {part.name for part in combo.parts.all()} == {"Corte", "Barba"}


def test_the_first_steps_are_shown_until_the_first_booking(client, new_shop, now):
    assert "Primeiros passos" in client.get("/inicio/").content.decode()

    professional = new_shop.professionals.get()
    customer = new_shop.customers.create(name="Rafa", phone="+5511988887777")
    new_shop.appointments.create(
        customer=customer, professional=professional, starts_at=now, ends_at=now.replace(hour=15)
    )
    assert "Primeiros passos" not in client.get("/inicio/").content.decode()


def test_the_first_steps_are_closed_by_their_owner_and_tick_what_is_done(client, new_shop):
    for name in ("servicos", "horarios", "equipe", "endereco"):
        step(client, name)
    client.get("/comecar/pronto/")
    client.post("/comecar/divulgado/")
    assert client.get("/inicio/").content.decode().count("is-done") == 3

    client.post("/comecar/esconder/")
    assert 'class="first-steps' not in client.get("/inicio/").content.decode()


def test_a_step_that_does_not_exist_is_not_found(client, new_shop):
    assert client.get("/comecar/banco/").status_code == 404


def test_a_plan_that_is_full_keeps_the_typed_names_and_adds_nobody(client, new_shop):
    new_shop.plan = Plan.objects.create(name="Básico", most_professionals=2)
    new_shop.save(update_fields=["plan"])
    answer = step(client, "equipe", {"team": "Léo\nAna"})
    assert answer.status_code == 422
    assert "Seu plano tem lugar para 2 profissionais" in answer.content.decode()
    assert "Léo\nAna" in answer.content.decode()
    assert new_shop.professionals.count() == 1
