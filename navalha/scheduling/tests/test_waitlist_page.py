"""The waitlist as the shop's people see and rule it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import make_member, make_number
from navalha.accounts.models import Role
from navalha.scheduling import queries, slots
from navalha.scheduling.models import OfferState, WaitState
from navalha.scheduling.waitlist import actions as waitlist_actions
from navalha.scheduling.waitlist import offering
from navalha.scheduling.waitlist import work as waitlist_work
from navalha.scheduling.waitlist.actions import Asked
from navalha.scheduling.waitlist.suiting import Wanted

LIST = "/espera/"
QUERIES = 16  # of the page: session, person, membership, the list, what it was worth, whether offers go out, the form


@pytest.fixture
def house(shop, server, ze):
    make_number(shop, server, "ze-0001", connected_at=timezone.now())
    return shop


def tomorrow(shop):
    return slots.local_day(timezone.now(), queries.zone_of(shop)) + timedelta(days=1)


def wait(shop, haircut, name="Davi", phone="+5511988887777", **wanted):
    day = tomorrow(shop)
    wish = Wanted(**{"first_day": day, "last_day": day, **wanted})
    return waitlist_actions.join(shop, Asked([haircut], None, wish), name=name, phone=phone, now=timezone.now())


def typed(shop, haircut, **fields):
    form = {"name": "Davi", "phone": "(11) 98888-7777", "services": [haircut.pk], "professional": ""}
    return {**form, "first_day": tomorrow(shop), "last_day": "", "starts_from": "", "starts_until": "", **fields}


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_the_counter_notes_somebody_and_takes_a_slip_back(as_owner, house, haircut):
    assert "Ninguém na lista de espera." in text_of(as_owner.get(LIST))

    page = text_of(as_owner.post(f"{LIST}entrar/", typed(house, haircut, parts=["morning"]), follow=True))
    entry = house.waitlist.get()
    assert "Davi está na lista de espera." in page
    assert "manhã" in page
    assert entry.added_by is not None

    as_owner.post(f"{LIST}{entry.pk}/tirar/")
    entry.refresh_from_db()
    assert entry.state == WaitState.LEFT
    as_owner.post(f"{LIST}{entry.pk}/desfazer/{waitlist_actions.last_change(entry).pk}/")
    entry.refresh_from_db()
    assert entry.state == WaitState.WAITING
    assert 'class="count num">1<' in as_owner.get("/agenda/").content.decode()


def test_a_customer_without_a_phone_waits_when_whatsapp_knows_them(as_owner, house, haircut):
    unknown, known = house.customers.create(name="Sem Zap"), house.customers.create(name="Lia")
    known.identities.create(shop=house, kind="lid", value="249876543210987@lid")

    refused = as_owner.post(f"{LIST}entrar/", typed(house, haircut, name="Sem Zap", phone="", customer=unknown.pk))
    assert refused.status_code == 422
    as_owner.post(f"{LIST}entrar/", typed(house, haircut, name="Lia", phone="", customer=known.pk))

    assert house.waitlist.get().customer == known
    assert house.messages.get(purpose="waitlist_joined").address == "249876543210987@lid"


@pytest.mark.parametrize(
    ("change", "sentence", "status"),
    [
        ({"name": ""}, "Diga o nome de quem espera.", 422),
        ({"services": []}, "Escolha pelo menos um serviço.", 422),
        ({"phone": "123"}, "Este telefone não parece certo.", 422),
        ({"first_day": "32/13"}, "Escreva o dia assim", 422),
        ({"last_day": "2020-01-01"}, "O último dia deve vir depois do primeiro.", 409),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(as_owner, house, haircut, ze, change, sentence, status):
    form = typed(house, haircut, parts=["evening"], professional=str(ze.pk), starts_from="19:00", **change)

    response = as_owner.post(f"{LIST}entrar/", form)

    assert response.status_code == status
    page = response.content.decode()
    assert sentence in page
    assert 'value="evening" checked' in page
    assert 'value="19:00"' in page
    assert f'value="{ze.pk}" selected' in page
    assert not house.waitlist.exists()


def test_a_member_offers_a_time_by_hand_and_sees_until_when(as_owner, house, haircut, ze):
    day = tomorrow(house)
    entry = wait(house, haircut, starts_from=slots.time(10), starts_until=slots.time(10))
    page = as_owner.get(f"{LIST}{entry.pk}/oferecer/").content.decode()
    moment = next(one for one in page.split('name="inicio" value="')[1:]).partition('"')[0]
    assert moment.startswith(f"{day}T09:00")

    page = text_of(as_owner.post(f"{LIST}{entry.pk}/oferecer/", {"profissional": ze.pk, "inicio": moment}, follow=True))

    made = house.waitlist_offers.get()
    assert "Horário oferecido a Davi." in page
    assert (made.by, made.starts_at.isoformat()) == (house.memberships.get().user, made.starts_at.isoformat())
    offering.record_told(made, sent_at=timezone.now(), now=timezone.now())
    assert "responde até" in text_of(as_owner.get(LIST))
    agenda = f"/agenda/?dia={day}", f"/agenda/semana/?dia={day}&profissional={ze.pk}"
    assert all("Oferecido, responde até" in text_of(as_owner.get(page)) for page in agenda)
    taken = as_owner.post(f"{LIST}{entry.pk}/oferecer/", {"profissional": ze.pk, "inicio": moment})
    assert taken.status_code == 409

    as_owner.post(f"{LIST}{entry.pk}/aceitou/")
    made.refresh_from_db()
    assert made.state == OfferState.ACCEPTED
    assert not any("Oferecido, responde até" in text_of(as_owner.get(page)) for page in agenda)
    zone = queries.zone_of(house)
    is_this_month = slots.local_day(made.starts_at, zone).month == slots.local_day(timezone.now(), zone).month
    assert ("recuperados este mês" in text_of(as_owner.get(LIST))) is is_this_month


def test_an_offer_is_withdrawn_once(as_owner, house, haircut):
    entry = wait(house, haircut)
    waitlist_work.look(house.pk, timezone.now())
    made = house.waitlist_offers.get()

    page = text_of(as_owner.post(f"{LIST}{entry.pk}/retirar/", follow=True))
    assert "Oferta retirada." in page
    made.refresh_from_db()
    assert made.state == OfferState.WITHDRAWN
    assert "Esta oferta já acabou." in text_of(as_owner.post(f"{LIST}{entry.pk}/retirar/", follow=True))


def test_a_barber_sees_the_list_and_no_money_and_rules_nothing(client, house, haircut, barber):
    entry = wait(house, haircut)
    client.force_login(barber)

    page = text_of(client.get(LIST))
    assert "Davi" in page
    assert "recuperados" not in page
    assert "Tirar da lista" not in page
    for path in ("entrar/", f"{entry.pk}/tirar/", f"{entry.pk}/oferecer/", f"{entry.pk}/aceitou/", "ajustes/"):
        assert client.post(LIST + path).status_code == 404


def test_the_manager_rules_the_time_to_answer(client, house, haircut):
    client.force_login(make_member(house, "gerente@navalha.example", Role.MANAGER))
    assert client.post(f"{LIST}ajustes/", {"waitlist_minutes": "1"}).status_code == 422
    client.post(f"{LIST}ajustes/", {"waitlist_minutes": "10"})

    house.refresh_from_db()
    assert (house.waitlist_minutes, house.takes_waitlist) == (10, False)


def test_without_whatsapp_the_page_says_why_nothing_is_offered(as_owner, house, haircut):
    wait(house, haircut)
    house.numbers.update(state="disconnected")

    assert "nenhuma oferta sai" in text_of(as_owner.get(LIST))


def test_the_page_asks_the_database_as_often_for_three_as_for_one(
    client, house, haircut, beard, django_assert_num_queries
):
    client.force_login(make_member(house, "recepcao@navalha.example", Role.RECEPTION))
    wait(house, haircut)
    waitlist_work.look(house.pk, timezone.now())
    client.get(LIST)
    with django_assert_num_queries(QUERIES):
        client.get(LIST)
    for number in (2, 3):
        wait(house, haircut, f"Nome {number}", f"+551195555000{number}")
    waitlist_work.look(house.pk, timezone.now())
    with django_assert_num_queries(QUERIES):
        client.get(LIST)
