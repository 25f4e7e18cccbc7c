"""Every recorded webhook, parsed, scrubbed and keyed."""

import json
from collections import Counter, defaultdict
from typing import Any

import pytest

from navalha.evolution.events import (
    ConnectionChanged,
    DeliveryChanged,
    MessageArrived,
    MessageSent,
    Unknown,
    dedupe_key,
    parse,
    scrub,
)
from navalha.evolution.tests.recordings import webhooks
from navalha.evolution.types import ConnectionState, DeliveryStatus, MessageKind


def _parsed() -> list[Any]:
    return [event for _, body in webhooks() for event in parse(body)]


@pytest.mark.parametrize(("where", "body"), webhooks(), ids=[where for where, _ in webhooks()])
def test_a_recorded_webhook_survives_scrubbing_and_means_the_same(where, body):
    clean = scrub(body)

    again = json.loads(json.dumps(clean))
    assert again == clean
    assert [type(event) for event in parse(again)] == [type(event) for event in parse(body)]
    assert dedupe_key(again) == dedupe_key(body)
    assert scrub(clean) == clean
    assert "apikey" not in clean
    assert "base64" not in json.dumps(clean)


def test_all_recorded_webhooks_have_exactly_the_counted_kinds():
    assert len(webhooks()) == 653
    assert Counter(type(event).__name__ for event in _parsed()) == {
        "ConnectionChanged": 89,
        "DeliveryChanged": 49,
        "InstanceClosed": 7,
        "InstanceLoggedOut": 6,
        "MessageArrived": 83,
        "MessageDeleted": 3,  # two messages.delete of two shapes, one REVOKE
        "MessageEdited": 2,  # the contact's edit and ours
        "MessageSent": 89,
        "QrLimitReached": 1,
        "QrUpdated": 24,
        "Unknown": 300,
    }


def test_only_what_the_product_does_not_use_is_unknown():
    unknown = Counter((event.event, event.why) for event in _parsed() if isinstance(event, Unknown))

    assert unknown == {
        ("call", "not used"): 3,
        ("chats.set", "not used"): 13,
        ("chats.update", "not used"): 59,
        ("chats.upsert", "not used"): 2,
        ("contacts.update", "not used"): 127,
        ("contacts.upsert", "not used"): 41,
        ("instance.create", "not used"): 18,
        ("instance.delete", "not used"): 5,
        ("messages.edited", "unrecognised shape"): 12,  # HISTORY_SYNC_NOTIFICATION comes under this name
        ("messages.set", "not used"): 14,
        ("presence.update", "not used"): 1,
        ("remove.instance", "not used"): 5,
    }


def test_recorded_connections_have_their_states_and_reasons():
    changes = [event for event in _parsed() if isinstance(event, ConnectionChanged)]

    assert Counter((change.state, change.reason) for change in changes) == {
        (ConnectionState.CONNECTING, 200): 57,
        (ConnectionState.OPEN, 200): 24,
        (ConnectionState.CLOSE, 401): 6,
        (ConnectionState.CLOSE, 403): 1,
        (ConnectionState.REFUSED, 428): 1,
    }
    opened = [change for change in changes if change.state is ConnectionState.OPEN]
    assert all(change.owner_phone and change.owner_phone.startswith("55119") for change in opened)
    assert "Barbearia Teste" in {change.profile_name for change in opened}


def test_recorded_deliveries_have_their_statuses_and_metas_words_are_mapped():
    statuses = Counter(event.status for event in _parsed() if isinstance(event, DeliveryChanged))

    assert statuses == {
        DeliveryStatus.DELIVERY_ACK: 41,  # one of them DELIVERED
        DeliveryStatus.READ: 5,
        DeliveryStatus.ERROR: 2,  # one of them FAILED
        DeliveryStatus.SERVER_ACK: 1,  # SENT
    }


def test_recorded_messages_have_their_kinds():
    kinds = Counter(event.message.kind for event in _parsed() if isinstance(event, MessageArrived))

    assert kinds == {
        MessageKind.TEXT: 60,
        MessageKind.IMAGE: 7,  # one of them inside viewOnceMessageV2
        MessageKind.CHOICE: 4,
        MessageKind.AUDIO: 2,
        MessageKind.CONTACT: 2,
        MessageKind.DOCUMENT: 2,
        MessageKind.LOCATION: 2,
        MessageKind.REACTION: 2,
        MessageKind.STICKER: 2,
    }


def test_every_recorded_private_message_says_who_it_is_from():
    arrived = [event.message for event in _parsed() if isinstance(event, MessageArrived)]
    private = [message for message in arrived if not message.is_group]

    assert len(private) == 81
    # Bare digits are no address; the test channel EVOLUTION passes on whatever it is given.
    assert [message.remote_jid for message in private if message.phone is None] == ["5511988880001"] * 2
    assert all(message.sent_at.year == 2026 and message.sent_at.tzinfo for message in arrived)


def test_no_recorded_key_survives_scrubbing():
    keys = {body["apikey"] for _, body in webhooks() if body.get("apikey")}
    kept = json.dumps([scrub(body) for _, body in webhooks()])

    assert len(keys) > 10
    assert [key for key in keys if key in kept] == []


def test_repeated_deliveries_have_one_key_and_other_facts_another():
    bodies_of = defaultdict(list)
    for _, body in webhooks():
        bodies_of[body["instance"], dedupe_key(body)].append(body)

    repeated = [bodies for bodies in bodies_of.values() if len(bodies) > 1]
    assert len(repeated) > 10
    for bodies in repeated:
        assert len({json.dumps(_fact(body), sort_keys=True) for body in bodies}) == 1


def _fact(body: dict[str, Any]) -> Any:
    """What must be equal in two deliveries of one fact, found without the code under test."""
    data, event = body["data"], body["event"]
    if event in ("messages.upsert", "send.message"):
        return [event, data["key"]["id"], data["message"].get("conversation")]
    if event == "messages.update":
        return [event, data["keyId"], data["status"]]
    return [event, data, body["date_time"]]


def test_every_recorded_retry_has_the_key_of_the_first_try():
    by_body = defaultdict(set)
    for _, body in webhooks():
        by_body[json.dumps(body, sort_keys=True)].add(dedupe_key(body))

    assert len(by_body) < len(webhooks())
    assert all(len(keys) == 1 for keys in by_body.values())


def test_a_message_stored_again_after_a_restart_of_the_server_keeps_its_key():
    keys = {
        dedupe_key(body)
        for _, body in webhooks()
        if body["event"] == "messages.upsert" and body["data"]["key"]["id"] == "DUPID0000000000000000000000000001"
    }

    assert keys == {"messages.upsert:DUPID0000000000000000000000000001:in"}


def test_the_local_and_the_global_webhook_of_one_fact_have_one_key():
    pairs = [("20-2", "20-3"), ("20-14", "20-15"), ("20-18", "20-19")]
    bodies = dict(webhooks())

    for local, everywhere in pairs:
        assert dedupe_key(bodies[local]) == dedupe_key(bodies[everywhere])


def test_sent_echoes_are_from_us():
    sent = [event.message for event in _parsed() if isinstance(event, MessageSent)]

    assert len(sent) == 89
    assert all(message.from_me for message in sent)
