"""How a number stands, by evidence: what WhatsApp did, and not what its server says."""

from datetime import timedelta

import pytest

from conftest import make_number
from navalha.core.errors import Refused
from navalha.messaging import work as sending
from navalha.messaging.models import Direction, MessageState
from navalha.simulator.testing import wait_until
from navalha.whatsapp import actions, health, health_work, work
from navalha.whatsapp.causes import CAUSES, FINAL_CODES, REFUSED_CODES, cause_of
from navalha.whatsapp.models import ConnectionState as S

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def say(paired, now, *, people=1):
    """Send something to `people` customers of the shop."""
    for place in range(people):
        paired.shop.messages.create(
            direction=Direction.OUT,
            state=MessageState.QUEUED,
            address=f"+551198888{place:04}",
            text="Seu horário é amanhã.",
            due_at=now,
        )
    sending.send_due(paired.shop_id, now)


def look(paired, now):
    """Everything that the worker does about it, in its order."""
    sending.report_unacked(now)
    health_work.prove_life(now)
    work.check_connections(now)
    paired.refresh_from_db()
    return health.shown(paired, now)


@pytest.fixture
def switch_dead(simulator, monkeypatch):
    """Makes the session dead or alive. A probe waits for the answer of a dead one, which never comes, for a moment."""

    def switch(*, on):
        simulator.switch(dead=on)
        monkeypatch.setattr("navalha.whatsapp.probe.PATIENCE", 0.3 if on else 10.0)

    return switch


def test_connected_but_dead_is_shown_as_unstable_with_its_cause_and_restarted_once(paired, now, switch_dead):
    switch_dead(on=True)
    say(paired, now + MINUTE)

    assert look(paired, now + 5 * MINUTE).key == "connected"  # four minutes: still a phone that is off, perhaps
    later = now + timedelta(minutes=7, seconds=5)
    seen = look(paired, later)

    assert (seen.key, seen.words) == ("unstable", "Instável – sem retorno há 6 min")
    assert paired.error_message == "O WhatsApp não dá retorno das mensagens deste número, embora pareça conectado."
    assert paired.restarted_at == later
    assert paired.session_id  # never a logout
    for minutes in range(8, 60):  # the server says open all the while, and is not restarted again
        assert look(paired, now + minutes * MINUTE).key == "unstable"
    assert paired.restarted_at == later


def test_a_number_whose_queue_goes_out_dead_as_soon_as_it_is_connected_is_found_too(paired, now, switch_dead):
    switch_dead(on=True)
    say(paired, now + timedelta(seconds=5))  # what had waited for the connection

    assert look(paired, now + 6 * MINUTE).key == "unstable"


def test_a_dead_session_that_answers_again_is_connected_and_sends_what_waited(paired, simulator, now, switch_dead):
    switch_dead(on=True)
    say(paired, now + MINUTE)
    look(paired, now + 7 * MINUTE)
    say(paired, now + 8 * MINUTE, people=2)
    assert simulator.deliveries()["asked"] == {"Seu horário é amanhã.": 1}  # the queue is held

    switch_dead(on=False)
    simulator.wait_state(paired.remote_name, "open")
    assert look(paired, now + 8 * MINUTE).key == "connected"

    sending.send_due(paired.shop_id, now + 9 * MINUTE)
    assert simulator.deliveries()["asked"] == {"Seu horário é amanhã.": 3}


def test_a_message_that_comes_in_revives_a_number_at_once(paired, ear, simulator, now, switch_dead):
    switch_dead(on=True)
    say(paired, now + MINUTE)
    assert look(paired, now + 7 * MINUTE).key == "unstable"
    switch_dead(on=False)
    simulator.wait_state(paired.remote_name, "open")

    simulator.phone("5511988887777").send("Oi", to=paired.remote_name)
    ear.then("messages.upsert", now + 8 * MINUTE)

    paired.refresh_from_db()
    assert health.shown(paired, now + 8 * MINUTE).key == "connected"
    assert (paired.unacked_since, paired.error_message) == (None, "")


def test_a_customer_whose_phone_is_off_does_not_make_a_living_number_unstable(paired, simulator, now):
    simulator.switch(acks=False)
    say(paired, now + MINUTE, people=3)

    assert look(paired, now + 30 * MINUTE).key == "connected"
    assert paired.proved_at == now + 30 * MINUTE


def test_a_number_without_a_picture_is_judged_by_how_much_goes_unanswered(paired, simulator, now):
    simulator.switch(acks=False, profile_picture=False)
    say(paired, now + MINUTE)
    assert look(paired, now + 10 * MINUTE).key == "connected"

    say(paired, now + 11 * MINUTE, people=3)

    assert look(paired, now + 21 * MINUTE).key == "unstable"


def test_silence_at_night_is_no_illness_and_is_asked_about_once(paired, now):
    for hours in range(1, 13):
        assert look(paired, now + timedelta(hours=hours)).key == "connected"
        work.check_connections(now + timedelta(hours=hours))
    assert paired.proved_at == now + timedelta(hours=12)


def test_a_number_that_only_listens_and_is_dead_is_found_by_two_questions(paired, now, switch_dead):
    switch_dead(on=True)

    assert look(paired, now + timedelta(hours=13)).key == "connected"
    seen = look(paired, now + timedelta(hours=13, minutes=10))

    assert (seen.key, seen.words) == ("unstable", "Instável – sem retorno há 13 h")


