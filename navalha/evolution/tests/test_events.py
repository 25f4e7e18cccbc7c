"""One test for each fact about webhooks that a reader would get wrong."""

from datetime import UTC, datetime
from typing import Any

import pytest

from navalha.evolution.events import (
    SUBSCRIBED,
    ConnectionChanged,
    DeliveryChanged,
    InstanceClosed,
    InstanceLoggedOut,
    MessageArrived,
    MessageDeleted,
    MessageEdited,
    QrLimitReached,
    QrUpdated,
    Unknown,
    parse,
)
from navalha.evolution.tests.recordings import exchange, webhook, webhooks
from navalha.evolution.types import ConnectionState, DeliveryStatus, Message, MessageKind

RECEIVED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def arrived(key: dict[str, Any] | None = None, message: Any = None, **data: Any) -> Message:
    """The message of an upsert with the given parts over a plain one."""
    whole_key = {"remoteJid": "5511988880001@s.whatsapp.net", "fromMe": False, "id": "3A01"} | (key or {})
    data = {"key": whole_key, "message": message, "messageTimestamp": 1795321937} | data
    (event,) = parse({"event": "messages.upsert", "instance": "loja", "data": data}, received_at=RECEIVED)
    assert isinstance(event, MessageArrived)
    return event.message


def at(where: str) -> Message:
    (event,) = parse(dict(webhooks())[where])
    assert isinstance(event, MessageArrived)
    return event.message


def test_a_message_addressed_by_lid_has_its_phone_from_the_other_address():
    message = at("09-23")

    assert (message.phone, message.lid) == ("5511988880001", "91000888891155@lid")
    assert message.remote_jid == "91000888891155@lid"


def test_a_message_addressed_by_phone_has_its_lid_from_the_other_address():
    message = at("09-3")

    assert (message.phone, message.lid) == ("5511988880001", "91000888891155@lid")
    assert message.remote_jid == "5511988880001@s.whatsapp.net"


def test_a_lid_without_a_phone_beside_it_never_becomes_a_phone():
    message = arrived({"remoteJid": "91000888891155@lid", "addressingMode": "lid"})

    assert (message.phone, message.lid) == (None, "91000888891155@lid")


def test_a_phone_without_a_lid_beside_it_has_none():
    message = arrived()

    assert (message.phone, message.lid) == ("5511988880001", None)


def test_older_servers_keep_the_lid_in_previous_remote_jid():
    message = arrived({"previousRemoteJid": "91000888891155@lid"})

    assert (message.phone, message.lid) == ("5511988880001", "91000888891155@lid")


def test_the_sender_is_the_other_side_only_in_messages_that_are_not_ours():
    key = {"remoteJid": "91000888891155@lid", "senderPn": "5511977770000@s.whatsapp.net"}

    assert arrived(key).phone == "5511977770000"
    assert arrived(key | {"fromMe": True}).phone is None


def test_a_device_number_is_no_part_of_an_address():
    message = arrived({"remoteJid": "5511988880001:12@s.whatsapp.net"})

    assert (message.phone, message.remote_jid) == ("5511988880001", "5511988880001@s.whatsapp.net")


def test_the_phone_is_kept_without_its_ninth_digit_as_whatsapp_says_it():
    assert arrived({"remoteJid": "553188887777@s.whatsapp.net"}).phone == "553188887777"


def test_a_group_message_is_nobodys_private_conversation():
    message = at("09-121")

    assert (message.is_group, message.phone, message.lid) == (True, None, None)
    assert message.participant == "5511988880001@s.whatsapp.net"
    # Not even when an address of a person stands beside the group's.
    beside = {"remoteJid": "120363000000000001@g.us", "remoteJidAlt": "5511988880001@s.whatsapp.net"}
    assert arrived(beside).phone is None


@pytest.mark.parametrize("jid", ["status@broadcast", "120363@newsletter"])
def test_a_broadcast_is_not_a_message(jid):
    body = {"event": "messages.upsert", "instance": "loja", "data": {"key": {"remoteJid": jid, "id": "3A01"}}}

    assert parse(body) == (Unknown("loja", "messages.upsert", "broadcast or newsletter"),)


def test_an_empty_participant_is_none():
    assert at("09-3").participant is None


