"""Every switch of the pretend server: what the owner and the operator then see, and what nobody must be told.

One row for each fault. All pages have to say the same of the number, and what they say has to be what happened.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from navalha.console.tests.conftest import web  # noqa: F401 - a fixture
from navalha.console.tests.test_preflight import sent, tried  # noqa: F401 - the first is a fixture
from navalha.messaging import work as outbox
from navalha.simulator.switches import SERVER_MODES, SWITCHES
from navalha.simulator.testing import wait_until
from navalha.web.badges import CONNECTION, MESSAGE, SERVER
from navalha.whatsapp import work
from navalha.whatsapp.tests.conftest import ear  # noqa: F401 - a fixture

from .truth import ASKED, PHONE, SAID, Scene, tick_tone, ticks, tones

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class Row:
    """`on` are the switches. `badge` and `why`: how every page shows the number, and the sentence for its owner.

    `tick` is how far our message got, `reached` how often it came to the customer's phone, `says` what stands beside
    it, `asked` how often the customer's words stand in the conversation. `server` is the server's own badge. `hasty`
    rows wait for an answer that never comes, so nobody waits long. `ago`: how many minutes before now it begins.
    """

    story: Callable[[Scene, dict[str, Any]], None]
    on: dict[str, Any]
    badge: str = "connected"
    why: str = ""
    tick: str = ""
    reached: int = 1
    says: str = ""
    asked: int = 0
    server: str = "well"
    never: tuple[str, ...] = ()
    hasty: bool = False
    ago: int = 0
    events: dict[str, int] = field(default_factory=dict)


# ---- the stories


def pairs(scene, on):
    """A number is connected by QR while the switches are on."""
    scene.simulator.switch(**on)
    scene.pair()
    scene.round()


def reads(until: str, **data: Any):
    """A phone reads the QR; `until` is the last that the server tells of it."""

    def story(scene, on):
        scene.simulator.switch(**on)
        scene.show_code()
        scene.hear("qrcode.updated")
        scene.read()
        scene.hear(until, **data) if until else None
        scene.rounds(2, minutes=1, seconds=5)

    return story


def nobody_reads(scene, on):
    scene.simulator.switch(**on)
    scene.show_code()
    scene.hear("connection.update", state="refused")
    scene.round()


def is_not_heard(scene, on):
    """Paired while no webhook comes: found out by asking."""
    scene.simulator.switch(**on)
    scene.show_code()
    scene.read()
    scene.simulator.wait_state(scene.fresh().remote_name, "open")
    scene.round()


def types_letters(scene, on):
    scene.simulator.switch(**on)
    scene.show_code("+5511999990001")
    scene.hear("qrcode.updated")
    letters = scene.fresh().connection_code
    scene.simulator.post(f"instances/{scene.number.remote_name}/scan-code", code=letters)
    scene.rounds(2, minutes=5, seconds=1)


def asks_for_a_code(scene, on):
    """The owner asks for a QR; nothing is shown to read."""
    scene.simulator.switch(**on)
    scene.show_code()
    scene.round()


def sends(until: str, event: str = "messages.update"):
    """A message goes out; `until` is the last that is told of it."""

    def story(scene, on):
        scene.pair()
        scene.simulator.switch(**on)
        scene.send()
        told = {"status": until} if until else {}
        scene.hear(event, **told) if event else scene.hear()
        scene.round()

    return story


def sends_and_asks(scene, on):
    """What the webhooks did not tell is asked for later."""
    scene.pair()
    scene.simulator.switch(**on)
    scene.send()
    read = lambda: [each for each in scene.simulator.phone(PHONE).messages() if each["status"] == "READ"]  # noqa: E731
    wait_until(read, what="the customer to read")
    scene.pass_time(minutes=3)
    outbox.recover_acks(scene.now)
    scene.hear()
    scene.round()


def sends_without_an_answer(scene, on):
    """No answer, and then nobody sends again before it is known what became of the message."""
    scene.pair()
    scene.simulator.switch(**on)
    scene.send()
    scene.pass_time(seconds=5)
    outbox.look_up_unconfirmed(scene.now)
    scene.hear()
    outbox.send_due(scene.shop.pk, scene.now)
    scene.round()


def dies(scene, on):
    scene.pair()
    scene.simulator.switch(**on)
    scene.pass_time(minutes=1)
    scene.send()
    scene.rounds(2, minutes=6)


def hears(times: int = 1, *more: str):
    """The customer writes, and `times` webhooks tell of it."""

    def story(scene, on):
        scene.pair()
        scene.simulator.switch(**on)
        for text in (*more, ASKED):
            scene.simulator.phone(PHONE).send(text, name="Rafa")
        scene.hear("messages.upsert", times)
        scene.round()

    return story


def is_told_again(scene, on):
    """The way to us is cut, and what the server repeats comes when it is mended."""
    scene.pair()
    scene.simulator.switch(**on, webhook_unreachable=True)
    scene.simulator.phone(PHONE).send(ASKED, name="Rafa")
    told = lambda: scene.simulator.deliveries(event="messages.upsert")["attempts"]  # noqa: E731
    wait_until(told, what="a vain delivery")
    scene.simulator.switch(webhook_unreachable=False)
    scene.hear("messages.upsert")
    scene.round()


def goes_on(scene, on):
    """A connected number whose server has trouble, for four minutes of the worker's rounds."""
    scene.pair()
    scene.simulator.switch(**on)
    scene.rounds(5, minutes=1)


