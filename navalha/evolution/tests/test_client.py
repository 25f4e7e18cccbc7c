"""What the client asks, what it refuses to ask, and what each kind of trouble means."""

import json

import httpx2
import pytest

from navalha.evolution.client import EvolutionClient
from navalha.evolution.errors import (
    EvolutionError,
    InstanceMissing,
    InvalidInput,
    LicenceRequired,
    NoConnection,
    NotConnected,
    Rejected,
    RejectedReason,
    Unauthorized,
    Unconfirmed,
    Unreachable,
    UnsupportedVersion,
)
from navalha.evolution.events import SUBSCRIBED
from navalha.evolution.tests.recordings import KEY, URL, Server, answering, exchange
from navalha.evolution.types import ConnectionState, DeliveryStatus, InstanceName, ServerInfo, instance_name

BAD_NAMES = [
    "",
    None,
    12,
    "ab",
    "a" * 62,
    "loja/x",
    "loja?instanceName=other",
    "Loja",
    "loja x",
    "loja\n",
    "-loja",
    "lójá",
]
# Too short, too long, without a country, an area code that is none, and the bare digits of two LIDs.
NO_PHONES = ["", None, "abc", "+5511988880001", "11988880001", "5511", "55119888800011", "5501988880001"]
NO_PHONES += ["5511988880001\n", "91000888891155", "249876543210987"]
CALLS_WITH_A_NAME = {
    "create_instance": lambda client, name: client.create_instance(
        name, webhook_url="http://a.test", webhook_headers={}
    ),
    "connect": lambda client, name: client.connect(name),
    "connection_state": lambda client, name: client.connection_state(name),
    "restart": lambda client, name: client.restart(name),
    "delete": lambda client, name: client.delete(name),
    "set_webhook": lambda client, name: client.set_webhook(name, url="http://a.test", headers={}),
    "webhook": lambda client, name: client.webhook(name),
    "send_text": lambda client, name: client.send_text(name, to="5511988880001", text="oi"),
    "find_message": lambda client, name: client.find_message(name, "3EB0"),
    "sent_messages": lambda client, name: client.sent_messages(name),
    "delivery": lambda client, name: client.delivery(name, "3EB0"),
}
ONLY_ONCE = {"create_instance", "send_text"}
REPEATABLE = sorted(set(CALLS_WITH_A_NAME) - ONLY_ONCE)


def send(server: Server):
    return server.client().send_text("loja", to="5511988880001", text="Seu horário: 15h")


# What goes out


def test_create_asks_for_everything_at_once_and_for_no_groups():
    server = Server(exchange("02-1").response())

    server.client().create_instance("bar-a", webhook_url="https://shop.test/hook", webhook_headers={"X-API-Key": "s3"})

    assert server.sent == {
        "instanceName": "bar-a",
        "integration": "WHATSAPP-BAILEYS",
        "qrcode": False,
        "groupsIgnore": True,
        "rejectCall": False,
        "alwaysOnline": False,
        "readMessages": False,
        "readStatus": False,
        "syncFullHistory": False,
        "webhook": {
            "url": "https://shop.test/hook",
            "byEvents": False,
            "base64": False,
            "headers": {"X-API-Key": "s3"},
            "events": list(SUBSCRIBED),
        },
    }
    assert server.requests[0].headers["apikey"] == KEY


def test_asking_for_the_version_sends_no_key():
    server = Server(exchange("01-0").response())

    assert server.client().server_info() == ServerInfo("2.3.6", supported=True)
    assert "apikey" not in server.requests[0].headers


@pytest.mark.parametrize(
    ("version", "supported"), [("2.3.7", True), ("2.4.0", False), ("2.30.1", False), ("1.8.6", False)]
)
def test_only_2_3_is_supported(version, supported):
    assert answering(200, {"version": version}).client().server_info().supported is supported


def test_what_has_no_version_is_not_an_evolution_api():
    with pytest.raises(UnsupportedVersion):
        answering(200, {"hello": "world"}).client().server_info()


