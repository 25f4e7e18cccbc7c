"""Commands for many numbers: one job for each server, none held up by another, nothing lost by a crash."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import make_number
from navalha.console import bulk
from navalha.console.models import BulkItem, BulkRun, Command, ItemState
from navalha.console.outcomes import Outcome
from navalha.console.tests.helpers import make_numbers, make_server
from navalha.core.errors import Refused
from navalha.whatsapp import gateway
from navalha.whatsapp.models import WhatsAppInstance

pytestmark = pytest.mark.django_db


def page(response) -> str:
    return response.content.decode()


def numbers():
    return WhatsAppInstance.across_shops.order_by("pk")


def work_off_all(run) -> None:
    """What the worker's jobs do, one after another."""
    for server_id in {item.server_id or 0 for item in run.items.all()}:
        bulk.work_off(run.pk, server_id, now=timezone.now())


def on_simulator(simulator, *names) -> None:
    hook = {"url": gateway.webhook_address(), "events": [], "headers": {"X-API-Key": "secret"}}
    for name in names:
        simulator.api("POST", "/instance/create", {"instanceName": name, "integration": "EVOLUTION", "webhook": hook})


def test_a_command_for_the_ticked_rows_runs_over_them_alone(as_operator, operator, shop, server, simulator):
    first, second, _third = make_numbers(shop, server, 3)
    on_simulator(simulator, "numero-0000", "numero-0001")

    answer = as_operator.post("/instancias/em-lote/", {"comando": "sync", "numero": [first.pk, second.pk], "de": "?"})

    run = BulkRun.objects.get()
    assert answer["Location"] == f"/instancias/comandos/{run.pk}/"
    assert (run.by, set(run.items.values_list("instance_id", flat=True))) == (operator, {first.pk, second.pk})
    work_off_all(run)
    run.refresh_from_db()
    assert run.ended_at
    assert bulk.progress(run)["done"] == 2
    assert "2 de 2 instâncias" in page(as_operator.get(answer["Location"]))


def test_all_of_the_filter_means_every_page_of_it(as_operator, shop, other_shop, server):
    make_numbers(shop, server, 55)
    make_number(other_shop, server, "bela-1")

    as_operator.post("/instancias/em-lote/", {"comando": "restart", "todas": "1", "de": "?loja=barbearia-do-ze"})

    assert BulkRun.objects.get().items.count() == 55


def test_a_command_for_nothing_is_refused(as_operator, shop, server):
    assert as_operator.post("/instancias/em-lote/", {"comando": "sync", "de": "?"}).status_code == 409
    assert as_operator.post("/instancias/em-lote/", {"comando": "apagar", "todas": "1"}).status_code == 409
    assert not BulkRun.objects.exists()


def test_what_does_not_apply_is_told_apart_from_what_failed(shop, server, simulator, operator, now):
    make_number(shop, server, "numero-gone", name="Sumiu")
    shop.numbers.create(name="Novo", server=server)
    run = bulk.start_run(Command.RESTART, numbers(), by=operator, now=now)

    work_off_all(run)

    states = dict(run.items.values_list("instance__name", "state"))
    assert states == {"Sumiu": ItemState.FAILED, "Novo": ItemState.SKIPPED}
    run.refresh_from_db()
    assert run.ended_at


def test_a_dead_server_fails_its_numbers_after_two_questions_and_holds_up_no_other(
    shop, server, simulator, operator, now
):
    dead = make_server("Morto", "http://127.0.0.1:9")
    make_numbers(shop, dead, 30)
    make_numbers(shop, server, 2, start=30)
    on_simulator(simulator, "numero-0030", "numero-0031")
    run = bulk.start_run(Command.SYNC, numbers(), by=operator, now=now)

    began = time.monotonic()
    bulk.work_off(run.pk, dead.pk, now=now)
    took = time.monotonic() - began
    bulk.work_off(run.pk, server.pk, now=now)

    assert took < 20, "thirty questions to a dead server would take longer"
    assert bulk.progress(run) | {"failed": 30, "done": 2} == bulk.progress(run)
    assert set(run.items.filter(server=dead).values_list("outcome", flat=True)) == {"no_answer"}