def is_disconnected(scene, on):
    scene.pair()
    scene.simulator.switch(**on)
    answer = scene.owner.post(f"/whatsapp/{scene.number.pk}/desconectar/", HTTP_ACCEPT="text/html")
    assert answer.status_code == 302
    scene.round()


def is_looked_at(scene, on):
    scene.pair()
    scene.simulator.switch(**on)
    work.check_servers(scene.now)


QUIET = "O WhatsApp não dá retorno das mensagens deste número, embora pareça conectado."
SLOW = {
    "create_wait": 8.0,
    "connect_wait": 4.0,
    "socket_wait": 0.5,
    "qr_first": 1.0,
    "scan_wait": 2.0,
    "open_wait": 2.0,
}
GONE = {"badge": "unstable", "why": "O servidor do WhatsApp não está respondendo.", "server": "silent", "ago": 10}
HANGS = {"hang_seconds": 1.0}

ROWS = [
    # sending
    Row(sends("", ""), {"not_on_whatsapp": True}, tick="failed", reached=0, says="Este número não tem WhatsApp."),
    Row(
        sends_without_an_answer,
        {"send_hang_after": 1, "hang_echo": False, "acks": False, **HANGS},
        tick="sent",
        hasty=True,
    ),
    Row(sends_without_an_answer, {"send_hang_before": 1, **HANGS}, tick="unconfirmed", reached=0, hasty=True),
    Row(sends("", ""), {"send_500": 1}, tick="queued", reached=0, says="sem conexão"),
    Row(sends("", ""), {"send_400": 1}, tick="queued", reached=0, says="sem conexão"),
    Row(
        dies,
        {"dead": True, "connecting_send_wait": 120.0},
        badge="unstable",
        why=QUIET,
        tick="sent",
        reached=0,
        hasty=True,
        ago=30,
    ),
    Row(sends("READ"), {"addressing": "lid"}, tick="read"),
    Row(hears(), {"addressing": "lid"}, asked=1),
    # acks
    Row(sends("", "send.message"), {"acks": False}, tick="sent"),
    Row(sends("ERROR"), {"ack_error": 1}, tick="failed", says="O WhatsApp recusou a mensagem"),
    Row(sends("DELIVERY_ACK"), {"auto_read": False}, tick="delivered"),
    Row(sends("DELIVERY_ACK"), {"read_after": 9000.0}, tick="delivered"),
    Row(sends("SERVER_ACK"), {"server_ack_fraction": 1.0, "delivered_after": 9000.0}, tick="sent"),
    # webhooks
    Row(hears(4), {"webhook_duplicates": 3}, asked=1, events={"messages.upsert": 1}),
    Row(sends("READ"), {"webhook_duplicates": 3}, tick="read"),
    Row(hears(3, "um", "dois"), {"webhook_reorder": True, "reorder_window": 10.0}, asked=1),
    Row(hears(), {"webhook_delay_min": 10.0, "webhook_delay_max": 20.0}, asked=1),
    Row(sends_and_asks, {"webhook_drop": 1.0}, tick="read", ago=5),
    Row(is_not_heard, {"webhook_drop": 1.0}),
    Row(sends("READ"), {"webhook_only": ["messages.update"], "webhook_drop_next": 1}, tick="read"),
    Row(is_not_heard, {"webhook_unreachable": True}),
    Row(
        is_told_again,
        {"webhook_timeout": 10.0, "retry_first": 10.0, "retry_longest": 20.0, "retry_attempts": 6},
        asked=1,
    ),
    # the server
    Row(goes_on, {"server_mode": "down"}, **GONE),
    Row(goes_on, {"server_mode": "503"}, **{**GONE, "server": "failing"}),
    Row(goes_on, {"server_mode": "hang"}, hasty=True, **GONE),
    Row(
        goes_on,
        {"server_mode": "licence"},
        **{**GONE, "server": "licence", "why": "O servidor do WhatsApp está parado: falta ativar a licença dele."},
    ),
    Row(goes_on, {"server_mode": "up", "list_500": True}, server="failing"),
    Row(
        asks_for_a_code,
        {"server_version": "2.2.3"},
        badge="error",
        why="O servidor do WhatsApp não está pronto para conectar números.",
        server="unsupported",
    ),
    Row(is_looked_at, {"answer_wait": 2.1}, server="slow"),
    # its settings: what a trial says of them stands below
    Row(sends("", "send.message"), {"save_messages": False}, tick="sent"),
    Row(sends("READ"), {"save_updates": False}, tick="read"),
    Row(asks_for_a_code, {"save_sessions": False}, badge="error", never=('class="qr"',)),
    Row(hears(), {"time_zone": "UTC"}, asked=1),
    Row(hears(), {"clock_ahead": 90.0}, asked=1),
    Row(hears(), {"expose_keys": True}, asked=1),
    # the connection
    Row(
        goes_on,
        {"unreachable": True, "storm_interval": 0.2},
        badge="unstable",
        why="O WhatsApp deste número está tentando reconectar.",
        ago=10,
    ),
    Row(reads(""), {"pairing_fails": True}, badge="awaiting_qr"),
    Row(
        reads("qrcode.updated"),
        {"passkey_wall": 1},
        badge="needs_passkey",
        why="Quase sempre ele está pedindo uma chave de acesso.",
    ),
    Row(
        reads("connection.update", state="close"),
        {"pairing_closes": "401"},
        badge="disconnected",
        why="mas o WhatsApp não completou a conexão.",
    ),
    Row(
        reads("connection.update", state="close"),
        {"pairing_closes": "403"},
        badge="blocked",
        why="O WhatsApp bloqueou este número.",
    ),
    Row(
        reads("connection.update", state="connecting"),
        {"pairing_loops": True},
        badge="disconnected",
        why="mas o WhatsApp não completou a conexão.",
    ),
    Row(
        reads("connection.update", state="close"),
        {"logout_after_open": 1, "logout_after": 10.0},
        badge="disconnected",
        why="O WhatsApp conectou e desligou logo em seguida.",
    ),
    Row(
        types_letters,
        {"code_refused": True},
        badge="disconnected",
        why="Nenhum dos códigos foi aceito a tempo.",
    ),
    Row(pairs, {"profile_picture": False}, never=("/foto/",)),
    # how long things take changes no truth
    Row(pairs, SLOW),
    Row(pairs, {"speed": 100.0, "history_wait": 5.0, "reconnect_wait": 2.0}),
    Row(nobody_reads, {"qr_rotation": 5.0, "qr_limit": 2}, badge="disconnected", why="Ninguém leu o QR a tempo."),
    Row(is_disconnected, {"logout_wait": 900.0}, badge="disconnected", why="Desconectado por aqui."),
]


