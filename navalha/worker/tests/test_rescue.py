"""A job whose worker is gone frees its lock; one that is really running keeps it."""

import asyncio

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

from navalha.core.wake import wake_now
from navalha.worker import rescue
from navalha.worker.running import RUNNING

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]


@pytest.fixture(autouse=True)
def nothing_running():
    yield
    RUNNING.workers.clear()
    RUNNING.jobs.clear()
    rescue._suspects.clear()


def free():
    async def act():
        with app.replace_connector(PsycopgConnector(kwargs=connector_params(), min_size=1)):
            async with app.open_async():
                return await rescue.free_stalled_jobs()

    return asyncio.run(act())


def ask(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def running_job(silent_for):
    """A job that a worker has taken who was last heard of so many seconds ago; returns ids of job and worker."""
    wake_now("inbox", instance_id=5)
    insert = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 s') RETURNING id"
    ((worker,),) = ask(insert, silent_for)
    ((job,),) = ask("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s RETURNING id", worker)
    return job, worker


def jobs():
    return ask("SELECT id, status::text FROM procrastinate_jobs")


def test_the_job_of_a_dead_worker_is_freed_and_its_work_can_be_woken_again():
    running_job(silent_for=rescue.DEAD_AFTER_SECONDS + 1)

    assert free() == 1

    assert jobs() == []
    assert ask("SELECT id FROM procrastinate_workers") == []
    wake_now("inbox", instance_id=5)
    assert [status for _, status in jobs()] == ["todo"]


def test_a_waiting_wake_up_beside_it_stays():
    running_job(silent_for=rescue.DEAD_AFTER_SECONDS + 1)
    wake_now("inbox", instance_id=5)

    assert free() == 1
    assert [status for _, status in jobs()] == ["todo"]


def test_the_job_of_a_worker_that_unregistered_in_a_hurry_is_freed():
    running_job(silent_for=0)
    ask("DELETE FROM procrastinate_workers")

    assert free() == 1


def test_the_job_of_a_living_worker_is_left_alone():
    job, _ = running_job(silent_for=1)

    assert free() == 0
    assert jobs() == [(job, "doing")]


def test_a_job_of_our_own_that_we_are_not_running_is_freed_at_the_second_look():
    _, worker = running_job(silent_for=0)
    RUNNING.workers.add(worker)

    assert [free(), free()] == [0, 1]


def test_a_job_that_we_are_running_is_never_freed():
    job, worker = running_job(silent_for=0)
    RUNNING.workers.add(worker)
    RUNNING.jobs.add(job)

    assert [free(), free(), free()] == [0, 0, 0]
