"""Each check of the doctor, well and ill, and what the command makes of them."""

import io
import json
import re
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from conftest import make_number
from navalha.accounts.models import ShopState
from navalha.doctor import background, checkup, database, installation, servers
from navalha.doctor.checkup import Check, examine, exit_code
from navalha.doctor.findings import Finding, Level, Line, fine
from navalha.messaging.models import Direction, MessageState
from navalha.messaging.tests.helpers import connected_number
from navalha.whatsapp.models import EventState, EvolutionServer
from navalha.worker.every import NETWORK, ROWS

pytestmark = pytest.mark.django_db
WELL, WARNED, ILL = Level.OK, Level.WARNING, Level.FAILURE
LONG_KEY = "k9$Lw0-pQz7!mVb2xRt5&nYc8uJf3hGd6sAe1oZi4kXq~WvB"[:40] + "0123456789abcdef"


def levels(found) -> list[Level]:
    return [finding.level for finding in ([found] if isinstance(found, Finding) else found)]


# ---- the database


def test_the_database_of_the_tests_is_well(now):
    assert levels(database.reachable(now)) == levels(database.migrated(now)) == [WELL]


def test_a_database_that_is_away_is_told_with_its_mend(now, monkeypatch):
    def gone(*_args: object) -> None:
        raise connection.Database.OperationalError("could not connect")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "create_cursor", gone)
        found = database.reachable(now)

    assert found.level == ILL
    assert "DATABASE_URL" in found.mend


@pytest.mark.parametrize(("number", "level"), [(140000, WELL), (180004, WELL), (130012, ILL)])
def test_postgresql_13_is_too_old(number, level):
    assert database.of_version(number).level == level


def test_a_missing_migration_is_named(now):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'web' AND name = '0002_counter_names'")

    found = database.migrated(now)

    assert found.level == ILL
    assert "web.0002_counter_names" in found.words
    assert "migrate" in found.mend


def test_a_missing_cache_table_is_found(now):
    assert levels(database.cached(now)) == [WELL]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE django_cache")

    found = database.cached(now)

    assert found.level == ILL
    assert "createcachetable" in found.mend


@pytest.mark.parametrize(("seconds", "level"), [(0, WELL), (-1, WELL), (3, WARNED), (-45, ILL)])
def test_clocks_that_differ_are_told(now, seconds, level):
    assert database.clocks(now, now + timedelta(seconds=seconds)).level == level


# ---- what the environment says


def test_the_tests_own_secret_key_is_too_short_and_a_long_one_is_not(now, settings):
    assert installation.secret_key(now).level == WARNED
    settings.SECRET_KEY = LONG_KEY
    assert installation.secret_key(now).level == WELL


def test_a_field_key_that_is_none_is_found(now, settings):
    assert installation.field_keys(now).level == WELL
    settings.FIELD_KEYS = [*settings.FIELD_KEYS, "nada"]
    found = installation.field_keys(now)
    assert (found.level, found.words) == (ILL, "A 2ª chave de FIELD_KEYS não é uma chave Fernet.")


@pytest.mark.parametrize(
    ("changes", "level", "word"),
    [
        ({}, WELL, "127.0.0.1"),
        ({"SITE_URL": "https://navalha.example", "ALLOWED_HOSTS": ["navalha.example"]}, WELL, "navalha.example"),
        ({"SITE_URL": "https://navalha.example"}, ILL, "ALLOWED_HOSTS não tem navalha.example"),
        ({"SITE_URL": "http://navalha.example", "ALLOWED_HOSTS": [".example"]}, WARNED, "http"),
        ({"WEBHOOK_BASE_URL": "navalha.example"}, ILL, "WEBHOOK_BASE_URL não é um endereço"),
        ({"ALLOWED_HOSTS": ["*"]}, WARNED, "qualquer"),
        ({"DEBUG": True}, ILL, "DEBUG"),
    ],
)
def test_addresses_that_nobody_can_use_are_found(now, settings, changes, level, word):
    for name, value in changes.items():
        setattr(settings, name, value)
    found = installation.addresses(now)
    assert found.level == level
    assert word in found.words


def test_mail_that_goes_nowhere_is_a_warning_and_a_dead_server_a_failure(now, settings):
    settings.DEFAULT_FROM_EMAIL = "Navalha <ola@navalha.example>"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert installation.mail(now).level == WELL
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert installation.mail(now).level == WARNED
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert installation.mail(now).level == ILL


