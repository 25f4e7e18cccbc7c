"""The ways to connect a number besides reading a QR, and what stands in the way, as the owner sees them."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import stays
from tests.journeys.people import SOON, ask_for_qr, disconnected, owner_at_desk, phones, read_qr, remote_name

pytestmark = pytest.mark.browser


@pytest.fixture
def owner(windows, town):
    """The owner of the first shop, whose number waits to be connected."""
    page = owner_at_desk(windows, town)
    disconnected(town, page)
    yield page
    town.simulator.reset()


def test_a_number_is_connected_by_a_code_typed_on_the_phone(windows, town, owner):
    ask_for_qr(owner, town)
    same, window = stays(owner), owner.locator("#pairing")
    window.get_by_role("button", name="Usar código").click()
    phone = window.get_by_label("Telefone do WhatsApp da barbearia")
    expect(phone).to_be_focused()
    windows.expect_complaint("status of 422")
    phone.fill("123")
    phone.press("Enter")
    expect(window).to_contain_text("Não reconhecemos este telefone")
    phone.fill("+55 11 99999-0001")
    phone.press("Enter")

    letters = window.locator(".code-letters")
    expect(letters).to_have_text(re.compile(r"^[1-9A-Z]{4}-[1-9A-Z]{4}$"))
    expect(window).to_contain_text("Código 1 de 3")
    spelled = ", ".join(letters.inner_text().replace("-", ""))
    expect(window.locator("[data-pairing-said]")).to_contain_text(spelled)
    assert window.evaluate("window => window.contains(document.activeElement)")

    phones(windows, town).get_by_role("button", name="digitar código").click()

    expect(window).to_contain_text("WhatsApp conectado", timeout=SOON)
    expect(window).to_contain_text("+55 11 99999-0001")
    photo = window.locator("img.avatar")
    expect(photo).to_be_visible(timeout=SOON)
    assert photo.evaluate("photo => photo.decode().then(() => photo.naturalWidth)") == 96
    expect(window.get_by_role("button", name="Enviar teste para mim")).to_be_visible()
    assert same()


def test_the_passkey_wall_is_explained_and_after_it_the_number_connects(windows, town, owner):
    town.simulator.switch(passkey_wall=1)
    ask_for_qr(owner, town)
    same, window = stays(owner), owner.locator("#pairing")
    phone = phones(windows, town)

    read_qr(phone)

    expect(window.locator("[data-step=passkey]")).to_be_visible(timeout=SOON)
    expect(window).to_contain_text("Chaves de acesso")
    expect(window.locator("[data-pairing-said]")).to_contain_text("chave de acesso")
    expect(owner.locator(".number-card").first).to_contain_text("Precisa de chave de acesso", timeout=SOON)
    window.get_by_role("button", name="Tentar de novo").click()
    expect(window.locator("img.qr")).to_be_visible()
    expect(phone.get_by_role("button", name="ler QR")).to_have_count(1, timeout=SOON)  # the refused one is deleted
    read_qr(phone)
    expect(window).to_contain_text("WhatsApp conectado", timeout=SOON)
    assert same()


def test_a_new_shop_accepts_the_note_once_before_its_first_code(windows, town):
    page = windows.open()
    page.goto(f"{town.url}/cadastro/")
    who = {"shop_name": "Corte Fino", "name": "Lia Ramos", "phone": "11 98877-6655", "email": "lia@cortefino.example"}
    for name, value in {**who, "password": "tesoura-e-navalha"}.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("main .btn-primary").click()
    page.goto(f"{town.url}/whatsapp/novo/")
    page.get_by_label("Nome").fill("Recepção")
    page.get_by_role("button", name="Adicionar").click()
    page.goto(f"{town.url}/whatsapp/")
    number = int(page.locator(".number-card").get_attribute("data-number") or 0)
    window = page.locator("#pairing")

    page.get_by_role("button", name="Gerar QR").click()
    expect(window).to_contain_text("Esta forma de conexão não é oficial")
    expect(window.locator("[data-pairing-said]")).to_contain_text("leia o aviso sobre os riscos")
    window.get_by_role("button", name="Agora não").click()
    assert remote_name(town, number) == "None"
    page.get_by_role("button", name="Gerar QR").click()
    window.get_by_role("button", name="Li e aceito, gerar QR").click()
    expect(window.locator("img.qr")).to_be_visible()

    page.keyboard.press("Escape")
    expect(page.locator(".number-card")).to_have_attribute("data-state", "disconnected", timeout=SOON)
    page.get_by_role("button", name="Gerar QR").click()
    expect(window.locator("img.qr")).to_be_visible()
    window.get_by_role("button", name="Usar código").click()
    expect(window.get_by_label("Telefone do WhatsApp da barbearia")).to_be_focused()
    page.keyboard.press("Escape")  # the QR behind the form is given up too
    expect(page.locator(".number-card")).to_have_attribute("data-state", "disconnected", timeout=SOON)
    page.goto(f"{town.url}/whatsapp/{number}/aviso/")
    expect(page.locator("main")).to_contain_text("Lido e aceito por Lia Ramos")
    expect(page.get_by_role("button", name="Li e aceito")).to_have_count(0)