def test_a_path_before_the_server_is_kept():
    server = answering(200, {"instance": {"instanceName": "loja", "state": "open"}})
    client = EvolutionClient(URL + "/evo/", KEY, transport=httpx2.MockTransport(server))

    assert client.connection_state("loja") is ConnectionState.OPEN
    assert server.requests[0].url.path == "/evo/instance/connectionState/loja"


def test_a_full_lid_is_a_recipient_and_loses_its_device():
    server = Server(exchange("20-13").response())

    server.client().send_text("loja", to="91000888891155:3@lid", text="oi")

    assert server.sent == {"number": "91000888891155@lid", "text": "oi"}


def test_sent_messages_reads_on_until_it_has_enough():
    def page(number, from_me):
        key = {"id": f"3EB{number}", "fromMe": from_me, "remoteJid": "5511988880001@s.whatsapp.net"}
        row = {"key": key, "message": {"conversation": str(number)}, "messageTimestamp": 1795321900 - number}
        return httpx2.Response(200, json={"messages": {"pages": 3, "currentPage": number, "records": [row]}})

    server = Server(page(1, True), page(2, False), page(3, True))

    found = server.client().sent_messages("loja", limit=2)

    assert [message.text for message in found] == ["1", "3"]
    assert [json.loads(request.content)["page"] for request in server.requests] == [1, 2, 3]
    assert json.loads(server.requests[0].content)["offset"] == 2  # the page size, whatever its name says


# What cannot go out


@pytest.mark.parametrize("call", CALLS_WITH_A_NAME)
@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_bad_instance_name_never_goes_out(call, name):
    server = answering(200, {})

    with pytest.raises(ValueError, match="instance name"):
        CALLS_WITH_A_NAME[call](server.client(), name)
    assert server.requests == []


@pytest.mark.parametrize("call", CALLS_WITH_A_NAME)
def test_a_good_name_goes_out_without_any_query(call):
    server = answering(500, {})

    with pytest.raises(EvolutionError):
        CALLS_WITH_A_NAME[call](server.client(), "loja-7f3a")
    assert server.requests[0].url.query == b""


def test_a_name_is_checked_when_it_is_made():
    assert instance_name("loja-7f3a") == InstanceName("loja-7f3a") == "loja-7f3a"
    with pytest.raises(InvalidInput):
        instance_name("loja?x")


def test_there_is_no_logout():
    names = [name for name in dir(EvolutionClient) if not name.startswith("_")]

    assert "delete" in names
    assert [name for name in names if "logout" in name] == []


@pytest.mark.parametrize(
    "to",
    [*NO_PHONES, "5511988880001@s.whatsapp.net", "120363@g.us", "@lid", "x@lid"],
)
def test_a_text_to_what_is_no_phone_and_no_lid_never_goes_out(to):
    server = answering(201, {})

    with pytest.raises(Rejected) as caught:
        server.client().send_text("loja", to=to, text="oi")
    assert caught.value.reason is RejectedReason.INVALID
    assert server.requests == []


@pytest.mark.parametrize("to", ["5511988880001", "551188880001", "5531988887777", "553188887777", "595981123456"])
def test_a_phone_with_and_without_the_ninth_digit_or_from_abroad_goes_out(to):
    server = Server(exchange("08-0").response())

    server.client().send_text("loja", to=to, text="oi")

    assert server.sent["number"] == to


@pytest.mark.parametrize("text", ["", "  \n", None, 7, "a\x00b", "\ud83d", "x" * 65_537])
def test_a_text_that_cannot_be_sent_never_goes_out(text):
    server = answering(201, {})

    with pytest.raises(InvalidInput):
        server.client().send_text("loja", to="5511988880001", text=text)
    assert server.requests == []


