"""What becomes of a connected number: drops, bans, other programs, and events that contradict each other."""

from datetime import timedelta

import pytest

from navalha.core.errors import Refused
from navalha.evolution.events import ConnectionChanged
from navalha.evolution.types import ConnectionState as Remote
from navalha.whatsapp import actions, work
from navalha.whatsapp.causes import CAUSES, cause_of
from navalha.whatsapp.models import ConnectionState as S

pytestmark = pytest.mark.django_db


def said(number, state, reason=200, phone=None):
    return ConnectionChanged(number.remote_name, state, reason, phone, None, None)


def after(number, *events, now):
    for event in events:
        actions.record_connection(number, event, now)
    number.refresh_from_db()
    return number


def test_the_phone_unlinks_the_number(paired, ear, simulator, now):
    simulator.disconnect(paired.remote_name, code=401)
    ear.then("connection.update", now + timedelta(minutes=1), state="close")

    paired.refresh_from_db()
    assert paired.state == S.DISCONNECTED
    assert paired.error_message == "O WhatsApp foi desconectado pelo celular."
    assert paired.disconnected_at == now + timedelta(minutes=1)
    assert paired.changes.first().reason == "O WhatsApp foi desconectado pelo celular."


def test_a_ban_is_an_error_that_asks_for_a_person(paired, ear, simulator, now):
    simulator.disconnect(paired.remote_name, code=403)
    ear.then("connection.update", now, state="close")

    paired.refresh_from_db()
    assert (paired.state, paired.error_code) == (S.ERROR, "403")
    assert "bloqueou" in paired.error_message


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (401, S.DISCONNECTED),
        (402, S.ERROR),
        (403, S.ERROR),
        (406, S.ERROR),
        (408, S.UNSTABLE),
        (411, S.UNSTABLE),
        (428, S.UNSTABLE),
        (440, S.UNSTABLE),
        (500, S.UNSTABLE),
        (503, S.UNSTABLE),
        (515, S.UNSTABLE),
        (999, S.UNSTABLE),
        (None, S.UNSTABLE),
    ],
)
def test_each_close_code_has_its_state_and_its_words(paired, now, code, state):
    after(paired, said(paired, Remote.CLOSE, code), now=now)

    cause = cause_of(paired.error_code)
    assert paired.state == state
    assert paired.error_message == str(cause.happened)
    assert str(cause.happened).endswith(".")
    assert str(cause.next_step).endswith(".")


def test_an_unknown_close_code_is_named_in_words():
    assert "999" in str(cause_of("999").happened)
    assert "999" not in CAUSES


@pytest.mark.parametrize("cause", CAUSES.values(), ids=CAUSES)
def test_no_cause_speaks_jargon_to_an_owner(cause):
    text = f"{cause.happened} {cause.next_step}".lower()
    for jargon in ("instância", "webhook", "sessão", "api", "evolution", "token", "http"):
        assert jargon not in text


def test_a_short_drop_is_not_shown(paired, ear, simulator, now):
    before = paired.changes.count()
    simulator.drop(paired.remote_name)
    ear.then("connection.update", now, state="open")

    paired.refresh_from_db()
    assert paired.state == S.CONNECTED
    assert paired.changes.count() == before


def test_a_storm_of_connecting_moves_nothing_and_writes_once(paired, now, django_assert_max_num_queries):
    after(paired, said(paired, Remote.CONNECTING), now=now)
    with django_assert_max_num_queries(3):  # savepoint, the locked row, release
        actions.record_connection(paired, said(paired, Remote.CONNECTING), now)

    paired.refresh_from_db()
    assert (paired.state, paired.raw_status, paired.raw_status_at) == (S.CONNECTED, "connecting", now)


def test_an_unstable_number_is_connected_again_when_it_opens_and_was_so_all_along(paired, now):
    later = now + timedelta(minutes=3)
    after(paired, said(paired, Remote.CLOSE, 503), said(paired, Remote.OPEN, phone="5511999990001"), now=later)

    assert (paired.state, paired.error_message, paired.connected_at) == (S.CONNECTED, "", now)


