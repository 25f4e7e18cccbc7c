"""The faults the simulator can play, and the deliveries' own rules: what is retried, dropped, doubled, delayed."""

import time
from datetime import UTC, datetime

import httpx2
import pytest

from navalha.simulator.testing import RunningSimulator, wait_until
from navalha.simulator.tests.receiver import Receiver

CUSTOMER = "5511988880001"


@pytest.fixture
def shop(sim: RunningSimulator, receiver: Receiver) -> RunningSimulator:
    """A connected instance loja1 whose webhooks go to the receiver."""
    sim.connected("loja1", webhook={"url": f"{receiver.url}/hook", "events": []})
    receiver.wait_for("messages.set")
    wait_until(lambda: all_delivered(sim), what="the webhooks of the pairing")  # in any order
    receiver.arrivals.clear()
    return sim


def all_delivered(sim: RunningSimulator) -> bool:
    told = sim.deliveries()
    return len(told["attempts"]) == sum(told["emitted"].values())


def send(sim: RunningSimulator, text: str = "oi", *, timeout: float = 20.0, number: str = CUSTOMER) -> httpx2.Response:
    body = {"number": number, "text": text}
    headers = {"apikey": sim.key}
    return sim.http.post(f"{sim.url}/message/sendText/loja1", json=body, headers=headers, timeout=timeout)


# ---- deliveries


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_receiver_that_refuses_for_good_gets_no_second_try(shop, receiver, status):
    receiver.answers = [status]
    shop.post("instances/loja1/emit", event="messages.update", data={"keyId": "A"})
    wait_until(lambda: shop.deliveries(event="messages.update")["attempts"], what="the attempt")
    time.sleep(0.4)  # three times the first pause of 5 s / 50
    assert len(receiver.of("messages.update")) == 1


@pytest.mark.parametrize("status", [410, 429, 500, 503])
def test_a_receiver_that_fails_gets_the_same_body_again_after_a_pause(shop, receiver, status):
    receiver.answers = [status, status]
    shop.post("instances/loja1/emit", event="messages.update", data={"keyId": "A"})
    first, second, third = receiver.wait_for("messages.update", 3)
    assert first.body == second.body == third.body
    assert second.at - first.at >= 0.1
    assert third.at - second.at >= 0.15
    attempts = wait_until(
        lambda: found if len(found := shop.deliveries(event="messages.update")["attempts"]) == 3 else None,
        what="three attempts in the log",
    )
    assert [(entry["attempt"], entry["status"]) for entry in attempts] == [(1, status), (2, status), (3, 200)]


def test_a_server_restart_loses_the_retries(shop, receiver):
    shop.switch(retry_first=100)  # two seconds, in which the server restarts
    receiver.answers = [500]
    shop.post("instances/loja1/emit", event="messages.update", data={"keyId": "A"})
    receiver.wait_for("messages.update")
    shop.restart()
    shop.wait_state("loja1", "open")
    time.sleep(2.6)  # with its jitter the retry would have come after 2.4 s at most
    assert len(receiver.of("messages.update")) == 1


def test_duplicates_drops_and_only_one_event_follow_the_switches(shop, receiver):
    shop.switch(webhook_duplicates=2, webhook_only=["SEND_MESSAGE"])
    send(shop)
    receiver.wait_for("send.message", 3)
    receiver.wait_for("messages.update", 2)
    shop.switch(webhook_duplicates=0, webhook_drop_next=1)
    send(shop, "some")
    receiver.wait_for("messages.update", 4)
    assert len(receiver.of("send.message")) == 3
    send(shop, "chega")
    receiver.wait_for("send.message", 4)


def test_reordered_webhooks_arrive_backwards(shop, receiver):
    shop.switch(webhook_reorder=True, webhook_only=["MESSAGES_UPSERT"], reorder_window=100)
    for text in ("um", "dois", "tres"):
        shop.phone(CUSTOMER).send(text)
    texts = [a.body["data"]["message"]["conversation"] for a in receiver.wait_for("messages.upsert", 3)]
    assert texts == ["tres", "dois", "um"]


def test_delayed_webhooks_come_late(shop, receiver):
    shop.switch(webhook_delay_min=20, webhook_delay_max=20)
    began = time.monotonic()
    shop.phone(CUSTOMER).send("oi")
    assert receiver.wait_for("messages.upsert")[0].at - began >= 0.4