@pytest.mark.parametrize(
    "url", ["", "shop.test/hook", "ftp://shop.test", "http://", "https://a:b@shop.test", None, "http://x y"]
)
def test_a_webhook_address_the_server_would_silently_never_call_is_refused(url):
    server = answering(201, {})

    with pytest.raises(InvalidInput):
        server.client().set_webhook("loja", url=url, headers={})
    with pytest.raises(InvalidInput):
        server.client().create_instance("loja", webhook_url=url, webhook_headers={})
    assert server.requests == []


@pytest.mark.parametrize("headers", [{"a b": "x"}, {"x": "a\r\nb"}, {"": "x"}, {"x": 7}, {"x": "é"}])
def test_a_broken_header_is_refused(headers):
    with pytest.raises(InvalidInput):
        answering(201, {}).client().set_webhook("loja", url="http://a.test", headers=headers)


@pytest.mark.parametrize("number", ["5511988880001&instanceName=other", "abc", "", "+5511988880001"])
def test_a_number_for_a_pairing_code_cannot_carry_a_query(number):
    server = answering(200, {"count": 0})

    with pytest.raises(InvalidInput):
        server.client().connect("loja", number=number)
    assert server.requests == []


@pytest.mark.parametrize("key_id", ["", None, "a b", "x" * 129, {"not": "a"}])
def test_a_broken_message_id_never_goes_out(key_id):
    server = answering(200, [])

    with pytest.raises(InvalidInput):
        server.client().delivery("loja", key_id)
    assert server.requests == []


@pytest.mark.parametrize(
    "url",
    ["", "evolution.test", "ftp://e.test", "http://u:p@e.test", "http://e.test?x=1", "http://e.test#x", "http://e:x"],
)
def test_a_base_url_is_a_plain_http_address(url):
    with pytest.raises(InvalidInput):
        EvolutionClient(url, KEY)


@pytest.mark.parametrize("key", ["", "a b", "chave\n", "çhave", None])
def test_a_key_that_cannot_be_a_header_is_refused(key):
    with pytest.raises(InvalidInput):
        EvolutionClient(URL, key)


# What comes back


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"status": 400, "error": "Bad Request", "response": {"message": ["Text is required"]}}, Rejected),
        (400, {"status": 400, "error": "Bad Request", "response": {"message": [["instance requires x"]]}}, Rejected),
        (401, {"status": 401, "error": "Unauthorized", "response": {"message": "Unauthorized"}}, Unauthorized),
        (400, {"status": 400, "error": "Bad Request", "response": {"message": [{"exists": False}]}}, Rejected),
        (400, {"status": 400, "error": "Bad Request", "message": [["numbers is wrong"]]}, Rejected),
    ],
)
def test_each_of_the_five_envelopes_is_read(status, body, error):
    with pytest.raises(error):
        send(answering(status, body))


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (500, "Connection Closed"),
        (400, ["Error: Connection Closed"]),
        (500, "Cannot read properties of undefined (reading 'onWhatsApp')"),
        (400, ["TypeError: Cannot read properties of undefined (reading 'sendMessage')"]),
    ],
)
def test_a_send_without_a_connection_may_be_tried_again(status, message):
    with pytest.raises(NotConnected) as caught:
        send(answering(status, {"status": status, "error": "x", "response": {"message": message}}))
    assert isinstance(caught.value, Unreachable)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, ["TypeError: Cannot read properties of undefined (reading 'message')"]),
        (400, ["PrismaClientKnownRequestError: could not store"]),
        (500, "Timed Out"),
        (502, "Bad Gateway"),
        (504, "Gateway Timeout"),
    ],
)
def test_a_send_that_failed_who_knows_when_is_unconfirmed(status, message):
    with pytest.raises(Unconfirmed):
        send(answering(status, {"status": status, "response": {"message": message}}))


def test_a_201_with_metas_error_object_was_not_sent_for_sure():
    with pytest.raises(Unconfirmed):
        send(Server(exchange("12-11").response()))


@pytest.mark.parametrize("content", [b"", b"OK", b"[]", b"null", b'{"key": {"id": ""}}', b'{"key": []}', b"[" * 5000])
def test_a_201_that_cannot_be_read_is_unconfirmed(content):
    with pytest.raises(Unconfirmed):
        send(Server(httpx2.Response(201, content=content)))


