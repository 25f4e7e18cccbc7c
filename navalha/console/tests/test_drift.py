"""What servers have and we do not know is shown and left alone until an operator says otherwise."""

import pytest

from conftest import make_number
from navalha.console import strays
from navalha.console.models import StrayInstance
from navalha.whatsapp import gateway, work
from navalha.whatsapp.models import ServerTrial

pytestmark = pytest.mark.django_db


def make_remote(simulator, name, **more):
    simulator.api("POST", "/instance/create", {"instanceName": name, "integration": "EVOLUTION", **more})


def test_an_instance_that_nobody_here_knows_is_a_stray_and_ours_are_none(shop, server, simulator, now, operator):
    make_number(shop, server, "ze-0001")
    shop.retired_remotes.create(server=server, remote_name="ze-velha", retired_at=now)
    ServerTrial.objects.create(server=server, remote_name="navalha-teste-1", asked_at=now)
    for name in ("ze-0001", "ze-velha", "navalha-teste-1", "navalha-teste-1-qr", "de-outro-sistema"):
        make_remote(simulator, name)

    assert strays.survey(server.pk, now=now) == 1

    assert StrayInstance.objects.get().remote_name == "de-outro-sistema"


def test_a_stray_that_is_gone_is_forgotten_and_one_that_is_ignored_stays_so(server, simulator, now):
    for name in ("fica", "some"):
        make_remote(simulator, name)
    strays.survey(server.pk, now=now)
    strays.ignore_stray(StrayInstance.objects.get(remote_name="fica"), ignored=True, now=now)
    simulator.api("DELETE", "/instance/delete/some")

    strays.survey(server.pk, now=now.replace(hour=14))

    stray = StrayInstance.objects.get()
    assert (stray.remote_name, stray.first_seen_at, stray.ignored_at) == ("fica", now, now)


def test_a_server_that_does_not_answer_changes_nothing(server, simulator, now):
    make_remote(simulator, "fica")
    strays.survey(server.pk, now=now)
    simulator.switch(server_mode="down")

    assert strays.survey(server.pk, now=now) == 0
    assert StrayInstance.objects.exists()


def test_an_operator_deletes_a_stray_on_its_server(as_operator, server, simulator, now):
    make_remote(simulator, "de-outro")
    strays.survey(server.pk, now=now)
    stray = StrayInstance.objects.get()
    assert "de-outro" in as_operator.get("/instancias/divergencias/").content.decode()

    as_operator.post(f"/instancias/divergencias/{stray.pk}/apagar/")

    assert simulator.state()["instances"] == []
    assert not StrayInstance.objects.exists()


def test_what_became_ours_meanwhile_is_not_deleted(as_operator, shop, server, simulator, now):
    make_remote(simulator, "ze-0001")
    strays.survey(server.pk, now=now)
    make_number(shop, server, "ze-0001")

    answer = as_operator.post(f"/instancias/divergencias/{StrayInstance.objects.get().pk}/apagar/", follow=True)

    assert "Esta instância já é de uma barbearia." in answer.content.decode()
    assert [row["name"] for row in simulator.state()["instances"]] == ["ze-0001"]


def test_a_number_that_its_server_lost_is_mended_and_shown(as_operator, shop, server, simulator, now):
    make_number(shop, server, "ze-0001", name="Recepção")

    work.check_connections(now)

    content = as_operator.get("/instancias/divergencias/").content.decode()
    assert "Recepção" in content
    assert "Existem aqui, e não no servidor" in content


def test_a_survey_tells_the_servers_a_changed_address(shop, server, simulator, now, settings):
    make_number(shop, server, "ze-0001")
    simulator.connected("ze-0001", webhook={"url": "http://antigo/", "events": [], "headers": {"X-API-Key": "s"}})

    strays.survey(server.pk, now=now)

    assert simulator.api("GET", "/webhook/find/ze-0001").json()["url"] == gateway.webhook_address()
