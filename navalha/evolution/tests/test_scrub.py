"""Scrubbing and keys on recorded bodies and on anything at all."""

import json

from hypothesis import given
from hypothesis import strategies as st

from navalha.evolution.events import dedupe_key, parse, scrub
from navalha.evolution.tests.recordings import webhook

EVENTS = [
    "qrcode.updated",
    "connection.update",
    "messages.upsert",
    "send.message",
    "messages.update",
    "messages.edited",
    "messages.delete",
    "send.message.update",
    "status.instance",
    "logout.instance",
]
ADDRESSES = ["key", "id", "fromMe", "remoteJid", "remoteJidAlt", "keyId", "wuid", "apikey", "stanzaId"]
CONTENTS = ["message", "conversation", "imageMessage", "ephemeralMessage", "reactionMessage", "editedMessage"]
REST = ["status", "state", "messageTimestamp", "contextInfo", "low", "high", "qrcode", "code", "type"]
FIELDS = st.sampled_from([*ADDRESSES, *CONTENTS, *REST])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FIELDS | st.text(max_size=5), inner, max_size=6),
    max_leaves=25,
)
ENVELOPES = st.fixed_dictionaries(
    {"event": st.sampled_from(EVENTS), "data": ANYTHING},
    optional={"instance": ANYTHING, "apikey": ANYTHING, "date_time": ANYTHING, "destination": ANYTHING},
)


@given(ANYTHING | ENVELOPES)
def test_nothing_that_comes_can_make_parsing_or_scrubbing_fail(body):
    events = parse(body)
    clean = scrub(body)
    key = dedupe_key(body)

    assert events
    assert json.loads(json.dumps(clean, allow_nan=False)) == clean
    assert 0 < len(key) <= 200
    json.dumps(clean, ensure_ascii=False).encode()  # no half surrogate pairs left
    assert "\x00" not in key


@given(ENVELOPES)
def test_the_key_does_not_depend_on_the_token_or_on_scrubbing(body):
    body.pop("apikey", None)

    assert dedupe_key(body | {"apikey": "0A9CF7AD-1D15-416F-9F08-05073D703197"}) == dedupe_key(body)
    assert dedupe_key(scrub(body)) == dedupe_key(body)


def test_what_is_nested_without_end_is_cut_off():
    deep: object = "fundo"
    for _ in range(900):
        deep = {"a": [deep]}

    body = {"event": "messages.upsert", "data": deep}

    assert "fundo" not in json.dumps(scrub(body))
    assert dedupe_key(body) == dedupe_key(scrub(body))


def test_a_token_is_dropped_wherever_it_hides():
    token = "0A9CF7AD-1D15-416F-9F08-05073D703197"
    body = {
        "event": "instance.create",
        "apikey": token,
        "data": {"Token": "x1", "nested": [{"api_key": "x2", "note": f"use {token} please"}], "name": "loja"},
        "destination": "https://user:x3@shop.test/hook?token=x4",
    }

    clean = scrub(body)

    assert clean["data"] == {"nested": [{"note": "use […] please"}], "name": "loja"}
    assert clean["destination"] == "https://shop.test/hook"
    assert body["apikey"] == token  # a copy was scrubbed, not the original


def test_the_picture_of_a_qr_is_dropped_and_its_code_kept():
    body = webhook("qrcode.updated")

    assert scrub(body)["data"]["qrcode"] == {
        "instance": body["instance"],
        "pairingCode": body["data"]["qrcode"]["pairingCode"],
        "code": body["data"]["qrcode"]["code"],
    }


def test_media_and_its_keys_are_dropped_and_the_caption_kept():
    body = {
        "event": "messages.upsert",
        "data": {"message": {"imageMessage": {"caption": "assim", "mediaKey": {"0": 9}}}},
    }
    body["data"]["message"]["base64"] = "iVBORw0KGgo="

    assert scrub(body)["data"] == {"message": {"imageMessage": {"caption": "assim"}}}


def test_what_a_database_refuses_is_replaced():
    clean = scrub({"event": "messages.upsert", "data": {"te\x00xt": "oi\x00 \ud83d", "n": float("nan")}})

    assert clean["data"] == {"te\ufffdxt": "oi\ufffd \ufffd", "n": None}


def test_keys_of_messages_are_readable_and_know_their_direction():
    body = webhook("messages.upsert")
    body["data"]["key"] = {"id": "3A01", "fromMe": False}
    ours = webhook("messages.upsert")
    ours["data"]["key"] = {"id": "3A01", "fromMe": True}

    assert dedupe_key(body) == "messages.upsert:3A01:in"
    assert dedupe_key(ours) == "messages.upsert:3A01:out"


def test_a_message_that_comes_again_at_another_time_has_its_old_key():
    body = webhook("messages.upsert")

    assert dedupe_key(body | {"date_time": "2026-11-23T09:00:00.000Z"}) == dedupe_key(body)


def test_a_status_is_a_fact_of_its_own():
    body = webhook("messages.update")
    read = json.loads(json.dumps(body))
    read["data"]["status"] = "READ"

    assert dedupe_key(read) != dedupe_key(body)


def test_a_second_edit_of_one_message_is_a_fact_of_its_own():
    body = webhook("send.message.update")
    again = json.loads(json.dumps(body))
    again["data"]["editedMessage"]["extendedTextMessage"]["text"] = "outro texto"

    assert dedupe_key(again) != dedupe_key(body)
    assert dedupe_key(body | {"date_time": "later"}) == dedupe_key(body)


def test_two_connections_at_two_times_are_two_facts():
    body = webhook("connection.update")

    assert dedupe_key(body | {"date_time": "2026-11-23T09:00:00.000Z"}) != dedupe_key(body)


def test_a_list_of_messages_is_known_by_all_of_them():
    one, other = webhook("messages.upsert")["data"], webhook("messages.upsert", 5)["data"]
    both = {"event": "messages.upsert", "data": [one, other]}

    assert dedupe_key(both) != dedupe_key({"event": "messages.upsert", "data": [one]})
    assert dedupe_key({"event": "messages.upsert", "data": [one]}) == dedupe_key(
        {"event": "messages.upsert", "data": one}
    )


def test_updates_without_a_status_are_told_apart_by_their_content():
    """Votes of a poll come as updates of one message, without a status."""
    body = webhook("messages.update")
    del body["data"]["status"]
    other = json.loads(json.dumps(body))
    other["data"]["pollUpdates"] = [{"name": "sim"}]

    assert dedupe_key(other) != dedupe_key(body)
