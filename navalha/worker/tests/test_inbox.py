"""The inbox is worked off in order, each event once, and no event stops another."""

from datetime import timedelta

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from conftest import make_number
from navalha.customers.models import Customer
from navalha.messaging.models import WhatsAppMessage
from navalha.whatsapp import events
from navalha.whatsapp.models import EvolutionServer, WebhookEvent
from navalha.worker import failures, inbox

from . import stories

pytestmark = pytest.mark.django_db


@pytest.fixture
def number(shop):
    server = EvolutionServer.objects.create(name="Um", url="http://127.0.0.1:1", encrypted_api_key="")
    return make_number(shop, server, "ze-1")


@pytest.fixture
def poison():
    """Nobody called Veneno can be stored: his messages fail for a reason that is not the database's absence."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE customers_customer ADD CONSTRAINT no_poison CHECK (name <> 'Veneno')")

    def heal():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE customers_customer DROP CONSTRAINT no_poison")

    return heal


def states():
    return list(WebhookEvent.across_shops.order_by("pk").values_list("state", flat=True))


def test_what_waits_is_applied_in_the_order_of_arrival(number, now):
    for text in ("um", "dois", "três"):
        stories.message(number, text, now=now)

    assert inbox.drain(number.pk, now=now) == 3

    assert list(WhatsAppMessage.across_shops.order_by("pk").values_list("text", flat=True)) == ["um", "dois", "três"]
    assert states() == ["processed"] * 3
    assert inbox.drain(number.pk, now=now) == 0


def test_only_the_events_of_that_number_are_touched(number, shop, now):
    other = make_number(shop, number.server, "ze-2", is_primary=False)
    stories.message(number, "um", now=now)
    stories.message(other, "dois", now=now)

    inbox.drain(number.pk, now=now)

    assert states() == ["processed", "stored"]
    assert inbox.waiting_instances(now) == [other.pk]


def test_an_event_that_nobody_knows_is_processed_and_has_no_effect(number, now):
    for name, data in (("presence.update", {}), ("something.new", None), ("messages.upsert", [1, "x"]), ("", {})):
        stories.make_event(number, name, data, now=now)

    inbox.drain(number.pk, now=now)

    assert states() == ["processed"] * 4
    assert not WhatsAppMessage.across_shops.exists()


def test_the_same_message_in_two_webhooks_is_one_message(number, now):
    stories.message(number, "oi", now=now, key_id="3A01")
    WebhookEvent.across_shops.update(dedupe_key="as an older version named it")
    stories.message(number, "oi", now=now, key_id="3A01")

    inbox.drain(number.pk, now=now)

    assert states() == ["processed"] * 2
    assert WhatsAppMessage.across_shops.count() == 1


def test_a_race_that_the_code_survives_is_survived_in_a_batch_too(number, shop, now):
    """The loser of a race for an identity tries again; without savepoints that needs the second, slower way."""
    with connection.cursor() as cursor:  # somebody else is quicker, twice (a sequence forgets no rollback)
        cursor.execute("CREATE SEQUENCE lost_races")
        cursor.execute(
            "CREATE FUNCTION sooner() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF nextval('lost_races') <= 2 THEN RAISE unique_violation; END IF; RETURN NEW; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER sooner BEFORE INSERT ON customers_identity FOR EACH ROW EXECUTE FUNCTION sooner()"
        )
    stories.message(number, "um", now=now)
    stories.message(number, "dois", now=now)

    inbox.drain(number.pk, now=now)

    assert states() == ["processed"] * 2
    assert shop.customers.count() == 1
    assert WhatsAppMessage.across_shops.count() == 2


def test_fifty_messages_tick_the_open_pages_once(number, now):
    for n in range(50):
        stories.message(number, f"cheguei {n}", now=now)

    with CaptureQueriesContext(connection) as seen:
        inbox.drain(number.pk, now=now)

    ticks = [query for query in seen.captured_queries if "pg_notify" in query["sql"]]
    assert len(ticks) == 1
    assert len(seen) < 50 * 12
    assert states() == ["processed"] * 50


def test_more_than_one_batch_is_drained_in_one_go(number, now):
    for n in range(inbox.BATCH + 5):
        stories.ack(number, f"3EB0{n}", "READ", now=now)

    assert inbox.drain(number.pk, now=now) == inbox.BATCH + 5
    assert not inbox.waiting_instances(now)


def test_a_poisonous_event_waits_while_the_others_are_done(number, poison, now):
    stories.message(number, "um", now=now)
    bad = stories.message(number, "dois", now=now, name="Veneno", phone="5511977776666")
    stories.message(number, "três", now=now)

    assert inbox.drain(number.pk, now=now) == 3

    assert states() == ["processed", "later", "processed"]
    bad.refresh_from_db()
    assert (bad.attempts, bad.due_at) == (1, now + failures.FIRST_WAIT)
    assert "IntegrityError" in bad.error
    assert "recognise" in bad.error
    assert WhatsAppMessage.across_shops.count() == 2


def test_a_failed_event_is_tried_again_when_it_is_due_and_not_before(number, poison, now):
    stories.message(number, "oi", now=now, name="Veneno")
    inbox.drain(number.pk, now=now)
    poison()

    assert inbox.drain(number.pk, now=now + timedelta(seconds=4)) == 0
    assert inbox.waiting_instances(now + timedelta(seconds=5)) == [number.pk]
    assert inbox.drain(number.pk, now=now + timedelta(seconds=5)) == 1

    assert states() == ["processed"]
    assert WhatsAppMessage.across_shops.get().text == "oi"


def test_a_poisonous_event_ends_in_quarantine_and_can_be_replayed(number, poison, now):
    bad = stories.message(number, "oi", now=now, name="Veneno")
    for _ in range(failures.MAX_ATTEMPTS):
        now += failures.LONGEST_WAIT
        inbox.drain(number.pk, now=now)

    bad.refresh_from_db()
    assert (bad.state, bad.attempts) == ("quarantined", failures.MAX_ATTEMPTS)
    assert bad.payload["data"]["pushName"] == "Veneno"
    assert not inbox.waiting_instances(now + timedelta(days=1))

    poison()
    assert events.replay([bad], now=now) == 1
    inbox.drain(number.pk, now=now)

    assert states() == ["processed"]
    assert Customer.across_shops.get().name == "Veneno"


def test_a_replay_leaves_what_was_processed_alone(number, now):
    done = stories.message(number, "oi", now=now)
    inbox.drain(number.pk, now=now)
    done.refresh_from_db()

    assert events.replay([done], now=now) == 0
    assert states() == ["processed"]


def test_waiting_doubles_and_ends_at_half_an_hour():
    assert [failures.wait_after(n).seconds for n in (1, 2, 3, 8)] == [5, 10, 20, 640]
    assert failures.wait_after(200) == failures.LONGEST_WAIT


def deadlock():
    """The error as Django raises it: PostgreSQL's own is its cause."""
    error = OperationalError("deadlock detected")
    error.__cause__ = psycopg.errors.DeadlockDetected("deadlock detected")
    return error


