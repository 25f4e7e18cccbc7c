"""What every page shares: the CSP, the language, errors, the shell."""

import re

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from navalha.accounts.models import Membership, Role

POLICY = ("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'")
PAGES = ["/entrar/", "/cadastro/", "/senha/", "/senha/enviada/", "/whatsapp/", "/admin/", "/nada/", "/saude/", "/sair/"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("who", ["anonymous", "member", "operator"])
def test_every_page_carries_the_strict_policy(client, owner, operator, path, who):
    if who != "anonymous":
        client.force_login({"member": owner, "operator": operator}[who])
    policy = client.get(path).headers["Content-Security-Policy"]
    assert all(directive in policy for directive in POLICY)
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", PAGES)
def test_every_page_keeps_its_other_headers(client, db, path):
    headers = client.get(path).headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_portuguese_is_the_language_also_of_an_english_browser(client, db):
    page = client.get("/entrar/", headers={"accept-language": "en-US,en;q=0.9"})
    assert '<html lang="pt-BR">' in page.content.decode()
    assert page.headers["Content-Language"] == "pt-br"


def test_who_chooses_english_gets_english_and_stays_where_they_were(client, db):
    answer = client.post("/idioma/", {"language": "en", "next": "/cadastro/"})
    assert answer["Location"] == "/cadastro/"
    assert '<html lang="en">' in client.get("/cadastro/").content.decode()
    client.post("/idioma/", {"language": "pt-br", "next": "/"})
    assert '<html lang="pt-BR">' in client.get("/cadastro/").content.decode()


@pytest.mark.parametrize("cookie", ["xx", "../../etc", "de", ""])
def test_a_language_that_we_do_not_speak_is_portuguese(client, db, cookie):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
    assert '<html lang="pt-BR">' in client.get("/entrar/").content.decode()


def test_one_persons_language_is_not_the_next_ones(db):
    english, portuguese = Client(), Client()
    english.post("/idioma/", {"language": "en", "next": "/"})
    english.get("/entrar/")
    assert '<html lang="pt-BR">' in portuguese.get("/entrar/").content.decode()


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("400.html", "recarregue a página"),
        ("403.html", "Fale com o dono|fale com o dono"),
        ("403_csrf.html", "Esta página ficou velha"),
        ("404.html", "Confira se o link veio inteiro"),
        ("429.html", "Espere alguns minutos"),
        ("500.html", "Algo quebrou do nosso lado"),
    ],
)
def test_error_pages_say_what_to_do_without_the_database(template, said):
    page = render_to_string(template)  # no `db` fixture: a query would fail here
    assert any(words in page for words in said.split("|"))
    assert 'href="/"' in page
    assert "traceback" not in page.lower()


def test_an_unknown_page_is_404_in_portuguese(client, db):
    answer = client.get("/nao-existe/")
    assert answer.status_code == 404
    assert "Página não encontrada" in answer.content.decode()


def test_health_says_ok_and_nothing_else(client, db):
    answer = client.get("/saude/")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok"})
    assert client.post("/saude/").status_code == 405


def test_a_picture_without_a_page_gets_our_sign(client, db):
    assert client.get("/favicon.ico")["Location"].endswith("navalha.svg")


def shell(user, shop, path="/whatsapp/", role=Role.OWNER, mine=None) -> str:
    request = RequestFactory().get(path)
    membership = Membership(shop=shop, user=user, role=role)
    request.user, request.shop, request.membership = user, shop, membership
    request.memberships = mine or [membership]
    return render_to_string("web/page.html", {}, request)


def test_the_shell_names_the_shop_and_asks_for_the_health_of_its_number(owner, shop):
    page = shell(owner, shop)
    assert "Barbearia do Zé" in page
    assert 'data-live="whatsapp" hx-get="/whatsapp/saude/"' in page
    assert f'data-shop="{shop.pk}"' in page


def test_the_menu_marks_the_open_page(owner, shop):
    page = shell(owner, shop, path="/whatsapp/7/")
    assert '<a href="/whatsapp/" aria-current="page">' in page
    assert page.count('aria-current="page"') == 2  # on wide screens, and below “Mais” on a phone
    for path in ("/agenda/semana/", "/fila/", "/espera/7/oferecer/"):
        assert '<a href="/agenda/" aria-current="page">' in shell(owner, shop, path=path)


def test_a_phone_has_four_in_the_bar_and_the_rest_below_more(owner, barber, shop):
    page = shell(owner, shop, path="/ajustes/")
    assert page.count('class="menu-rest"') == 2
    assert re.findall(r'href="(/[a-z]+/)"', page[page.index("menu-panel") :])[:2] == ["/whatsapp/", "/ajustes/"]
    assert '<summary class="is-current">' in page
    assert "menu-more" not in shell(barber, shop, path="/agenda/", role=Role.BARBER)


def test_the_menu_shows_only_what_the_role_may_open(owner, barber, shop):
    from django.urls import resolve

    needed = resolve("/whatsapp/").func.needed_role
    assert ('<a href="/whatsapp/"' in shell(barber, shop, path="/x/", role=Role.BARBER)) == (needed <= Role.BARBER)
    assert '<a href="/whatsapp/"' in shell(owner, shop, path="/x/")


def test_the_switch_appears_with_the_second_shop(owner, shop, other_shop):
    assert "Suas barbearias" not in shell(owner, shop)
    second = Membership(shop=other_shop, user=owner, role=Role.BARBER)
    page = shell(owner, shop, mine=[owner.memberships.get(), second])
    assert f'action="/loja/{other_shop.pk}/"' in page


def test_htmx_may_not_run_text_as_code(owner, shop):
    assert '"includeIndicatorStyles":false,"allowEval":false' in shell(owner, shop)
