"""The list of background work: every name that is woken exists, and every task does its part for real."""

import inspect
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from conftest import make_number
from navalha.core.wake import wake_now
from navalha.web.models import HitCount
from navalha.whatsapp import events, webhook_database
from navalha.whatsapp.models import EvolutionServer, WebhookEvent
from navalha.worker import tasks, tidy

from . import stories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_queue")]


@pytest.fixture
def number(shop):
    server = EvolutionServer.objects.create(name="Um", url="http://127.0.0.1:9", encrypted_api_key="")
    return make_number(shop, server, "ze-1")


def woken():
    with connection.cursor() as cursor:
        cursor.execute("SELECT lock FROM procrastinate_jobs WHERE status = 'todo' ORDER BY lock")
        return [lock for (lock,) in cursor.fetchall()]


def test_what_others_wake_is_a_task_on_a_lane():
    for name, lane in (("inbox", "rows"), ("outbox", "network"), ("connection", "network"), ("trial", "network")):
        assert app.tasks[f"navalha.{name}"].queue == lane
    assert "'rows', 'navalha.inbox'" in webhook_database._WAKE


def test_the_look_at_the_servers_goes_before_the_sends_that_wait_for_them():
    wake_now("outbox", shop_id=1)
    wake_now("outbox", shop_id=2)
    app.tasks["navalha.check_connections"].defer(timestamp=0)
    worker = async_to_sync(app.job_manager.register_worker)()

    first = async_to_sync(app.job_manager.fetch_job)(queues=["network"], worker_id=worker)

    assert first is not None
    assert first.task_name == "navalha.check_connections"


def test_every_periodic_task_waits_at_most_once():
    periodic = [each.task for each in app.periodic_registry.periodic_tasks.values()]

    assert len(periodic) >= 9
    assert all(task.queueing_lock for task in periodic)
    assert {task.queue for task in periodic} == {"rows", "network"}


def test_the_look_wakes_what_is_due_and_only_that(number, shop):
    now = timezone.now()
    stories.message(number, "oi", now=now)
    other = make_number(shop, number.server, "ze-2", is_primary=False)
    later = stories.message(other, "oi", now=now)
    WebhookEvent.across_shops.filter(pk=later.pk).update(state="later", due_at=now + timedelta(minutes=5))

    tasks.look(timestamp=0)
    tasks.look(timestamp=0)

    assert woken() == [f"inbox:{number.pk}"]


def test_every_periodic_task_runs_on_an_empty_database():
    for each in app.periodic_registry.periodic_tasks.values():
        if not inspect.iscoroutinefunction(each.task.func):
            each.task(timestamp=0)

    assert woken() == []


def test_old_rows_are_forgotten_and_young_or_unfinished_ones_are_kept(number, now):
    old = now - events.processed_for() - timedelta(days=1)
    for state, received_at in (("processed", old), ("processed", now), ("later", old), ("quarantined", old)):
        event = stories.ack(number, f"3E{state}{received_at}", "READ", now=now)
        WebhookEvent.across_shops.filter(pk=event.pk).update(state=state, received_at=received_at)
    HitCount.objects.create(key="a", hits=1, expires_at=now - timedelta(hours=1))

    assert tidy.forget_old_rows(now) == 2

    assert set(WebhookEvent.across_shops.values_list("state", flat=True)) == {"processed", "later", "quarantined"}
    assert not HitCount.objects.exists()


@pytest.mark.parametrize("event", ["connection.update", "qrcode.updated"])
def test_what_a_server_says_all_day_is_kept_for_one_day(number, now, event):
    kept, old = now - timedelta(hours=23), now - timedelta(hours=25)
    for name, state, received_at in (
        (event, "processed", old),
        (event, "processed", kept),
        (event, "quarantined", old),
        ("messages.upsert", "processed", old),
    ):
        row = stories.make_event(number, name, {"of": f"{name} {state} {received_at}"}, now=received_at)
        WebhookEvent.across_shops.filter(pk=row.pk).update(state=state)

    assert tidy.forget_old_rows(now) == 1

    left = WebhookEvent.across_shops.order_by("pk").values_list("event", "state", "received_at")
    assert list(left) == [
        (event, "processed", kept),
        (event, "quarantined", old),
        ("messages.upsert", "processed", old),
    ]
