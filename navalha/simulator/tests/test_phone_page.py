"""The phone page in a real browser: a QR is read, a customer answers, a fault is switched on."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from navalha.simulator.testing import RunningSimulator, running_simulator, wait_until

pytestmark = pytest.mark.browser

CUSTOMER = "5511988880001"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture
def calm() -> Iterator[RunningSimulator]:
    """Fast, but with QRs and receipts slow enough for a hand."""
    with running_simulator(speed=10, qr_rotation=4500, auto_read=False) as running:
        yield running


@pytest.fixture
def page(calm: RunningSimulator) -> Iterator[Page]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=[*QUIET, "--disable-sync"])
        opened = browser.new_page(viewport={"width": 1280, "height": 800}, locale="pt-BR")
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        opened.goto(f"{calm.url}/")
        yield opened
        browser.close()
    assert errors == []


def test_reading_the_qr_connects_and_disconnecting_by_the_phone_closes(calm, page):
    calm.api("POST", "/instance/create", {"instanceName": "loja1", "integration": "WHATSAPP-BAILEYS", "qrcode": True})
    page.get_by_role("button", name="ler QR", exact=True).click()
    card = page.locator('[data-instance="loja1"]')
    expect(card).to_have_attribute("data-state", "open")
    card.get_by_role("button", name="desconectar pelo celular", exact=True).click()
    expect(card).to_have_attribute("data-state", "close")


def test_typing_the_pairing_code_connects(calm, page):
    calm.api("POST", "/instance/create", {"instanceName": "loja1", "integration": "WHATSAPP-BAILEYS"})
    calm.api("GET", "/instance/connect/loja1?number=5511999990007")
    page.get_by_role("button", name="digitar código", exact=True).click()
    expect(page.locator('[data-instance="loja1"]')).to_have_attribute("data-state", "open")
    assert calm.instance("loja1")["owner_number"] == "5511999990007"


def test_the_only_phone_opens_by_itself_and_answers_with_one_click(calm, page):
    calm.connected("loja1")
    calm.api("POST", "/message/sendText/loja1", {"number": CUSTOMER, "text": "1 confirma, 2 cancela"})
    bubble = page.locator('[data-message][data-direction="received"]')
    expect(bubble).to_contain_text("1 confirma, 2 cancela")
    expect(bubble).to_have_attribute("data-status", "DELIVERY_ACK")
    page.locator('[data-quick="1"]').click()
    expect(page.locator('[data-message][data-direction="sent"]')).to_contain_text("1")
    page.locator(f'[data-phone="{CUSTOMER}"]').first.click()
    expect(bubble).to_have_attribute("data-status", "READ")
    page.locator("#reply-text").fill("Obrigado!")
    page.locator("#reply-send").click()
    wait_until(lambda: calm.phone(CUSTOMER).messages()[-1]["text"] == "Obrigado!", what="the typed answer")


def test_a_wa_me_link_opens_the_shops_conversation_with_its_words_ready_to_be_sent(calm, page):
    calm.connected("loja1", number="5531999990001")
    page.locator("#open-number").fill("(11) 98888-0001")
    page.locator("#open-button").click()
    expect(page.locator("#chat")).to_have_attribute("data-phone", CUSTOMER)
    page.locator("#link-address").fill(
        "https://wa.me/5531999990001?text=Ol%C3%A1!%20Meu%20c%C3%B3digo%20%C3%A9%20K7Q2MX4."
    )
    page.locator("#link-open").click()
    expect(page.locator("#reply-text")).to_have_value("Olá! Meu código é K7Q2MX4.")
    page.locator("#reply-lid").check()
    page.locator("#reply-send").click()
    expect(page.locator('[data-message][data-direction="sent"]')).to_contain_text("Meu código é K7Q2MX4.")
    page.locator("#link-address").fill("https://example.com/5531999990001")
    page.locator("#link-open").click()
    expect(page.locator("#toast")).to_contain_text("Cole um link")


def test_a_phone_is_opened_by_number_and_says_when_no_shop_is_connected(calm, page):
    page.locator("#open-number").fill("(31) 98888-7777")
    page.locator("#open-button").click()
    expect(page.locator("#chat")).to_have_attribute("data-phone", "553188887777")
    page.locator('[data-quick="Sim"]').click()
    expect(page.locator("#reply-problem")).to_contain_text("leia um QR primeiro")


def test_switches_on_the_page_are_switches_of_the_server(calm, page):
    page.locator('[data-switch="dead"]').check()
    page.locator('[data-switch="send_500"]').select_option("3")
    wait_until(lambda: calm.state()["switches"]["values"]["send_500"] == 3, what="the count")
    assert calm.state()["switches"]["values"]["dead"] is True
    page.locator("#switches-reset").click()
    expect(page.locator('[data-switch="dead"]')).not_to_be_checked()


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_nothing_sticks_out_sideways(calm, page, width):
    calm.connected("loja1", profileName="Barbearia do Zé e Filhos Corte e Barba")
    calm.api("POST", "/message/sendText/loja1", {"number": CUSTOMER, "text": "https://exemplo.example/" + "x" * 200})
    page.set_viewport_size({"width": width, "height": 800})
    expect(page.locator("[data-message]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
