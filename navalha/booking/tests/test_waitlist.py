"""The waitlist as somebody without an account sees it: joining, one's own place, an offer answered by a tap."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import make_deposit_policy, make_number
from navalha.core.states import move
from navalha.messaging.models import MessageState
from navalha.scheduling import actions, links
from navalha.scheduling.models import OfferState, WaitState
from navalha.scheduling.waitlist import links as waitlist_links
from navalha.scheduling.waitlist import work as waitlist_work

from .helpers import PHONE, days_ahead, get, hidden, offered, text_of


@pytest.fixture
def house(shop, server, haircut, ze):
    """Whose tomorrow is full."""
    make_number(shop, server, "ze-0001", connected_at=timezone.now())
    somebody = shop.customers.create(name="Outro")
    for hour in range(9, 18):
        for minute in (0, 30):
            start = days_ahead(shop, hour, minute)
            shop.appointments.create(
                customer=somebody, professional=ze, starts_at=start, ends_at=start + timedelta(minutes=30)
            )
    return shop


def wish(shop, haircut, **fields):
    day = days_ahead(shop, 9).date()
    form = {
        "servico": [haircut.pk],
        "profissional": "",
        "dia": day,
        "ate": "",
        "nome": "Rafael Souza",
        "telefone": PHONE,
    }
    return {**form, **fields}


def join(client, shop, form):
    return client.post(f"/agendar/{shop.slug}/espera/", form)


def cancel(shop, hour: int) -> None:
    actions.cancel(shop.appointments.get(starts_at=days_ahead(shop, hour)), now=timezone.now(), tell_customer=False)


def told(shop):
    """The newest offer, after WhatsApp has taken its message."""
    now = timezone.now()
    waitlist_work.look(shop.pk, now)
    made = shop.waitlist_offers.latest("pk")
    move(made.message, to=MessageState.SENDING, now=now)
    move(made.message, to=MessageState.SENT, now=now, sent_at=now, wa_id="OUT1")
    waitlist_work.look(shop.pk, now)
    return made


def test_a_full_day_leads_to_the_list_and_who_joins_sees_their_place(client, house, haircut):
    day = days_ahead(house, 9).date()
    page = get(client, house, servico=haircut.pk)
    full = re.findall(r'<a class="day day-full" href="([^"]+)"', page.content.decode())
    assert any(f"dia={day}" in link for link in full)  # today is another one in the evening
    page = get(client, house, servico=haircut.pk, dia=day)
    assert "Entrar na lista de espera" in text_of(page)
    asked = client.get(f"/agendar/{house.slug}/espera/", {"servico": haircut.pk, "dia": day})
    assert f'value="{day}"' in asked.content.decode()

    response = join(client, house, wish(house, haircut, parte=["afternoon"], das="14:00"))

    entry = house.waitlist.get()
    assert response.status_code == 303
    assert response["Location"] == f"/agendar/{house.slug}/espera/{waitlist_links.token(entry)}/"
    page = text_of(client.get(response["Location"]))
    assert "Você é o 1º a esperar por estes dias." in page
    assert "tarde, a partir das 14:00" in page
    assert "final 7777" in page
    assert "Rafael" not in page
    assert waitlist_links.place_url(entry) in house.messages.get(purpose="waitlist_joined").text


def test_who_leaves_by_their_page_is_off_the_list(client, house, haircut):
    place = join(client, house, wish(house, haircut))["Location"]

    client.get(f"{place}sair/")
    assert house.waitlist.get().state == WaitState.WAITING
    page = client.post(f"{place}sair/", follow=True)

    assert house.waitlist.get().state == WaitState.LEFT
    assert "Você saiu da lista" in text_of(page)


def test_an_offer_is_taken_by_a_tap_and_leads_to_the_visit(client, house, haircut):
    place = join(client, house, wish(house, haircut))["Location"]
    cancel(house, 15)
    made = told(house)
    page = client.get(place)
    assert "Abriu um horário para você" in text_of(page)
    assert "15:00" in text_of(page)

    response = client.post(f"{place}quero/", {"oferta": hidden(page, "oferta")[0]})

    visit = house.appointments.get(source="waitlist")
    assert response["Location"] == f"/agendar/{house.slug}/visita/{links.token(visit)}/"
    made.refresh_from_db()
    assert made.state == OfferState.ACCEPTED
    again = client.post(f"{place}quero/", {"oferta": made.pk})
    assert again["Location"] == response["Location"]
    mine = text_of(client.get(place))
    assert "O horário é seu" in mine
    assert "15:00" in mine
    actions.cancel(visit, now=timezone.now(), tell_customer=False)
    assert "Esta espera acabou" in text_of(client.get(place))


def test_what_an_offer_costs_and_its_deposit_are_said_before_the_yes(client, house, haircut):
    make_deposit_policy(house)
    place = join(client, house, wish(house, haircut))["Location"]
    cancel(house, 15)

    made = told(house)

    assert "R$ 45,00, com sinal de R$ 15,00 por Pix" in made.message.text
    page = text_of(client.get(place))
    assert "Com Zé · R$ 45,00" in page
    assert "Sinal de R$ 15,00" in page


def test_an_offer_is_refused_by_a_tap_and_a_late_tap_hears_so(client, house, haircut):
    place = join(client, house, wish(house, haircut))["Location"]
    cancel(house, 15)
    made = told(house)

    client.post(f"{place}nao/", {"oferta": made.pk})
    made.refresh_from_db()
    assert made.state == OfferState.DECLINED
    late = client.post(f"{place}quero/", {"oferta": made.pk})

    assert late.status_code == 409
    assert "Esta oferta já acabou. Você continua na lista de espera." in text_of(late)
    assert not house.appointments.filter(source="waitlist").exists()


def test_nobody_answers_to_an_offer_of_somebody_else(client, house, haircut):
    join(client, house, wish(house, haircut))
    cancel(house, 15)
    made = told(house)
    mine = join(client, house, wish(house, haircut, telefone="11977776666"))["Location"]

    client.post(f"{mine}quero/", {"oferta": made.pk})

    made.refresh_from_db()
    assert made.state == OfferState.OPEN
    assert client.get(f"{mine[:-3]}xx/").status_code == 404


def test_who_wants_what_is_free_is_offered_it_at_once_and_does_not_wait(client, house, haircut):
    cancel(house, 15)

    response = join(client, house, wish(house, haircut, parte=["afternoon"]))

    assert response.status_code == 409
    assert "Há horário livre para você" in text_of(response)
    assert offered(response) == [days_ahead(house, 15).isoformat()]
    assert 'value="Rafael Souza"' in response.content.decode()
    assert not house.waitlist.exists()
    assert join(client, house, wish(house, haircut, parte=["morning"])).status_code == 303


def test_the_same_wish_twice_is_one_place_and_only_its_own_browser_is_led_there(client, house, haircut):
    place = join(client, house, wish(house, haircut))["Location"]

    assert join(client, house, wish(house, haircut))["Location"] == place
    client.cookies.clear()
    response = join(client, house, wish(house, haircut, nome="Outra pessoa"))

    assert response.status_code == 409
    assert "já está na lista de espera" in text_of(response)
    assert place not in response.content.decode()
    assert house.waitlist.count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"dia": ""}, "Diga a partir de que dia."),
        ({"dia": "ontem"}, "Não entendemos este dia."),
        ({"ate": "2020-01-01"}, "O último dia deve vir depois do primeiro."),
        ({"das": "25:99"}, "Não entendemos esta hora."),
        ({"nome": ""}, "Diga o nome de quem vem."),
        ({"telefone": "123"}, "Não reconhecemos este telefone."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client, house, haircut, change, sentence):
    form = wish(house, haircut, parte=["evening"], **{"das": "19:00", "as": "20:00", **change})

    response = join(client, house, form)

    assert response.status_code == 422
    assert sentence in text_of(response)
    page = response.content.decode()
    assert 'value="evening" checked' in page
    assert 'value="20:00"' in page
    assert not house.waitlist.exists()


def test_a_professional_who_left_is_not_taken_for_anybody(client, house, haircut):
    response = join(client, house, wish(house, haircut, profissional="999"))

    assert response.status_code == 422
    assert "Este profissional não atende mais aqui." in text_of(response)
    assert not house.waitlist.exists()


def test_who_comes_again_by_their_link_types_nothing(client, house, haircut, customer):
    start = days_ahead(house, 9, days=3)
    ze = house.professionals.get()
    end = start + timedelta(minutes=30)
    visit = house.appointments.create(customer=customer, professional=ze, starts_at=start, ends_at=end)
    client.get(f"/agendar/{house.slug}/visita/{links.token(visit)}/de-novo/")
    page = client.get(f"/agendar/{house.slug}/espera/", {"servico": haircut.pk})
    assert "As ofertas chegam no WhatsApp de final 7777." in text_of(page)
    assert 'name="telefone"' not in page.content.decode()

    response = join(client, house, wish(house, haircut, nome="", telefone="", conhecido="1"))

    assert response.status_code == 303
    assert house.waitlist.get().customer == customer


@pytest.mark.usefixtures("one_window")
def test_a_stranger_cannot_fill_the_list(client, house, haircut, settings):
    settings.PUBLIC_BOOKINGS_PER_HOUR = 2
    answers = [
        join(client, house, wish(house, haircut, telefone=f"1197777000{number}")).status_code for number in range(3)
    ]

    assert answers == [303, 303, 429]
    assert house.waitlist.count() == 2


def test_a_shop_without_a_list_shows_none(client, house, haircut):
    house.takes_waitlist = False
    house.save()

    page = get(client, house, servico=haircut.pk, dia=days_ahead(house, 9).date())
    assert "lista de espera" not in text_of(page)
    assert join(client, house, wish(house, haircut)).status_code == 302
    assert not house.waitlist.exists()