def test_a_sent_message_without_a_time_is_sent_all_the_same():
    sent = send(answering(201, {"key": {"id": "3EB0", "remoteJid": "5511988880001@s.whatsapp.net"}}))

    assert sent.key_id == "3EB0"
    assert sent.sent_at.tzinfo is not None


@pytest.mark.parametrize("error", [httpx2.ReadTimeout("t"), httpx2.ReadError("r"), httpx2.RemoteProtocolError("p")])
@pytest.mark.parametrize("call", sorted(ONLY_ONCE))
def test_a_call_that_must_not_happen_twice_is_unconfirmed_without_an_answer_and_not_repeated(call, error):
    server = Server(error)

    with pytest.raises(Unconfirmed):
        CALLS_WITH_A_NAME[call](server.client(), "loja")
    assert len(server.requests) == 1


@pytest.mark.parametrize("error", [httpx2.ReadTimeout("t"), httpx2.WriteError("w"), httpx2.RemoteProtocolError("p")])
@pytest.mark.parametrize("call", REPEATABLE)
def test_a_repeatable_call_without_an_answer_is_unreachable(call, error):
    server = Server(error)

    with pytest.raises(Unreachable):
        CALLS_WITH_A_NAME[call](server.client(), "loja")
    assert len(server.requests) == 1


@pytest.mark.parametrize("error", [httpx2.ConnectError("c"), httpx2.ConnectTimeout("t")])
@pytest.mark.parametrize("call", ["create_instance", "send_text", "restart", "delete", "connect", "set_webhook"])
def test_a_server_that_is_down_is_no_connection_and_writing_is_tried_once(call, error):
    server = Server(error)

    with pytest.raises(NoConnection):
        CALLS_WITH_A_NAME[call](server.client(), "loja")
    assert len(server.requests) == 1


def test_looking_is_tried_again_quickly_when_the_server_cannot_be_connected_to():
    server = Server(httpx2.ConnectError("c"), httpx2.ConnectError("c"), exchange("04-13").response())

    assert server.client().connection_state("loja") is ConnectionState.OPEN
    assert len(server.requests) == 3


def test_looking_gives_up_after_three_tries():
    server = Server(httpx2.ConnectError("c"))

    with pytest.raises(NoConnection):
        server.client().webhook("loja")
    assert len(server.requests) == 3


@pytest.mark.parametrize("call", CALLS_WITH_A_NAME)
def test_a_licence_is_asked_for_by_newer_servers(call):
    with pytest.raises(LicenceRequired):
        CALLS_WITH_A_NAME[call](answering(503, {"code": "LICENSE_REQUIRED"}).client(), "loja")


@pytest.mark.parametrize("status", [301, 307, 429])
def test_a_proxy_that_turned_the_request_away_did_nothing(status):
    with pytest.raises(Unreachable):
        send(Server(httpx2.Response(status, text="busy", headers={"location": "http://elsewhere.test/"})))


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_proxy_that_got_no_answer_proves_nothing_of_a_send_and_a_look_may_be_repeated(status):
    with pytest.raises(Unconfirmed):
        send(Server(httpx2.Response(status, text="<h1>Service Unavailable</h1>")))
    with pytest.raises(Unreachable):
        Server(httpx2.Response(status, text="<h1>Service Unavailable</h1>")).client().connection_state("loja")


def test_a_redirect_is_not_followed():
    server = Server(httpx2.Response(302, headers={"location": "http://elsewhere.test/"}))

    with pytest.raises(Unreachable):
        server.client().connection_state("loja")
    assert len(server.requests) == 1


def test_a_404_of_somebody_else_is_not_a_missing_instance():
    with pytest.raises(Unreachable) as caught:
        Server(httpx2.Response(404, text="<h1>not found</h1>")).client().delete("loja")
    assert not isinstance(caught.value, InstanceMissing)