def test_a_message_typed_on_the_phone_is_from_us():
    message = at("09-99")

    assert (message.from_me, message.status, message.text) == (
        True,
        DeliveryStatus.SERVER_ACK,
        "respondido pelo celular",
    )


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        (1795321937, datetime(2026, 11, 22, 4, 32, 17, tzinfo=UTC)),
        ("1795321937", datetime(2026, 11, 22, 4, 32, 17, tzinfo=UTC)),
        (1795321937000, datetime(2026, 11, 22, 4, 32, 17, tzinfo=UTC)),
        ({"low": 1795321937, "high": 0, "unsigned": True}, datetime(2026, 11, 22, 4, 32, 17, tzinfo=UTC)),
        (
            {"low": -871820165, "high": 402, "unsigned": False},
            datetime(2024, 10, 27, 3, 33, 20, tzinfo=UTC),
        ),  # 1,730,000,000,123 ms
        ({"low": "x", "high": 0}, RECEIVED),
        (0, RECEIVED),
        (None, RECEIVED),
        ("tomorrow", RECEIVED),
        (True, RECEIVED),
        (10**30, RECEIVED),
        (float("nan"), RECEIVED),
    ],
)
def test_a_time_is_read_in_every_form_and_rubbish_becomes_the_time_of_arrival(timestamp, expected):
    assert arrived(messageTimestamp=timestamp).sent_at == expected


def test_the_false_z_of_date_time_changes_nothing():
    body = webhook("messages.upsert")
    told = parse(body)
    body["date_time"] = "1999-01-01T00:00:00.000Z"

    assert parse(body) == told
    body["date_time"] = {"not": "a time"}
    assert parse(body) == told


@pytest.mark.parametrize("value", [{"0": 17, "1": 203}, "EcvL", None, 17])
def test_bytes_in_any_form_disturb_nothing(value):
    message = arrived(message={"imageMessage": {"caption": "assim", "mediaKey": value, "fileLength": value}})

    assert (message.kind, message.text) == (MessageKind.IMAGE, "assim")


def test_an_ephemeral_and_a_view_once_wrapper_are_opened_even_inside_each_other():
    inner = {"imageMessage": {"caption": "uma vez", "contextInfo": {"stanzaId": "3EB0"}}}
    wrapped = {"ephemeralMessage": {"message": {"viewOnceMessageV2": {"message": inner}}}}

    message = arrived(message=wrapped, messageType="ephemeralMessage")

    assert (message.kind, message.text, message.quoted_id) == (MessageKind.IMAGE, "uma vez", "3EB0")


def test_the_recorded_view_once_picture_is_a_picture():
    message = at("09-132")

    assert (message.kind, message.text) == (MessageKind.IMAGE, "uma vez")


def test_a_document_with_a_caption_is_a_document():
    wrapped = {"documentWithCaptionMessage": {"message": {"documentMessage": {"caption": "comprovante"}}}}

    message = arrived(message=wrapped)

    assert (message.kind, message.text) == (MessageKind.DOCUMENT, "comprovante")


def test_wrappers_without_end_are_not_followed():
    wrapped: dict[str, Any] = {"conversation": "fundo"}
    for _ in range(500):
        wrapped = {"ephemeralMessage": {"message": wrapped}}

    assert arrived(message=wrapped).kind is MessageKind.UNKNOWN


@pytest.mark.parametrize(
    ("where", "kind", "text", "choice"),
    [
        ("09-33", MessageKind.TEXT, "texto com link https://example.com", None),
        ("09-43", MessageKind.IMAGE, "quero assim", None),
        ("09-48", MessageKind.AUDIO, "", None),
        ("09-53", MessageKind.DOCUMENT, "", None),
        ("09-58", MessageKind.STICKER, "", None),
        ("09-63", MessageKind.LOCATION, "Casa", None),
        ("09-68", MessageKind.CONTACT, "Joao", None),
        ("09-77", MessageKind.CHOICE, "Sim", "yes"),
        ("09-82", MessageKind.CHOICE, "Sim", "yes"),
        ("09-87", MessageKind.CHOICE, "Sim", "yes"),
        ("09-92", MessageKind.CHOICE, "Corte", "svc-1"),
    ],
)
def test_a_recorded_content_has_its_kind_text_and_choice(where, kind, text, choice):
    message = at(where)

    assert (message.kind, message.text, message.choice) == (kind, text, choice)


def test_a_reply_knows_what_it_quotes():
    assert at("09-38").quoted_id == "3EB0AAAABBBBCCCC"


def test_a_tap_knows_what_it_answers():
    reply = {"buttonsResponseMessage": {"selectedButtonId": "ok", "contextInfo": {"stanzaId": "3EB0"}}}

    assert arrived(message=reply).quoted_id == "3EB0"


