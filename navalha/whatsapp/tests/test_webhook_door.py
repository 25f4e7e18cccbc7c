"""The door stores first and answers then; it loses nothing, believes nobody, and keeps no key."""

import contextlib
import json
import select
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx2
import pytest
from django.db import connection

from conftest import make_number
from navalha.core.secrets import hashed
from navalha.simulator.testing import wait_until
from navalha.whatsapp.models import ConnectionState, EvolutionServer, ServerTrial, WebhookEvent
from navalha.whatsapp.webhook import MAX_BODY, MAX_HELD

from .doors import running_door

pytestmark = pytest.mark.django_db(transaction=True)
APIKEY = "B6D711FCDE4D4FD5936544120E713976"


@pytest.fixture
def number(shop):
    server = EvolutionServer.objects.create(name="Um", url="http://127.0.0.1:1", encrypted_api_key="")
    return make_number(shop, server, "ze-1")


@pytest.fixture
def door(number):
    with running_door() as address, httpx2.Client(base_url=address, timeout=20) as client:
        yield client


def body(key_id="3EB0A1", instance="ze-1", event="messages.update", **data):
    return {
        "event": event,
        "instance": instance,
        "data": {"keyId": key_id, "fromMe": True, "status": "READ", **data},
        "date_time": "2026-11-24T10:00:00.000Z",
        "apikey": APIKEY,
    }


def post(door, content, key="secret-of-ze-1", **options):
    headers = {"x-api-key": key} if key is not None else {}
    if isinstance(content, dict):
        content = json.dumps(content).encode()
    return door.post("", content=content, headers=headers, **options).status_code


def wakes(key):
    with connection.cursor() as cursor:
        cursor.execute("SELECT lock, args FROM procrastinate_jobs WHERE queueing_lock = %s", [key])
        return cursor.fetchall()


def test_an_authentic_webhook_is_stored_before_the_answer_and_the_worker_is_woken_once(door, number, shop):
    assert [post(door, body(f"3EB0{n}")) for n in range(5)] == [200] * 5

    event = WebhookEvent.across_shops.earliest("pk")
    assert (event.instance, event.shop, event.event, event.state) == (number, shop, "messages.update", "stored")
    assert event.payload["data"]["keyId"] == "3EB00"
    assert event.due_at == event.received_at
    assert WebhookEvent.across_shops.count() == 5
    key = f"inbox:{number.pk}"
    assert [lock for lock, _ in wakes(key)] == [key]


def test_the_body_s_apikey_is_kept_nowhere(door):
    post(door, body(text=f"my key is {APIKEY}"))

    with connection.cursor() as cursor:
        cursor.execute("SELECT w::text FROM whatsapp_webhookevent w")
        (row,) = cursor.fetchone()
    assert APIKEY not in row
    assert "secret-of" not in row


def test_a_wrong_or_missing_key_is_401_and_stores_nothing(door, other_shop):
    make_number(other_shop, EvolutionServer.objects.get(), "bela-1")

    for key in (None, "", "wrong", "secret-of-bela-1", "secret-of-ze-", "secret-of-ze-11", b"\xe7\xff"):
        assert post(door, body(), key=key) == 401
    assert not WebhookEvent.across_shops.exists()


def test_a_number_without_a_secret_lets_nobody_in(door, number):
    type(number).across_shops.update(webhook_secret_hash="")

    assert post(door, body(), key="anything") == 401


def test_an_unknown_instance_is_503_because_it_may_come_back(door, shop, number):
    assert post(door, body(instance="ze-2"), key="secret-of-ze-2") == 503

    make_number(shop, number.server, "ze-2", is_primary=False)

    assert post(door, body(instance="ze-2"), key="secret-of-ze-2") == 200


def test_a_removed_number_s_webhooks_are_taken_and_dropped(door, number):
    type(number).across_shops.update(state=ConnectionState.REMOVED, is_primary=False)

    assert post(door, body()) == 200
    assert post(door, body(), key="wrong") == 401
    assert not WebhookEvent.across_shops.exists()