def test_a_sender_at_localhost_is_a_warning(now, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "Navalha <nao-responda@localhost>"
    assert installation.mail(now).level == WARNED


def test_missing_time_zone_data_is_found(now):
    assert installation.zones(now).level == WELL
    found = installation.known(["America/Noronha", "America/Atlantida"])
    assert (found.level, found.words) == (ILL, "Faltam dados de fuso horário: America/Atlantida.")


def test_static_files_that_nobody_collected_are_found(now, settings, tmp_path):
    settings.STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
    settings.STATIC_ROOT = tmp_path
    assert installation.static_files(now).level == ILL

    (tmp_path / "staticfiles.json").write_text(json.dumps({"paths": {"css/app.css": "app.1.css"}}))
    assert installation.static_files(now).level == ILL, "the list is there and the file is not"
    (tmp_path / "app.1.css").touch()
    assert installation.static_files(now).level == WELL


@pytest.mark.parametrize(("free", "level"), [(5 * 1024**3, WELL), (900 * 1024**2, WARNED), (50 * 1024**2, ILL)])
def test_a_full_disk_is_told_before_it_is_full(free, level):
    assert installation.room(free).level == level


# ---- what happens unasked


def heartbeat(seconds_ago: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s))",
            [seconds_ago],
        )


def test_a_worker_is_alive_silent_or_missing():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
    assert background.worker(timezone.now()).level == ILL
    heartbeat(100)
    silent = background.worker(timezone.now())
    assert silent.level == ILL
    assert "não dá sinal" in silent.words
    heartbeat(1)
    assert background.worker(timezone.now()).level == WELL


def test_a_lane_whose_jobs_nobody_takes_is_named(now):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('network', 'navalha.outbox') RETURNING id"
        )
        job = cursor.fetchone()[0]
        cursor.execute("UPDATE procrastinate_events SET at = %s WHERE job_id = %s", [now - timedelta(minutes=7), job])

    assert background.lane(NETWORK, now).words == "1 trabalhos esperam há até 7 min."
    assert background.lane(ROWS, now).level == WELL
    assert background.lane(NETWORK, now - timedelta(minutes=6)).level == WELL, "a minute is no delay"


def event(number, now, **fields):
    values = {"event": "messages.upsert", "dedupe_key": "a", "payload": {}, "received_at": now, "due_at": now}
    return number.webhook_events.create(shop=number.shop, **{**values, **fields})


def test_events_that_wait_and_events_in_quarantine_are_counted(shop, server, now):
    number = make_number(shop, server, "ze-1")
    event(number, now)
    assert background.inbox(now).level == background.quarantine(now).level == WELL

    assert background.inbox(now + timedelta(minutes=9)).words == "1 eventos recebidos esperam há até 9 min."
    event(number, now, dedupe_key="b", state=EventState.QUARANTINED)
    found = background.quarantine(now)
    assert (found.level, found.words[:25]) == (WARNED, "1 eventos em quarentena: ")


def test_messages_that_should_have_gone_out_are_counted_and_those_that_wait_rightly_are_not(shop, server, now):
    late = shop.messages.create(
        direction=Direction.OUT, address="+5511988887777", text="Oi", state=MessageState.QUEUED, due_at=now
    )
    later = now + timedelta(minutes=20)
    assert background.outbox(later).level == WELL, "no number is connected"
    make_number(shop, server, "ze-1")
    assert background.outbox(later).level == ILL
    shop.state = ShopState.SUSPENDED
    shop.save()
    assert background.outbox(later).level == WELL, "the shop is suspended"

    assert background.leases(later).level == WELL
    late.state, late.lease_until = MessageState.SENDING, now
    late.save()
    assert background.leases(later).level == ILL


# ---- Evolution servers


def test_a_server_key_that_nothing_opens_is_found(server, now, settings):
    assert servers.keys(now).level == WELL
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    found = servers.keys(now)
    assert (found.level, found.words) == (ILL, "FIELD_KEYS não abre a chave de: Simulador.")


def test_a_server_that_answers_is_well_and_none_at_all_is_a_warning(now, server):
    [found] = servers.answer(now)
    assert (found.level, found.words) == (WELL, "Simulador: versão 2.3.6, chave aceita, instâncias: 0.")
    EvolutionServer.objects.all().delete()
    assert levels(servers.answer(now)) == [WARNED]


@pytest.mark.parametrize(
    ("switches", "word"),
    [
        ({"server_mode": "licence"}, "503 LICENSE_REQUIRED"),
        ({"server_mode": "503"}, "responde com erro (503"),
        ({"list_500": True}, "responde com erro (500"),
        ({"server_version": "2.2.3"}, "versão 2.2.3 não é aceita"),
    ],
)
def test_what_is_wrong_with_a_server_is_told(server, simulator, now, switches, word):
    simulator.switch(**switches)
    [found] = servers.answer(now)
    assert found.level == ILL
    assert word in found.words
    assert found.mend


