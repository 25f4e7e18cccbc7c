"""Who chooses English reads English on every page, and everybody else Portuguese, also of what Django itself says."""

import re
from html import unescape

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from conftest import make_number
from navalha.booking.tests.helpers import days_ahead, text_of
from navalha.scheduling import actions, links

pytestmark = pytest.mark.usefixtures("english_of_today")

# Names of rows and of languages, which stay as they are in English.
OWN_WORDS = re.compile(r"Barbearia do Zé|WhatsApp da loja|Português|Corte|Barba|Zé|Rafael Souza")
PORTUGUESE = re.compile(
    r"[à-öø-ÿ]|\b(?:de|da|das|dos|para|com|sem|seu|sua|ou|um|uma|hoje|ontem|nenhum|nenhuma|novo|nova|agenda|agendar"
    r"|voltar|entrar|sair|salvar|enviar|cliente|clientes|barbearia|senha|dia|conversas?|nome|telefone|mensagens?)\b",
    re.I,
)
OPEN_PAGES = {
    "/entrar/": ("Log in", "Entrar"),
    "/cadastro/": ("Sign up your barbershop", "Cadastre sua barbearia"),
    "/senha/": ("Forgot your password?", "Esqueceu a senha?"),
    "/agendar/barbearia-do-ze/": ("Book your appointment", "Agende seu horário"),
    "/agendar/nenhuma/": ("Page not found", "Página não encontrada"),
    "/nada/": ("Page not found", "Página não encontrada"),
}
MEMBERS_PAGES = {
    "/inicio/": ("Home", "Início"),
    "/agenda/": ("Schedule", "Agenda"),
    "/agenda/novo/": ("New appointment", "Novo horário"),
    "/conversas/": ("Conversations", "Conversas"),
    "/conversas/equipe/": ("Team notices", "Avisos para a equipe"),
    "/whatsapp/": ("Manage WhatsApp numbers", "Gerenciar WhatsApps"),
    "/whatsapp/novo/": ("Add number", "Adicionar número"),
    "/senha/trocar/": ("Change password", "Trocar a senha"),
}


def in_english(client: Client) -> Client:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def owners(owner, shop, haircut, beard, ze, customer, server):
    """The owner's browser, in a shop in which there is something to see on each page."""
    make_number(shop, server, "loja")
    now = timezone.now()
    visit = actions.book(
        shop,
        services=[haircut],
        professional=ze,
        starts_at=days_ahead(shop, 10),
        name="Rafael Souza",
        phone="+5511988887777",
        now=now,
    )
    shop.messages.update(text="Rafael Souza")  # what customers are told is Portuguese and stands on these pages too
    browser = Client()
    browser.force_login(owner)
    return browser, visit


def everything_said(response) -> str:
    """The visible text and the words of attributes, without the names of rows."""
    html = response.content.decode()
    attributes = re.findall(r'\s(?:title|alt|placeholder|aria-label|data-(?!live|behaviour)[a-z-]*)="([^"]*)"', html)
    shown = re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]*>", " ", html, flags=re.S)
    spoken = [words for words in attributes if " " in words]
    return OWN_WORDS.sub(" ", " ".join(unescape(" ".join([shown, *spoken])).split()))


def check(browser: Client, path: str, heading: str, lang: str):
    response = browser.get(path)
    html = response.content.decode()
    assert f'<html lang="{lang}">' in html
    assert heading in unescape(re.search(r"<h1[^>]*>(.*?)</h1>", html, re.S).group(1))
    return response


def check_both(browser: Client, path: str, headings: tuple[str, str]) -> None:
    """The page is Portuguese, and after English was chosen nothing of it is."""
    english, portuguese = headings
    check(browser, path, portuguese, "pt-BR")
    chosen = everything_said(check(in_english(browser), path, english, "en"))
    assert PORTUGUESE.findall(chosen) == [], chosen


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_a_page_for_everybody_is_portuguese_until_english_is_chosen(client, shop, haircut, ze, path):
    check_both(client, path, OPEN_PAGES[path])


@pytest.mark.parametrize("path", MEMBERS_PAGES)
def test_a_page_of_members_is_portuguese_until_english_is_chosen(owners, path):
    browser, _ = owners
    check_both(browser, path, MEMBERS_PAGES[path])


def test_the_pages_of_one_thing_are_portuguese_until_english_is_chosen(owners, shop):
    browser, visit = owners
    number = shop.numbers.get()
    pages = {
        f"/agenda/?dia={visit.starts_at:%Y-%m-%d}": ("Schedule", "Agenda"),
        f"/agenda/{visit.pk}/": ("Rafa", "Rafa"),
        f"/conversas/{visit.customer_id}/": ("Back to conversations", "Voltar às conversas"),
        f"/whatsapp/{number.pk}/": (number.name, number.name),
        f"/whatsapp/{number.pk}/renomear/": ("Rename", "Renomear"),
        f"/whatsapp/{number.pk}/remover/": ("Remove", "Remover"),
        links.manage_url(visit).removeprefix(settings.SITE_URL): ("Appointment booked", "Horário marcado"),
    }
    for path, headings in pages.items():
        browser.cookies.pop(settings.LANGUAGE_COOKIE_NAME, None)
        check_both(browser, path, headings)


def test_a_holiday_is_named_in_the_language_that_was_chosen(owners):
    browser, _ = owners
    for path in ("/agenda/?dia=2026-12-25", "/agenda/semana/?dia=2026-12-25"):
        browser.cookies.pop(settings.LANGUAGE_COOKIE_NAME, None)
        assert "Natal" in everything_said(browser.get(path))
        assert "Christmas Day" in everything_said(in_english(browser).get(path))


# --- what the frameworks say --------------------------------------------------------------------------------------

VALID_EMAIL = "Informe um endereço de e-?mail válido"
FRAMEWORKS_SAY = [
    ("/entrar/", {}, ["Este campo é obrigatório."]),
    ("/entrar/", {"login": "ninguem", "password": "x"}, [VALID_EMAIL]),
    (
        "/cadastro/",
        {"shop_name": "x" * 81, "name": "Zé", "email": "nada", "password": "12345"},
        ["no máximo 80 caracteres", VALID_EMAIL, "Esta senha é muito curta"],
    ),
    ("/cadastro/", {"email": "a@b.example", "password": "1234567890"}, ["Esta senha é muito comum", "obrigatório"]),
    ("/senha/", {"email": "nada"}, [VALID_EMAIL]),
]


@pytest.mark.parametrize(("path", "form", "sentences"), FRAMEWORKS_SAY)
def test_what_django_and_allauth_say_of_a_form_is_portuguese(client, db, path, form, sentences):
    page = client.post(path, form)

    said = everything_said(page)
    for sentence in sentences:
        assert re.search(sentence, said), said
    assert not re.search(r"\b(?:the|this|your|enter|valid|required|must)\b", said, re.I), said


def test_a_password_typed_in_two_ways_is_said_in_portuguese(as_owner):
    form = {"oldpassword": "errada", "password1": "tesoura afiada 27", "password2": "outra coisa 27"}
    said = everything_said(as_owner.post("/senha/trocar/", form))

    assert "Esta não é a sua senha atual." in said
    assert re.search("digitar a mesma senha|mesma senha", said), said
    assert not re.search(r"\b(?:the|this|your|type|same|password)\b", said, re.I), said


def test_the_operators_admin_is_portuguese_until_english_is_chosen(client, operator):
    client.force_login(operator)
    assert "Administração" in text_of(client.get("/admin/"))
    assert "Administration" in text_of(in_english(client).get("/admin/"))
