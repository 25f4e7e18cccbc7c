"""The servers' pages: added after a test, never showing a key, drained, removed only when empty, watched."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import make_number
from navalha.accounts.models import OperatorAction
from navalha.console.health import strips
from navalha.whatsapp import work
from navalha.whatsapp.models import ConnectionState, EvolutionServer, ServerCheck, ServerState

pytestmark = pytest.mark.django_db


def typed(simulator, **changes):
    fields = {"name": "Principal", "url": simulator.url, "api_key": simulator.key, "capacity": "50", "priority": "0"}
    return {**fields, "accepts_new": "on", **changes}


def page(response) -> str:
    return response.content.decode()


def test_a_server_is_saved_after_a_test_and_its_key_is_never_shown(as_operator, simulator):
    answer = as_operator.post("/servidores/novo/", typed(simulator, url=f"{simulator.url}/"))

    server = EvolutionServer.objects.get()
    assert answer["Location"] == f"/servidores/{server.pk}/"
    assert (server.url, server.state, server.version) == (simulator.url, ServerState.WELL, "2.3.6")
    assert server.api_key == simulator.key
    for path in (answer["Location"], f"{answer['Location']}editar/", "/servidores/"):
        assert simulator.key not in page(as_operator.get(path))


def test_the_test_says_what_is_wrong_and_saves_nothing(as_operator, simulator):
    def said(**changes):
        return page(as_operator.post("/servidores/novo/", typed(simulator, **changes)))

    assert "recusou a chave" in said(api_key="errada")
    assert "não respondeu" in said(url="http://127.0.0.1:9")
    simulator.switch(list_500=1)
    assert "respondeu, mas com erro" in said()
    simulator.switch(server_mode="licence")
    assert "LICENSE_REQUIRED" in said()
    simulator.switch(server_mode="up", server_version="2.2.3")
    assert "versão 2.2.3 não é aceita" in said()
    simulator.switch(server_version="2.3.6")
    for other_program in ("/telefone", "/nothing"):  # a page, and a 404
        assert "não é uma Evolution API" in said(url=f"{simulator.url}{other_program}")
    assert not EvolutionServer.objects.exists()


def test_a_test_alone_answers_beside_the_form_and_saves_nothing(as_operator, simulator):
    answer = as_operator.post(
        "/servidores/novo/", typed(simulator, test="1"), headers={"HX-Request": "true", "HX-Target": "trial"}
    )

    assert "versão 2.3.6, chave aceita" in page(answer)
    assert "<form" not in page(answer)
    assert not EvolutionServer.objects.exists()


def test_a_server_that_is_not_up_yet_can_be_saved_by_saying_so(as_operator, simulator):
    first = as_operator.post("/servidores/novo/", typed(simulator, url="http://127.0.0.1:9"))
    assert first.status_code == 422
    assert 'value="Principal"' in page(first)

    as_operator.post("/servidores/novo/", typed(simulator, url="http://127.0.0.1:9", anyway="1"))

    assert EvolutionServer.objects.get().state == ServerState.SILENT


def test_an_edit_without_a_key_keeps_the_one_it_has(as_operator, server, simulator):
    as_operator.post(f"/servidores/{server.pk}/editar/", typed(simulator, api_key="", capacity="7"))

    server.refresh_from_db()
    assert (server.name, server.capacity, server.api_key) == ("Principal", 7, simulator.key)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("url", "ftp://x", "Comece com http://"),
        ("url", "http://eu:senha@x", "sem usuário, senha"),
        ("name", "simulador", "Já existe um servidor com este nome"),
        ("api_key", "chave com espaço", "sem espaços"),
        ("capacity", "0", "de 1 a 100.000"),
        ("priority", "101", "de -100 a 100"),
    ],
)
def test_a_field_is_checked_while_it_is_typed(as_operator, server, field, value, sentence):
    answer = as_operator.post(f"/servidores/validar/?campo={field}", {field: value})

    assert sentence in page(answer)
    assert "<input" not in page(answer)


def test_an_empty_field_is_not_scolded_while_others_are_typed(as_operator, server):
    assert "field-error" not in page(as_operator.post("/servidores/validar/?campo=name", {"url": "x"}))
    assert as_operator.post("/servidores/validar/?campo=password", {}).status_code == 404


def test_a_drained_server_gets_no_new_numbers_and_says_how_many_remain(as_operator, server, shop):
    make_number(shop, server, "ze-1")

    as_operator.post(f"/servidores/{server.pk}/drenar/", {"drained": "1"})

    server.refresh_from_db()
    assert not server.accepts_new
    assert "Drenando: faltam 1" in page(as_operator.get("/servidores/"))


def test_a_key_that_cannot_be_read_any_more_is_asked_for_anew(as_operator, server, simulator):
    EvolutionServer.objects.update(encrypted_api_key="fernet:of-another-key")

    answer = as_operator.post(f"/servidores/{server.pk}/editar/", typed(simulator, api_key=""))
    assert answer.status_code == 422
    assert "Digite-a de novo" in page(answer)

    as_operator.post(f"/servidores/{server.pk}/editar/", typed(simulator))
    server.refresh_from_db()
    assert server.api_key == simulator.key


def test_a_server_with_an_impossible_address_keeps_nobody_else_from_being_looked_at(server, simulator, now):
    broken = EvolutionServer(name="Torto", url="ftp://x")
    broken.api_key = "key"
    broken.save()

    assert work.check_servers(now) == 1
    assert set(ServerCheck.objects.values_list("server__name", "state")) == {("Torto", "silent"), ("Simulador", "well")}


def test_a_server_goes_only_when_nobody_lives_there(as_operator, server, shop):
    number = make_number(shop, server, "ze-1")
    refused = as_operator.post(f"/servidores/{server.pk}/remover/")
    assert refused.status_code == 409
    assert "Ainda há números neste servidor: 1" in page(refused)

    shop.numbers.filter(pk=number.pk).update(state=ConnectionState.REMOVED, is_primary=False)
    as_operator.post(f"/servidores/{server.pk}/remover/")

    assert not EvolutionServer.objects.exists()
    number.refresh_from_db()
    assert number.server is None


def test_what_an_operator_does_with_a_server_is_in_the_audit_once(as_operator, operator, simulator):
    as_operator.post("/servidores/novo/", typed(simulator))
    path = f"/servidores/{EvolutionServer.objects.get().pk}/"
    as_operator.post(f"{path}editar/", typed(simulator, name="Reserva", api_key=""))
    for drained in ("1", "1", "0"):  # pressed twice: nothing more was done
        as_operator.post(f"{path}drenar/", {"drained": drained})
    as_operator.post(f"{path}remover/")

    acts = [(act.get_act_display(), act.by, act.subject) for act in OperatorAction.objects.order_by("pk")]
    assert acts == [
        ("Cadastrou o servidor", operator, f"Principal · {simulator.url}"),
        ("Alterou o servidor", operator, f"Reserva · {simulator.url}"),
        ("Drenou o servidor", operator, f"Reserva · {simulator.url}"),
        ("Abriu o servidor a números novos", operator, f"Reserva · {simulator.url}"),
        ("Removeu o servidor", operator, f"Reserva · {simulator.url}"),
    ]
    shown = page(as_operator.get("/auditoria/?ato=server_drained"))
    assert shown.count(f"Reserva · {simulator.url}") == 1
    assert simulator.key not in shown


def test_every_server_is_looked_at_and_a_dead_one_says_so(server, simulator, now):
    dead = EvolutionServer(name="Morto", url="http://127.0.0.1:9")
    dead.api_key = "key"
    dead.save()

    assert work.check_servers(now) == 1

    states = {check.server_id: check.state for check in ServerCheck.objects.all()}
    assert states == {server.pk: ServerState.WELL, dead.pk: ServerState.SILENT}
    server.refresh_from_db()
    dead.refresh_from_db()
    assert (server.seen_at, dead.seen_at) == (now, None)
    assert (dead.state, dead.state_changed_at) == (ServerState.SILENT, now)
    assert server.response_ms is not None


def test_since_when_stays_while_a_server_stays_as_it_is(server, simulator, now):
    work.check_servers(now)
    work.check_servers(now + timedelta(minutes=1))
    server.refresh_from_db()
    assert server.state_changed_at == now

    simulator.switch(server_mode="licence")
    work.check_servers(now + timedelta(minutes=2))
    server.refresh_from_db()
    assert (server.state, server.state_changed_at) == (ServerState.LICENCE, now + timedelta(minutes=2))


def test_the_version_is_read_once_an_hour_and_whenever_somebody_looks(as_operator, server, simulator, now):
    def version_after(minutes):
        work.check_servers(now + timedelta(minutes=minutes))
        server.refresh_from_db()
        return server.version

    assert version_after(0) == "2.3.6"
    version_after(1)
    simulator.switch(server_version="2.2.3")
    assert version_after(2) == "2.3.6"
    assert version_after(62) == "2.2.3"
    assert server.state == ServerState.UNSUPPORTED

    simulator.switch(server_version="2.3.7")
    as_operator.post(f"/servidores/{server.pk}/conferir/")
    server.refresh_from_db()
    assert (server.version, server.state) == ("2.3.7", ServerState.WELL)


def test_a_server_that_asks_for_a_licence_is_not_shown_with_the_version_it_had(server, simulator, now):
    work.check_servers(now)
    simulator.switch(server_mode="licence", server_version="2.4.0")

    for minutes in (1, 2):
        work.check_servers(now + timedelta(minutes=minutes))

    server.refresh_from_db()
    assert (server.state, server.version) == (ServerState.LICENCE, "2.4.0")


def test_servers_are_listed_in_the_order_in_which_they_get_numbers(as_operator, server):
    for name, priority in (("Zona Sul", 5), ("Anexo", 0), ("Central", 5)):
        EvolutionServer.objects.create(name=name, url=f"http://{name[:4]}", priority=priority, encrypted_api_key="")
    EvolutionServer.objects.filter(name="Anexo").update(capacity=7)  # an update moves the row within its table

    told = page(as_operator.get("/servidores/"))

    assert sorted(("Central", "Zona Sul", "Anexo", server.name), key=lambda name: told.index(f">{name}</a>")) == [
        "Central",
        "Zona Sul",
        "Anexo",
        server.name,
    ]


def test_a_day_is_drawn_with_the_worst_of_each_half_hour(server, now):
    for minutes, state in ((1, "well"), (40, "slow"), (70, "silent"), (71, "well"), (72, "well"), (100, "silent")):
        ServerCheck.objects.create(server=server, at=now - timedelta(minutes=minutes), state=state, milliseconds=20)

    strip = strips([server], now=now)[server.pk]

    assert [piece.tone for piece in strip[-5:]] == ["mute", "red", "orange", "amber", "green"]
    assert strip[0].tone == "mute"


def test_the_list_costs_as_many_queries_with_three_servers_as_with_one(
    as_operator, server, shop, django_assert_num_queries
):
    def queries_with(count):
        for place in range(EvolutionServer.objects.count(), count):
            EvolutionServer.objects.create(name=f"S{place}", url=f"http://s{place}", encrypted_api_key="")
        with django_assert_num_queries(5) as counted:
            assert as_operator.get("/servidores/").status_code == 200
        return len(counted)

    ServerCheck.objects.create(server=server, at=timezone.now(), state="well", milliseconds=3)
    assert queries_with(1) == queries_with(3)
