"""The booking page inside a shop's own site, in a real browser: another origin, without cookies of ours."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, expect

from navalha.setup import widget
from tests.chromium import chromium, complaints
from tests.journeys.public_site import built_site, running_site
from tests.journeys.town import within

GROWN = "document.querySelector('iframe')?.style.display === 'block'"  # the page has said how high it is
FRAME_HEIGHT = "document.querySelector('iframe').getBoundingClientRect().height"


@pytest.fixture(scope="module")
def site(tmp_path_factory, django_db_setup) -> Iterator[str]:
    with running_site(built_site(tmp_path_factory.getbasetemp())) as [address]:
        yield address


@pytest.fixture
def house(shop, transactional_db, haircut, beard, ze):
    return shop


@pytest.fixture
def browser(house) -> Iterator[Browser]:
    with chromium() as running:
        yield running


@contextmanager
def shops_own_site(html: str) -> Iterator[str]:
    """Somebody else's web server: `localhost` is another site than 127.0.0.1, so the frame gets no cookies."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = html.encode() if self.path == "/" else b""
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def page_with(code: str) -> str:
    return f'<!doctype html><html lang="pt-BR"><link rel="icon" href="data:,"><h1>Zé</h1>{code}<p>Rodapé</p></html>'


@pytest.mark.browser
def test_a_customer_books_from_the_shops_own_site(site, house, browser, settings):
    settings.SITE_URL = site
    window = browser.new_context(viewport={"width": 390, "height": 844}, locale="pt-BR")
    page = window.new_page()
    heard = complaints(page)
    with shops_own_site(page_with(widget.code(house))) as address:
        page.goto(address)
        frame = page.frame_locator("iframe[title='Agendar horário']")
        expect(page.get_by_role("link", name="Agendar horário")).to_be_hidden()
        content = "document.documentElement.getBoundingClientRect().height"

        def fits() -> bool:
            inner = next(one for one in page.frames if one.url.startswith(site))
            return abs(page.evaluate(FRAME_HEIGHT) - inner.evaluate(content)) <= 1

        page.wait_for_function(GROWN)
        before = page.evaluate(FRAME_HEIGHT)
        frame.locator("a.service", has_text="Corte").click()
        expect(frame.get_by_text("Primeiros horários livres")).to_be_visible()
        page.wait_for_function(f"{FRAME_HEIGHT} !== {before}")
        within(15, fits, "the frame is as high as its page")
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")

        with window.expect_page() as opened:
            frame.locator("button.slot").first.click()
        form = opened.value
        form.get_by_label("Seu nome").fill("Rafael Conceição")
        form.get_by_label("Seu WhatsApp, com DDD").fill("11988887777")
        form.get_by_role("button", name="Confirmar agendamento").click()
        expect(form.get_by_role("heading", level=1)).to_have_text("Horário marcado")
        expect(frame.get_by_text("Primeiros horários livres")).to_be_visible()

    assert house.appointments.get().channel == "site"
    assert heard == []


LIES = """() => new Promise((done) => {
  addEventListener('message', (event) => event.data === 'end' && done());
  const liar = document.createElement('iframe');
  liar.srcdoc = `<script>
    parent.postMessage({navalha: 'height', height: 9000}, '*');
    parent.postMessage('end', '*');
  </script>`;
  postMessage({navalha: 'height', height: 8000}, '*');
  document.body.append(liar);
})"""


@pytest.mark.browser
def test_only_our_own_frame_says_how_high_it_is(site, house, browser, settings):
    settings.SITE_URL = site
    page = browser.new_page()
    with shops_own_site(page_with(widget.code(house))) as address:
        page.goto(address)
        page.wait_for_function(GROWN)
        before = page.evaluate(FRAME_HEIGHT)

        page.evaluate(LIES)

        assert page.evaluate(FRAME_HEIGHT) == before


@pytest.mark.browser
def test_without_scripts_and_where_the_page_cannot_be_shown_the_link_stays(site, house, browser, settings):
    settings.SITE_URL = site
    with shops_own_site(page_with(widget.code(house))) as address:
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(address)
        page.get_by_role("link", name="Agendar horário").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Agende seu horário")
        assert "canal=site" in page.url

    refusing = page_with(widget.code(house)).replace(
        '<link rel="icon"', '<meta http-equiv="Content-Security-Policy" content="frame-src \'none\'"><link rel="icon"'
    )
    with shops_own_site(refusing) as address:
        page = browser.new_page()
        page.clock.install()
        page.goto(address)
        expect(page.locator("iframe")).to_have_count(1)
        page.clock.fast_forward(21_000)
        expect(page.locator("iframe")).to_have_count(0)
        expect(page.get_by_role("link", name="Agendar horário")).to_be_visible()