def test_an_unknown_route_is_another_version():
    body = {"status": 404, "error": "Not Found", "response": {"message": ["Cannot GET /instance/connectionState/loja"]}}

    with pytest.raises(UnsupportedVersion):
        answering(404, body).client().connection_state("loja")


@pytest.mark.parametrize("call", ["connect", "restart", "delete"])
def test_a_200_that_says_error_did_nothing(call):
    body = exchange("03-12").answer
    assert body["error"] is True

    with pytest.raises(Unreachable):
        CALLS_WITH_A_NAME[call](answering(200, body).client(), "loja")


def test_connect_without_a_qr_yet_is_connecting():
    assert answering(200, {"count": 0}).client().connect("loja") is ConnectionState.CONNECTING


def test_a_state_left_out_while_the_server_boots_is_unknown():
    body = {"instance": {"instanceName": "loja"}}

    assert answering(200, body).client().connection_state("loja") is ConnectionState.UNKNOWN


def test_deleting_what_is_gone_is_no_trouble():
    server = Server(exchange("03-28").response(), exchange("03-30").response())
    client = server.client()

    assert client.delete("bar-qrnum") is True
    assert client.delete("bar-qrnum") is False


def test_create_of_another_name_than_asked_is_unconfirmed():
    with pytest.raises(Unconfirmed):
        Server(exchange("02-4").response()).client().create_instance(
            "loja", webhook_url="http://a.test", webhook_headers={}
        )


def test_a_webhook_stored_otherwise_than_asked_is_noticed():
    with pytest.raises(Unreachable):
        Server(exchange("05-16").response()).client().set_webhook("loja", url="http://127.0.0.1:8099/hook2", headers={})


@pytest.mark.parametrize("body", [[], "x", 7, None, {"instance": "x"}, {"messages": {"records": {}}}])
@pytest.mark.parametrize("call", sorted({*REPEATABLE} - {"restart", "delete", "webhook", "delivery"}))
def test_an_answer_of_an_unknown_shape_is_unreachable(call, body):
    with pytest.raises(Unreachable):
        CALLS_WITH_A_NAME[call](answering(200, body).client(), "loja")


def test_an_answer_without_end_is_cut_off():
    with pytest.raises(Unreachable):
        Server(httpx2.Response(200, content=b" " * (16 * 1024 * 1024 + 1))).client().instances()


def test_an_answer_that_drips_is_cut_off():
    """Each byte is in time, the whole is not; it would even have been a good answer."""
    content = json.dumps(exchange("08-0").answer).encode()
    server = Server(httpx2.Response(201, content=iter([content[:9], content[9:]])))

    with pytest.raises(Unconfirmed, match="too slow"):
        server.client(read_timeout=0.0).send_text("loja", to="5511988880001", text="oi")


def test_delivery_is_the_highest_status_of_our_own_message():
    def row(key_id, from_me, status):
        return {"keyId": key_id, "fromMe": from_me, "status": status}

    rows = [row("3EB0", True, "READ"), row("3EB0", True, "DELIVERY_ACK"), row("3EB0", True, "EDITED")]
    strange = [row("3EB1", True, "PLAYED"), row("3EB0", False, "PLAYED"), "rubbish", None]

    assert answering(200, strange + rows).client().delivery("loja", "3EB0") is DeliveryStatus.READ
    assert answering(200, strange).client().delivery("loja", "3EB0") is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["READ", "ERROR"], DeliveryStatus.READ),
        (["PENDING", "ERROR"], DeliveryStatus.ERROR),
        (["SENT", "FAILED"], DeliveryStatus.SERVER_ACK),
        (["DELETED", "DELIVERED"], DeliveryStatus.DELIVERY_ACK),
        (["PLAYED", "READ"], DeliveryStatus.PLAYED),
    ],
)
def test_proof_of_arrival_is_higher_than_an_error_and_an_error_than_waiting(words, expected):
    assert max(map(DeliveryStatus.of, words), key=lambda status: status.rank) is expected