def test_nobody_is_asked_more_often_than_every_ten_minutes(paired, simulator, now):
    simulator.switch(acks=False, profile_picture=False)
    say(paired, now + MINUTE)
    sending.report_unacked(now + MINUTE)

    asked = [health_work.prove_life(now + minutes * MINUTE) for minutes in range(31)]

    assert [minute for minute, count in enumerate(asked) if count] == [7, 17, 27]


def test_whatsapp_out_of_reach_is_told_though_the_server_calls_it_by_two_words_in_turns(paired, ear, simulator, now):
    """RECORDED 15: `connecting` comes by webhook again and again, while the server says `close` every other moment."""
    simulator.switch(unreachable=True, storm_interval=0.05)

    for seconds in range(0, 161, 20):
        at = now + timedelta(seconds=seconds)
        ear.then("connection.update", at, state="connecting")
        wait_until(lambda: work.check_connections(at) and seen_as(paired, "close"), what="the other word")  # noqa: B023
    assert (paired.state, paired.error_code) == (S.UNSTABLE, "no_contact")

    ear.then("connection.update", now + 8 * MINUTE, state="connecting")
    assert look(paired, now + 8 * MINUTE).words == "Instável – sem retorno há 6 min"  # since it was told


def seen_as(number, word):
    number.refresh_from_db()
    return number.raw_status == word


def test_two_programs_on_one_session_are_told_from_a_drop(paired, now):
    """FACTS C, 440: the session goes back and forth for ever; a restart of the server is one flip."""
    from navalha.evolution.events import ConnectionChanged
    from navalha.evolution.types import ConnectionState as Remote

    def hear(state, at):
        event = ConnectionChanged(paired.remote_name, state, 200, None, None, None)
        actions.record_connection(paired, event, at)
        paired.refresh_from_db()

    for flip in range(health.FLIPS):
        assert paired.state == S.CONNECTED
        hear(Remote.CONNECTING, now + timedelta(seconds=20 * flip))
        hear(Remote.OPEN, now + timedelta(seconds=20 * flip + 1))
    assert (paired.state, paired.error_code) == (S.UNSTABLE, "flapping")
    assert "outro programa" in paired.error_message

    assert look(paired, now + 4 * MINUTE).key == "unstable"  # one quiet moment between two flips is none
    assert look(paired, now + 10 * MINUTE).key == "connected"


def test_a_killed_server_is_told_after_two_checks_and_its_return_after_one(paired, simulator, now, settings):
    check = timedelta(seconds=settings.CONNECTION_CHECK_SECONDS)
    with simulator.stopped():
        work.check_connections(now)
        paired.refresh_from_db()
        assert paired.state == S.CONNECTED
        work.check_connections(now + check)
        paired.refresh_from_db()
    seen = health.shown(paired, now + 6 * MINUTE)
    assert (seen.words, paired.error_code) == ("Instável – sem retorno há 6 min", "server_down")
    assert 3 * check < MINUTE * 1.01  # the kill just after a check, and two more: within the minute
    simulator.wait_state(paired.remote_name, "open")

    work.check_connections(now + 2 * check)

    paired.refresh_from_db()
    assert (paired.state, paired.unanswered_since) == (S.CONNECTED, None)


def test_no_code_is_made_while_it_is_the_server_that_does_not_answer(paired, simulator, now):
    with simulator.stopped():
        for seconds in (0, 20):
            work.check_connections(now + timedelta(seconds=seconds))

        with pytest.raises(Refused, match="a conexão volta com ele"):
            actions.start_pairing(paired, now=now + MINUTE)

    simulator.wait_state(paired.remote_name, "open")
    work.check_connections(now + 2 * MINUTE)
    paired.refresh_from_db()
    assert paired.state == S.CONNECTED


def test_one_missed_answer_during_a_drop_does_not_blame_the_server(paired, simulator, now):
    simulator.drop(paired.remote_name, seconds=3600)
    simulator.wait_state(paired.remote_name, "connecting")
    work.check_connections(now)
    with simulator.stopped():
        work.check_connections(now + MINUTE)

    paired.refresh_from_db()
    assert paired.state == S.CONNECTED


# Every code that FACTS and RECORDED name, copied by hand: a code that is added there is added here, and then fails.
NUMBERS = ("401", "402", "403", "406", "408", "411", "428", "440", "463", "500", "503", "515")
WORDS = ("refused", "qr_limit", "device_removed", "ERROR", "missing", "closed", "no_contact", "mute", "flapping")


@pytest.mark.parametrize("code", [*NUMBERS, *WORDS, *CAUSES])
def test_every_code_has_a_sentence_and_a_next_step(code):
    cause = cause_of(code)

    assert "(código" not in str(cause.happened), "the words of an unknown code"
    for sentence in (str(cause.happened), str(cause.next_step)):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert not any(jargon in sentence.lower() for jargon in ("instância", "webhook", "sessão", "evolution", "http"))


def test_an_unknown_code_still_says_what_to_do():
    assert "999" in str(cause_of("999").happened)
    assert str(cause_of("999").next_step).startswith("Gere um novo código")


@pytest.mark.parametrize("code", sorted(FINAL_CODES))
def test_each_final_code_has_its_badge(shop, server, now, code):
    state = S.ERROR if code in REFUSED_CODES else S.DISCONNECTED
    number = make_number(shop, server, "loja", state=state, error_code=str(code), state_changed_at=now)

    seen = health.shown(number, now)

    expected = "Bloqueado pelo WhatsApp" if code in REFUSED_CODES else "Desconectado"
    assert seen.words == expected
