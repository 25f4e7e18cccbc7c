"""Every recorded exchange whose call the client makes, answered again exactly as it was and judged."""

import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from navalha.evolution.client import EvolutionClient
from navalha.evolution.errors import EvolutionError, InvalidInput, Rejected
from navalha.evolution.tests.recordings import Exchange, Server, exchange, exchanges, usable_name
from navalha.evolution.types import ConnectionState, DeliveryStatus, Qr

Call = Callable[[EvolutionClient, Exchange, str], Any]


def _asked(recorded: Exchange, *path: str) -> Any:
    """A value of the recorded request body, None where it is not there."""
    value: Any = recorded.body
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _create(client: EvolutionClient, recorded: Exchange, _: str) -> Any:
    name = usable_name(str(_asked(recorded, "instanceName") or ""))
    return client.create_instance(name, webhook_url="http://127.0.0.1:8099/hook", webhook_headers={"x-key": "secret"})


def _connect(client: EvolutionClient, recorded: Exchange, name: str) -> Any:
    number = re.search(r"number=(\d+)", recorded.path)
    return client.connect(name, number=number.group(1) if number else None)


def _set_webhook(client: EvolutionClient, recorded: Exchange, name: str) -> Any:
    url = _asked(recorded, "webhook", "url")
    usable = isinstance(url, str) and url.startswith("http")
    return client.set_webhook(name, url=url if usable else "http://127.0.0.1:8099/hook", headers={"x-key": "secret"})


def _send(client: EvolutionClient, recorded: Exchange, name: str) -> Any:
    to, text = _asked(recorded, "number"), _asked(recorded, "text")
    try:
        return client.send_text(name, to=to, text=text)
    except InvalidInput:  # we refuse what the recording dared to send; the answer is judged all the same
        return client.send_text(name, to="5511988880001", text="oi")


def _find(client: EvolutionClient, recorded: Exchange, name: str) -> Any:
    key_id = _asked(recorded, "where", "key", "id")
    return client.find_message(name, key_id) if key_id else client.sent_messages(name)


CALLS: dict[str, Call] = {
    "GET /": lambda client, _, __: client.server_info(),
    "GET /instance/fetchInstances": lambda client, _, __: client.instances(),
    "POST /instance/create": _create,
    "GET /instance/connect": _connect,
    "GET /instance/connectionState": lambda client, _, name: client.connection_state(name),
    "POST /instance/restart": lambda client, _, name: client.restart(name),
    "DELETE /instance/delete": lambda client, _, name: client.delete(name),
    "POST /webhook/set": _set_webhook,
    "GET /webhook/find": lambda client, _, name: client.webhook(name),
    "POST /message/sendText": _send,
    "POST /chat/findMessages": _find,
    "POST /chat/findStatusMessage": lambda client, _, name: client.delivery(name, "020FA6EE1A54490AED8224842E736724"),
}

REPLAYED = [recorded for recorded in exchanges() if recorded.route in CALLS]


def outcome(recorded: Exchange) -> str:
    """What the caller meets: the type of the result, or the error and its reason."""
    with Server(recorded.response()).client() as client:
        try:
            result = CALLS[recorded.route](client, recorded, usable_name(recorded.name))
        except Rejected as error:
            return f"Rejected {error.reason.name}"
        except EvolutionError as error:
            return type(error).__name__
    if isinstance(result, ConnectionState | bool):
        return str(result)
    return "None" if result is None else type(result).__name__


MEANT: dict[tuple[str, int], dict[str, int]] = {
    ("GET /", 200): {"ServerInfo": 1},
    ("GET /instance/fetchInstances", 200): {"list": 21},
    ("GET /instance/fetchInstances", 401): {"Unauthorized": 3},
    ("GET /instance/fetchInstances", 404): {"InstanceMissing": 4},
    # 7 were made under a name ours cannot have (empty, spaces, two letters): what came back is not what we asked.
    ("POST /instance/create", 201): {"Created": 31, "Unconfirmed": 7},
    ("POST /instance/create", 400): {"Rejected INVALID": 8, "Unconfirmed": 4},
    ("POST /instance/create", 401): {"Unauthorized": 3},
    ("POST /instance/create", 403): {"Rejected NAME_IN_USE": 7},
    ("POST /instance/create", 500): {"Unconfirmed": 1},
    ("GET /instance/connect", 200): {"Qr": 29, "ConnectionState.OPEN": 3, "ConnectionState.CONNECTING": 1},
    ("GET /instance/connectionState", 200): {
        "ConnectionState.OPEN": 18,
        "ConnectionState.CONNECTING": 10,
        "ConnectionState.CLOSE": 17,
    },
    ("GET /instance/connectionState", 401): {"Unauthorized": 3},
    ("GET /instance/connectionState", 404): {"InstanceMissing": 7},
    ("POST /instance/restart", 200): {"None": 4, "Unreachable": 1},
    ("DELETE /instance/delete", 200): {"True": 9},
    ("DELETE /instance/delete", 404): {"False": 2},
    # One stored a row that is not enabled, others an address that is not one: not what we asked for.
    ("POST /webhook/set", 201): {"None": 25, "Unreachable": 5},
    ("POST /webhook/set", 400): {"Rejected INVALID": 8},
    ("POST /webhook/set", 500): {"Unreachable": 1},
    ("GET /webhook/find", 200): {"Webhook": 11, "None": 3},
    ("GET /webhook/find", 401): {"Unauthorized": 1},
    ("GET /webhook/find", 404): {"InstanceMissing": 1},
    ("POST /message/sendText", 201): {"Sent": 51, "Unconfirmed": 2},
    ("POST /message/sendText", 400): {
        "Rejected INVALID": 7,
        "Rejected NOT_ON_WHATSAPP": 2,
        "NotConnected": 2,
        "Unconfirmed": 2,
    },
    ("POST /message/sendText", 404): {"InstanceMissing": 1},
    ("POST /message/sendText", 500): {"NotConnected": 4},
    ("POST /chat/findMessages", 200): {"StoredMessage": 2, "None": 1, "list": 5},
    ("POST /chat/findStatusMessage", 200): {"None": 1},
}