def test_an_address_that_is_not_http_is_never_called_and_others_are_honoured(shop, receiver):
    hook = {"enabled": True, "url": "not a url", "events": ["MESSAGES_UPSERT"]}
    assert shop.api("POST", "/webhook/set/loja1", {"webhook": hook}).status_code == 201
    shop.phone(CUSTOMER).send("oi")
    hook |= {"url": receiver.url, "byEvents": True, "headers": {"jwt_key": "segredo"}}
    shop.api("POST", "/webhook/set/loja1", {"webhook": hook})
    shop.phone(CUSTOMER).send("de novo")
    arrival = receiver.wait_for("messages.upsert")[0]
    assert arrival.path == "/messages-upsert"
    assert arrival.headers["authorization"].startswith("Bearer ey")
    assert "jwt_key" not in arrival.headers
    assert [a.body["event"] for a in receiver.arrivals] == ["messages.upsert"]


# ---- sends


def test_a_send_that_times_out_after_it_went_out_reached_the_phone_once(shop, receiver):
    shop.switch(send_hang_after=1)
    with pytest.raises(httpx2.ReadTimeout):
        send(shop, "lembrete", timeout=0.3)
    assert [m["text"] for m in shop.phone(CUSTOMER).wait_for(1)] == ["lembrete"]
    receiver.wait_for("send.message")
    receiver.wait_for("messages.update", 2)
    assert shop.reached("lembrete") == 1
    assert send(shop, "outro").status_code == 201


def test_the_echo_of_a_timed_out_send_can_be_missing(shop, receiver):
    shop.switch(send_hang_after=True, hang_echo=False)
    with pytest.raises(httpx2.ReadTimeout):
        send(shop, timeout=0.2)
    receiver.wait_for("messages.update")
    assert receiver.of("send.message") == []


def test_a_send_that_times_out_before_it_went_out_never_reaches_the_phone(shop, receiver):
    shop.switch(send_hang_before=1)
    with pytest.raises(httpx2.ReadTimeout):
        send(shop, "lembrete", timeout=0.3)
    assert shop.phone(CUSTOMER).received() == []
    assert shop.deliveries()["asked"] == {"lembrete": 1}
    assert shop.reached("lembrete") == 0


def test_connection_closed_comes_as_500_and_400_the_next_times_only(shop):
    shop.switch(send_500=2, send_400=1)
    assert [send(shop).status_code for _ in range(4)] == [500, 500, 400, 201]
    shop.switch(send_500=1)
    assert send(shop).json()["response"]["message"] == "Connection Closed"


def test_a_dead_connection_says_open_accepts_and_loses_everything(shop, receiver):
    shop.switch(instance="loja1", dead=True)
    assert send(shop, "some").status_code == 201
    shop.phone(CUSTOMER).send("ninguém me ouve")
    assert shop.instance("loja1")["state"] == "open"
    time.sleep(0.3)
    assert shop.phone(CUSTOMER).received() == []
    assert receiver.of("messages.update") == receiver.of("messages.upsert") == []


def test_error_comes_in_place_of_the_receipts(shop, receiver):
    shop.switch(ack_error=1)
    send(shop)
    receiver.wait_for("messages.update")
    time.sleep(0.2)
    assert receiver.statuses() == ["ERROR"]


def test_receipts_can_be_off_and_reading_can_wait_for_the_customer(shop, receiver):
    shop.switch(acks=False)
    send(shop, "sem recibo")
    time.sleep(0.2)
    assert receiver.of("messages.update") == []
    shop.switch(acks=True, auto_read=False)
    send(shop, "com recibo")
    receiver.wait_for("messages.update")
    time.sleep(0.2)
    assert receiver.statuses() == ["DELIVERY_ACK"]
    assert shop.phone(CUSTOMER).read() == 2
    receiver.wait_for("messages.update", 4)
    assert sorted(receiver.statuses()) == ["DELIVERY_ACK", "DELIVERY_ACK", "READ", "READ"]


def test_a_number_that_is_not_on_whatsapp_is_refused_with_an_object(shop):
    shop.switch(number=CUSTOMER, not_on_whatsapp=True)
    answer = send(shop)
    assert answer.status_code == 400
    assert answer.json()["response"]["message"][0]["exists"] is False
    assert send(shop, number="5511988880002").status_code == 201


# ---- the server


def test_a_server_that_is_down_closes_the_connection_without_a_word(shop):
    shop.switch(server_mode="down")
    with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
        shop.api("GET", "/instance/fetchInstances")
    shop.phone(CUSTOMER).send("espero")
    assert shop.phone(CUSTOMER).messages()[0]["status"] == "PENDING"
    shop.reset()
    assert shop.api("GET", "/instance/fetchInstances").status_code == 200
    assert shop.phone(CUSTOMER).messages()[0]["status"] == "DELIVERY_ACK"


