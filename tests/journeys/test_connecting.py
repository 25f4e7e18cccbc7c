"""Connecting a number, as the owner sees it in the browser."""

import re

import pytest
from playwright.sync_api import Route, expect

from navalha.live.publish import CHANNEL
from tests.browser import stays
from tests.journeys.people import SOON, ask_for_qr, connected, disconnected, owner_at_desk, phones, read_qr, remote_name
from tests.journeys.town import within

pytestmark = pytest.mark.browser


@pytest.fixture
def owner(windows, town):
    """The owner of the first shop, whose number waits for a QR."""
    page = owner_at_desk(windows, town)
    disconnected(town, page)
    return page


def state_of(page, town) -> str:
    number = page.locator(".number-card").first.get_attribute("data-number")
    return town.rows("SELECT state FROM whatsapp_whatsappinstance WHERE id = %s", int(number))[0]["state"]


def test_the_page_turns_green_by_itself_when_the_phone_reads_the_qr(windows, town, owner):
    ask_for_qr(owner, town)
    same = stays(owner)

    read_qr(phones(windows, town))

    expect(owner.locator("#pairing")).to_contain_text("WhatsApp conectado", timeout=SOON)
    owner.get_by_role("button", name="Concluir").click()
    expect(owner.locator(".number-card").first).to_contain_text("Conectado", timeout=SOON)
    expect(owner.locator("#health")).to_contain_text("Conectado", timeout=SOON)
    assert same()


def test_a_card_has_its_line_also_when_the_page_hears_late_that_its_number_is_known(town, owner):
    """A tick on messages may come before the one that brings the card of a number that has just been connected."""
    connected(town, owner)
    second = added(town, owner, "Segunda cadeira")
    held: list[Route] = []
    owner.route("**/whatsapp/numeros/", lambda route: held.append(route))
    owner.goto(f"{town.url}/whatsapp/")
    owner.wait_for_selector("html[data-stream=up]")
    shop = owner.locator("body").get_attribute("data-shop")
    card = owner.locator(f".number-card[data-number='{second}']")

    town.rows("UPDATE whatsapp_whatsappinstance SET number = '+5511999990077' WHERE id = %s", second)
    with owner.expect_response("**/ritmo/**") as told:
        town.rows("SELECT pg_notify(%s, %s)", CHANNEL, f"{shop}:messages")
    told.value.finished()
    expect(card.locator(".number-pace")).to_have_count(0)

    for route in held:
        route.continue_()
    owner.unroute("**/whatsapp/numeros/")
    town.rows("SELECT pg_notify(%s, %s)", CHANNEL, f"{shop}:whatsapp")
    expect(card.locator(".number-pace")).to_contain_text("contatos novos hoje", timeout=SOON)
    owner.goto(f"{town.url}/whatsapp/{second}/remover/")
    owner.get_by_role("button", name="Sim, remover").click()


def added(town, owner, name: str) -> int:
    """One more number of the shop, not connected yet."""
    owner.goto(f"{town.url}/whatsapp/novo/")
    owner.locator("#id_name").fill(name)
    owner.get_by_role("button", name="Adicionar").click()
    return int(owner.locator("#number-main").get_attribute("data-number"))


def test_a_new_code_takes_the_place_of_the_old_one_by_itself(town, owner):
    town.simulator.switch(qr_rotation=12)
    picture = ask_for_qr(owner, town)
    first = picture.get_attribute("src")
    same = stays(owner)

    expect(picture).not_to_have_attribute("src", first, timeout=20_000)

    expect(owner.locator("#pairing")).to_contain_text(re.compile("Código [2-9]"))
    assert same()


def test_esc_ends_the_pairing_on_the_server_too(town, owner):
    ask_for_qr(owner, town)

    owner.keyboard.press("Escape")

    expect(owner.locator("#pairing")).not_to_be_visible()
    within(20, lambda: state_of(owner, town) == "disconnected", "the pairing ends")
    expect(owner.locator(".number-card").first).to_have_attribute("data-state", "disconnected", timeout=SOON)


def test_after_five_minutes_the_window_offers_a_new_qr(town, owner):
    ask_for_qr(owner, town)

    town.rows("UPDATE whatsapp_whatsappinstance SET pairing_expires_at = now() WHERE pairing_expires_at IS NOT NULL")

    again = owner.locator("#pairing").get_by_role("button", name="Gerar novo QR")
    expect(again).to_be_visible(timeout=SOON)
    again.click()
    expect(owner.locator("#pairing img.qr")).to_be_visible()


def test_a_number_that_was_disconnected_and_connected_again_still_hears(windows, town, owner):
    """The recorded trap: after a logout and a new connection messages go out, and none comes in any more."""
    connected(town, owner)
    number = int(owner.locator(".number-card").first.get_attribute("data-number"))
    first = remote_name(town, number)
    heard(town, owner, number, "Oi, vocês abrem hoje?")

    disconnected(town, owner)
    within(20, lambda: first not in names_on(town), "the remote instance is deleted")
    connected(town, owner)
    assert remote_name(town, number) != first

    heard(town, owner, number, "E no sábado?")


def names_on(town):
    return [row["name"] for row in town.simulator.state()["instances"]]


def heard(town, owner, number, words):
    """A customer writes, and the owner's open page shows it by itself."""
    owner.goto(f"{town.url}/conversas/")
    owner.wait_for_selector("html[data-stream=up]")
    same = stays(owner)
    town.simulator.phone("5511987770011").send(words, to=remote_name(town, number))
    expect(owner.locator("main")).to_contain_text(words, timeout=SOON)
    assert same()


def test_what_was_confirmed_is_done_though_the_page_refreshed_meanwhile(town, owner):
    connected(town, owner)
    owner.get_by_role("button", name="Desconectar").click()
    with owner.expect_response("**/whatsapp/numeros/"):
        owner.evaluate("htmx.trigger('#numbers', 'live')")  # a tick whose fetch was on its way when the question came

    owner.locator("#confirm").get_by_role("button", name="Desconectar").click()

    expect(owner.locator(".number-card").first).to_have_attribute("data-state", "disconnected", timeout=SOON)


def test_the_page_waits_with_refreshing_while_it_asks(town, owner):
    connected(town, owner)
    owner.wait_for_selector("html[data-stream=up]")
    owner.get_by_role("button", name="Desconectar").click()
    expect(owner.locator("#confirm")).to_be_visible()
    with owner.expect_response("**/whatsapp/numeros/"):
        owner.evaluate("htmx.trigger('#numbers', 'live')")  # a fetch that was on its way: it is kept out
    expect(owner.locator("#numbers.htmx-request")).to_have_count(0)
    owner.evaluate("document.querySelector('#numbers').dataset.asked = 'yes'")

    shop = owner.locator("body").get_attribute("data-shop")
    with owner.expect_response("**/whatsapp/saude/"):  # the part beside it has heard the tick
        town.rows("SELECT pg_notify(%s, %s)", CHANNEL, f"{shop}:whatsapp")
    owner.wait_for_timeout(500)
    assert owner.locator("#numbers").get_attribute("data-asked") == "yes"

    owner.locator("#confirm").get_by_role("button", name="Voltar").click()
    expect(owner.locator("#numbers[data-asked]")).to_have_count(0, timeout=SOON)
