"""“Receber no WhatsApp”: when the page of a visit has the button, and what it opens."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from conftest import make_deposit_policy, make_number
from navalha.core.states import move
from navalha.messaging.models import MessageState
from navalha.scheduling import actions, links
from navalha.scheduling.models import Opener
from navalha.scheduling.openers.codes import found_in
from navalha.whatsapp.models import EvolutionServer

from .helpers import days_ahead, post, sent, text_of, visit_of

BUTTON = "Receber no WhatsApp"


@pytest.fixture
def number(shop):
    server = EvolutionServer.objects.create(name="Um", url="http://127.0.0.1:1", encrypted_api_key="")
    now = timezone.now()
    return make_number(shop, server, "ze-1", checked_at=now, connected_at=now)


@pytest.fixture
def page(client, shop, haircut, ze, number) -> str:
    """The address to which the form leads, after somebody has booked."""
    return booked(client, shop, haircut)


def booked(client, shop, haircut, **fields) -> str:
    answer = post(client, shop, sent([haircut], days_ahead(shop, 15, days=2), **fields))
    assert answer.status_code == 303
    return answer["Location"]


def button(response) -> str:
    """The address that the button opens; empty where there is none."""
    found = re.search(rf"<a ([^>]*)>(?:(?!</a>).)*{BUTTON}", response.content.decode(), re.S)
    if not found:
        return ""
    assert 'rel="noopener noreferrer"' in found[1]
    address = re.search(r'href="([^"]+)"', found[1])
    return unescape(address[1]) if address else ""


def test_who_has_just_booked_may_write_first_with_one_tap(client, shop, page):
    response = client.get(page)

    address = urlsplit(button(response))
    [text] = parse_qs(address.query)["text"]
    assert (address.scheme, address.netloc, address.path) == ("https", "wa.me", "/5511999990001")
    assert text.startswith("Olá! Acabei de marcar um horário na Barbearia do Zé.")
    [code] = found_in(text)
    assert f"Mande este código para +55 11 99999-0001: {code}" in text_of(response)
    assert code not in str(Opener.across_shops.values().get())  # kept as a hash only


@pytest.mark.parametrize("state", ["unstable", "disconnected"])
def test_without_a_number_that_hears_there_is_no_button(client, number, page, state):
    move(number, to="unstable", now=timezone.now())
    if state != "unstable":
        move(number, to=state, now=timezone.now())

    response = client.get(page)

    assert button(response) == ""
    assert "Você receberá a confirmação no WhatsApp de final 7777" in text_of(response)


def test_a_number_at_which_nobody_has_looked_lately_gets_no_button(client, shop, number, page):
    long_ago = timezone.now() - timedelta(hours=3)
    shop.numbers.update(checked_at=long_ago, state_changed_at=long_ago, connected_at=long_ago)

    assert button(client.get(page)) == ""


def test_once_they_wrote_the_page_says_so(client, shop, page):
    opener = visit_of(shop).opener
    opener.opened_at, opener.writer, opener.address = timezone.now(), visit_of(shop).customer, "+5511988887777"
    opener.save()

    response = client.get(page)

    assert button(response) == ""
    assert "a confirmação está na conversa" in text_of(response)


def test_when_a_phone_has_the_confirmation_the_button_is_for_whom_it_did_not_reach(client, shop, page):
    message = shop.messages.get(dedupe_key=f"booked:{visit_of(shop).pk}")
    move(message, to=MessageState.DELIVERED, now=timezone.now())

    response = client.get(page)

    assert "A confirmação chegou ao WhatsApp de final 7777. Não é o seu?" in text_of(response)
    assert button(response)


def test_a_day_later_the_code_is_over(client, shop, page):
    shop.openers.update(expires_at=timezone.now())

    assert button(client.get(page)) == ""


def test_a_cancelled_visit_has_no_button(client, shop, page):
    actions.cancel(visit_of(shop), now=timezone.now())

    assert button(client.get(page)) == ""


def test_a_visit_booked_by_the_shop_has_no_button(client, shop, haircut, ze, number, owner):
    visit = actions.book(
        shop, services=[haircut], professional=ze, starts_at=days_ahead(shop, 15, days=2), name="Rafa",
        phone="+5511988887777", by=owner, now=timezone.now(),
    )  # fmt: skip

    assert button(client.get(f"/agendar/{shop.slug}/visita/{links.token(visit)}/")) == ""


def test_a_code_of_an_earlier_secret_key_is_not_shown(client, settings, shop, page):
    shop.openers.update(code_hash="0" * 64)

    assert button(client.get(page)) == ""


def test_beside_a_deposit_the_payment_comes_first(client, shop, haircut, ze, number):
    make_deposit_policy(shop)
    response = client.get(booked(client, shop, haircut, sinal="1500"))

    page = response.content.decode()
    assert page.index("Pague o sinal") < page.index(BUTTON)
    assert 'btn-primary btn-wide" href="https://wa.me' not in page
