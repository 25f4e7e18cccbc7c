"""A trial of a server's settings finds what is wrong, says what it cannot know, and leaves nothing behind."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import make_number
from navalha.console import preflight, trials
from navalha.console.findings import WORDS, Verdict, shown
from navalha.messaging.models import Direction, MessageState
from navalha.whatsapp.models import ServerTrial

pytestmark = pytest.mark.django_db(transaction=True)


def tried(server, operator) -> dict[str, str]:
    """Ask for a trial, do the worker's part; the verdict of each finding."""
    trial = trials.ask_trial(server, now=timezone.now(), by=operator)
    trials.run_trial(trial.pk)
    trial.refresh_from_db()
    assert trial.ended_at
    return {finding["code"]: finding["verdict"] for finding in trial.findings}


def remote_names(simulator) -> list[str]:
    return [row["name"] for row in simulator.state()["instances"]]


@pytest.fixture
def sent(shop, server, simulator):
    """A message that a connected number of the server sent two minutes ago, and that was delivered."""
    number = make_number(shop, server, "ze-0001")
    simulator.connected("ze-0001")
    answer = simulator.api("POST", "/message/sendText/ze-0001", {"number": "5511988880001", "text": "Oi"}).json()
    simulator.phone("5511988880001").wait_for()
    simulator.phone("5511988880001").read()
    then = timezone.now() - timedelta(minutes=2)
    return shop.messages.create(
        instance=number,
        direction=Direction.OUT,
        address="+5511988880001",
        text="Oi",
        state=MessageState.READ,
        attempts=1,
        remote_name="ze-0001",
        wa_id=answer["key"]["id"],
        sent_at=then,
        delivered_at=then,
    )


def test_a_good_server_is_found_good_and_what_cannot_be_seen_is_said(web, server, simulator, operator, sent):
    simulator.switch(expose_keys=False)

    found = tried(server, operator)

    unknown = {"del_instance", "cache", "telemetry"}
    assert {code for code, verdict in found.items() if verdict == Verdict.UNKNOWN} == unknown
    assert {verdict for code, verdict in found.items() if code not in unknown} == {Verdict.GOOD}
    assert set(found) == set(WORDS) - {"key"}
    assert remote_names(simulator) == ["ze-0001"]
    assert ServerTrial.objects.get().deleted_at


def test_settings_that_lose_data_are_named_each_with_its_line(web, server, simulator, operator, sent):
    simulator.switch(save_messages=False, save_updates=False, save_sessions=False, time_zone="UTC", clock_ahead=7200.0)

    found = tried(server, operator)

    wrong = {"messages", "updates", "sessions", "clock"}
    assert {code for code, verdict in found.items() if verdict == Verdict.BAD} == wrong
    assert {code for code, verdict in found.items() if verdict == Verdict.ADVICE} == {"keys", "time_zone"}
    mends = {finding.code: finding.mend for finding in map(shown, ServerTrial.objects.get().findings)}
    assert mends["messages"] == "DATABASE_SAVE_DATA_NEW_MESSAGE=true"
    assert mends["updates"] == "DATABASE_SAVE_MESSAGE_UPDATE=true"
    assert mends["sessions"] == "DATABASE_SAVE_DATA_INSTANCE=true"
    assert remote_names(simulator) == ["ze-0001"]


def test_a_server_that_cannot_reach_us_is_found_by_a_message_that_does_not_come_back(
    web, server, simulator, operator, monkeypatch
):
    monkeypatch.setattr(preflight, "WEBHOOK_TAKES", 0.5)
    simulator.switch(webhook_unreachable=True)

    found = tried(server, operator)

    assert found["webhook"] == Verdict.BAD
    assert found["clock"] == found["time_zone"] == found["keys"] == Verdict.UNKNOWN
    assert found["sessions"] == Verdict.GOOD
    finding = next(each for each in map(shown, ServerTrial.objects.get().findings) if each.code == "webhook")
    assert finding.mend == f"curl -i {web.url}/whatsapp/webhook/update/"
    assert remote_names(simulator) == []


def test_the_licence_answer_of_2_4_0_is_recognised_and_ends_the_trial(server, simulator, operator):
    simulator.switch(server_mode="licence", server_version="2.4.0")

    assert tried(server, operator) == {"version": "bad", "licence": "bad"}
    assert ServerTrial.objects.get().deleted_at, "nothing was made there, so nothing is left to delete"


def test_a_refused_key_and_a_silent_server_end_the_trial_with_the_cause(server, simulator, operator):
    server.api_key = "another"
    server.save()
    assert tried(server, operator) == {"key": "bad"}

    simulator.switch(server_mode="down")
    assert tried(server, operator) == {"reach": "bad"}


def test_without_traffic_the_trial_says_that_saving_cannot_be_seen_yet(web, server, operator):
    found = tried(server, operator)

    assert found["messages"] == found["updates"] == Verdict.UNKNOWN


def test_what_a_trial_could_not_delete_is_deleted_later(server, simulator, operator):
    trial = trials.ask_trial(server, now=timezone.now(), by=operator)
    simulator.api("POST", "/instance/create", {"instanceName": trial.remote_name, "integration": "EVOLUTION"})
    ServerTrial.objects.update(began_at=timezone.now())  # and its worker died
    trials.end_stale_trials(timezone.now())
    assert remote_names(simulator) == [trial.remote_name]

    trials.end_stale_trials(timezone.now() + trials.LASTS)

    trial.refresh_from_db()
    assert trial.ended_at
    assert trial.deleted_at
    assert remote_names(simulator) == []


def test_one_trial_at_a_time_and_a_second_worker_does_not_run_it_again(server, simulator, operator):
    simulator.switch(server_mode="down")
    first = trials.ask_trial(server, now=timezone.now(), by=operator)
    assert trials.ask_trial(server, now=timezone.now(), by=operator) == first
    trials.run_trial(first.pk)
    trials.run_trial(first.pk)

    first.refresh_from_db()
    assert len(first.findings) == 1
    assert trials.ask_trial(server, now=timezone.now(), by=operator) != first
