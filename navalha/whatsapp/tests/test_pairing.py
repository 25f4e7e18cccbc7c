"""Connecting a number by QR: the whole story against the pretend server, and what may go wrong on the way."""

import base64
from datetime import timedelta

import pytest

from navalha.core.errors import Refused
from navalha.evolution.events import ConnectionChanged, QrUpdated
from navalha.evolution.types import ConnectionState as Remote
from navalha.whatsapp import actions, work
from navalha.whatsapp.models import ConnectionState as S
from navalha.whatsapp.models import EvolutionServer, RetiredRemote

from .conftest import pair

pytestmark = pytest.mark.django_db


def states_of(number) -> list[str]:
    return list(number.changes.order_by("at", "pk").values_list("to_state", flat=True))


def test_gerar_qr_shows_a_code_at_once(number, ear, now):
    number = actions.start_pairing(number, now=now)

    assert number.state == S.AWAITING_QR
    assert base64.b64decode(number.qr_code).startswith(b"\x89PNG")
    assert number.qr_code_expires_at == now + timedelta(seconds=45)
    assert number.pairing_expires_at == now + timedelta(minutes=5)
    assert number.qr_code_count == 1
    assert number.session_id


def test_the_next_code_of_a_number_on_a_drained_server_is_of_another_server(number, ear, simulator, now):
    number = pair(number, ear, simulator, now)
    drained, left = number.server, number.remote_name
    actions.disconnect(number, now=now)
    EvolutionServer.objects.filter(pk=drained.pk).update(url="http://127.0.0.1:9", accepts_new=False)
    other = EvolutionServer(name="Outro", url=simulator.url)
    other.api_key = simulator.key
    other.save()

    number = actions.start_pairing(number, now=now + timedelta(minutes=1))

    assert (number.state, number.server) == (S.AWAITING_QR, other)
    assert RetiredRemote.across_shops.get(remote_name=left).server == drained


def test_a_number_stays_on_a_drained_server_while_no_other_has_room(number, ear, now):
    EvolutionServer.objects.update(accepts_new=False)

    number = actions.start_pairing(number, now=now)

    assert (number.state, number.server) == (S.AWAITING_QR, EvolutionServer.objects.get())


def test_the_qr_is_dark_on_white_and_wide_enough(number, ear, now):
    number = actions.start_pairing(number, now=now)

    png = base64.b64decode(number.qr_code)
    width = int.from_bytes(png[16:20], "big")
    assert width >= 592
    palette = png[png.index(b"PLTE") + 4 :][:6]
    assert palette in (bytes.fromhex("111111ffffff"), bytes.fromhex("ffffff111111"))


def test_the_code_of_the_answer_and_of_its_webhook_is_one(number, ear, now):
    number = actions.start_pairing(number, now=now)
    shown = number.qr_code

    ear.then("qrcode.updated", now + timedelta(seconds=1))

    number.refresh_from_db()
    assert (number.qr_code, number.qr_code_count) == (shown, 1)
    assert number.qr_code_expires_at == now + timedelta(seconds=45)


@pytest.mark.usefixtures("rotating")
def test_whatsapp_changes_the_code_and_the_page_gets_the_second(number, ear, now):
    number = actions.start_pairing(number, now=now)
    ear.then("qrcode.updated", now)
    first, later = number.qr_code, now + timedelta(seconds=45)

    ear.then("qrcode.updated", later)

    number.refresh_from_db()
    assert number.qr_code != first
    assert number.qr_code_count == 2
    assert number.qr_code_expires_at == later + timedelta(seconds=45)


def test_read_on_the_phone_the_number_is_connected(number, ear, simulator, now):
    simulator.switch(open_wait=50)  # one second: the webhooks of two states must not overtake each other
    number = pair(number, ear, simulator, now)

    assert number.state == S.CONNECTED
    assert number.number == "+5511999990001"
    assert number.profile_name == "Barbearia do Zé"
    assert number.connected_at == now
    assert number.is_connected
    assert (number.qr_code, number.pairing_expires_at) == ("", None)
    assert states_of(number) == [S.CREATED, S.AWAITING_QR, S.CONNECTING, S.CONNECTED]


