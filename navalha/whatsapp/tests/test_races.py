"""Clicks and webhooks at the same moment, on real connections."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from navalha.core.errors import Refused
from navalha.evolution.events import ConnectionChanged
from navalha.evolution.types import ConnectionState as Remote
from navalha.whatsapp import actions
from navalha.whatsapp.models import ConnectionState as S
from navalha.whatsapp.models import EvolutionServer

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Run all acts in threads of their own, starting together; what each returned or raised."""
    barrier = Barrier(len(acts))

    def run(act):
        barrier.wait()
        try:
            return act()
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_ten_clicks_at_once_make_one_pairing(number, ear, simulator, now):
    at_once(*[lambda: actions.start_pairing(number, now=now)] * 10)

    number.refresh_from_db()
    assert number.state == S.AWAITING_QR
    assert [row["name"] for row in simulator.state()["instances"]] == [number.remote_name]
    assert number.qr_code
    assert number.changes.filter(to_state=S.AWAITING_QR).count() == 1
    # Each call of `connect` opens a socket of its own with a QR of its own (RECORDED 8, 7): there was one.
    assert simulator.deliveries(instance=number.remote_name)["emitted"]["qrcode.updated"] == 1


def test_a_window_closed_while_the_code_is_being_made_leaves_nothing_behind(number, ear, simulator, now):
    from navalha.whatsapp import work

    at_once(lambda: actions.start_pairing(number, now=now), lambda: actions.cancel_pairing(number, now=now))

    number.refresh_from_db()
    if number.state == S.AWAITING_QR:  # the click on close came first, and had nothing to close
        actions.cancel_pairing(number, now=now)
        number.refresh_from_db()
    work.delete_retired(now)
    assert (number.state, number.remote_name) == (S.DISCONNECTED, None)
    assert simulator.state()["instances"] == []


def test_the_same_whatsapp_opening_in_two_numbers_at_once_stays_in_one(shop, server, ear, now):
    rows = [actions.add_number(shop, name=f"N{place}", now=now) for place in range(2)]
    rows = [actions.start_pairing(row, now=now) for row in rows]

    def opened(row):
        event = ConnectionChanged(row.remote_name, Remote.OPEN, 200, "5511999990001", "Zé", None)
        return lambda: actions.record_connection(row, event, now)

    at_once(*map(opened, rows))

    assert sorted(shop.numbers.values_list("state", flat=True)) == [S.CONNECTED, S.ERROR]
    assert shop.numbers.filter(is_primary=True).count() == 1


def test_two_numbers_connecting_at_once_make_one_principal(shop, server, ear, now):
    rows = [actions.add_number(shop, name=f"N{place}", now=now) for place in range(4)]
    rows = [actions.start_pairing(row, now=now) for row in rows]

    def opened(place, row):
        event = ConnectionChanged(row.remote_name, Remote.OPEN, 200, f"551199999000{place}", "Zé", None)
        return lambda: actions.record_connection(row, event, now)

    at_once(*[opened(place, row) for place, row in enumerate(rows)])

    assert shop.numbers.filter(state=S.CONNECTED).count() == 4
    assert shop.numbers.filter(is_primary=True).count() == 1


def test_two_people_choosing_different_principals_leave_one(shop, server, now):
    rows = [actions.add_number(shop, name=f"N{place}", now=now) for place in range(3)]

    def chosen(row):
        return lambda: actions.set_primary(row, now=now)

    at_once(*map(chosen, rows))

    assert shop.numbers.filter(is_primary=True).count() == 1


def test_a_number_that_is_being_changed_does_not_hold_up_anybodys_webhooks(shop, number, now):
    """The receiver writes the webhooks of all shops in one statement: one row that waits makes all of them wait."""

    def store_a_webhook():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
            return shop.webhook_events.create(instance=number, dedupe_key="x", payload={}, received_at=now, due_at=now)

    with transaction.atomic():
        actions.rename(number, name="Celular do Zé", now=now)
        [stored] = at_once(store_a_webhook)

    assert stored.pk


def test_the_last_place_of_a_server_is_given_once(shop, other_shop, server, now):
    EvolutionServer.objects.filter(pk=server.pk).update(capacity=1)

    def added(of, place):
        return lambda: actions.add_number(of, name=f"N{place}", now=now)

    outcomes = at_once(added(shop, 1), added(other_shop, 2), added(shop, 3), added(other_shop, 4))

    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 3
    assert server.numbers.count() == 1