def name_of(row: Row) -> str:
    return " ".join(f"{name}={value}" for name, value in row.on.items())


@pytest.fixture
def scene(shop, server, customer, owner, operator, ear, simulator):  # noqa: F811 - the imported fixture
    return Scene(shop, customer, (owner, operator), ear, simulator)


@pytest.fixture
def hasty(settings, monkeypatch):
    """For answers that never come: the product waits a moment instead of many seconds."""

    def become():
        settings.EVOLUTION_READ_TIMEOUT = 0.4
        for patience in ("probe", "enquiry", "looks"):
            monkeypatch.setattr(f"navalha.whatsapp.{patience}.PATIENCE", 0.4)

    return become


def test_every_switch_has_a_row():
    assert {name for row in ROWS for name in row.on} == set(SWITCHES)
    assert {row.on["server_mode"] for row in ROWS if "server_mode" in row.on} == set(SERVER_MODES)


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_owner_and_operator_are_told_what_happened(scene, hasty, row):
    scene.pass_time(minutes=-row.ago)
    if row.hasty:
        hasty()

    row.story(scene, row.on)

    scene.fresh()
    for place, part in scene.places().items():
        assert tones(part) == [CONNECTION[row.badge].tone], place
        assert ("Conectado" in part.partition("<dl")[0]) is (row.badge == "connected"), place
    _owner_is_told(scene, row)
    _operator_is_told(scene, row)
    _conversation_is_true(scene, row)