def test_a_number_that_whatsapp_knows_without_its_ninth_digit_is_kept_with_it(number, ear, simulator, now):
    number = pair(number, ear, simulator, now, phone="553188887777")

    assert number.number == "+5531988887777"


def test_the_first_connected_number_is_the_principal_and_the_second_is_not(shop, number, ear, simulator, now):
    first = pair(number, ear, simulator, now, phone="5511999990001")
    second = pair(actions.add_number(shop, name="Cadeira 2", now=now), ear, simulator, now, phone="5511999990002")

    assert first.is_primary
    assert not second.is_primary


def test_the_webhooks_come_with_the_secret_of_which_we_keep_the_hash(paired, ear):
    from navalha.core.secrets import hashed

    assert {hashed(key) for key in ear.keys} == {paired.webhook_secret_hash}


def test_groups_are_ignored_and_only_what_is_used_is_subscribed(paired, simulator):
    settings = simulator.api("GET", f"/settings/find/{paired.remote_name}").json()
    webhook = simulator.api("GET", f"/webhook/find/{paired.remote_name}").json()

    assert settings["groupsIgnore"] is True
    assert sorted(webhook["events"]) == [
        "CONNECTION_UPDATE",
        "MESSAGES_UPDATE",
        "MESSAGES_UPSERT",
        "QRCODE_UPDATED",
        "SEND_MESSAGE",
    ]


def test_a_second_click_gets_the_code_that_is_on_show(number, ear, simulator, now):
    first = actions.start_pairing(number, now=now)

    second = actions.start_pairing(number, now=now + timedelta(seconds=10))

    assert (second.remote_name, second.qr_code) == (first.remote_name, first.qr_code)
    assert len(simulator.state()["instances"]) == 1


def test_a_click_after_the_code_went_stale_begins_anew(number, ear, simulator, now):
    first = actions.start_pairing(number, now=now)

    second = actions.start_pairing(number, now=now + timedelta(seconds=61))

    assert second.remote_name != first.remote_name
    assert second.qr_code_count == 1
    assert RetiredRemote.across_shops.get().remote_name == first.remote_name


def test_no_code_yet_waits_for_the_webhook(number, ear, simulator, now):
    simulator.switch(unreachable=True)
    number = actions.start_pairing(number, now=now)
    assert (number.state, number.qr_code) == (S.AWAITING_QR, "")

    simulator.switch(unreachable=False)
    ear.then("qrcode.updated", now + timedelta(seconds=3))

    number.refresh_from_db()
    assert number.qr_code


def test_after_five_minutes_the_pairing_ends_and_its_remote_is_deleted(number, ear, simulator, now):
    number = actions.start_pairing(number, now=now)

    assert work.expire_pairings(now + timedelta(minutes=4, seconds=59)) == 0
    assert work.expire_pairings(now + timedelta(minutes=5)) == 1

    number.refresh_from_db()
    assert number.state == S.DISCONNECTED
    assert number.error_code == "pairing_expired"
    assert (number.qr_code, number.remote_name) == ("", None)
    assert simulator.state()["instances"] == []


def test_a_pairing_that_succeeded_unheard_is_found_when_its_time_is_over(number, ear, simulator, now):
    number = actions.start_pairing(number, now=now)
    simulator.scan(number.remote_name, number="5511999990001")

    assert work.expire_pairings(now + timedelta(minutes=5)) == 0

    number.refresh_from_db()
    assert (number.state, number.number) == (S.CONNECTED, "+5511999990001")


def test_a_code_that_nobody_asked_for_is_not_shown(paired, ear, simulator, now):
    event = QrUpdated(paired.remote_name, "2@nobody,asked,for,this", None)
    simulator.disconnect(paired.remote_name)
    ear.then("connection.update", now, state="close")

    actions.record_qr(paired, event, now)

    paired.refresh_from_db()
    assert (paired.state, paired.qr_code) == (S.DISCONNECTED, "")


def test_an_event_of_an_earlier_remote_changes_nothing(number, ear, now):
    first = actions.start_pairing(number, now=now)
    actions.start_pairing(number, now=now + timedelta(seconds=61))
    number.refresh_from_db()

    late = ConnectionChanged(first.remote_name, Remote.OPEN, 200, "5511999990009", "Outra", None)
    actions.record_connection(number, late, now + timedelta(seconds=62))

    number.refresh_from_db()
    assert (number.state, number.number) == (S.AWAITING_QR, "")


