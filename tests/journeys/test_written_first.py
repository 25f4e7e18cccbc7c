"""Who has booked taps one button and writes first; the shop, which waits for that, answers in the same conversation."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from navalha.demo.people import SHOP
from tests.browser import stays
from tests.journeys.people import (
    SOON,
    book,
    connected,
    conversation,
    make_customer,
    on_agenda,
    owner_at_desk,
    phones,
    take_into_hand,
)
from tests.journeys.town import Town

pytestmark = pytest.mark.browser
WAIT = "Confirmação para quem nunca falou com a barbearia"
AT_ONCE = "UPDATE accounts_shop SET customer_first_minutes = 0 WHERE slug = %s RETURNING slug"


@pytest.fixture
def owner(windows, town) -> Iterator[Page]:
    page = owner_at_desk(windows, town)
    connected(town, page)
    yield page
    town.rows(AT_ONCE, SHOP)


def tapped(page: Page) -> str:
    """Tap the button; the address that the phone hands to WhatsApp, which is not on this machine."""
    page.context.route("https://wa.me/**", lambda route: route.fulfill(body="WhatsApp"))
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Receber no WhatsApp").click()
    opened.value.wait_for_load_state()
    address = opened.value.url
    opened.value.close()
    return address


def send(phone: Page, address: str, *, hidden: bool) -> None:
    """Open the link on the pretend phone and send what stands ready."""
    phone.locator("#link-address").fill(address)
    phone.locator("#link-open").click()
    phone.locator("#reply-lid").set_checked(hidden)
    expect(phone.locator("#reply-text")).not_to_have_value("")
    phone.locator("#reply-send").click()


def test_the_button_of_the_page_opens_the_conversation_and_the_confirmation_comes_there(windows, town: Town, owner):
    owner.goto(f"{town.url}/ajustes/")
    owner.get_by_label(WAIT).select_option(label="Espera o cliente escrever, no máximo 10 minutos")
    owner.get_by_role("button", name="Salvar ajustes").click()
    expect(owner.get_by_text("Ajustes salvos.")).to_be_visible()

    nina = make_customer("Nina Prado")
    customer = windows.open(phone=True)
    visit = book(customer, town, SHOP, "Corte", nina, late=True)
    phone = phones(windows, town)
    take_into_hand(phone, nina.phone)
    thread = conversation(windows, town, nina)
    expect(thread.locator("#thread")).to_contain_text("Espera o cliente escrever primeiro")
    expect(phone.locator("#bubbles .bubble")).to_have_count(0)

    page_of_the_visit = stays(customer)
    send(phone, tapped(customer), hidden=True)  # WhatsApp shows the shop no phone, as it does more and more

    answered = phone.locator('#bubbles [data-direction="received"]')
    expect(answered).to_contain_text("está reservado", timeout=SOON)
    expect(customer.get_by_text("a confirmação está na conversa")).to_be_visible(timeout=SOON)
    assert page_of_the_visit(), "the page follows by itself"
    block = on_agenda(owner, town, visit)
    block.click()
    expect(owner.locator(".first-word")).to_contain_text("o WhatsApp não mostrou o telefone", timeout=SOON)
    thread = conversation(windows, town, nina)
    expect(thread.locator("#thread")).to_contain_text("Escreveu primeiro, com o código do horário")
    expect(answered).to_have_count(1)
