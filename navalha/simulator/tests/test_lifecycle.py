"""Connections over time: restarts, drops, storms, holes of the real server; and what is kept in a folder."""

import time

import pytest

from navalha.simulator.testing import RunningSimulator, running_simulator, wait_until
from navalha.simulator.tests.receiver import Receiver

CUSTOMER = "5511988880001"


def hook(receiver: Receiver) -> dict[str, object]:
    return {"url": receiver.url, "events": []}


def forget_pairing(receiver: Receiver) -> None:
    """Let the webhooks of the pairing arrive (the history comes last), and forget them."""
    receiver.wait_for("messages.set")
    receiver.wait_for("connection.update", 3)
    receiver.arrivals.clear()


def test_after_a_restart_paired_instances_open_and_others_show_qrs_by_themselves(sim, receiver):
    sim.connected("loja1", webhook=hook(receiver))
    sim.api("POST", "/instance/create", {"instanceName": "semqr", "integration": "WHATSAPP-BAILEYS"})
    forget_pairing(receiver)
    sim.restart()
    sim.wait_state("loja1", "open")
    receiver.wait_for("connection.update", 2)
    assert sorted(receiver.states()) == ["connecting", "open"]  # two deliveries may overtake each other
    wait_until(lambda: sim.instance("semqr")["qr"]["code"], what="a QR nobody asked for")


def test_a_folder_keeps_instances_messages_and_phones(tmp_path):
    with running_simulator(speed=50, data=tmp_path) as first:
        first.connected("loja1", profileName="Barbearia do Zé")
        first.api("POST", "/message/sendText/loja1", {"number": CUSTOMER, "text": "oi"})
        first.phone(CUSTOMER).send("olá", name="Rafa")
    with running_simulator(speed=50, data=tmp_path) as second:
        second.wait_state("loja1", "open")
        assert second.instance("loja1")["profile_name"] == "Barbearia do Zé"
        assert [m["text"] for m in second.phone(CUSTOMER).messages()] == ["oi", "olá"]
        assert second.state()["phones"][0]["name"] == "Rafa"


def test_logout_by_the_api_mutes_the_next_session_until_the_server_restarts(sim, receiver):
    sim.connected("loja1", webhook=hook(receiver))
    sim.api("DELETE", "/instance/logout/loja1")
    sim.wait_state("loja1", "close")
    sim.api("GET", "/instance/connect/loja1")
    sim.scan("loja1")
    sim.phone(CUSTOMER).send("alguém aí?")
    assert sim.api("POST", "/message/sendText/loja1", {"number": CUSTOMER, "text": "envio sai"}).status_code == 201
    receiver.wait_for("messages.update", 2)
    assert receiver.of("messages.upsert") == []
    sim.restart()
    sim.wait_state("loja1", "open")
    sim.phone(CUSTOMER).send("e agora?")
    receiver.wait_for("messages.upsert")


def test_logout_by_the_phone_does_not_mute(sim, receiver):
    sim.connected("loja1", webhook=hook(receiver))
    sim.disconnect("loja1")
    sim.api("GET", "/instance/connect/loja1")
    sim.scan("loja1")
    sim.phone(CUSTOMER).send("oi")
    receiver.wait_for("messages.upsert")


def test_a_repeated_message_is_dropped_until_a_restart_empties_the_cache(sim, receiver):
    sim.connected("loja1", webhook=hook(receiver))
    wrote = sim.phone(CUSTOMER).send("1")
    receiver.wait_for("messages.upsert")
    sim.phone(CUSTOMER).send("1", id=wrote["id"])
    time.sleep(0.1)
    assert len(receiver.of("messages.upsert")) == 1
    sim.restart()
    sim.wait_state("loja1", "open")
    sim.phone(CUSTOMER).send("1", id=wrote["id"])
    receiver.wait_for("messages.upsert", 2)


def test_a_drop_never_says_close_and_what_waited_comes_with_its_old_time(sim, receiver):
    sim.connected("loja1", webhook=hook(receiver))
    forget_pairing(receiver)
    sim.drop("loja1", seconds=200)
    wait_until(lambda: sim.instance("loja1")["state"] == "connecting", what="the drop")
    wrote = sim.phone(CUSTOMER).send("na queda")
    assert wrote["status"] == "PENDING"
    arrival = receiver.wait_for("messages.upsert")[0]
    assert arrival.body["data"]["messageTimestamp"] == int(wrote["at"])
    receiver.wait_for("connection.update", 2)
    assert sorted(receiver.states()) == ["connecting", "open"]