def test_a_reaction_knows_what_it_is_about():
    message = at("09-72")

    assert (message.kind, message.text, message.reacted_id) == (MessageKind.REACTION, "👍", "3EB0AAAABBBBCCCC")


def test_an_unknown_content_is_a_message_of_unknown_kind():
    message = arrived(message={"holographicMessage": {"caption": 7}}, messageType="holographicMessage")

    assert (message.kind, message.text) == (MessageKind.UNKNOWN, "")


def test_a_button_with_broken_parameters_has_no_choice():
    flow = {"nativeFlowResponseMessage": {"paramsJson": "{not json"}, "body": {"text": "Sim"}}

    message = arrived(message={"interactiveResponseMessage": flow})

    assert (message.kind, message.text, message.choice) == (MessageKind.CHOICE, "Sim", None)


def test_data_may_be_one_object_or_a_list_of_them():
    body = webhook("messages.upsert")
    (alone,) = parse(body)

    assert parse(body | {"data": [body["data"], body["data"]]}) == (alone, alone)


@pytest.mark.parametrize("data", [None, [], "", 7, [[]], [None], {"key": "x"}, {"key": {"id": 7}}])
@pytest.mark.parametrize("event", ["messages.upsert", "messages.update", "send.message", "connection.update"])
def test_data_of_a_wrong_type_is_unknown(event, data):
    (told,) = parse({"event": event, "instance": "loja", "data": data})

    assert told == Unknown("loja", event, "unrecognised shape")


@pytest.mark.parametrize("body", [None, [], "x", 7, {}, {"event": 7}, {"event": None, "instance": ["x"]}])
def test_a_body_that_is_no_webhook_is_unknown(body):
    (told,) = parse(body)

    assert told == Unknown("", "", "not used")


def test_a_qr_and_its_end():
    (qr,) = parse(webhook("qrcode.updated"))
    (limit,) = parse(next(body for _, body in webhooks() if "limit" in str(body["data"])))

    assert isinstance(qr, QrUpdated)
    assert qr.code.startswith("2@")
    assert limit == QrLimitReached("qrl")


def test_a_close_by_the_phone_comes_as_three_events():
    told = [parse(dict(webhooks())[where])[0] for where in ("11-49", "11-50", "11-51")]

    assert told == [
        InstanceClosed("loja1", 401),
        ConnectionChanged("loja1", ConnectionState.CLOSE, 401, None, None, None),
        InstanceLoggedOut("loja1"),
    ]


def test_a_receipt_may_name_the_lid_and_is_matched_by_the_key():
    (told,) = parse(dict(webhooks())["20-17"])

    assert told == DeliveryChanged("loja1", "3EB045989A1353654F90C9", DeliveryStatus.READ, "91000888891155@lid", True)


def test_an_unheard_of_status_is_unknown():
    body = webhook("messages.update")
    body["data"]["status"] = "TELEPATHY_ACK"

    assert isinstance(parse(body)[0], Unknown)


def test_an_edit_is_told_by_its_word_and_by_its_number():
    (theirs,) = parse(dict(webhooks())["09-112"])
    (ours,) = parse(webhook("send.message.update"))

    assert theirs == MessageEdited("loja1", "F2C95C0E4DCD239A67196EE9D132619C", "as 12h")
    assert ours == MessageEdited("loja1", "3EB077243E4C30C03EF92A", "texto editado")


def test_messages_edited_is_also_a_deletion_and_noise():
    assert parse(dict(webhooks())["09-115"]) == (MessageDeleted("loja1", "F2C95C0E4DCD239A67196EE9D132619C"),)
    assert isinstance(parse(dict(webhooks())["04-8"])[0], Unknown)


def test_a_deletion_has_two_shapes_and_the_id_of_a_row_is_not_the_message():
    by_contact, by_us = dict(webhooks())["09-117"], dict(webhooks())["08-102"]

    assert parse(by_contact) == (MessageDeleted("loja1", "F2C95C0E4DCD239A67196EE9D132619C"),)
    assert by_us["data"]["id"] == "cmwrbjc08001fhg7duq04zll6"
    assert parse(by_us) == (MessageDeleted("loja1", "3EB077A4ED63CE03EBDC1F"),)


def test_only_names_the_server_accepts_are_subscribed_to():
    ((refusal,),) = exchange("05-18").answer["response"]["message"]
    accepted = refusal.partition("enum values: ")[2].split(",")

    assert set(SUBSCRIBED) <= set(accepted)
    assert "GROUPS_UPDATE" not in accepted