def test_an_open_after_a_final_close_is_not_believed_but_asked_about(paired, simulator, ear, now):
    """Both came from one remote instance, in the wrong order: the phone had been unlinked after all."""
    simulator.disconnect(paired.remote_name, code=401)
    ear.wait_for("connection.update", state="close")
    after(paired, said(paired, Remote.CLOSE, 401), said(paired, Remote.OPEN, phone="5511999990001"), now=now)
    assert paired.state == S.DISCONNECTED

    work.check_number(paired.pk, now)

    paired.refresh_from_db()
    assert paired.state == S.DISCONNECTED


def test_a_close_that_is_not_true_is_mended_by_asking(paired, now):
    after(paired, said(paired, Remote.CLOSE, 401), now=now)
    assert paired.state == S.DISCONNECTED

    work.check_number(paired.pk, now)

    paired.refresh_from_db()
    assert (paired.state, paired.number) == (S.CONNECTED, "+5511999990001")


def test_a_contradiction_wakes_the_worker_to_ask(paired, now, django_capture_on_commit_callbacks):
    from procrastinate.contrib.django.models import ProcrastinateJob

    with django_capture_on_commit_callbacks(execute=True):
        after(paired, said(paired, Remote.CLOSE, 401), said(paired, Remote.OPEN), now=now)

    jobs = ProcrastinateJob.objects.filter(task_name="navalha.connection")
    assert [job.args for job in jobs] == [{"instance_id": paired.pk}]


def test_connecting_wakes_what_waits_in_the_queue(number, ear, simulator, now, django_capture_on_commit_callbacks):
    from procrastinate.contrib.django.models import ProcrastinateJob

    from .conftest import pair

    with django_capture_on_commit_callbacks(execute=True):
        pair(number, ear, simulator, now)

    assert ProcrastinateJob.objects.filter(task_name="navalha.outbox", args={"shop_id": number.shop_id}).count() == 1


def test_a_repeated_open_changes_nothing(paired, now):
    before = paired.connected_at, paired.changes.count()
    after(paired, said(paired, Remote.OPEN, phone="5511999990001"), now=now + timedelta(hours=1))

    assert (paired.connected_at, paired.changes.count()) == before


def test_signs_of_life_are_written_now_and_then(paired, now):
    actions.record_inbound(paired, now)
    actions.record_inbound(paired, now + timedelta(seconds=10))
    actions.record_ack(paired, now + timedelta(seconds=10))

    paired.refresh_from_db()
    assert paired.last_inbound_at == now
    assert paired.last_ack_at == now + timedelta(seconds=10)


def test_disconnecting_by_hand_says_who_and_keeps_no_key_to_the_door(paired, owner, simulator, now):
    actions.disconnect(paired, now=now, by=owner)

    paired.refresh_from_db()
    change = paired.changes.first()
    assert (change.to_state, change.by) == (S.DISCONNECTED, owner)
    assert (paired.remote_name, paired.webhook_secret_hash) == (None, "")
    assert simulator.state()["instances"] == []


def test_removing_the_principal_makes_the_other_connected_number_principal(shop, paired, ear, simulator, now):
    from .conftest import pair

    other = pair(actions.add_number(shop, name="Outro", now=now), ear, simulator, now, phone="5511999990002")

    heir = actions.remove(paired, now=now)

    paired.refresh_from_db()
    assert heir == other
    assert (paired.state, paired.is_primary) == (S.REMOVED, False)
    assert [number.is_primary for number in shop.numbers.filter(pk=other.pk)] == [True]
    assert [row["name"] for row in simulator.state()["instances"]] == [other.remote_name]


def test_a_shop_has_ten_numbers_at_most_and_one_more_when_one_is_removed(shop, other_shop, server, now):
    numbers = [actions.add_number(shop, name=f"Cadeira {n}", now=now) for n in range(10)]

    with pytest.raises(Refused, match="já tem 10 números, o máximo"):
        actions.add_number(shop, name="Cadeira 11", now=now)

    assert shop.numbers.count() == 10
    assert actions.add_number(other_shop, name="Recepção", now=now).pk
    actions.remove(numbers[0], now=now)
    assert actions.add_number(shop, name="Cadeira 11", now=now).pk
