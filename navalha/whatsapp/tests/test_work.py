"""What happens unasked: numbers are compared with their servers, and leftovers are deleted."""

import time
from datetime import timedelta

import pytest

from conftest import make_number
from navalha.evolution.events import QrUpdated
from navalha.simulator.testing import running_simulator
from navalha.whatsapp import actions, work
from navalha.whatsapp.models import ConnectionState as S
from navalha.whatsapp.models import EvolutionServer, RetiredRemote

from .conftest import pair

pytestmark = pytest.mark.django_db


def add_server(name, url, key="chave-de-teste"):
    server = EvolutionServer(name=name, url=url)
    server.api_key = key
    server.save()
    return server


def test_a_pairing_whose_webhooks_were_lost_is_found(number, ear, simulator, now):
    number = actions.start_pairing(number, now=now)
    simulator.scan(number.remote_name, number="5511999990001", profileName="Zé")

    assert work.check_connections(now) == 1

    number.refresh_from_db()
    assert number.state == S.CONNECTED
    assert (number.number, number.profile_name, number.checked_at) == ("+5511999990001", "Zé", now)


def test_an_unlinking_whose_webhooks_were_lost_is_found_with_its_cause(paired, simulator, now):
    simulator.disconnect(paired.remote_name, code=403)

    work.check_connections(now)

    paired.refresh_from_db()
    assert (paired.state, paired.error_code) == (S.ERROR, "403")


def test_an_instance_that_is_gone_is_found(paired, simulator, now):
    simulator.api("DELETE", f"/instance/delete/{paired.remote_name}")

    work.check_connections(now)

    paired.refresh_from_db()
    assert (paired.state, paired.error_code, paired.remote_name) == (S.DISCONNECTED, "missing", None)


def test_a_number_just_asked_for_is_not_taken_for_gone(number, ear, simulator, now):
    number = actions.start_pairing(number, now=now)
    simulator.api("DELETE", f"/instance/delete/{number.remote_name}")

    work.check_connections(now + timedelta(seconds=5))

    number.refresh_from_db()
    assert number.state == S.AWAITING_QR


def test_a_drop_is_shown_only_when_it_lasts_and_goes_when_it_ends(paired, simulator, now):
    simulator.drop(paired.remote_name, seconds=3600)
    simulator.wait_state(paired.remote_name, "connecting")

    states = []
    for minutes in (0, 1, 2):
        work.check_connections(now + timedelta(minutes=minutes))
        paired.refresh_from_db()
        states.append(paired.state)
    assert states == [S.CONNECTED, S.CONNECTED, S.UNSTABLE]
    assert "tentando reconectar" in paired.error_message

    simulator.restart()
    simulator.wait_state(paired.remote_name, "open")
    work.check_connections(now + timedelta(minutes=3))

    paired.refresh_from_db()
    assert (paired.state, paired.error_message) == (S.CONNECTED, "")


def test_whatsapp_away_for_everybody_does_not_disconnect_anybody(paired, simulator, now):
    """REC 15: the state flips between connecting and close, and the server's database says open all the while."""
    simulator.switch(unreachable=True)
    for minute in range(30):
        work.check_connections(now + timedelta(minutes=minute))
    paired.refresh_from_db()
    assert paired.state == S.UNSTABLE

    simulator.switch(unreachable=False)
    simulator.wait_state(paired.remote_name, "open")
    work.check_connections(now + timedelta(minutes=31))

    paired.refresh_from_db()
    assert paired.state == S.CONNECTED


def test_a_dead_server_makes_its_numbers_unstable_after_a_while_and_they_come_back(paired, simulator, now):
    with simulator.stopped():
        for minutes in (0, 1, 2):
            assert work.check_connections(now + timedelta(minutes=minutes)) == 0
        paired.refresh_from_db()
        assert paired.state == S.UNSTABLE
        assert paired.error_message == "O servidor do WhatsApp não está respondendo."

    simulator.wait_state(paired.remote_name, "open")
    work.check_connections(now + timedelta(minutes=3))

    paired.refresh_from_db()
    assert paired.state == S.CONNECTED


