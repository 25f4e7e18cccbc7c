"""The owner's page on deposits: what is kept, what is refused, and what it says about it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conftest import make_customer, make_deposit_policy, make_member
from navalha.accounts.models import Role
from navalha.core import brcode
from navalha.scheduling.models import AppointmentState
from navalha.setup.deposit_form import city_of

PAGE = "/ajustes/sinal/"
FORM = {
    "who": "everybody",
    "how": "fixed",
    "fixed": "15,00",
    "minutes_to_pay": "30",
    "refund_minutes": "1440",
    "key_kind": "cpf",
    "pix_key": "529.982.247-25",
    "holder": "José Carlos da Silva",
    "city": "São Paulo",
}


def errors(page) -> dict[str, list[str]]:
    return {name: list(found) for name, found in page.context["form"].errors.items()}


def test_a_new_shop_is_asked_what_is_not_known_and_nobody_pays_yet(as_owner, shop):
    shop.address = "Rua Augusta, 1200, Consolação, São Paulo - SP"
    shop.save()

    page = as_owner.get(PAGE)

    shown = page.context["form"].initial
    assert (shown["who"], shown["holder"], shown["city"]) == ("nobody", "BARBEARIA DO ZE", "SAO PAULO")
    assert not shop.deposit_policies.exists()


def test_the_owner_saves_a_policy_and_sees_it_in_plain_words_with_a_code_to_try(as_owner, shop, haircut):
    page = as_owner.post(PAGE, FORM, follow=True)

    policy = shop.deposit_policies.get()
    assert (policy.pix_key, policy.holder, policy.city) == ("52998224725", "JOSE CARLOS DA SILVA", "SAO PAULO")
    assert (policy.fixed_cents, policy.percent) == (1500, None)
    said = page.content.decode()
    assert "Todos que marcam pela internet pagam sinal." in said
    assert "Corte, R$\xa045,00: sinal de R$\xa015,00" in said
    code = brcode.parse(page.context["code"])
    assert (code.key, code.amount_cents) == ("52998224725", 1500)
    assert 'src="data:image/png;base64,' in said


def test_a_save_is_taken_back_with_one_press(as_owner, shop, haircut):
    make_deposit_policy(shop, who="some", new_customers=True, services=[haircut], percent=30)
    page = as_owner.post(PAGE, {**FORM, "who": "nobody"}, follow=True)
    [address] = [message.extra_tags for message in page.context["messages"] if message.extra_tags]

    as_owner.post(address)

    policy = shop.deposit_policies.get()
    assert (policy.who, policy.percent, policy.fixed_cents, list(policy.services.all())) == (
        "some",
        30,
        None,
        [haircut],
    )


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"pix_key": "529.982.247-26"}, "pix_key", "CPF não existe"),
        ({"pix_key": ""}, "pix_key", "Escreva a chave"),
        ({"key_kind": ""}, "key_kind", "tipo de chave"),
        ({"fixed": "0"}, "fixed", "valor do sinal"),
        ({"fixed": "abc"}, "fixed", "em reais"),
        ({"how": "percent"}, "percent", "parte do preço"),
        ({"how": "percent", "percent": "101"}, "percent", "100"),
        ({"who": "some"}, "who", "pelo menos um caso"),
        ({"holder": "💈"}, "holder", "nome de quem recebe"),
        ({"city": ""}, "city", "cidade"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(as_owner, shop, change, field, says):
    page = as_owner.post(PAGE, {**FORM, **change})

    assert page.status_code == 422
    assert says in errors(page)[field][0]
    assert "José Carlos da Silva" in page.content.decode() or "holder" in change
    assert not shop.deposit_policies.exists()


def test_the_key_can_be_kept_and_tried_before_anybody_pays(as_owner, shop, haircut):
    as_owner.post(PAGE, {**FORM, "who": "nobody"})
    page = as_owner.get(PAGE)

    assert "Ninguém paga sinal." in page.content.decode()
    assert page.context["code"]


def test_it_says_whom_the_rule_would_have_asked(as_owner, shop, haircut, ze):
    make_deposit_policy(shop, who="some", new_customers=True)
    now = timezone.now()
    regular, fresh = make_customer(shop), make_customer(shop, "Bia", "+5511977770001")
    for number, (customer, state, days) in enumerate(
        [(regular, "done", 40), (regular, "pending", 1), (fresh, "pending", 1)]
    ):
        start = now - timedelta(days=days) + timedelta(hours=number)
        shop.appointments.create(
            customer=customer,
            professional=ze,
            state=AppointmentState(state),
            starts_at=start,
            ends_at=start + timedelta(minutes=30),
            created_at=start - timedelta(hours=1),
            total_cents=4500,
        )

    page = as_owner.get(PAGE)

    assert "teria pedido sinal em 1 de 2 agendamentos" in page.content.decode()


def test_more_bookings_cost_no_more_queries(as_owner, shop, haircut, ze):
    make_deposit_policy(shop, who="some", new_customers=True, missed_from=1, services=[haircut])
    as_owner.get(PAGE)

    def queries(count: int) -> int:
        for number in range(count):
            start = timezone.now() + timedelta(days=shop.appointments.count() + 1)
            visit = shop.appointments.create(
                customer=make_customer(shop, f"C{start}", f"+55119{start:%m%d}{number:04}"),
                professional=ze,
                starts_at=start,
                ends_at=start + timedelta(minutes=30),
            )
            visit.items.create(shop=shop, service=haircut, name="Corte", price_cents=4500, duration_minutes=30)
        with CaptureQueriesContext(connection) as captured:
            as_owner.get(PAGE)
        return len(captured)

    assert queries(1) == queries(2)


def test_the_whole_key_is_in_no_log(as_owner, shop, capsys, caplog):
    as_owner.post(PAGE, FORM)

    written = capsys.readouterr().out + caplog.text
    assert "deposit policy saved" in written
    assert "52998224725" not in written


def test_only_the_owner_finds_the_page_and_its_tab(client, shop):
    client.force_login(make_member(shop, "gerente@navalha.example", Role.MANAGER))

    assert client.get(PAGE).status_code == 404
    assert PAGE not in client.get("/ajustes/").content.decode()


@pytest.mark.parametrize(
    ("address", "city"),
    [
        ("Rua Augusta, 1200, Consolação, São Paulo - SP", "São Paulo"),
        ("Av. Afonso Pena, 300, Belo Horizonte/MG", "Belo Horizonte"),
        ("Rua das Flores, 12", ""),
        ("Centro", ""),
        ("", ""),
    ],
)
def test_the_city_is_the_last_part_of_an_address(address, city):
    assert city_of(address) == city
