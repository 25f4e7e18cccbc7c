"""With JavaScript off everything that must work still does: logging in, booking, changing a visit, connecting."""

import pytest
from playwright.sync_api import expect

from navalha.demo.people import OTHER_OWNER, PASSWORD, SHOP
from tests.chromium import log_in
from tests.journeys.people import SOON, book, make_customer, on_agenda, owner_at_desk, remote_name

pytestmark = pytest.mark.browser


def test_a_customer_books_confirms_and_cancels(windows, town):
    page = windows.open(phone=True, javascript=False)
    book(page, town, SHOP, "Corte", make_customer("João Sem Script"), late=True)

    page.get_by_role("button", name="Confirmar presença").click()
    expect(page.get_by_role("heading", name="Presença confirmada")).to_be_visible()
    page.get_by_role("link", name="Cancelar horário").click()
    page.get_by_role("button", name="Sim, cancelar").click()

    expect(page.get_by_role("heading", name="Horário cancelado")).to_be_visible()


def test_a_wrong_phone_keeps_what_was_typed(windows, town):
    page = windows.open(phone=True, javascript=False)
    page.goto(f"{town.url}/agendar/{SHOP}/")
    page.locator("a.service").first.click()
    page.locator(".slot").last.click()
    page.get_by_label("Seu nome").fill("Conceição")
    page.get_by_label("Seu WhatsApp, com DDD").fill("99999-0001")
    windows.expect_complaint("status of 422")

    page.get_by_role("button", name="Confirmar agendamento").click()

    expect(page.get_by_text("Não reconhecemos este telefone")).to_be_visible()
    assert page.get_by_label("Seu nome").input_value() == "Conceição"
    assert page.get_by_label("Seu WhatsApp, com DDD").input_value() == "99999-0001"


def test_the_reception_confirms_a_visit_and_answers_a_customer(windows, town):
    ana = make_customer("Ana Sem Script")
    visit = book(windows.open(phone=True), town, SHOP, "Corte", ana, late=True)
    on_agenda(owner_at_desk(windows, town), town, visit)
    page = owner_at_desk(windows, town, javascript=False)
    page.goto(f"{town.url}/agenda/?dia={visit.day}")
    page.locator("#waiting-title").wait_for()
    others = page.locator("#waiting-all summary")
    if others.count():  # three are in view, and other stories book on that day too
        others.click()

    page.get_by_role("button", name="Confirmar Ana Sem Script").click()

    expect(page.locator("a.visit", has_text="Ana Sem Script")).to_have_attribute("data-state", "confirmed")
    page.goto(f"{town.url}/conversas/?busca=Ana Sem Script")
    page.locator("a.talk").first.click()
    page.get_by_label("Mensagem").fill("Até amanhã, Ana!")
    page.get_by_role("button", name="Enviar").click()
    expect(page.locator("#thread")).to_contain_text("Até amanhã, Ana!")


def test_an_owner_connects_a_number_and_disconnects_it(windows, town):
    page = windows.open(javascript=False)
    log_in(page, town.url, OTHER_OWNER, PASSWORD)
    page.goto(f"{town.url}/whatsapp/")
    card = page.locator(".number-card").first
    if card.get_attribute("data-state") == "connected":
        card.get_by_role("button", name="Desconectar").click()
    number = int(card.get_attribute("data-number"))

    card.get_by_role("button", name="Gerar QR").click()

    expect(page.locator("#qr img.qr")).to_be_visible()
    town.simulator.scan(remote_name(town, number), number="5531999990002", profileName="Studio Bela")
    expect(page.locator("#number-main .badge-state").first).to_contain_text("Conectado", timeout=SOON)  # reloads itself
    page.get_by_role("button", name="Desconectar").click()
    expect(page.locator("#number-main")).to_have_attribute("data-state", "disconnected")