def test_a_deadlock_is_not_counted_against_the_event(number, now):
    event = stories.message(number, "oi", now=now)

    failures.reraise_if_gone(deadlock())
    failures.put_off(event, deadlock(), now=now)

    event.refresh_from_db()
    assert (event.state, event.attempts) == ("later", 0)


def test_a_late_connecting_does_not_undo_an_open(number, now):
    stories.connection(number, "open", now=now, told_at="2026-11-24T10:00:05.000Z")
    inbox.drain(number.pk, now=now)
    late = now + timedelta(seconds=20)
    stories.connection(number, "connecting", now=late, told_at="2026-11-24T10:00:04.000Z")

    inbox.drain(number.pk, now=late)

    number.refresh_from_db()
    assert (number.state, number.raw_status) == ("connected", "open")
    assert states() == ["processed"] * 2


def test_a_storm_of_connecting_is_cheap(number, now, django_assert_max_num_queries):
    stories.connection(number, "open", now=now)
    inbox.drain(number.pk, now=now)
    for n in range(inbox.BATCH - 1):
        stories.connection(number, "connecting", now=now, told_at=f"2026-11-24T11:00:00.{n:03d}Z")

    with django_assert_max_num_queries(25):
        inbox.drain(number.pk, now=now)

    number.refresh_from_db()
    assert number.raw_status == "connecting"
    assert set(states()) == {"processed"}


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_before_the_commit_leaves_everything_to_be_done_again(number, now):
    stories.message(number, "oi", now=now)

    with transaction.atomic():
        inbox.drain(number.pk, now=now)
        assert states() == ["processed"]
        transaction.set_rollback(True)  # what the database does when the connection of a killed process ends

    assert states() == ["stored"]
    assert not WhatsAppMessage.across_shops.exists()
    inbox.drain(number.pk, now=now)
    assert WhatsAppMessage.across_shops.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_in_the_middle_counts_against_nobody(number, now):
    stories.message(number, "oi", now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NEW; END'"
        )
        cursor.execute("CREATE TRIGGER cut BEFORE INSERT ON messaging_whatsappmessage EXECUTE FUNCTION cut()")
    try:
        with pytest.raises(OperationalError):
            inbox.drain(number.pk, now=now)
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER cut ON messaging_whatsappmessage")
            cursor.execute("DROP FUNCTION cut")

    assert list(WebhookEvent.across_shops.values_list("state", "attempts", "error")) == [("stored", 0, "")]
    inbox.drain(number.pk, now=now)
    assert states() == ["processed"]
