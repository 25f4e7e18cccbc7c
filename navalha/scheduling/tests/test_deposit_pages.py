"""Deposits in the agenda: what its people see, what they can press, and who may."""

import re
from datetime import datetime, time, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conftest import make_deposit_policy, make_member
from navalha.accounts.models import Role
from navalha.scheduling import actions
from navalha.scheduling.deposits import actions as deposit_actions
from navalha.scheduling.deposits import work as deposit_work
from navalha.scheduling.queries import zone_of

LIST = "/agenda/sinais/"


@pytest.fixture
def policy(shop):
    return make_deposit_policy(shop)


@pytest.fixture
def reception(client, shop):
    person = make_member(shop, "recepcao@navalha.example", Role.RECEPTION)
    client.force_login(person)
    return person


def tomorrow(shop, hour: int) -> datetime:
    zone = zone_of(shop)
    return datetime.combine(timezone.now().astimezone(zone).date() + timedelta(days=2), time(hour), zone)


def booked(shop, haircut, ze, hour=15, *, name="Rafa Souza", number=0):
    return actions.book(
        shop,
        services=[haircut],
        professional=ze,
        starts_at=tomorrow(shop, hour),
        name=name,
        phone=f"+55119777700{number:02}",
        now=timezone.now(),
    )


def text_of(page) -> str:
    found = unescape(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", page.content.decode(), flags=re.S))
    return " ".join(found.replace("\xa0", " ").split())


def press(client, visit, path, seen, **fields):
    return client.post(f"/agenda/{visit.pk}/sinal/{path}/", {"estado": seen, **fields}, follow=True)


def agenda_of(client, visit):
    return client.get(f"/agenda/?dia={timezone.localtime(visit.starts_at, zone_of(visit.shop)).date()}")


def test_the_block_says_how_the_deposit_stands_and_the_day_what_waits(client, shop, haircut, ze, policy, reception):
    visit = booked(shop, haircut, ze)
    assert "Sinal pendente" in text_of(agenda_of(client, visit))
    assert "a conferir" not in text_of(agenda_of(client, visit)).replace("Sinais: a conferir", "")
    deposit_actions.claim(visit, now=timezone.now())

    page = text_of(agenda_of(client, visit))

    assert "Sinal a conferir" in page
    assert "1 sinal a conferir" in page


def test_the_list_leads_through_check_return_and_what_is_awaited(client, shop, haircut, ze, policy, reception):
    checked, awaited = booked(shop, haircut, ze, 10), booked(shop, haircut, ze, 11, name="Bia Lima", number=1)
    deposit_actions.claim(checked, now=timezone.now())
    page = text_of(client.get(LIST))
    assert "A conferir 1" in page
    assert "Aguardando pagamento 1" in page
    assert checked.deposit.txid in page

    page = press(client, checked, "recebi", "receipt", volta=LIST)
    assert "Sinal recebido." in text_of(page)
    assert shop.deposits.get(appointment=checked).state == "paid"
    actions.cancel(checked, by=reception, now=timezone.now())
    assert "A devolver 1" in text_of(client.get(LIST))
    press(client, checked, "devolvi", "owed")
    assert shop.deposits.get(appointment=checked).state == "returned"
    press(client, awaited, "dispensar", "pending")
    assert shop.deposits.get(appointment=awaited).state == "waived"


def test_the_toast_takes_a_wrong_press_back(client, shop, haircut, ze, policy, reception):
    visit = booked(shop, haircut, ze)
    page = press(client, visit, "recebi", "pending")
    [address] = [message.extra_tags for message in page.context["messages"] if message.extra_tags]
    client.post(address)

    assert shop.deposits.get(appointment=visit).state == "pending"
    assert "Desfeito" in text_of(client.get(f"/agenda/{visit.pk}/"))


def test_the_visit_tells_the_whole_story_of_its_deposit(client, shop, haircut, ze, policy, reception):
    visit = booked(shop, haircut, ze)
    deposit_work.lapse_due(timezone.now() + timedelta(hours=1))
    page = text_of(client.get(f"/agenda/{visit.pk}/"))
    assert "por falta do sinal" in page
    assert "O dinheiro chegou depois" in page
    press(client, visit, "chegou-depois", "lapsed")

    assert "Sinal a devolver" in text_of(client.get(f"/agenda/{visit.pk}/"))


def test_what_was_shown_before_somebody_else_decided_is_refused(client, shop, haircut, ze, policy, reception):
    visit = booked(shop, haircut, ze)
    deposit_work.lapse_due(timezone.now() + timedelta(hours=1))

    for seen in ("pending", "lapsed", "", "x"):
        page = press(client, visit, "recebi", seen)
        assert "mudou" in text_of(page) or "mudar" in text_of(page)
    assert shop.deposits.get(appointment=visit).state == "lapsed"


def test_a_visit_without_a_deposit_can_be_asked_for_one(client, shop, haircut, ze, reception):
    visit = booked(shop, haircut, ze)
    address = f"/agenda/{visit.pk}/sinal/pedir/"
    assert address not in client.get(f"/agenda/{visit.pk}/").content.decode()
    make_deposit_policy(shop, who="nobody")
    assert address in client.get(f"/agenda/{visit.pk}/").content.decode()

    page = client.post(address, follow=True)

    assert "Sinal pedido." in text_of(page)
    assert shop.deposits.get(appointment=visit).why == "asked"


def test_who_finishes_the_visit_is_told_what_was_paid_before(client, shop, haircut, ze, policy, reception):
    visit = booked(shop, haircut, ze)
    press(client, visit, "recebi", "pending")

    assert "sinal de R$ 15,00, que já foi pago: do combinado faltam R$ 30,00" in text_of(
        client.get(f"/agenda/{visit.pk}/concluir/")
    )


def test_the_profile_counts_what_was_paid_and_what_was_not(client, shop, haircut, ze, policy, reception):
    visit = booked(shop, haircut, ze)
    press(client, visit, "recebi", "pending")
    booked(shop, haircut, ze, 16)
    deposit_work.lapse_due(timezone.now() + timedelta(hours=1))

    page = text_of(client.get(f"/clientes/{visit.customer_id}/"))

    assert "Sinais pagos 1 R$ 15,00" in page
    assert "Sinais não pagos 1" in page


def test_a_barber_sees_how_it_stands_and_decides_nothing_about_money(client, shop, haircut, ze, policy):
    visit = booked(shop, haircut, ze)
    ze.user = make_member(shop, "barbeiro@navalha.example", Role.BARBER)
    ze.save()
    client.force_login(ze.user)

    assert "Sinal pendente" in text_of(client.get(f"/agenda/{visit.pk}/"))
    assert "Recebi o sinal" not in text_of(client.get(f"/agenda/{visit.pk}/"))
    assert client.get(LIST).status_code == 404
    assert client.post(f"/agenda/{visit.pk}/sinal/recebi/", {"estado": "pending"}).status_code == 404
    assert shop.deposits.get().state == "pending"


def test_an_empty_list_says_what_to_do(client, shop, reception):
    assert "Ajustes › Sinal" in text_of(client.get(LIST))
    make_deposit_policy(shop)
    assert "Quando alguém marcar" in text_of(client.get(LIST))


def test_three_deposits_cost_no_more_queries_than_one(client, shop, haircut, ze, policy, reception):
    def queries(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        return len(captured)

    first = booked(shop, haircut, ze, 9)
    deposit_actions.claim(first, now=timezone.now())
    day = f"/agenda/?dia={timezone.localtime(first.starts_at, zone_of(shop)).date()}"
    one = [queries(LIST), queries(day)]
    for number in (1, 2):
        visit = booked(shop, haircut, ze, 9 + number, name=f"Cliente {number}", number=number)
        deposit_actions.claim(visit, now=timezone.now())

    assert [queries(LIST), queries(day)] == one
