"""Remote instances are only made on servers of a version whose answers we know."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from navalha.whatsapp import actions
from navalha.whatsapp.models import ConnectionState as S
from navalha.whatsapp.models import EvolutionServer

pytestmark = pytest.mark.django_db
STALE = timedelta(seconds=61)  # a code so old that a click begins anew


def known(server) -> tuple[str, object]:
    stored = EvolutionServer.objects.get(pk=server.pk)
    return stored.version, stored.seen_at


def test_the_first_pairing_on_a_server_stores_its_version(number, server, ear, now):
    number = actions.start_pairing(number, now=now)

    assert number.state == S.AWAITING_QR
    assert known(server) == ("2.3.6", now)


@pytest.mark.parametrize("version", ["2.2.3", "2.4.0"])
def test_on_a_server_of_another_version_nothing_is_created_and_the_operator_is_told(
    version, number, server, simulator, now
):
    simulator.switch(server_version=version)

    with capture_logs() as logs:
        number = actions.start_pairing(number, now=now)

    assert (number.state, number.error_code, number.remote_name) == (S.ERROR, "server_version", None)
    assert number.error_message == "O servidor do WhatsApp não está pronto para conectar números."
    assert simulator.state()["instances"] == []
    assert known(server) == (version, now)
    said = [line for line in logs if line["event"] == "server_version_is_not_supported"]
    assert [(line["server"], line["version"]) for line in said] == [(server.pk, version)]


def test_a_server_is_asked_once_an_hour_and_found_out_when_it_changed(number, server, ear, simulator, now):
    actions.start_pairing(number, now=now)
    simulator.switch(server_version="2.4.0")

    within = actions.start_pairing(number, now=now + STALE)
    after = actions.start_pairing(number, now=now + timedelta(hours=1))

    assert within.state == S.AWAITING_QR
    assert (after.state, after.error_code) == (S.ERROR, "server_version")


def test_a_version_that_is_not_supported_is_remembered_without_asking_again(number, ear, simulator, now):
    simulator.switch(server_version="2.2.3")
    actions.start_pairing(number, now=now)
    simulator.switch(server_version="2.3.6")

    within = actions.start_pairing(number, now=now + STALE)
    after = actions.start_pairing(number, now=now + timedelta(hours=1))

    assert within.state == S.ERROR
    assert after.state == S.AWAITING_QR
