"""The main job, end to end, as people see it: connect, book, the ticks turn, the answer changes the booking."""

import re

import pytest
from playwright.sync_api import expect

from navalha.demo.people import OWNER, PASSWORD, SHOP
from tests.browser import stays
from tests.chromium import log_in
from tests.journeys.people import (
    SOON,
    answer,
    ask_for_qr,
    book,
    connected,
    conversation,
    disconnected,
    make_customer,
    on_agenda,
    open_chat,
    owner_at_desk,
    phones,
    read_qr,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def owner(windows, town):
    """The owner of the first shop at the desk, with a connected number."""
    page = owner_at_desk(windows, town)
    connected(town, page)
    return page


def test_from_the_qr_to_the_confirmed_booking(windows, town):
    owner = windows.open()
    log_in(owner, town.url, OWNER, PASSWORD)
    disconnected(town, owner)
    ask_for_qr(owner, town)
    phone = phones(windows, town)
    read_qr(phone)
    expect(owner.locator("#pairing")).to_contain_text("WhatsApp conectado", timeout=SOON)

    rafa = make_customer("Rafa Siqueira")  # of nobody else in this town
    customer = windows.open(phone=True)
    visit = book(customer, town, SHOP, "Corte", rafa)
    block = on_agenda(owner, town, visit)
    same = stays(owner)
    expect(block).to_have_attribute("data-state", "pending")

    open_chat(phone, rafa)
    asked = phone.locator("#bubbles .bubble").first
    expect(asked).to_contain_text("Olá, Rafa! Seu horário na *Barbearia do Zé* está reservado.", timeout=SOON)
    expect(asked).to_contain_text(visit.time)
    expect(block).to_contain_text("Lida", timeout=SOON)
    thread = conversation(windows, town, rafa)
    expect(thread.locator("#thread .message-out").first).to_have_attribute("data-state", "read", timeout=SOON)

    phone.get_by_role("button", name="1", exact=True).click()

    expect(block).to_have_attribute("data-state", "confirmed", timeout=SOON)
    expect(block).to_contain_text("Confirmado")
    assert same(), "the agenda was open all along and never loaded again"
    expect(thread.locator("#thread")).to_contain_text("Confirmou o horário de", timeout=SOON)
    expect(phone.locator("#bubbles")).to_contain_text("Confirmado! ✅ Esperamos você", timeout=SOON)
    customer.reload()
    expect(customer.get_by_role("heading", name="Presença confirmada")).to_be_visible()


def test_who_cannot_come_frees_the_time_for_others(windows, town, owner):
    bia = make_customer("Bia Ramalho")
    customer = windows.open(phone=True)
    visit = book(customer, town, SHOP, "Barba", bia, professional="Márcio", late=True)
    block = on_agenda(owner, town, visit)
    same = stays(owner)
    phone = phones(windows, town)
    open_chat(phone, bia)

    answer(phone, "não vou poder")

    expect(block).to_have_count(0, timeout=SOON)
    expect(owner.locator("#day .freed")).to_contain_text("Bia Ramalho")
    expect(owner.locator("#day .freed")).to_contain_text("Cancelado")
    assert same()
    expect(phone.locator("#bubbles")).to_contain_text("foi cancelado", timeout=SOON)
    customer.goto(visit.offer)
    expect(customer.locator(f'.slot[value="{visit.moment}"]')).to_be_visible()


def test_an_unclear_answer_waits_for_a_person(windows, town, owner):
    caio = make_customer("Caio Assunção")
    visit = book(windows.open(phone=True), town, SHOP, "Sobrancelha", caio, late=True)
    owner.goto(f"{town.url}/conversas/")
    owner.wait_for_selector("html[data-stream=up]")
    same = stays(owner)
    phone = phones(windows, town)
    open_chat(phone, caio)

    answer(phone, "posso levar meu cachorro junto?")

    talk = owner.get_by_role("link", name=re.compile("Caio Assunção"))
    expect(talk).to_contain_text("Precisa de você", timeout=SOON)
    assert same()
    expect(on_agenda(owner, town, visit)).to_have_attribute("data-state", "pending")

    talks = conversation(windows, town, caio)
    talks.get_by_label("Mensagem").fill("Pode sim, ele é bem-vindo!")
    talks.get_by_role("button", name="Enviar").click()
    expect(phone.locator("#bubbles")).to_contain_text("Pode sim, ele é bem-vindo!", timeout=SOON)
    expect(talks.locator(".thread-waits")).to_have_count(0)


def test_a_killed_worker_costs_a_moment_and_no_message(windows, town, owner):
    ana = make_customer("Ana Gonçalves")
    town.kill_worker()

    visit = book(windows.open(phone=True), town, SHOP, "Corte", ana, late=True)
    block = on_agenda(owner, town, visit)
    town.start_worker()
    phone = phones(windows, town)
    open_chat(phone, ana)
    expect(phone.locator("#bubbles")).to_contain_text("Olá, Ana!", timeout=40_000)  # nobody answers what was not asked
    town.kill_worker()
    answer(phone, "Sim, confirmo!")
    town.start_worker()

    expect(block).to_have_attribute("data-state", "confirmed", timeout=40_000)
    expect(phone.locator("#bubbles")).to_contain_text("Confirmado! ✅", timeout=40_000)
    texts = [message["text"] for message in town.simulator.phone(ana.digits).received()]
    assert [text.split("\n")[0][:10] for text in texts] == ["Olá, Ana! ", "Confirmado"]