def test_a_server_that_cannot_list_its_instances_still_tells_how_each_one_stands(shop, server, paired, simulator, now):
    """The list is asked for because of the one that is closed; the other one must not suffer from it."""
    shop.numbers.create(server=server, name="Fechado", state=S.DISCONNECTED, remote_name="fechado-12345678")
    simulator.api("POST", "/instance/create", {"instanceName": "fechado-12345678", "integration": "WHATSAPP-BAILEYS"})
    simulator.switch(list_500=True)

    answered = [work.check_connections(now + timedelta(minutes=minutes)) for minutes in range(4)]

    paired.refresh_from_db()
    assert answered == [2, 2, 2, 2]
    assert (paired.state, paired.checked_at) == (S.CONNECTED, now + timedelta(minutes=3))


def test_a_dead_server_does_not_hold_up_the_others(shop, paired, now):
    with running_simulator(server_mode="hang") as mute:
        server = add_server("Mudo", mute.url, mute.key)
        stuck = make_number(shop, server, "mudo-12345678", name="Mudo", number="+5511999990009", is_primary=False)
        began = time.monotonic()

        assert work.check_connections(now) == 1

        assert time.monotonic() - began < 60, "it was waited for as long as for the answer to a message"
    paired.refresh_from_db()
    stuck.refresh_from_db()
    assert (paired.checked_at, stuck.checked_at) == (now, None)
    assert stuck.state == S.CONNECTED


def test_a_refused_key_is_told_apart_from_a_dead_server(paired, server, now, caplog):
    server.api_key = "outra-chave-que-nao-vale"
    server.save()

    for minutes in (0, 1, 2):
        work.check_connections(now + timedelta(minutes=minutes))

    paired.refresh_from_db()
    assert (paired.state, paired.error_code) == (S.UNSTABLE, "server_key")
    assert "outra-chave" not in caplog.text


def test_a_server_that_was_down_is_cleaned_up_later(paired, simulator, now):
    name = paired.remote_name
    with simulator.stopped():
        actions.disconnect(paired, now=now)
        assert RetiredRemote.across_shops.get().deleted_at is None

    assert work.delete_retired(now) == 1
    assert work.delete_retired(now) == 0

    assert simulator.state()["instances"] == []
    assert RetiredRemote.across_shops.get().remote_name == name


def test_an_instance_that_is_created_after_its_deletion_was_tried_is_deleted_too(shop, server, simulator, now):
    """The create call was still on its way when the pairing was given up."""
    retired = shop.retired_remotes.create(server=server, remote_name="barbearia-tarde123", retired_at=now)
    work.delete_retired(now)
    simulator.connected(retired.remote_name)

    work.delete_retired(now + timedelta(seconds=30))

    assert simulator.state()["instances"] == []


def test_one_that_cannot_be_deleted_does_not_keep_the_others(shop, server, simulator, now):
    simulator.connected("velha-12345678", number="5511999990001")
    for name, minutes in (("Nome que nenhum servidor aceita", 10), ("velha-12345678", 5)):
        shop.retired_remotes.create(server=server, remote_name=name, retired_at=now - timedelta(minutes=minutes))

    deleted = sum(work.delete_retired(now) for _round in range(40))

    assert deleted == 1
    assert simulator.state()["instances"] == []


def test_what_is_deleted_is_forgotten_after_a_day(paired, simulator, now):
    actions.disconnect(paired, now=now)

    work.delete_retired(now + timedelta(hours=23))
    assert RetiredRemote.across_shops.count() == 1
    work.delete_retired(now + timedelta(hours=25))
    assert RetiredRemote.across_shops.count() == 0


def test_an_unheard_pairing_tells_the_operator_that_webhooks_do_not_arrive(number, ear, now, caplog):
    actions.start_pairing(number, now=now)

    work.expire_pairings(now + timedelta(minutes=5))

    assert "webhooks_do_not_arrive" in caplog.text