def test_the_last_words_of_a_remote_instance_that_is_over_are_taken_and_dropped(door, number, now):
    number.shop.retired_remotes.create(
        server=number.server,
        remote_name="ze-0",
        webhook_secret_hash=hashed("secret-of-ze-0"),
        retired_at=now,
    )

    assert post(door, body(instance="ze-0"), key="secret-of-ze-0") == 200
    assert post(door, body(instance="ze-0"), key="secret-of-ze-1") == 401
    assert not WebhookEvent.across_shops.exists()


RUBBISH = (
    *(b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b"{}", b'{"instance": 5}', b'{"instance": ""}', b"[" * 200_000),
    b'{"instance": "' + b"x" * 90 + b'"}',
    b'{"instance": "ze-1", "n": ' + b"9" * 5000 + b"}",
)


def test_rubbish_is_400(door):
    for rubbish in RUBBISH:
        assert post(door, rubbish) == 400, rubbish[:40]
    assert not WebhookEvent.across_shops.exists()


def test_deep_nesting_inside_an_honest_envelope_is_stored_cut(door):
    deep = b'{"a":' * 300 + b"1" + b"}" * 300
    content = b'{"event": "x.y", "instance": "ze-1", "data": ' + deep + b"}"

    assert post(door, content) == 200
    assert len(json.dumps(WebhookEvent.across_shops.get().payload)) < 1000


def test_only_post_is_answered(door):
    for method in ("GET", "PUT", "DELETE", "HEAD"):
        answer = door.request(method, "", headers={"x-api-key": "secret-of-ze-1"})
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_more_than_a_megabyte_is_413_whether_announced_or_not(door):
    big = b'{"instance": "ze-1", "data": "' + b"x" * MAX_BODY + b'"}'

    def chunks():
        yield from (big[at : at + 65536] for at in range(0, len(big), 65536))

    for content in (big, chunks()):
        with contextlib.suppress(httpx2.TransportError):  # it hung up while we were still sending: also a refusal
            assert post(door, content) == 413
    assert not WebhookEvent.across_shops.exists()
    assert post(door, body()) == 200


def test_what_is_just_small_enough_is_stored(door):
    empty = len(json.dumps(body(text="")))

    assert post(door, body(text="x" * (MAX_BODY - empty))) == 200


def test_together_the_bodies_being_read_never_fill_the_memory(door):
    address = urlsplit(str(door.base_url))
    head = f"POST / HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\ncontent-length: {MAX_BODY}\r\n\r\n".encode()
    with contextlib.ExitStack() as waiting:
        full, over = [MAX_BODY - 1] * (MAX_HELD // MAX_BODY), 100
        senders = [waiting.enter_context(socket.create_connection((address.hostname, address.port))) for _ in full]
        senders.append(waiting.enter_context(socket.create_connection((address.hostname, address.port))))
        for sender, size in zip(senders, [*full, over], strict=True):
            sender.sendall(head + b"x" * size)
        answered, _writable, _broken = select.select(senders, [], [], 10)
        assert [sender.recv(12) for sender in answered] == [b"HTTP/1.1 503"]

    wait_until(lambda: post(door, body()) == 200, what="the door to have room again")


def test_a_chunked_body_is_read_whole(door):
    content = json.dumps(body()).encode()

    assert post(door, (content[at : at + 7] for at in range(0, len(content), 7))) == 200
    assert WebhookEvent.across_shops.get().payload["data"]["status"] == "READ"


def test_a_sender_that_hangs_up_half_way_stores_nothing_and_harms_nobody(door):
    address = urlsplit(str(door.base_url))
    with socket.create_connection((address.hostname, address.port)) as half:
        half.sendall(b"POST / HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\ncontent-length: 500\r\n\r\n{")

    assert post(door, body()) == 200
    assert WebhookEvent.across_shops.count() == 1


def test_a_repeated_delivery_is_200_and_one_row(door):
    assert [post(door, body()) for _ in range(3)] == [200] * 3
    assert WebhookEvent.across_shops.count() == 1


def test_three_deliveries_at_the_same_moment_are_one_row(door):
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda n: post(door, body(f"3EB0{n % 4}")), range(12)))

    assert answers == [200] * 12
    assert WebhookEvent.across_shops.count() == 4


