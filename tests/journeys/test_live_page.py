"""A webhook changes the open page by itself, in a real browser, while two hundred other pages are open."""

import time
from contextlib import ExitStack

import httpx2
import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page

from conftest import make_customer, make_number
from navalha.config.testing import running_web
from navalha.live import topics
from navalha.live.publish import publish
from navalha.live.stream import application as streams
from navalha.live.tests.conftest import session_of
from navalha.live.tests.pages import open_page, wait_until
from navalha.live.tests.test_stream import listeners
from navalha.messaging.models import Direction, MessageState
from navalha.whatsapp.models import ConnectionState
from navalha.worker import inbox
from tests.browser import wait_for
from tests.chromium import chromium, complaints, log_in

OTHERS = 200
# A button in a part, in the corner of the window.
BUTTON = """() => {
  const button = document.createElement('button');
  Object.assign(button.style, {position: 'fixed', zIndex: 9999, top: 0, right: 0, width: '20px', height: '20px'});
  button.addEventListener('click', () => (window.clicks = (window.clicks ?? 0) + 1));
  document.querySelector('#health').append(button);
}"""
# Somebody begins to type into a part, at once: between two steps a refresh could take the field away.
TYPE = """() => {
  document.querySelector('#health').insertAdjacentHTML('beforeend', '<input id=typing>');
  const field = document.querySelector('#typing');
  field.focus();
  field.value = 'meia frase';
}"""


@pytest.fixture
def number(shop, server):
    return make_number(shop, server, "loja1", state=ConnectionState.CONNECTING)


@pytest.fixture
def web(transactional_db):
    with running_web() as running:
        wait_until(lambda: streams.hub.listening)
        yield running


def open_and_rest(browser, web, owner, path: str) -> Page:
    """A page of the owner with its stream, after what it catches up with at first."""
    page = browser.new_page()
    log_in(page, web.url, owner.email)
    page.goto(web.url + path)
    page.wait_for_selector("html[data-stream=up]")
    page.wait_for_selector("#health .badge-state:has-text('Conectando')")
    page.wait_for_timeout(500)
    return page


def deliver_open(web, number) -> None:
    """What Evolution sends when the phone is connected, and the worker's look at it."""
    body = {
        "event": "connection.update",
        "instance": number.remote_name,
        "data": {
            "instance": number.remote_name,
            "wuid": "5511999990001@s.whatsapp.net",
            "profileName": "Barbearia do Zé",
            "state": "open",
            "statusReason": 200,
        },
        "date_time": "2026-11-22T01:13:12.723Z",
    }
    key = {"X-API-Key": f"secret-of-{number.remote_name}"}
    assert httpx2.post(f"{web.url}/whatsapp/webhook/update/", json=body, headers=key).status_code == 200
    inbox.drain(number.pk, now=timezone.now())


@pytest.mark.browser
def test_a_webhook_turns_the_open_page_green_without_a_reload(web, shop, owner, number, monkeypatch):
    monkeypatch.setattr(streams, "per_user", OTHERS + 10)
    session = session_of(owner)
    with chromium() as browser, ExitStack() as others:
        for _ in range(OTHERS):
            others.enter_context(open_page(web.port, shop.pk, session))
        page = browser.new_page()
        log_in(page, web.url, owner.email)
        heard = complaints(page)
        page.goto(f"{web.url}/whatsapp/")
        page.wait_for_selector("html[data-stream=up]")
        page.wait_for_selector("#health .badge-state:has-text('Conectando')")
        page.evaluate("window.stillTheSamePage = true")
        assert len(listeners()) == 1

        deliver_open(web, number)
        began = time.monotonic()
        page.wait_for_selector("#health .badge-state:has-text('Conectado')")
        page.wait_for_selector("main .badge-state:has-text('Conectado')")

        assert time.monotonic() - began < 15  # told, and not found by the refresh of each minute
        assert page.evaluate("window.stillTheSamePage")
        assert heard == []


@pytest.mark.browser
def test_the_page_still_refreshes_when_the_listener_was_killed(web, shop, owner, number):
    with chromium() as browser:
        page = open_and_rest(browser, web, owner, "/whatsapp/")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", listeners())

        deliver_open(web, number)

        page.wait_for_selector("#health .badge-state:has-text('Conectado')", timeout=25_000)