@pytest.mark.parametrize("recorded", REPLAYED, ids=lambda recorded: recorded.id)
def test_a_recorded_answer_has_one_of_the_outcomes_it_may_have(recorded):
    assert outcome(recorded) in MEANT[recorded.route, recorded.status]


def test_all_recorded_answers_together_have_exactly_the_counted_outcomes():
    counted: dict[tuple[str, int], Counter[str]] = {}
    for recorded in REPLAYED:
        counted.setdefault((recorded.route, recorded.status), Counter())[outcome(recorded)] += 1

    assert counted == MEANT
    assert len(REPLAYED) == 329
    assert len(exchanges()) == 466


def _shape(value: Any, prefix: str = "") -> set[str]:
    """The paths of all keys in a JSON object; the free names of headers do not count."""
    if not isinstance(value, dict) or prefix.endswith("headers."):
        return set()
    return {prefix + key for key in value} | {
        path for key, inner in value.items() for path in _shape(inner, f"{prefix}{key}.")
    }


def _recorded_shape(route: str) -> set[str]:
    good = [one for one in exchanges() if one.route == route and one.status < 300]
    assert good
    return set().union(*(_shape(one.body) for one in good))


# Read in the server's source, where nobody recorded a call with them; what they filter is filtered again by us.
NOT_RECORDED = {
    "POST /chat/findMessages": {"where.key.fromMe"},
    "POST /chat/findStatusMessage": {"where.id", "page", "offset"},
}


@pytest.mark.parametrize("recorded", REPLAYED, ids=lambda recorded: recorded.id)
def test_what_the_client_asks_has_the_shape_of_what_was_recorded(recorded):
    server = Server(recorded.response())
    with suppress(EvolutionError):  # judged above; here only the request counts
        CALLS[recorded.route](server.client(), recorded, usable_name(recorded.name))

    request = server.requests[0]
    assert request.method == recorded.method
    parts = [part for part in recorded.path.partition("?")[0].split("/") if part]
    assert request.url.path == "/" + "/".join(parts[:2] + ([usable_name(recorded.name)] if recorded.name else []))
    allowed = _recorded_shape(recorded.route) | NOT_RECORDED.get(recorded.route, set())
    assert _shape(server.sent) <= allowed


def test_a_qr_is_read_with_its_pairing_code():
    recorded = exchange("17-1")

    found = Server(recorded.response()).client().connect("stand-in", number="5511900000002")

    assert found == Qr(code=recorded.answer["code"], pairing_code="LEP51YJM", count=1)


def test_instances_are_read_without_their_tokens():
    recorded = exchange("21-52")

    (found,) = Server(recorded.response()).client().instances()

    assert (found.name, found.state, found.owner_phone) == ("victim", ConnectionState.OPEN, "5511900000005")
    assert recorded.answer[0]["token"] not in repr(found)


def test_created_keeps_the_id_and_drops_the_key():
    recorded = exchange("02-1")
    client = Server(recorded.response()).client()

    made = client.create_instance("bar-a", webhook_url="https://shop.test/hook", webhook_headers={})

    assert (made.name, made.instance_id) == ("bar-a", "1f27cde5-f37d-4577-8d0f-1488806e8852")
    assert recorded.answer["hash"] not in repr(made)


def test_a_stored_message_has_its_highest_status():
    recorded = exchange("20-34")
    client = Server(recorded.response()).client()

    found = client.find_message("loja1", "3EB045989A1353654F90C9")

    assert found is not None
    assert (found.text, found.from_me, found.status) == ("para o numero", True, DeliveryStatus.READ)


def test_a_message_stored_twice_is_found_once():
    recorded = exchange("22-58")

    found = Server(recorded.response()).client().find_message("loja1", "DUPID0000000000000000000000000001")

    assert found is not None
    assert found.text == "duplicada"


def test_sent_messages_leaves_out_what_customers_wrote_even_when_the_filter_is_ignored():
    recorded = exchange("20-34")  # two messages, one of them the customer's

    found = Server(recorded.response()).client().sent_messages("loja1")

    assert [message.text for message in found] == ["para o numero"]


def test_delivery_ignores_rows_of_other_messages():
    recorded = exchange("10-27")  # the server was asked for one message and answered with another one's rows

    assert Server(recorded.response()).client().delivery("loja1", "020FA6EE1A54490AED8224842E736724") is None


def test_the_ninth_digit_is_dropped_by_the_server_and_the_canonical_address_kept():
    recorded = next(one for one in REPLAYED if _asked(one, "number") == "5531988887777" and one.status == 201)

    sent = Server(recorded.response()).client().send_text("loja1", to="5531988887777", text="oi")

    assert sent.remote_jid == "553188887777@s.whatsapp.net"