def test_an_unreachable_whatsapp_storms_with_connecting_and_heals(sim, receiver):
    sim.connected("loja1", webhook=hook(receiver))
    sim.api("POST", "/message/sendText/loja1", {"number": CUSTOMER, "text": "antes"})
    forget_pairing(receiver)
    sim.switch(unreachable=True, storm_interval=0.01)
    wait_until(lambda: len(receiver.of("connection.update")) > 20, what="the storm")
    assert set(receiver.states()) == {"connecting"}
    answer = sim.api("POST", "/message/sendText/loja1", {"number": CUSTOMER, "text": "sem rede"})
    assert (answer.status_code, answer.json()["response"]["message"]) == (400, ["Error: Connection Closed"])
    row = sim.api("GET", "/instance/fetchInstances?instanceName=loja1").json()[0]
    assert row["connectionStatus"] == "open"
    sim.switch(unreachable=False)
    sim.wait_state("loja1", "open")


def test_a_restart_while_whatsapp_is_unreachable_storms_and_heals_too(sim):
    sim.connected("loja1")
    sim.switch(unreachable=True)
    sim.restart()
    assert sim.instance("loja1")["state"] != "open"
    sim.switch(unreachable=False)
    sim.wait_state("loja1", "open")


def test_pairing_that_fails_keeps_the_qr_rotating(sim):
    sim.switch(pairing_fails=True, qr_rotation=5)
    sim.api("POST", "/instance/create", {"instanceName": "loja1", "integration": "WHATSAPP-BAILEYS", "qrcode": True})
    assert sim.scan("loja1") is False
    count = sim.instance("loja1")["qr"]["count"]
    wait_until(lambda: sim.instance("loja1")["qr"]["count"] > count, what="the next QR")
    assert sim.instance("loja1")["state"] == "connecting"


def test_simultaneous_connects_open_several_sockets_with_a_qr_each(sim, receiver):
    from concurrent.futures import ThreadPoolExecutor

    body = {"instanceName": "c1", "integration": "WHATSAPP-BAILEYS", "webhook": hook(receiver)}
    sim.switch(socket_wait=10)
    sim.api("POST", "/instance/create", body)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: sim.api("GET", "/instance/connect/c1"), range(3)))
    assert len({a.body["data"]["qrcode"]["code"] for a in receiver.wait_for("qrcode.updated", 3)}) == 3


def test_owners_numbers_are_stable_and_differ_between_instances(sim: RunningSimulator):
    for name in ("a", "b"):
        sim.connected(name)
    assert [row["owner_number"] for row in sim.state()["instances"]] == ["5511999990001", "5511999990002"]
    sim.disconnect("a")
    sim.api("GET", "/instance/connect/a")
    sim.scan("a")
    assert sim.instance("a")["owner_number"] == "5511999990001"


@pytest.mark.parametrize("written", ["5531988887777", "+55 (31) 98888-7777", "553188887777"])
def test_the_ninth_digit_falls_from_ddd_31_on_and_the_phone_is_one(sim, written):
    sim.connected("loja1")
    sent = sim.api("POST", "/message/sendText/loja1", {"number": written, "text": "oi"}).json()
    assert sent["key"]["remoteJid"] == "553188887777@s.whatsapp.net"
    assert len(sim.phone("5531988887777").received()) == 1


def test_lost_statuses_can_be_looked_up(sim):
    sim.connected("loja1")
    sent = sim.api("POST", "/message/sendText/loja1", {"number": CUSTOMER, "text": "oi"}).json()
    wait_until(lambda: sim.phone(CUSTOMER).received()[0]["status"] == "READ", what="the blue tick")
    rows = sim.api("POST", "/chat/findStatusMessage/loja1", {"where": {"id": sent["key"]["id"]}}).json()
    assert [row["status"] for row in rows] == ["DELIVERY_ACK", "READ"]
    found = sim.api("POST", "/chat/findMessages/loja1", {"where": {"key": {"id": sent["key"]["id"]}}}).json()
    assert found["messages"]["records"][0]["MessageUpdate"] == [{"status": "DELIVERY_ACK"}, {"status": "READ"}]


def test_an_instance_made_anew_under_the_same_name_knows_nothing_of_the_old_one(sim, receiver):
    sim.switch(acks=False)
    sim.connected("loja1", webhook=hook(receiver))
    sim.api("POST", "/message/sendText/loja1", {"number": CUSTOMER, "text": "da antiga"})
    sim.api("DELETE", "/instance/delete/loja1")
    receiver.wait_for("remove.instance")
    sim.switch(acks=True)
    sim.connected("loja1", webhook=hook(receiver))
    assert sim.api("POST", "/chat/findMessages/loja1", {}).json()["messages"]["total"] == 0
    time.sleep(0.2)
    assert receiver.of("messages.update") == []
    assert [m["text"] for m in sim.phone(CUSTOMER).received()] == ["da antiga"]