@pytest.mark.browser
def test_a_part_in_which_somebody_types_is_left_alone_until_they_stop(web, shop, owner, number):
    with chromium() as browser:
        page = open_and_rest(browser, web, owner, "/whatsapp/")
        page.evaluate(TYPE)

        deliver_open(web, number)
        page.wait_for_selector("main .badge-state:has-text('Conectado')")  # the tick has come
        assert page.input_value("#typing") == "meia frase"

        page.evaluate("document.activeElement.blur()")
        page.wait_for_selector("#health .badge-state:has-text('Conectado')")


@pytest.mark.browser
def test_a_click_is_not_lost_to_a_refresh_between_pressing_and_letting_go(web, shop, owner, number):
    with chromium() as browser:
        page = open_and_rest(browser, web, owner, "/whatsapp/")
        page.evaluate(BUTTON)
        page.mouse.move(1275, 5)
        page.mouse.down()

        deliver_open(web, number)
        page.wait_for_selector("main .badge-state:has-text('Conectado')")  # the tick has come
        page.mouse.up()

        wait_for(page, lambda: page.evaluate("window.clicks") == 1)
        page.wait_for_selector("#health .badge-state:has-text('Conectado')")


@pytest.mark.browser
def test_an_answer_that_was_on_its_way_when_somebody_began_to_type_waits_too(web, shop, owner, number):
    with chromium() as browser:
        page = open_and_rest(browser, web, owner, "/whatsapp/")
        held = []
        page.route(
            "**/whatsapp/saude/", lambda route: route.continue_() if held else held.append((route, route.fetch()))
        )
        publish(shop.pk, topics.WHATSAPP)
        wait_for(page, lambda: held)
        page.evaluate(TYPE)

        route, answer = held[0]
        with page.expect_response("**/whatsapp/saude/"):
            route.fulfill(response=answer)
        deliver_open(web, number)
        page.wait_for_selector("main .badge-state:has-text('Conectado')")
        assert page.input_value("#typing") == "meia frase"

        page.evaluate("document.activeElement.blur()")
        page.wait_for_selector("#health .badge-state:has-text('Conectado')")


@pytest.mark.browser
def test_without_a_stream_the_page_refreshes_within_seconds(web, shop, owner, number):
    with chromium() as browser:
        page = browser.new_page()
        page.route("**/ao-vivo/**", lambda route: route.abort())
        log_in(page, web.url, owner.email)
        page.goto(f"{web.url}/whatsapp/")
        page.wait_for_selector("html[data-stream=down]")
        page.wait_for_selector("#health .badge-state:has-text('Conectando')")

        deliver_open(web, number)

        page.wait_for_selector("#health .badge-state:has-text('Conectado')", timeout=25_000)


@pytest.mark.browser
def test_a_change_that_comes_while_an_older_answer_is_on_its_way_is_not_lost(web, shop, owner, number):
    """The answer was made before the change; without a second look the page would stay wrong for a minute."""
    with chromium() as browser:
        page = open_and_rest(browser, web, owner, "/conversas/")
        held = []
        page.route(
            "**/conversas/?*",
            lambda route: route.continue_() if held else held.append((route, route.fetch())),
        )
        publish(shop.pk, topics.MESSAGES)
        wait_for(page, lambda: held)

        shop.messages.create(
            instance=number,
            customer=make_customer(shop, "Rafa"),
            direction=Direction.IN,
            address="+5511988887777",
            text="Tem mais tarde?",
            state=MessageState.RECEIVED,
        )
        publish(shop.pk, topics.MESSAGES)  # comes while the first answer, from before, is still held
        page.wait_for_timeout(1_000)
        route, answer = held[0]
        route.fulfill(response=answer)

        page.wait_for_selector("#conversations :text('Tem mais tarde?')", timeout=10_000)


@pytest.mark.browser
def test_a_change_that_comes_before_the_new_part_listens_is_not_lost(web, shop, owner, number):
    """htmx listens to what it has brought only after a moment, here a long one."""
    with chromium() as browser:
        page = open_and_rest(browser, web, owner, "/whatsapp/")
        page.evaluate("htmx.config.defaultSettleDelay = 2000")
        with page.expect_response("**/whatsapp/numeros/"):
            page.evaluate("htmx.trigger('#numbers', 'live')")
        page.wait_for_timeout(500)  # the answer stands on the page; nobody listens to it yet

        deliver_open(web, number)

        page.wait_for_selector("#numbers .badge-state:has-text('Conectado')", timeout=10_000)