@pytest.mark.usefixtures("rotating")
def test_nobody_reads_any_code_and_the_limit_says_so(number, ear, simulator, now):
    simulator.switch(qr_limit=2)
    number = actions.start_pairing(number, now=now)

    ear.then("connection.update", now, state="refused")

    number.refresh_from_db()
    assert number.state == S.DISCONNECTED
    assert number.error_message == "Ninguém leu o QR a tempo."


def test_a_reading_that_whatsapp_does_not_complete_ends_with_its_own_words(number, ear, simulator, now):
    simulator.switch(pairing_fails=True)
    number = actions.start_pairing(number, now=now)
    ear.then("qrcode.updated", now)
    assert simulator.scan(number.remote_name) is False

    close = ConnectionChanged(number.remote_name, Remote.CLOSE, 401, None, None, None)
    actions.record_connection(number, close, now)

    number.refresh_from_db()
    assert number.error_code == "pairing_failed"


def test_closing_the_window_deletes_the_remote_at_once(number, ear, simulator, now):
    number = actions.start_pairing(number, now=now)

    actions.cancel_pairing(number, now=now)

    number.refresh_from_db()
    assert (number.state, number.error_message) == (S.DISCONNECTED, "")
    assert simulator.state()["instances"] == []


def test_closing_the_window_after_the_code_was_read_lets_it_connect(number, ear, simulator, now):
    number = actions.start_pairing(number, now=now)
    ear.then("qrcode.updated", now)
    simulator.scan(number.remote_name)
    ear.wait_for("connection.update", state="open")
    ear.work_off(now)

    actions.cancel_pairing(number, now=now)

    number.refresh_from_db()
    assert number.state == S.CONNECTED


def test_a_connected_number_gets_no_new_code(paired, now):
    with pytest.raises(Refused, match="já está conectado"):
        actions.start_pairing(paired, now=now)


def test_messages_arrive_after_disconnecting_and_pairing_again(paired, ear, simulator, now):
    """The trap of Evolution 2.3.6: a logged-out instance that connects again never delivers a message."""
    actions.disconnect(paired, now=now)
    again = pair(paired, ear, simulator, now, phone="5511999990001")

    simulator.phone("5511988887777").send("Oi", to=again.remote_name)
    ear.then("messages.upsert", now + timedelta(minutes=1))

    again.refresh_from_db()
    assert again.last_inbound_at == now + timedelta(minutes=1)


def test_the_same_whatsapp_twice_in_one_shop_is_turned_away(shop, paired, ear, simulator, now):
    second = actions.add_number(shop, name="Outro cartão", now=now)
    second = pair(second, ear, simulator, now, phone=paired.number)

    assert second.state == S.ERROR
    assert second.error_message == "Este WhatsApp já está conectado em outro cartão da sua barbearia."
    assert second.remote_name is None
    paired.refresh_from_db()
    assert paired.state == S.CONNECTED


def test_the_same_whatsapp_in_two_shops_is_turned_away_without_naming_the_other(
    other_shop, paired, ear, simulator, now
):
    theirs = actions.add_number(other_shop, name="WhatsApp", now=now)
    theirs = pair(theirs, ear, simulator, now, phone=paired.number)

    assert theirs.state == S.ERROR
    assert theirs.error_message == "Este WhatsApp já está conectado em outra barbearia."
    assert paired.shop.name not in theirs.error_message


def test_a_server_that_begins_anew_when_a_code_runs_out_has_seen_nobody_read_it(number, ear, now):
    """FACTS C, QR: when the references run out the server reconnects by itself, and the codes go on."""
    number = actions.start_pairing(number, now=now)
    ear.then("qrcode.updated", now)
    over = now + timedelta(seconds=44)

    actions.record_connection(
        number, ConnectionChanged(number.remote_name, Remote.CONNECTING, 200, None, None, None), over
    )
    actions.record_qr(number, QrUpdated(number.remote_name, "2@the,next,code", None), over + timedelta(seconds=1))

    number.refresh_from_db()
    assert (number.state, number.qr_code_count, number.refusals) == (S.AWAITING_QR, 2, 0)