def test_a_refused_key_and_a_dead_server_are_told_apart(server, now):
    server.api_key = "errada"
    server.save()
    dead = EvolutionServer(name="Z morto", url="http://127.0.0.1:1")
    dead.api_key = "x"
    dead.save()

    refused, gone = servers.answer(now)

    assert refused.words == "Simulador: recusou a nossa chave."
    assert gone.words == "Z morto: não deu para conectar."


def test_a_server_whose_webhooks_do_not_come_is_a_warning(simulator, shop, server, now):
    assert levels(servers.webhooks(now)) == []
    number = connected_number(simulator, shop, server)
    assert levels(servers.webhooks(now)) == [WARNED]
    event(number, now)
    assert [finding.words for finding in servers.webhooks(now)] == ["Simulador: último aviso há 0 min."]

    before = now - timedelta(hours=1)  # and nobody has looked since: the pages say unstable
    fields = {"checked_at": before, "state_changed_at": before, "last_ack_at": None, "last_inbound_at": None}
    shop.numbers.update(**fields)
    assert levels(servers.webhooks(now)) == []


def test_a_local_webhook_address_is_wrong_for_a_server_elsewhere(server, now):
    elsewhere = EvolutionServer(name="Longe", url="https://evo.example")
    elsewhere.api_key = "x"
    elsewhere.save()
    [found] = servers.webhooks(now)
    assert found.level == ILL
    assert "WEBHOOK_BASE_URL" in found.words


def test_what_a_trial_of_a_servers_settings_found_is_told_and_an_old_one_is_none(server, now):
    [never] = servers.settings_of(now)
    assert (never.level, "nunca foram conferidas" in never.words) == (WARNED, True)
    bad = {"code": "messages", "verdict": "bad", "detail": {}}
    trial = server.trials.create(remote_name="t", asked_at=now, began_at=now, ended_at=now, findings=[bad])

    [found] = servers.settings_of(now)
    assert found.level == ILL
    assert "Mensagens são guardadas" in found.words
    assert found.mend == "No ambiente deste servidor: DATABASE_SAVE_DATA_NEW_MESSAGE=true"

    assert levels(servers.settings_of(now + timedelta(days=31))) == [WARNED]
    trial.findings = [{"code": "reach", "verdict": "good", "detail": {}}]
    trial.save()
    assert levels(servers.settings_of(now)) == [WELL]


# ---- the whole


def stumble(now):
    raise KeyError("nada")


def test_what_needs_a_failed_check_is_not_looked_at_and_one_that_stumbles_stops_nobody(now):
    checks = [
        Check("a", "A", lambda _now: Finding(ILL, "Quebrou.", "Conserte.")),
        Check("b", "B", stumble, ("a",)),
        Check("c", "C", stumble),
        Check("d", "D", lambda _now: fine("Bem.")),
    ]
    found = list(examine(now, checks))
    assert [line.level for line in found] == [ILL, Level.SKIPPED, ILL, WELL]
    assert "KeyError" in found[2].words


@pytest.mark.parametrize(
    ("found", "code"),
    [([WELL], 0), ([WELL, WARNED], 1), ([WARNED, ILL], 2), ([Level.SKIPPED], 2), ([], 0)],
)
def test_the_exit_code_says_how_bad_it_is(found, code):
    assert exit_code(Line("a", "A", level, "", "") for level in found) == code


def run(*words: str) -> tuple[object, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", *words, stdout=out)
    return ended.value.code, out.getvalue()


def test_people_read_lines_with_mends_and_programs_read_json(server):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")  # a story's worker that was killed leaves its row
    code, text = run()
    assert code == 2
    assert "✘ Worker: Nenhum worker está rodando: nada é enviado nem processado.\n    → Inicie `manage.py work`" in text
    assert re.search(r"\nFalhas: \d+ · Avisos: \d+ · Em ordem: \d+ · Sem olhar: \d+\n$", text)

    code, text = run("--json")
    assert code == 2
    report = json.loads(text)
    assert report["code"] == 2
    [worker] = [line for line in report["findings"] if line["check"] == "worker"]
    assert (worker["level"], bool(worker["mend"])) == ("failure", True)


def test_every_check_answers_here_with_a_title_and_a_mend_for_what_is_wrong(server, now):
    found = list(examine(now))
    assert {line.check for line in found} == {check.name for check in checkup.CHECKS} - {"webhooks"}
    assert all(line.mend for line in found if line.level in (WARNED, ILL))
    assert not [line for line in found if "parou com" in line.words]