def _owner_is_told(scene: Scene, row: Row) -> None:
    pk = scene.number.pk
    for path in ("/whatsapp/", f"/whatsapp/{pk}/"):
        page = scene.owner_sees(path)
        assert row.why in page, path
        for words in row.never:
            assert words not in page, path
    status = scene.owner.get(f"/whatsapp/{pk}/status/").json()
    assert (status["shown"], status["is_connected"]) == (row.badge, row.badge == "connected")


def _operator_is_told(scene: Scene, row: Row) -> None:
    """The counters and the filters say of the number what its badge says."""
    home = scene.operator_sees("/")
    for key in (row.badge, "connected"):
        tile = home.partition(f'data-tile="{key}"')[2].partition("</a>")[0]
        assert f'num">{int(key == row.badge)}<' in tile, key
        listed = f'<tr data-number="{scene.number.pk}"' in scene.operator_sees(f"/instancias/?situacao={key}")
        assert listed is (key == row.badge), key
    server = scene.server_row()
    assert str(SERVER[row.server].words) in server
    for event, count in row.events.items():
        assert scene.operator_sees(f"/eventos/?evento={event}").count("<tr data-event=") == count
    assert "Nenhum evento" in scene.operator_sees("/eventos/?estado=quarantined")


def _conversation_is_true(scene: Scene, row: Row) -> None:
    if row.tick:
        page = scene.conversation()
        assert set(ticks(page)) == {tick_tone(row.tick)}
        assert f'data-state="{row.tick}"' in page
        assert row.says in page
        assert page.count(f"<p>{SAID}</p>") == 1
        assert scene.simulator.reached(SAID) == row.reached
        for state in {"delivered", "read"} - {row.tick}:
            assert f"{MESSAGE[state].words}</span>" not in page
    if row.asked:
        assert scene.conversation().count(f"<p>{ASKED}</p>") == row.asked


LOSES = {
    "save_messages": (False, "messages", "bad", "DATABASE_SAVE_DATA_NEW_MESSAGE=true"),
    "save_updates": (False, "updates", "bad", "DATABASE_SAVE_MESSAGE_UPDATE=true"),
    "save_sessions": (False, "sessions", "bad", "DATABASE_SAVE_DATA_INSTANCE=true"),
    "time_zone": ("UTC", "time_zone", "advice", "TZ=America/Sao_Paulo"),
    "clock_ahead": (7200.0, "clock", "bad", "timedatectl set-ntp true"),
    "expose_keys": (True, "keys", "advice", "AUTHENTICATION_EXPOSE_IN_FETCH_INSTANCES=false"),
    "webhook_unreachable": (True, "webhook", "bad", "curl -i http"),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("names", [[*LOSES][:-1], ["webhook_unreachable"]], ids=["settings", "webhook_unreachable"])
def test_the_operator_reads_on_the_servers_page_which_setting_loses_what(
    web,  # noqa: F811 - the imported fixture
    client,
    server,
    simulator,
    operator,
    sent,  # noqa: F811 - the imported fixture
    monkeypatch,
    names,
):
    if "webhook_unreachable" in names:
        monkeypatch.setattr("navalha.console.preflight.WEBHOOK_TAKES", 0.5)
    simulator.switch(**{name: LOSES[name][0] for name in names})
    client.force_login(operator)

    tried(server, operator)

    page = client.get(f"/servidores/{server.pk}/").content.decode()
    for name in names:
        _, code, verdict, mend = LOSES[name]
        finding = page.partition(f'data-finding="{code}" data-verdict="{verdict}"')[2].partition("</li>")[0]
        assert f"<code>{mend}" in finding, name
