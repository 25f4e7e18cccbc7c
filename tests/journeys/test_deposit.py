"""A deposit from the owner's rule to the badge on the agenda, and one that nobody pays."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from navalha.core import brcode
from navalha.demo.people import OTHER_OWNER, OTHER_SHOP
from tests.journeys.people import (
    SOON,
    Customer,
    Visit,
    connected,
    make_customer,
    on_agenda,
    open_chat,
    owner_at_desk,
    phones,
)
from tests.journeys.town import Town

pytestmark = pytest.mark.browser
PRICE, SHARE = 9000, 30  # cents and % of "Corte feminino"
NO_POLICY = "UPDATE scheduling_depositpolicy SET who = 'nobody'"
TIME_PASSES = "UPDATE scheduling_deposit SET due_at = now() WHERE state = 'pending'"


@pytest.fixture
def owner(windows, town) -> Iterator[Page]:
    """The owner of the second shop, whose number is connected; afterwards nobody pays a deposit there."""
    page = owner_at_desk(windows, town, OTHER_OWNER)
    connected(town, page)
    yield page
    town.rows(NO_POLICY)


def choose_policy(owner: Page, town: Town) -> None:
    owner.goto(f"{town.url}/ajustes/sinal/")
    owner.get_by_label("Todos", exact=True).check()
    owner.get_by_label("Uma parte do preço").check()
    owner.get_by_label("Parte do preço (%)").fill(str(SHARE))
    owner.get_by_label("Tipo da chave Pix").select_option("email")
    owner.get_by_label("Chave Pix", exact=True).fill("Isabela@Studio.Example")
    owner.get_by_role("button", name="Salvar e ver o código").click()
    expect(owner.get_by_role("heading", name="Teste a chave antes de cobrar")).to_be_visible()
    expect(owner.locator(".deposit-words")).to_contain_text("Todos que marcam pela internet pagam sinal.")


def book_with_deposit(page: Page, town: Town, who: Customer) -> Visit:
    """As a first visit goes: three taps and two fields, as without a deposit."""
    page.goto(f"{town.url}/agendar/{OTHER_SHOP}/")
    page.get_by_role("link", name=re.compile(r"^Corte feminino\s")).click()
    page.locator("a.day").last.click()
    offer, slot = page.url, page.locator(".slot").first
    moment = slot.get_attribute("value") or ""
    slot.click()
    expect(page.locator(".deposit-ask")).to_contain_text("Sinal de R$\xa027,00")
    expect(page.locator(".deposit-ask")).to_contain_text("o sinal volta para você")
    page.get_by_label("Seu nome").fill(who.name)
    page.get_by_label("Seu WhatsApp, com DDD").fill(who.phone)
    page.get_by_role("button", name="Confirmar e ir para o sinal").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Falta pagar o sinal")
    return Visit(who, moment, offer)


def test_a_deposit_is_paid_and_seen_on_the_agenda_and_an_unpaid_one_lapses(windows, town, owner):
    choose_policy(owner, town)
    payer, forgetful = make_customer("Teresa Magalhães"), make_customer("Nuno Vaz")

    customer = windows.open(phone=True)
    visit = book_with_deposit(customer, town, payer)
    code = customer.get_by_label(re.compile("copia e cola")).input_value()
    said = brcode.parse(code)
    assert (said.key, said.amount_cents) == ("isabela@studio.example", PRICE * SHARE // 100)
    expect(customer.get_by_role("img", name=re.compile("QR code do Pix"))).to_be_visible()
    expect(customer.locator(".hold-left")).to_have_text(re.compile(r"^\d+:\d\d$"))
    phone = phones(windows, town)
    open_chat(phone, payer)
    expect(phone.locator("#bubbles")).to_contain_text("espera o *sinal de R$ 27,00*", timeout=SOON)
    expect(phone.locator("#bubbles .bubble").filter(has_text=code)).to_have_count(1, timeout=SOON)

    block = on_agenda(owner, town, visit)
    expect(block).to_contain_text("Sinal pendente")
    customer.get_by_role("button", name="Já paguei").click()
    expect(customer.locator("main")).to_contain_text("A barbearia está conferindo")
    expect(block).to_contain_text("Sinal a conferir", timeout=SOON)
    owner.get_by_role("link", name=re.compile(r"^\d+ sina(l|is) a conferir$")).click()  # other stories have some too
    row = owner.locator("section:has(#to-check) li", has_text=said.txid)
    row.get_by_role("button", name="Recebi o sinal").click()
    expect(row).to_have_count(0, timeout=SOON)
    block = on_agenda(owner, town, visit)
    expect(block).to_contain_text("Sinal pago")
    expect(block).to_have_attribute("data-state", "confirmed")
    customer.reload()
    expect(customer.locator("main")).to_contain_text("Sinal de R$\xa027,00 recebido.")

    other = windows.open(phone=True, javascript=False)
    unpaid = book_with_deposit(other, town, forgetful)
    block = on_agenda(owner, town, unpaid)
    town.rows(TIME_PASSES)
    expect(block).to_have_count(0, timeout=SOON)
    other.reload()
    expect(other.get_by_role("heading", level=1)).to_have_text("Horário liberado: faltou o sinal")
    open_chat(phone, forgetful)
    expect(phone.locator("#bubbles")).to_contain_text("foi liberado", timeout=SOON)