def test_a_slow_server_gives_its_turn_back_and_goes_on_later(shop, server, simulator, operator, now, monkeypatch):
    monkeypatch.setattr(bulk, "TURN", -1.0)
    make_numbers(shop, server, 3)
    run = bulk.start_run(Command.SYNC, numbers(), by=operator, now=now)

    assert [bulk.work_off(run.pk, server.pk, now=now) for _turn in range(4)] == [1, 1, 1, 0]
    run.refresh_from_db()
    assert run.ended_at


def test_two_workers_never_take_the_same_number(shop, server, operator, now):
    make_numbers(shop, server, 2)
    run = bulk.start_run(Command.SYNC, numbers(), by=operator, now=now)

    first, second = bulk._take(run.pk, server.pk), bulk._take(run.pk, server.pk)

    assert {first.instance_id, second.instance_id} == set(numbers().values_list("pk", flat=True))
    assert bulk._take(run.pk, server.pk) is None


def test_what_a_dead_worker_had_is_done_again(shop, server, simulator, operator, now):
    make_numbers(shop, server, 1)
    on_simulator(simulator, "numero-0000")
    run = bulk.start_run(Command.SYNC, numbers(), by=operator, now=now)
    bulk._take(run.pk, server.pk)  # and the worker was killed

    assert bulk.look_after_runs(timezone.now()) == 0
    assert bulk.look_after_runs(timezone.now() + bulk.STALE + timedelta(seconds=1)) == 1
    work_off_all(run)

    assert bulk.progress(run)["done"] == 1
    item = run.items.get()
    assert [change.to_state for change in item.changes.order_by("pk")] == ["running", "waiting", "running", "done"]


def test_stopping_a_run_leaves_what_is_done_and_touches_nothing_more(
    as_operator, shop, server, simulator, operator, now
):
    make_numbers(shop, server, 3)
    on_simulator(simulator, "numero-0000")
    run = bulk.start_run(Command.SYNC, numbers(), by=operator, now=now)
    item = bulk._take(run.pk, server.pk)
    bulk.settle(item, ItemState.DONE, Outcome("synced"))

    as_operator.post(f"/instancias/comandos/{run.pk}/cancelar/")

    assert bulk.progress(run) | {"done": 1, "cancelled": 2} == bulk.progress(run)
    assert bulk.work_off(run.pk, server.pk, now=now) == 0
    run.refresh_from_db()
    assert run.ended_at


def test_a_disconnected_number_is_gone_from_its_server_and_says_who_did_it(shop, server, simulator, operator, now):
    number = make_number(shop, server, "ze-0001")
    simulator.connected("ze-0001")
    run = bulk.start_run(Command.DISCONNECT, numbers(), by=operator, now=now)

    work_off_all(run)

    assert simulator.state()["instances"] == []
    assert number.changes.latest("pk").by == operator


def test_more_numbers_than_one_run_may_have_are_refused(shop, server, operator, now, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 2)
    make_numbers(shop, server, 3)

    with pytest.raises(Refused, match="demais"):
        bulk.start_run(Command.SYNC, numbers(), by=operator, now=now)
    assert not BulkItem.across_shops.exists()


def test_the_page_of_a_run_costs_the_same_for_three_numbers_as_for_one(
    as_operator, shop, server, operator, now, django_assert_num_queries
):
    make_numbers(shop, server, 1)
    one = bulk.start_run(Command.SYNC, numbers(), by=operator, now=now)
    make_numbers(shop, server, 2, start=1)
    three = bulk.start_run(Command.SYNC, numbers(), by=operator, now=now)
    for run in (one, three):
        with django_assert_num_queries(7):
            as_operator.get(f"/instancias/comandos/{run.pk}/")
