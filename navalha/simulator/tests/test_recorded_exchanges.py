"""The recorded requests, sent again to the simulator, get answers with the recorded status and structure.

Each file is replayed in its own order, so the simulator is in the situation that was recorded; where WhatsApp did
something between two requests, the replay does it too. Answers that are errors must be equal, word for word.
"""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from navalha.simulator.testing import RunningSimulator, wait_until
from navalha.simulator.tests.receiver import Receiver
from navalha.simulator.tests.recordings import RECORDED_RECEIVER, differences, exchanges, topic

# Routes of the real server that the product never calls; the simulator answers 404 there.
NOT_PLAYED = (
    "/webhook/meta",
    "/call/offer",
    "/message/sendContact",
    "/message/sendPoll",
    "/message/sendWhatsAppAudio",
    "/message/sendSticker",
    "/chat/deleteMessageForEveryone",
    "/chat/updateMessage",
    "/chat/fetchProfile/",
    "/chat/fetchBusinessProfile",
    "/chat/updateBlockStatus",
    "/chat/archiveChat",
    "/chat/fetchPrivacySettings",
    "/chat/findChatByRemoteJid",
)
# The simulator fetches no media from outside (50) and knows no pix buttons (73).
LEFT_OUT = {"08": (50, 73)}
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
Ids = dict[str, str]
Between = dict[int, Callable[[RunningSimulator], None]]


def ask_again(sim: RunningSimulator, receiver: Receiver, request: dict[str, Any], ids: Ids) -> httpx2.Response:
    """The recorded request, with our receiver's address, our own ids, and whole media (recorded shortened)."""
    headers = {name: value for name, value in request["headers"].items() if name != "content-length"}
    body = request["body"]
    content = None
    if isinstance(body, dict) and "<raw>" in body:
        content = body["<raw>"]
    elif body is not None:
        content = json.dumps(body | whole_media(body)).replace(RECORDED_RECEIVER, receiver.url)
    path = request["path"]
    for recorded_id, our_id in ids.items():
        path, content = path.replace(recorded_id, our_id), content and content.replace(recorded_id, our_id)
    return sim.http.request(request["method"], sim.url + path, headers=headers, content=content)


def whole_media(body: dict[str, Any]) -> dict[str, str]:
    """Long media were shortened when they were recorded: put a whole picture in their place."""
    before, cut, _ = str(body.get("media", "")).partition("...<cut")
    start = "data:image/png;base64," if before.startswith("data:") else ""
    return {"media": start + PICTURE} if cut else {}


def id_in(body: Any) -> str:
    """The id that later requests may speak of: of a message sent, or of an instance created."""
    if not isinstance(body, dict):
        return ""
    return str((body.get("key") or {}).get("id") or (body.get("instance") or {}).get("instanceId") or "")


def faults_of(recorded: dict[str, Any], answer: httpx2.Response) -> list[str]:
    if answer.status_code != recorded["status"]:
        return [f"status {recorded['status']} recorded, {answer.status_code} ours: {answer.text[:200]}"]
    if isinstance(recorded["body"], dict) and "<not json>" in recorded["body"]:
        return [] if answer.text == recorded["body"]["<not json>"] else [f"{answer.text} ours, not JSON recorded"]
    body = answer.json()
    if answer.status_code >= 400 and "Prisma" not in str(recorded["body"]):
        return [] if body == recorded["body"] else [f"{recorded['body']} recorded, {body} ours"]
    return differences(recorded["body"], body)


def replay(
    sim: RunningSimulator, receiver: Receiver, prefix: str, between: Between | None = None, ids: Ids | None = None
) -> dict[int, list[str]]:
    """Replay one file; `between` holds what to do before an entry. Returns the faults by place in the file.

    `ids` (recorded id -> ours) may be shared by files that were recorded one after another.
    """
    found = {}
    ids = {} if ids is None else ids
    for place, entry in exchanges(prefix):
        if between and place in between:
            between[place](sim)
        left_out = place in LEFT_OUT.get(prefix, ())
        if left_out or any(entry["request"]["path"].startswith(path) for path in NOT_PLAYED):
            continue
        answer = ask_again(sim, receiver, entry["request"], ids)
        faults = faults_of(entry["response"], answer)
        recorded_id = id_in(entry["response"]["body"])
        if recorded_id:
            ids[recorded_id] = id_in(answer.json())
        if faults:
            found[place] = faults
    return found


def connect_loja1(sim: RunningSimulator) -> None:
    sim.connected("loja1", profileName="Barbearia Teste")


def test_root_keys_and_errors_answer_as_recorded_on_an_empty_server(sim, receiver):
    assert replay(sim, receiver, "01") == {}