def test_the_same_fact_for_two_numbers_is_two_rows(door, shop, number):
    make_number(shop, number.server, "ze-2", is_primary=False)

    assert post(door, body()) == 200
    assert post(door, body(instance="ze-2"), key="secret-of-ze-2") == 200
    assert WebhookEvent.across_shops.count() == 2


def test_half_an_emoji_and_a_nul_are_no_reason_to_lose_a_message(door):
    content = json.dumps(body(pushName="Rafa \ud83d", text="a\x00b")).encode()

    assert post(door, content) == 200
    assert WebhookEvent.across_shops.get().payload["data"]["pushName"].startswith("Rafa")


def test_an_event_that_nobody_knows_is_stored_too(door):
    events = ["presence.update", "something.new", "", "x" * 500, 7]

    assert [post(door, body(event=event)) for event in events] == [200] * 5
    assert WebhookEvent.across_shops.count() == 5


def test_a_key_longer_than_the_column_still_tells_facts_apart(door):
    for end in ("a", "b", "a"):
        assert post(door, body("x" * 185 + end)) == 200

    assert WebhookEvent.across_shops.count() == 2


def test_a_false_clock_changes_nothing(door):
    for moment in ("1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.000Z", "soon", None):
        assert post(door, {**body(), "date_time": moment}) == 200


def test_a_row_that_the_database_refuses_does_not_take_the_others_with_it(door):
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE whatsapp_webhookevent ADD CONSTRAINT no_poison CHECK (payload #>> '{data,keyId}' <> 'POISON')"
        )
    try:
        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda n: post(door, body("POISON" if n == 5 else f"3EB{n}")), range(12)))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE whatsapp_webhookevent DROP CONSTRAINT no_poison")

    assert sorted(answers) == [200] * 11 + [503]
    assert WebhookEvent.across_shops.count() == 11


def test_a_connection_that_the_database_cut_is_replaced_without_a_503(door):
    assert post(door, body("1")) == 200
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] == 1

    assert post(door, body("2")) == 200
    assert WebhookEvent.across_shops.count() == 2


def test_no_log_line_has_the_body_or_a_key(door, caplog):
    post(door, body(text="segredo do cliente"), key="a-wrong-key")
    post(door, body(instance="nobody", text="segredo do cliente"))
    post(door, b"{segredo do cliente")

    written = caplog.text
    assert written.count("webhook refused") == 3
    assert "nobody" in written
    for secret in ("segredo", APIKEY, "a-wrong-key", "secret-of"):
        assert secret not in written


@pytest.fixture
def trial(number, now):
    return ServerTrial.objects.create(
        server=number.server, remote_name="navalha-teste-1", webhook_secret_hash=hashed("of the trial"), asked_at=now
    )


def test_of_a_trials_webhook_only_the_two_clocks_are_kept_and_that_a_key_came_along(door, trial):
    said = body(instance="navalha-teste-1", event="messages.upsert", messageTimestamp=1795321064)

    assert post(door, said, key="of the trial") == 200

    report = trial.reports.get()
    assert (report.event, report.said_at, report.has_key) == ("messages.upsert", "2026-11-24T10:00:00.000Z", True)
    assert report.sent_at.isoformat() == "2026-11-22T04:17:44+00:00"
    assert not WebhookEvent.across_shops.exists()


def test_nobody_reports_for_a_trial_without_its_own_secret(door, trial, number):
    assert post(door, body(instance="navalha-teste-1"), key="secret-of-ze-1") == 401
    assert post(door, body(instance="ze-1"), key="of the trial") == 401

    assert not trial.reports.exists()
    assert not WebhookEvent.across_shops.exists()
