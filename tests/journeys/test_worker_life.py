"""The worker outlives its database, finds what nobody told it of, and stops when it is told to."""

import pytest
from django.db import connection
from django.utils import timezone

from conftest import make_number
from navalha.customers import importing
from navalha.messaging.models import WhatsAppMessage
from navalha.whatsapp.models import EvolutionServer
from navalha.worker.tests import stories
from tests.journeys.databases import url_of_tests
from tests.journeys.processes import environment, wait_until, worker
from tests.postgres_proxy import postgres_proxy


def test_a_worker_waits_for_its_database_finds_lost_work_and_stops_when_told(shop, transactional_db, tmp_path):
    server = EvolutionServer.objects.create(name="Longe", url="http://127.0.0.1:9", encrypted_api_key="")
    number = make_number(shop, server, "ze-1")
    # Stored, and its wake-up lost with the process that should have sent it.
    stories.message(number, "cheguei na esquina", now=timezone.now())
    parameters = connection.get_connection_params()

    with postgres_proxy(parameters) as proxy:
        proxy.cut()
        database = f"postgresql://{parameters['user']}@127.0.0.1:{proxy.port}/{parameters['dbname']}"
        process = worker(environment(database), tmp_path / "worker.log")
        try:
            wait_until(lambda: "worker stopped" in process.log.read_text(), 60, process)

            proxy.mend()
            wait_until(WhatsAppMessage.across_shops.filter(text="cheguei na esquina").exists, 40, process)

            proxy.cut()
            wait_until(lambda: process.log.read_text().count("worker stopped") > 1, 30, process)
            assert process.stop(patience=20) == 0
        finally:
            process.end()


def test_a_spreadsheet_survives_the_death_of_the_worker_that_takes_it_in(shop, owner, transactional_db, tmp_path):
    lines = 2_000
    text = "Nome;Telefone\n" + "".join(f"Cliente {at};11 9700{at:05}\n" for at in range(lines))
    row = importing.keep(shop, name="a.csv", content=text.encode(), by=owner, now=timezone.now())
    environ = environment(url_of_tests())

    def position():
        row.refresh_from_db(fields=["position", "state"])
        return row.position

    first = worker(environ, tmp_path / "first.log")
    try:
        importing.begin(shop, row.pk, columns={"name": 0, "phone": 1}, update=False, by=owner, now=timezone.now())
        wait_until(lambda: position() > 0, 60, first)
    finally:
        first.kill()
    assert shop.customers.count() == position() < lines

    second = worker(environ, tmp_path / "second.log")
    try:
        wait_until(lambda: position() == lines, 120, second)
    finally:
        second.end()

    row.refresh_from_db()
    assert (row.state, row.created, row.skipped, row.errors) == ("done", lines, 0, [])
    assert shop.customers.count() == shop.identities.count() == row.effects.count() == lines


def workers():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers")
        return cursor.fetchone()[0]


def forget_workers():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")


@pytest.mark.django_db(transaction=True)
def test_a_worker_at_rest_stops_at_once(tmp_path):
    forget_workers()
    parameters = connection.get_connection_params()
    with postgres_proxy(parameters) as proxy:
        database = f"postgresql://{parameters['user']}@127.0.0.1:{proxy.port}/{parameters['dbname']}"
        process = worker(environment(database), tmp_path / "worker.log")
        wait_until(lambda: workers() == 2, 60, process)  # one for each lane

        assert process.stop(patience=15) == 0

    assert workers() == 0