def test_the_limit_of_capacity_is_kept_and_priority_decides(shop, simulator, now):
    small = add_server("Pequeno", simulator.url, simulator.key)
    EvolutionServer.objects.filter(pk=small.pk).update(capacity=1, priority=5)
    big = add_server("Grande", "http://127.0.0.1:18801")
    EvolutionServer.objects.filter(pk=big.pk).update(capacity=2)
    add_server("Fechado", "http://127.0.0.1:18802")
    EvolutionServer.objects.filter(name="Fechado").update(accepts_new=False, priority=9)

    chosen = [actions.add_number(shop, name=f"N{place}", now=now).server for place in range(3)]

    assert chosen == [small, big, big]
    from navalha.core.errors import Refused

    with pytest.raises(Refused, match="Não há vaga"):
        actions.add_number(shop, name="N3", now=now)


def test_no_new_number_goes_to_a_server_that_does_not_answer(shop, simulator, now):
    dead = add_server("Caído", "http://127.0.0.1:18801")
    EvolutionServer.objects.filter(pk=dead.pk).update(priority=5, state="silent")
    well = add_server("De pé", simulator.url, simulator.key)

    assert actions.add_number(shop, name="N1", now=now).server == well
    EvolutionServer.objects.filter(pk=well.pk).update(accepts_new=False)
    assert actions.add_number(shop, name="N2", now=now).server == dead  # it may be back by the time it is paired


def test_a_number_whose_server_died_is_paired_on_another_one(number, ear, simulator, now):
    dead = add_server("Caído", "http://127.0.0.1:18801")
    EvolutionServer.objects.filter(pk=dead.pk).update(state="silent")
    own, _ = number.server, type(number).across_shops.filter(pk=number.pk).update(server=dead)
    number.refresh_from_db()

    number = actions.start_pairing(number, now=now)

    assert (number.state, number.server) == (S.AWAITING_QR, own)


def test_a_number_that_connects_at_the_last_moment_is_left_alone(number, ear, simulator, now):
    number = actions.start_pairing(number, now=now)
    late = now + timedelta(minutes=4, seconds=50)
    ear.then("qrcode.updated", now)
    actions.record_qr(number, QrUpdated(number.remote_name, "2@the,last,of,many", None), late)
    simulator.switch(open_wait=3600.0)
    simulator.post(f"instances/{number.remote_name}/scan")
    ear.then("connection.update", late, state="connecting")
    number.refresh_from_db()
    assert number.state == S.CONNECTING

    assert work.expire_pairings(now + timedelta(minutes=5)) == 0
    assert work.expire_pairings(now + timedelta(minutes=6)) == 1

    number.refresh_from_db()
    assert number.error_code == "pairing_failed"


def test_what_whatsapp_logged_out_is_deleted_after_a_while_and_not_at_once(paired, ear, simulator, now):
    """Whenever its server starts again, it would draw codes that nobody asked for."""
    simulator.disconnect(paired.remote_name)
    later = now + timedelta(minutes=1)
    ear.then("connection.update", later, state="close")

    work.expire_pairings(later + timedelta(minutes=9))
    assert len(simulator.state()["instances"]) == 1
    work.expire_pairings(later + timedelta(minutes=10))

    paired.refresh_from_db()
    assert (paired.state, paired.error_code, paired.remote_name) == (S.DISCONNECTED, "401", None)
    assert simulator.state()["instances"] == []


def test_a_connection_whose_server_is_down_is_not_deleted(paired, now):
    type(paired).across_shops.filter(pk=paired.pk).update(state=S.DISCONNECTED, error_code="closed")

    assert work.retire_dead(now + timedelta(days=1)) == 0


def test_pairing_again_after_the_phone_unlinked_it_uses_a_new_remote(paired, ear, simulator, now):
    first = paired.remote_name
    simulator.disconnect(first)
    ear.then("connection.update", now, state="close")
    paired.refresh_from_db()

    again = pair(paired, ear, simulator, now + timedelta(minutes=1))
    work.delete_retired(now + timedelta(minutes=1))

    assert again.state == S.CONNECTED
    assert [row["name"] for row in simulator.state()["instances"]] == [again.remote_name]
    assert again.remote_name != first
