"""Every webhook the simulator emits has the structure of a recorded one of its event, envelope and data."""

from typing import Any

import pytest

from navalha.simulator import inbound
from navalha.simulator.testing import RunningSimulator, wait_until
from navalha.simulator.tests.receiver import Receiver
from navalha.simulator.tests.recordings import webhook_differences

CUSTOMER = "5511988880001"


def connected(sim: RunningSimulator, receiver: Receiver) -> None:
    sim.connected(
        "loja1", webhook={"url": f"{receiver.url}/hook", "events": [], "base64": True}, number="5511900000001"
    )
    receiver.wait_for("messages.set")
    receiver.wait_for("connection.update", 3)


def assert_recorded(receiver: Receiver) -> None:
    faults = {a.body["event"]: found for a in receiver.arrivals if (found := webhook_differences(a.body))}
    assert faults == {}


def test_pairing_emits_recorded_shapes_in_the_recorded_order_of_states(sim, receiver):
    sim.switch(open_wait=50)  # one second: the deliveries of two states must not overtake each other
    connected(sim, receiver)
    assert receiver.states() == ["connecting", "connecting", "open"]
    for event in ("instance.create", "qrcode.updated", "messages.edited", "chats.set"):
        receiver.wait_for(event)
    assert_recorded(receiver)


def test_a_send_and_its_receipts_emit_recorded_shapes(sim, receiver):
    connected(sim, receiver)
    sent = sim.api("POST", "/message/sendText/loja1", {"number": CUSTOMER, "text": "Confirma?"}).json()
    receiver.wait_for("messages.update", 2)
    assert receiver.wait_for("send.message")[0].body["data"] == sent
    assert sorted(receiver.statuses()) == ["DELIVERY_ACK", "READ"]  # two deliveries may overtake each other
    assert {a.body["data"]["keyId"] for a in receiver.of("messages.update")} == {sent["key"]["id"]}
    assert_recorded(receiver)


@pytest.mark.parametrize("kind", [kind for kind in inbound.KINDS if kind != "ephemeral"])
def test_a_customers_message_of_each_kind_has_a_recorded_shape(sim, receiver, kind):
    """An ephemeral message was not recorded; its form is read in FACTS (A5: the wrapper stays)."""
    connected(sim, receiver)
    sim.switch(addressing="pn")
    sim.phone(CUSTOMER).send("Sim", kind=kind)
    arrival = receiver.wait_for("messages.upsert")[0]
    wait_until(lambda: len(receiver.of("contacts.upsert")) >= 1, what="the contact")
    data: dict[str, Any] = arrival.body["data"]
    assert data["key"]["remoteJid"] == f"{CUSTOMER}@s.whatsapp.net"
    assert_recorded(receiver)


@pytest.mark.parametrize(
    ("addressing", "key"),
    [
        ("pn", {"remoteJid": "5511988880001@s.whatsapp.net", "remoteJidAlt": "91000888891155@lid"}),
        ("pn_only", {"remoteJid": "5511988880001@s.whatsapp.net"}),
        ("lid", {"remoteJid": "91000888891155@lid", "remoteJidAlt": "5511988880001@s.whatsapp.net"}),
        ("lid_only", {"remoteJid": "91000888891155@lid"}),
    ],
)
def test_addressing_of_customers_follows_the_switch(sim, receiver, addressing, key):
    connected(sim, receiver)
    sim.switch(number=CUSTOMER, addressing=addressing)
    sim.phone(CUSTOMER).send("oi")
    found = receiver.wait_for("messages.upsert")[0].body["data"]["key"]
    assert {name: found.get(name) for name in ("remoteJid", "remoteJidAlt") if name in found} == key
    assert_recorded(receiver)


def test_quotes_edits_deletions_and_the_owners_own_words_have_recorded_shapes(sim, receiver):
    connected(sim, receiver)
    sent = sim.api("POST", "/message/sendText/loja1", {"number": CUSTOMER, "text": "Confirma?"}).json()
    wrote = sim.phone(CUSTOMER).send("sim, confirmo", quoted_id=sent["key"]["id"])
    assert receiver.wait_for("messages.upsert")[0].body["data"]["contextInfo"]["stanzaId"] == sent["key"]["id"]
    sim.post(f"phones/{CUSTOMER}/edit", id=wrote["id"], text="sim, mas as 12h")
    sim.post(f"phones/{CUSTOMER}/delete", id=wrote["id"])
    sim.type("loja1", CUSTOMER, "respondido pelo celular")
    receiver.wait_for("messages.delete")
    receiver.wait_for("messages.edited", 3)
    assert receiver.wait_for("messages.upsert", 2)[1].body["data"]["key"]["fromMe"] is True
    assert_recorded(receiver)


def test_logout_ban_and_delete_emit_recorded_shapes(sim, receiver):
    connected(sim, receiver)
    sim.disconnect("loja1", 403)
    sim.api("GET", "/instance/connect/loja1")
    sim.scan("loja1")
    sim.api("DELETE", "/instance/logout/loja1")
    sim.wait_state("loja1", "close")
    sim.api("DELETE", "/instance/delete/loja1")
    receiver.wait_for("remove.instance")
    wait_until(lambda: len(receiver.of("status.instance")) == len(receiver.of("logout.instance")) == 2, what="both")
    assert_recorded(receiver)


def test_the_qr_limit_emits_recorded_shapes(sim, receiver):
    sim.switch(qr_limit=1, qr_rotation=1)
    webhook = {"url": receiver.url, "events": []}
    body = {"instanceName": "qrl", "integration": "WHATSAPP-BAILEYS", "webhook": webhook}
    sim.api("POST", "/instance/create", body)
    sim.api("GET", "/instance/connect/qrl")
    wait_until(lambda: "refused" in receiver.states(), what="the QR limit")
    assert receiver.wait_for("qrcode.updated", 2)[1].body["data"]["statusCode"] == 500
    assert_recorded(receiver)


def test_the_envelope_of_a_delivery_is_axios_with_exactly_the_stored_headers(sim, receiver):
    hook = {"url": f"{receiver.url}/hook", "events": ["CONNECTION_UPDATE"], "headers": {"X-Hook-Secret": "s3"}}
    sim.connected("loja1", webhook=hook)
    arrival = receiver.wait_for("connection.update", 3)[0]
    assert arrival.headers["user-agent"] == "axios/1.12.2"
    assert arrival.headers["content-type"] == "application/json"
    assert arrival.headers["x-hook-secret"] == "s3"
    recorded = {"accept", "content-type", "x-hook-secret", "user-agent", "content-length", "accept-encoding"}
    assert set(arrival.headers) == recorded | {"host", "connection"}
    assert {a.body["event"] for a in receiver.arrivals} == {"connection.update"}