def test_overload_licence_and_silence_are_played_for_the_api_only(shop):
    shop.switch(server_mode="503")
    assert send(shop).status_code == 503
    shop.switch(server_mode="licence")
    assert send(shop).json()["error"] == "LICENSE_REQUIRED"
    shop.switch(server_mode="hang")
    with pytest.raises(httpx2.ReadTimeout):
        send(shop, timeout=0.2)
    assert shop.http.get(f"{shop.url}/telefone/").status_code == 200


def test_a_stopped_server_refuses_connections_and_keeps_everything(shop):
    send(shop, "antes")
    with shop.stopped(), pytest.raises(httpx2.ConnectError):
        shop.state()
    shop.wait_state("loja1", "open")
    assert [m["text"] for m in shop.phone(CUSTOMER).received()] == ["antes"]


def test_a_wrong_switch_is_refused_with_a_reason(sim):
    for wrong in ({"nope": 1}, {"acks": "sim"}, {"server_mode": "sideways"}, {"speed": 0}, {"webhook_drop": -1}):
        answer = sim.http.post(f"{sim.url}/simulator/switches", json=wrong)
        assert answer.status_code == 400
        assert answer.json()["error"]


def test_the_control_door_is_shut_to_pages_of_other_sites(sim):
    answer = sim.http.get(f"{sim.url}/simulator/state", headers={"origin": "http://evil.example"})
    assert answer.status_code == 403


def test_a_server_that_saves_no_messages_finds_none_and_reports_no_receipts(sim, receiver):
    sim.switch(save_messages=False)
    sim.connected("loja1", webhook={"url": receiver.url, "events": ["SEND_MESSAGE", "MESSAGES_UPDATE"]})
    sent = sim.api("POST", "/message/sendText/loja1", {"number": "5511988880001", "text": "Oi"}).json()

    sim.phone("5511988880001").wait_for()
    sim.phone("5511988880001").read()

    where = {"where": {"key": {"id": sent["key"]["id"]}}}
    assert sim.api("POST", "/chat/findMessages/loja1", where).json()["messages"]["records"] == []
    receiver.wait_for("send.message")
    assert receiver.of("messages.update") == []


def test_a_server_that_saves_no_updates_reports_receipts_and_finds_none(sim, receiver):
    sim.switch(save_updates=False)
    sim.connected("loja1", webhook={"url": receiver.url, "events": ["MESSAGES_UPDATE"]})
    sent = sim.api("POST", "/message/sendText/loja1", {"number": "5511988880001", "text": "Oi"}).json()

    receiver.wait_for("messages.update")

    where = {"where": {"id": sent["key"]["id"]}}
    assert sim.api("POST", "/chat/findStatusMessage/loja1", where).json() == []


def test_a_server_that_saves_no_sessions_cannot_connect(sim):
    sim.switch(save_sessions=False)
    sim.api("POST", "/instance/create", {"instanceName": "loja1", "integration": "WHATSAPP-BAILEYS"})

    answer = sim.api("GET", "/instance/connect/loja1")

    assert (answer.status_code, answer.json()) == (200, {"error": True, "message": "[object Object]"})


def test_a_servers_clock_zone_keys_and_way_to_us_can_be_wrong(sim, receiver):
    sim.switch(time_zone="UTC", expose_keys=False, webhook_unreachable=True, retry_attempts=1)
    webhook = {"url": receiver.url, "events": ["MESSAGES_UPSERT"]}
    sim.api(
        "POST",
        "/instance/create",
        {"instanceName": "e", "integration": "EVOLUTION", "number": "5511", "webhook": webhook},
    )
    message = {
        "numberId": "5511",
        "key": {"remoteJid": "2", "fromMe": False, "id": "A"},
        "message": {"conversation": "?"},
    }
    sim.api("POST", "/webhook/evolution", message)
    wait_until(lambda: sim.deliveries(event="messages.upsert")["attempts"])
    assert receiver.arrivals == []

    sim.switch(webhook_unreachable=False)
    sim.api("POST", "/webhook/evolution", message)
    (arrival,) = receiver.wait_for("messages.upsert")
    assert arrival.body["apikey"] is None
    said = datetime.fromisoformat(arrival.body["date_time"])
    assert abs((said - datetime.now(UTC)).total_seconds()) < 60
