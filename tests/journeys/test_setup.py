"""A new owner on a phone: from the sign-up to a page that shows the right price of the right barber."""

import re
from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from tests.chromium import chromium, complaints
from tests.journeys.public_site import built_site, running_site
from tests.journeys.test_public_page import TOO_WIDE, phone


@pytest.fixture(scope="module")
def site(tmp_path_factory, django_db_setup) -> Iterator[str]:
    with running_site(built_site(tmp_path_factory.getbasetemp())) as [address]:
        yield address


@pytest.fixture
def browser(transactional_db) -> Iterator[Browser]:
    with chromium() as running:
        yield running


def go_on(page: Page, heading: str) -> None:
    assert not page.evaluate(TOO_WIDE), page.url
    page.get_by_role("button", name="Salvar e continuar").click()
    expect(page.locator("h1")).to_have_text(heading)


def sign_up(page: Page, site: str) -> None:
    page.goto(f"{site}/cadastro/")
    values = {"shop_name": "Corte Fino", "name": "Lia", "phone": "11 99999-0001", "email": "lia@navalha.example"}
    for name, value in {**values, "password": "tesoura afiada 27"}.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("main .btn-primary").click()
    expect(page.locator("h1")).to_have_text("O que a barbearia faz?")


def five_steps(page: Page) -> None:
    page.get_by_label("Corte", exact=True).check()
    page.locator("[name=price_0]").fill("50")
    page.locator("[name=price_0]").blur()
    expect(page.locator("[name=price_0]")).to_have_value("50,00")
    go_on(page, "Quando abre?")
    page.get_by_label("Abre às").fill("08:00")
    go_on(page, "Quem atende?")
    page.get_by_label("Quem mais atende").fill("João\nMárcio")
    go_on(page, "Onde fica?")
    page.get_by_label("Endereço").fill("Rua Augusta, 10, São Paulo")
    go_on(page, "Tudo pronto")
    expect(page.locator(".share-link")).to_contain_text("/agendar/corte-fino/")


def give_joao_his_own_price(page: Page, site: str) -> None:
    page.goto(f"{site}/servicos/")
    page.locator("a.row-main", has_text="Corte").first.click()
    doer = page.locator(".doer", has_text="João")
    doer.get_by_label("Preço próprio").fill("65")
    doer.get_by_label("Minutos próprios").fill("40")
    page.get_by_role("button", name="Salvar serviço").click()
    expect(page.locator(".notice", has_text="foi salvo").get_by_role("button", name="Desfazer")).to_be_visible()


def open_on_christmas(page: Page, site: str) -> None:
    page.goto(f"{site}/ajustes/feriados/?ano={timezone.localdate().year + 1}")  # this year's may be over
    row = page.locator(".row-item", has_text="Natal").last
    expect(row.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    row.get_by_role("switch").click()
    row = page.locator(".row-item", has_text="Natal").last
    expect(row.get_by_role("switch")).to_have_attribute("aria-checked", "true")
    expect(page.get_by_role("button", name="Desfazer")).to_be_visible()
    expect(page.locator(".notice .notice-close")).to_be_visible()  # its script listens to the key
    page.keyboard.press("Control+z")
    expect(page.locator(".row-item", has_text="Natal").last.get_by_role("switch")).to_have_attribute(
        "aria-checked", "false"
    )


@pytest.mark.browser
def test_a_new_owner_sets_the_shop_up_on_a_phone_and_customers_see_it(site, browser):
    page = phone(browser).new_page()
    said = complaints(page)

    sign_up(page, site)
    five_steps(page)
    page.goto(f"{site}/inicio/")
    expect(page.locator(".first-steps .is-done")).to_have_count(2)
    give_joao_his_own_price(page, site)
    open_on_christmas(page, site)

    customer = phone(browser).new_page()
    customer.goto(f"{site}/agendar/corte-fino/")
    card = customer.locator("a.service", has_text=re.compile("^\\s*Corte\\s+30 min"))
    expect(card).to_contain_text("a partir de R$\u00a050,00")
    card.click()
    customer.get_by_role("link", name=re.compile("^João R")).click()  # their own price beside the name
    expect(customer.locator(".chosen")).to_contain_text("R$\u00a065,00")
    expect(customer.locator(".chosen")).to_contain_text("40 min")
    customer.locator(".slot").first.click()
    expect(customer.locator(".summary")).to_contain_text("R$\u00a065,00")
    assert said == []
