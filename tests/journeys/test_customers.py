"""The customers of a shop on a phone: import, search, profile, edit, merge, undo."""

import pytest
from playwright.sync_api import expect

from conftest import make_customer
from navalha.config.testing import running_web
from navalha.customers import import_work
from tests.chromium import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def web(transactional_db):
    with running_web() as running:
        yield running


def test_customers_are_imported_found_edited_merged_and_separated_on_a_phone(windows, web, shop, owner):
    make_customer(shop, "Bia", "+5531988887777")
    windows.expect_complaint("status of 422")
    page = windows.open(viewport=PHONE)
    log_in(page, web.url, owner.email)
    page.get_by_role("link", name="Clientes").click()
    page.get_by_role("link", name="Importar").click()
    sheet = "Nome completo;Celular;Nascimento\nJoão Sá;(11) 95555-4444;1990-01-02\nJoao Sa;11955554445;\nSem;12;\n"
    page.get_by_label("Planilha em CSV").set_input_files(
        {"name": "clientes.csv", "mimeType": "text/csv", "buffer": sheet.encode("cp1252")}
    )
    page.get_by_role("button", name="Continuar").click()
    expect(page.locator(".sheet-preview")).to_contain_text("João Sá")
    expect(page.locator("#outlook")).to_contain_text("Clientes novos")
    expect(page.locator(".import-errors")).to_contain_text("Linha 4")
    page.get_by_role("button", name="Importar").click()
    expect(page.locator("#import")).to_contain_text("0 de 3 linhas")
    import_work.work_off(shop.customer_imports.get().pk)  # as the worker does
    expect(page.locator("#import")).to_contain_text("Importada")
    expect(page.locator(".import-errors")).to_contain_text("Linha 4")
    page.locator("main").get_by_role("link", name="Clientes").click()
    people = page.locator("a.person")
    expect(people).to_have_count(3)

    # the list follows what is typed, in any form
    page.get_by_label("Nome ou telefone").fill("31 8888-7777")
    expect(people).to_have_count(1)
    page.get_by_label("Nome ou telefone").fill("joao")
    expect(people).to_have_count(2)
    expect(page).to_have_url(f"{web.url}/clientes/?busca=joao")  # and no word of what nobody chose

    people.first.click()
    page.get_by_role("link", name="Editar").click()
    page.get_by_label("Aniversário").fill("31/02")
    page.get_by_label("Observações").fill("Máquina 2 dos lados")
    page.get_by_role("button", name="Salvar").click()
    expect(page.get_by_text("Esta data não existe")).to_be_visible()
    expect(page.get_by_label("Observações")).to_have_value("Máquina 2 dos lados")
    page.get_by_label("Aniversário").fill("24/11")
    page.get_by_role("button", name="Salvar").click()
    expect(page.locator("#profile")).to_contain_text("Máquina 2 dos lados")
    expect(page.locator(".profile-history")).to_contain_text("24/11")

    page.goto(f"{web.url}/clientes/duplicados/")
    page.get_by_role("link", name="Ver e juntar").click()
    expect(page.locator(".join-result")).to_contain_text("Máquina 2 dos lados")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Juntar os dois").click()
    undo = page.locator(".notice", has_text="agora são um só")
    expect(undo).to_be_visible()
    assert shop.customers.count() == 2
    undo.get_by_role("button", name="Desfazer").click()
    expect(page.get_by_text("são dois cadastros de novo")).to_be_visible()
    assert shop.customers.count() == 3