def test_create_answers_as_recorded_in_all_variants_and_so_do_fetch_connect_state_and_delete(sim, receiver):
    ids: Ids = {}
    assert replay(sim, receiver, "02", ids=ids) == {}
    assert replay(sim, receiver, "03", ids=ids) == {}


def test_pairing_by_qr_answers_as_recorded(sim, receiver):
    def scanned(sim: RunningSimulator) -> None:
        sim.scan("loja1", number="5511900000001", profileName="Barbearia Teste")

    assert replay(sim, receiver, "04", {13: scanned}) == {}


def test_webhook_settings_and_calls_without_a_session_answer_as_recorded(sim, receiver):
    assert replay(sim, receiver, "05") == {}
    assert replay(sim, receiver, "06") == {}
    assert replay(sim, receiver, "07") == {}


def test_sends_on_an_open_session_answer_as_recorded(sim, receiver):
    connect_loja1(sim)
    sim.switch(number="5511911110000", not_on_whatsapp=True)
    sim.switch(number="5511922220000", ack_error=True)
    assert replay(sim, receiver, "08") == {}


def test_look_ups_on_an_open_session_answer_as_recorded(sim, receiver):
    connect_loja1(sim)
    customer = sim.phone("5511988880001")
    sim.switch(number="5511911110000", not_on_whatsapp=True)
    customer.send("quero assim", name="Carlos Cliente", kind="image", id="CF66D2BD6A3195B97EDFB8B572510442")
    customer.send("Oi, quero marcar um corte", id="020FA6EE1A54490AED8224842E736724")
    customer.send("amanha as 10h")
    customer.send("ou as 11h")
    assert replay(sim, receiver, "10") == {}


def test_lifecycle_calls_answer_as_recorded(sim, receiver):
    def scanned(sim: RunningSimulator) -> None:
        sim.scan("loja1", number="5511900000001", profileName="Barbearia Teste")

    def written(sim: RunningSimulator) -> None:
        sim.phone("5511988880001").send("depois do restart")

    def disconnected(sim: RunningSimulator) -> None:
        sim.disconnect("loja1")

    def banned(sim: RunningSimulator) -> None:
        sim.wait_state("loja1", "open")
        sim.disconnect("loja1", 403)

    def settled(sim: RunningSimulator) -> None:
        sim.wait_state("loja1", "close")

    def restarted(sim: RunningSimulator) -> None:
        sim.restart()
        sim.wait_state("loja1", "open")

    between: Between = {18: scanned, 45: written, 52: disconnected, 72: scanned, 76: settled, 90: scanned}
    between |= {96: restarted, 108: restarted, 120: banned, 132: scanned}
    assert replay(sim, receiver, "11", between) == {}


def test_qr_limit_and_pairing_code_answer_as_recorded(sim, receiver):
    def limit_reached(sim: RunningSimulator) -> None:
        sim.wait_state("qrl", "close")

    sim.switch(qr_limit=2, qr_rotation=10)
    assert replay(sim, receiver, "16", {9: limit_reached}) == {}
    sim.switch(qr_limit=30, qr_rotation=45)

    def typed(sim: RunningSimulator) -> None:
        code = sim.instance("pc")["qr"]["pairing_code"]
        sim.post("instances/pc/scan-code", code=code)
        sim.wait_state("pc", "open")

    assert replay(sim, receiver, "17", {14: typed}) == {}


@pytest.mark.parametrize("prefix", ["18", "22"])
def test_tenants_holes_and_races_answer_as_recorded(sim, receiver, prefix):
    """The override by ?instanceName= (18) and simultaneous calls, replayed one after another (22)."""
    if prefix == "18":
        sim_steps = {
            5: lambda sim: sim.scan("ta", number="5511900000001", profileName="Barbearia A"),
            8: lambda sim: sim.scan("tb", number="5511900000002", profileName="Barbearia B"),
        }
        assert replay(sim, receiver, "18", sim_steps) == {}
        return
    found = replay(sim, receiver, "22")
    assert all(place in (0, 1, 6, 7, 12, 13) for place in found), found


def test_the_channel_without_whatsapp_answers_and_reports_as_recorded(sim, receiver):
    assert replay(sim, receiver, "13") == {}

    recorded = [entry["body"] for entry in topic("13") if entry["kind"] == "webhook"]
    ours = wait_until(lambda: found if len(found := [one.body for one in receiver.arrivals]) >= len(recorded) else None)
    assert Counter(body["event"] for body in ours) == Counter(body["event"] for body in recorded)
    for body in ours:
        same = [example for example in recorded if example["event"] == body["event"]]
        assert min((differences(example, body) for example in same), key=len) == []
