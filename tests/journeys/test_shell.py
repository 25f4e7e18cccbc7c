"""The shell in a real browser: theme, language, confirmation, busy buttons, narrow screens, no script, no CSP block."""

import pytest

from conftest import make_member
from navalha.accounts.models import Membership, Role
from navalha.config.testing import running_web
from tests.chromium import chromium, complaints, log_in

pytestmark = pytest.mark.browser
OPEN_PAGES = ["/entrar/", "/cadastro/", "/senha/", "/agendar/barbearia-do-ze/"]
MEMBER_PAGES = ["/inicio/", "/agenda/", "/conversas/", "/whatsapp/", "/senha/trocar/"]
OPERATOR_PAGES = ["/admin/", "/admin/accounts/user/", "/admin/accounts/user/add/", "/admin/accounts/shop/1/change/"]
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
THEME = "document.documentElement.dataset.bsTheme"


@pytest.fixture
def web(transactional_db):
    with running_web() as running:
        yield running


@pytest.fixture
def browser():
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_overflows_a_phone_or_is_blocked_by_the_policy(web, browser, owner, ze, scheme):
    page = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme).new_page()
    heard = complaints(page)
    for path in OPEN_PAGES:
        page.goto(web.url + path)
        assert page.evaluate(OVERFLOW) == 0, path
    log_in(page, web.url, owner.email)
    for path in MEMBER_PAGES:
        page.goto(web.url + path)
        assert page.evaluate(OVERFLOW) == 0, path
        assert page.evaluate(THEME) == scheme
    assert heard == []


def test_the_admin_works_under_the_policy(web, browser, operator, owner, shop):
    page = browser.new_page()
    log_in(page, web.url, operator.email)
    heard = complaints(page)
    for path in OPERATOR_PAGES:
        page.goto(web.url + path.replace("/1/", f"/{shop.pk}/"))
    page.fill("#id_name", "Barbearia do José")
    page.click("[name=_save]")
    page.wait_for_selector(".success")
    assert heard == []


def test_the_theme_follows_the_system_until_somebody_chooses(web, browser, owner):
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    log_in(page, web.url, owner.email)
    page.goto(f"{web.url}/whatsapp/")
    assert page.evaluate(THEME) == "dark"

    page.click(".account-button")
    page.click("[data-theme=light]")
    assert page.evaluate(THEME) == "light"
    page.reload()
    assert page.evaluate(THEME) == "light"

    page.click(".account-button")
    page.click("[data-theme=auto]")
    assert page.evaluate(THEME) == "dark"
    page.emulate_media(color_scheme="light")
    page.wait_for_selector("html[data-bs-theme=light]", state="attached")  # told at the browser's next frame


def test_the_language_changes_on_the_spot(web, browser):
    page = browser.new_page()
    page.goto(f"{web.url}/cadastro/")
    page.click("[name=language][value=en]")
    page.wait_for_selector("html[lang=en]")
    assert page.url == f"{web.url}/cadastro/"


def test_the_log_in_works_without_any_script(web, browser, owner):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{web.url}/entrar/")
    assert page.is_hidden("[data-theme=dark]"), "what needs a script is not shown without it"
    log_in(page, web.url, owner.email)
    page.goto(f"{web.url}/whatsapp/")
    page.click(".account-button")
    page.click(".account-panel form[action='/sair/'] button")
    assert page.url == f"{web.url}/entrar/"


def test_switching_the_shop_changes_the_name_in_view(web, browser, owner, other_shop):
    Membership.objects.create(shop=other_shop, user=owner, role=Role.OWNER)
    page = browser.new_page()
    log_in(page, web.url, owner.email)
    page.goto(f"{web.url}/whatsapp/")
    page.click(".account-button")
    page.click(f"form[action='/loja/{other_shop.pk}/'] button")
    page.wait_for_selector(".topbar-name:has-text('Studio Bela')")


def test_a_dangerous_act_asks_once_and_no_means_no(web, browser, owner, shop):
    make_member(shop, "alguem@navalha.example", Role.BARBER)
    page = browser.new_page()
    log_in(page, web.url, owner.email)
    page.goto(f"{web.url}/whatsapp/")
    page.evaluate("document.querySelector('form[action=\"/sair/\"]').dataset.confirm = 'Sair mesmo?'")
    page.click(".account-button")

    page.click("form[action='/sair/'] button")
    page.wait_for_selector("#confirm[open] >> text=Sair mesmo?")
    page.keyboard.press("Escape")
    page.wait_for_selector("#confirm:not([open])", state="attached")
    assert "/whatsapp/" in page.url

    page.click("form[action='/sair/'] button")
    page.click("#confirm [value=yes]")
    page.wait_for_url("**/entrar/")


def test_a_button_that_sends_is_busy_and_cannot_send_twice(web, browser, owner):
    page = browser.new_page()
    page.goto(f"{web.url}/entrar/")
    sent = []

    def nothing_to_show(route):
        sent.append(route.request.method)
        route.fulfill(status=204)  # the browser stays where it is, as while it waits

    page.route("**/entrar/", nothing_to_show)
    page.fill("[name=login]", owner.email)
    page.fill("[name=password]", "navalha-demo")
    button = page.locator("main button.btn-primary")
    button.click()
    page.wait_for_selector("main button[aria-busy=true][disabled]")
    button.click(force=True)
    page.press("[name=password]", "Enter")
    page.wait_for_timeout(200)
    assert sent == ["POST"]


def test_a_log_in_that_ran_out_leads_from_a_live_part_to_the_log_in_and_back(web, browser, owner):
    context = browser.new_context()
    page = context.new_page()
    log_in(page, web.url, owner.email)
    page.goto(f"{web.url}/whatsapp/")
    page.wait_for_selector("html[data-stream=up]")
    context.clear_cookies()
    page.evaluate("htmx.trigger('#health', 'live')")
    page.wait_for_url("**/entrar/?next=/whatsapp/")
