"""Pairings that WhatsApp turns away: recognised, explained, and not repeated without end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from navalha.core.errors import Refused
from navalha.evolution.events import ConnectionChanged, QrUpdated
from navalha.evolution.types import ConnectionState as Remote
from navalha.whatsapp import actions, work
from navalha.whatsapp.models import ConnectionState as S

from .conftest import pair
from .test_scripts import AS_BROWSER, AS_HTMX

pytestmark = pytest.mark.django_db


def begin(number, ear, now):
    number = actions.start_pairing(number, now=now)
    ear.then("qrcode.updated", now)
    return number


def read(number, simulator):
    """The phone reads the QR; whatever comes of it."""
    simulator.post(f"instances/{number.remote_name}/scan")


def changed(number, state, reason=200, phone=None):
    return ConnectionChanged(number.remote_name, state, reason, phone, None, None)


def test_the_passkey_wall_is_recognised_and_nothing_stays_on_the_server(number, ear, simulator, now):
    simulator.switch(passkey_wall=1, open_wait=10.0)
    number = begin(number, ear, now)

    read(number, simulator)
    ear.then("qrcode.updated", now + timedelta(seconds=3))
    work.delete_retired(now)

    number.refresh_from_db()
    assert (number.state, number.error_code, number.refusals) == (S.ERROR, "needs_passkey", 1)
    assert (number.qr_code, number.remote_name) == ("", None)
    assert simulator.state()["instances"] == []


def test_a_server_that_starts_again_while_a_code_is_on_show_is_no_wall(shop, number, ear, simulator, now):
    first = pair(number, ear, simulator, now - timedelta(hours=1))
    second = begin(actions.add_number(shop, name="Balcão", now=now), ear, now)

    simulator.post("restart")
    ear.wait_for("connection.update", instance=first.remote_name, state="open")
    ear.then("qrcode.updated", now + timedelta(seconds=9))

    second.refresh_from_db()
    assert (second.state, second.qr_code_count, second.refusals) == (S.AWAITING_QR, 2, 0)
    simulator.scan(second.remote_name, number="5511999990002")
    ear.then("connection.update", now + timedelta(seconds=12), instance=second.remote_name, state="open")
    second.refresh_from_db()
    assert second.state == S.CONNECTED


def test_the_wall_whose_events_came_in_the_wrong_order_is_recognised_at_the_next_code(number, ear, now):
    number = begin(number, ear, now)

    actions.record_qr(number, QrUpdated(number.remote_name, "2@after,the,reading", None), now)
    actions.record_connection(number, changed(number, Remote.CONNECTING), now)
    number.refresh_from_db()
    assert number.state == S.CONNECTING
    actions.record_qr(number, QrUpdated(number.remote_name, "2@the,next", None), now + timedelta(seconds=45))

    number.refresh_from_db()
    assert (number.state, number.error_code, number.refusals) == (S.ERROR, "needs_passkey", 1)


def test_after_the_wall_a_second_try_can_succeed(number, ear, simulator, now):
    simulator.switch(passkey_wall=1, open_wait=10.0)
    number = begin(number, ear, now)
    read(number, simulator)
    ear.then("qrcode.updated", now)

    number = pair(number, ear, simulator, now + timedelta(minutes=1))

    assert (number.state, number.error_code) == (S.CONNECTED, "")


def test_the_wall_that_only_the_phone_shows_is_reported_by_the_person(as_owner, number, ear, simulator, now):
    simulator.switch(pairing_fails=True)
    number = begin(number, ear, timezone.now())
    read(number, simulator)

    part = as_owner.post(f"/whatsapp/{number.pk}/nao-conectou/", HTTP_HX_TARGET="pairing-live", **AS_HTMX)

    number.refresh_from_db()
    assert number.error_code == "needs_passkey"
    assert 'data-step="passkey"' in part.content.decode()
    assert "Chaves de acesso" in part.content.decode()
    assert simulator.state()["instances"] == []
    assert as_owner.post(f"/whatsapp/{number.pk}/nao-conectou/").json()["error_code"] == "needs_passkey"
    number.refresh_from_db()
    assert number.refusals == 1


def test_the_same_code_again_is_no_refusal(number, ear, simulator, now):
    number = begin(number, ear, now)
    event = QrUpdated(number.remote_name, simulator.instance(number.remote_name)["qr"]["code"], None)
    actions.record_connection(number, changed(number, Remote.CONNECTING), now)

    actions.record_qr(number, event, now)
    actions.record_connection(number, changed(number, Remote.CONNECTING), now)

    number.refresh_from_db()
    assert (number.state, number.refusals) == (S.CONNECTING, 0)


def test_an_open_that_overtook_the_connecting_is_believed(number, ear, now):
    number = begin(number, ear, now)

    actions.record_connection(number, changed(number, Remote.OPEN, phone="5511999990001"), now)
    actions.record_connection(number, changed(number, Remote.CONNECTING), now)

    number.refresh_from_db()
    assert (number.state, number.refusals) == (S.CONNECTED, 0)


def test_401_straight_after_open_is_told_apart_from_the_phone_unlinking_it(number, ear, simulator, now):
    simulator.switch(logout_after_open=1, logout_after=10.0)
    number = begin(number, ear, now)

    read(number, simulator)
    ear.then("connection.update", now, state="close")

    number.refresh_from_db()
    assert (number.state, number.error_code, number.refusals) == (S.DISCONNECTED, "closed_at_once", 1)


def test_the_same_401_that_overtook_its_open_ends_the_pairing_once(number, ear, now):
    number = begin(number, ear, now)
    name = number.remote_name

    for state, reason in ((Remote.CLOSE, 401), (Remote.CLOSE, 401), (Remote.OPEN, 200)):
        actions.record_connection(number, ConnectionChanged(name, state, reason, "5511999990001", None, None), now)

    number.refresh_from_db()
    assert (number.state, number.error_code, number.refusals) == (S.DISCONNECTED, "pairing_failed", 1)


def test_a_refusal_at_pairing_with_403_is_a_block(number, ear, simulator, now):
    simulator.switch(pairing_closes="403")
    number = begin(number, ear, now)

    read(number, simulator)
    ear.then("connection.update", now, state="close")

    number.refresh_from_db()
    assert (number.state, number.error_code, number.refusals, number.remote_name) == (S.ERROR, "403", 1, None)


def test_a_pairing_that_begins_anew_without_end_is_over_after_a_minute(number, ear, simulator, now):
    simulator.switch(pairing_loops=True)
    number = begin(number, ear, now)
    read(number, simulator)
    ear.then("connection.update", now, state="connecting")
    for seconds in (10, 20, 30):
        actions.record_connection(number, changed(number, Remote.CONNECTING), now + timedelta(seconds=seconds))

    assert work.expire_pairings(now + timedelta(seconds=59)) == 0
    assert work.expire_pairings(now + timedelta(seconds=60)) == 1

    number.refresh_from_db()
    assert (number.error_code, number.refusals) == ("pairing_failed", 1)
    assert simulator.state()["instances"] == []


def test_the_limit_after_a_reading_is_a_refusal_and_without_one_it_is_not(number, ear, now):
    number = begin(number, ear, now)
    actions.record_connection(number, changed(number, Remote.CONNECTING), now)

    actions.record_connection(number, changed(number, Remote.REFUSED, 428), now)

    number.refresh_from_db()
    assert (number.error_code, number.refusals) == ("pairing_failed", 1)


def turned_away(number, ear, now, times):
    for place in range(times):
        number = begin(number, ear, now + timedelta(minutes=place))
        actions.report_refusal(number, now=now + timedelta(minutes=place))
    number.refresh_from_db()
    return number


def test_after_three_refusals_in_a_row_the_number_rests_and_says_until_when(number, ear, simulator, now):
    number = turned_away(number, ear, now, 3)

    assert number.pairing_paused_until == now + timedelta(minutes=32)
    with pytest.raises(Refused, match=r"recusou 3 conexões seguidas.*daqui a 29 minutos"):
        actions.start_pairing(number, now=now + timedelta(minutes=3))
    assert simulator.state()["instances"] == []
    assert actions.start_pairing(number, now=now + timedelta(minutes=33)).state == S.AWAITING_QR


def test_a_fourth_refusal_rests_for_longer(number, ear, now):
    number = turned_away(number, ear, now, 3)
    later = now + timedelta(hours=1)

    number = turned_away(number, ear, later, 1)

    assert number.pairing_paused_until == later + timedelta(hours=2)


def test_a_connection_that_lasts_makes_up_for_refusals(number, ear, simulator, now):
    number = pair(turned_away(number, ear, now, 2), ear, simulator, now + timedelta(minutes=5))
    assert number.refusals == 2

    work.check_connections(now + timedelta(minutes=10))

    number.refresh_from_db()
    assert (number.state, number.refusals) == (S.CONNECTED, 0)


def test_codes_that_nobody_read_are_no_refusals(number, ear, now):
    for _try in range(4):
        number = actions.start_pairing(number, now=now)
        work.expire_pairings(now + timedelta(minutes=5))
        now += timedelta(minutes=6)

    number.refresh_from_db()
    assert (number.refusals, number.pairing_paused_until) == (0, None)


def test_a_resting_number_says_so_to_every_asker(as_owner, number, ear, simulator):
    number = turned_away(number, ear, timezone.now() - timedelta(minutes=5), 3)
    address = f"/whatsapp/{number.pk}/gerar-qrcode/"

    window = as_owner.post(address, **AS_HTMX)
    page = as_owner.post(address, **AS_BROWSER)
    script = as_owner.post(address)

    assert 'data-step="paused"' in window.content.decode()
    assert "Liberado a partir de" in window.content.decode()
    assert (page.status_code, script.status_code) == (409, 409)
    assert "recusou 3 conexões seguidas" in script.json()["error"]
    assert script.json()["error"] in page.content.decode()
    assert "recusou 3 conexões seguidas" in as_owner.get(f"/whatsapp/{number.pk}/").content.decode()
    assert simulator.state()["instances"] == []


def test_the_badge_names_the_passkey_on_every_page(as_owner, number, ear):
    turned_away(number, ear, timezone.now(), 1)

    for path in ("/whatsapp/", f"/whatsapp/{number.pk}/"):
        assert "Precisa de chave de acesso" in as_owner.get(path).content.decode()
