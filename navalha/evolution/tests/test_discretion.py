"""Neither the key, nor a text, nor a full phone number gets into an error, a repr or a log."""

import json
import logging
import re
import threading
import traceback
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx2
import pytest

from navalha.evolution.client import EvolutionClient
from navalha.evolution.errors import EvolutionError
from navalha.evolution.events import parse
from navalha.evolution.tests.recordings import KEY, URL, Server, answering, webhooks

PHONE = "5511988880001"
TEXT = "senha 4711"
HOOK_SECRET = "hook-secret-0001"


class _Refusing(BaseHTTPRequestHandler):
    """A real HTTP server that quotes everything it was given in its refusal."""

    def _refuse(self) -> None:
        given = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        body = json.dumps({"status": 500, "response": {"message": [f"{self.path} {given} {self.headers['apikey']}"]}})
        self.send_response(500)
        self.send_header("content-length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    do_GET = do_POST = do_DELETE = _refuse  # noqa: N815 (names of the base class)

    def log_message(self, *args: object) -> None:
        """Nothing on the test's output."""


@pytest.fixture
def refusing_url():
    server = HTTPServer(("127.0.0.1", 0), _Refusing)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def _calls(client: EvolutionClient):
    hook = {"X-API-Key": HOOK_SECRET}
    return [
        lambda: client.send_text("loja", to=PHONE, text=TEXT),
        lambda: client.connect("loja", number=PHONE),
        lambda: client.create_instance("loja", webhook_url="http://a.test", webhook_headers=hook),
        lambda: client.set_webhook("loja", url="http://a.test", headers=hook),
        lambda: client.instances(),
        lambda: client.delete("loja"),
    ]


def _no_secret_in(text: str) -> None:
    for secret in (KEY, TEXT, PHONE, HOOK_SECRET):
        assert secret not in text


def test_over_a_real_connection_nothing_secret_is_logged_or_raised(refusing_url, caplog):
    for logger in (None, "httpx2", "httpcore2"):  # whatever the product's own settings keep quiet
        caplog.set_level(logging.DEBUG, logger=logger)
    told = []
    with EvolutionClient(refusing_url, KEY) as client:
        for call in _calls(client):
            with pytest.raises(EvolutionError) as caught:
                call()
            told += [str(caught.value), repr(caught.value), "".join(traceback.format_exception(caught.value))]

    assert "HTTP Request" in caplog.text  # the library does log; what it logs is what is checked
    _no_secret_in(caplog.text)
    _no_secret_in("\n".join(told))


def test_without_an_answer_nothing_secret_is_raised_or_kept_behind_the_error(caplog):
    caplog.set_level(logging.DEBUG)
    failure = httpx2.ReadTimeout(f"{KEY} {PHONE}")
    for call in _calls(Server(failure).client()):
        with pytest.raises(EvolutionError) as caught:
            call()
        assert caught.value.__context__ is None
        assert caught.value.__cause__ is None
        _no_secret_in(repr(caught.value))
    _no_secret_in(caplog.text)


def test_the_client_shows_only_its_host():
    client = EvolutionClient(URL + "/secret-path", KEY)

    assert repr(client) == str(client) == "<EvolutionClient evolution.test:8081>"


@pytest.mark.parametrize(
    "quoted",
    [
        f"no {PHONE}@s.whatsapp.net here",
        f"called {PHONE}",
        "lid 91000888891155@lid",
        "key 0A9CF7AD-1D15-416F-9F08-05073D703197",
    ],
)
def test_numbers_addresses_and_tokens_of_others_are_masked(quoted):
    with pytest.raises(EvolutionError) as caught:
        answering(400, {"response": {"message": [quoted]}}).client().connection_state("loja")

    assert "[…]" in caught.value.detail
    assert not any(part in str(caught.value) for part in (PHONE, "91000888891155", "0A9CF7AD"))


def test_a_detail_is_one_short_line():
    with pytest.raises(EvolutionError) as caught:
        answering(500, {"response": {"message": "\n\nfirst " + "x" * 500 + "\nsecond"}}).client().instances()

    assert caught.value.detail.startswith("first ")
    assert len(caught.value.detail) <= 120
    assert caught.value.status == 500


def test_what_came_by_webhook_shows_no_text_phone_or_pairing_code():
    told = [event for _, body in webhooks() for event in parse(body)]
    shown = "\n".join(map(repr, told))

    assert "DeliveryChanged" in shown
    assert re.findall(r"55\d{10,11}|@lid|@s\.whatsapp|2@[A-Za-z0-9]", shown) == []
    assert "quero marcar um corte" not in shown
