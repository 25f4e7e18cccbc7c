"""WhatsApp refuses new chats: the number stops by itself, says why, and goes on when the owner says so."""

import re

import pytest
from playwright.sync_api import expect

from navalha.demo.people import OTHER_OWNER, OTHER_SHOP
from tests.journeys.people import SOON, book, connected, disconnected, make_customer, owner_at_desk
from tests.journeys.town import within

pytestmark = pytest.mark.browser
DAY = "(hoje|amanhã)"  # which becomes today when the story goes on over midnight


@pytest.fixture
def owner(windows, town):
    """The owner of the second shop, whose number is connected; afterwards it is not, as the other stories know it."""
    page = owner_at_desk(windows, town, OTHER_OWNER)
    connected(town, page)
    yield page
    town.simulator.reset()
    disconnected(town, page)


def refused(town) -> int:
    return town.rows("SELECT count(*) AS n FROM messaging_whatsappmessage WHERE refused_at IS NOT NULL")[0]["n"]


def test_a_number_that_whatsapp_refuses_stops_and_goes_on_when_its_owner_says_so(windows, town, owner):
    before = refused(town)
    for name in ("Lia", "Rosa", "Nina"):
        customer = make_customer(name)
        town.simulator.switch(number=customer.digits, ack_error=True)
        book(windows.open(phone=True), town, OTHER_SHOP, "Escova", customer)
    within(40, lambda: refused(town) == before + 3, "three new chats refused")

    owner.goto(f"{town.url}/whatsapp/")
    expect(owner.locator(".number-pace").first).to_contain_text("Contatos novos em pausa", timeout=SOON)
    owner.get_by_role("link", name="Detalhes").first.click()
    pace = owner.locator("#ritmo")
    expect(pace).to_contain_text(re.compile(f"Contatos novos em pausa até {DAY} às"), timeout=SOON)

    bela = make_customer("Bela Prado")
    book(windows.open(phone=True), town, OTHER_SHOP, "Escova", bela)
    expect(pace).to_contain_text("1 mensagem esperando", timeout=SOON)
    expect(pace.locator(".pace-waits")).to_contain_text(re.compile(f"o número parou de escrever a eles. Sai {DAY} às"))
    assert town.simulator.phone(bela.digits).received() == []
    pace.get_by_role("link", name="Bela Prado").click()
    expect(owner.locator("#thread .message-held")).to_contain_text("O WhatsApp recusou mensagens para contatos novos")
    owner.go_back()

    pace.get_by_role("button", name="Retirar a pausa").click()
    owner.locator("#confirm").get_by_role("button", name="Retirar a pausa").click()

    expect(pace).not_to_contain_text("em pausa", timeout=SOON)
    expect(pace).not_to_contain_text("esperando", timeout=SOON)
    town.simulator.phone(bela.digits).wait_for(1, timeout=25)
