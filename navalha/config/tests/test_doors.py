"""The web process as a whole: its three doors, what it keeps out, how it starts and stops."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx2
import pytest
from django.conf import settings
from django.db import connection

from navalha.config.testing import running_web
from navalha.live.tests.conftest import session_of
from navalha.live.tests.pages import open_page, wait_until


@pytest.fixture
def web(transactional_db):
    with running_web() as running:
        yield running


@pytest.fixture
def browser(web):
    with httpx2.Client(base_url=web.url, timeout=30) as browser:
        yield browser


def test_each_door_leads_to_its_own_application(browser):
    assert browser.get("/entrar/").status_code == 200
    assert browser.get("/ao-vivo/").status_code == 401
    webhook = browser.post("/whatsapp/webhook/update/", content=b"{}")
    assert webhook.status_code in {400, 401}, "the webhook door has no CSRF and no log-in of Django"
    assert "location" not in webhook.headers


def test_bytes_that_are_no_text_in_an_address_are_answered(web):
    with socket.create_connection(("127.0.0.1", web.port), timeout=30) as raw:
        raw.sendall(b"GET /entrar/?next=\xff\xe9 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert raw.recv(64).split()[1] in {b"200", b"400"}


def test_a_header_with_an_underscore_is_not_taken_for_its_twin(browser):
    as_script = browser.get("/entrar/", headers={"X-Requested-With": "XMLHttpRequest"})
    forged = browser.get("/entrar/", headers={"X_Requested_With": "XMLHttpRequest"})

    assert as_script.headers["content-type"] == "application/json", "the twin has an effect"
    assert forged.headers["content-type"].startswith("text/html")


def test_a_websocket_is_refused(browser):
    answer = browser.get(
        "/ao-vivo/",
        headers={
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        },
    )
    assert answer.status_code == 403


def test_it_stops_by_itself_although_a_stream_is_open(transactional_db, shop, owner):
    with server_process() as (process, port), open_page(port, shop.pk, session_of(owner)) as page:
        assert page.status == 200
        process.send_signal(signal.SIGTERM)

        assert all(name in {"beat", "tick"} for name, _ in page.events())  # and then it ended the stream itself
        process.wait(60)  # with a stream that nobody ends it would wait for ever


@contextmanager
def server_process() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A server on the database of the test, as `make demo` starts it, but with no limit on its patience."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = urlsplit(settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    command = [sys.executable, "-m", "uvicorn", "navalha.config.asgi:application", "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url})
    try:
        wait_until(lambda: answers(port), seconds=60)
        yield process, port
    finally:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/saude/").status_code == 200
    except httpx2.TransportError:
        return False
