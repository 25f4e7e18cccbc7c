"""Keys and secrets: what goes in, and that it comes out nowhere."""

import re

import pytest

from navalha.core.secrets import hashed
from navalha.whatsapp import actions, remotes, work
from navalha.whatsapp.models import EvolutionServer, RetiredRemote

pytestmark = pytest.mark.django_db
KEY = "uma-chave-muito-secreta-1234567890"


@pytest.fixture
def as_operator(client, operator):
    client.force_login(operator)
    return client


def server_form(**fields):
    return {
        "name": "Servidor 1",
        "url": "http://127.0.0.1:18803",
        "new_api_key": KEY,
        "capacity": 10,
        "priority": 0,
        "accepts_new": "on",
        **fields,
    }


def test_a_key_goes_in_and_never_comes_out_of_the_admin(as_operator):
    as_operator.post("/admin/whatsapp/evolutionserver/add/", server_form())
    server = EvolutionServer.objects.get()
    assert server.api_key == KEY

    pages = [
        as_operator.get("/admin/whatsapp/evolutionserver/").content.decode(),
        as_operator.get(f"/admin/whatsapp/evolutionserver/{server.pk}/change/").content.decode(),
        as_operator.get(f"/admin/whatsapp/evolutionserver/{server.pk}/history/").content.decode(),
    ]
    for page in pages:
        assert "Servidor 1" in page
        assert KEY not in page
        assert server.encrypted_api_key not in page
    assert re.search(r'<input type="password" name="new_api_key"(?![^>]*value=)', pages[1])


def test_an_empty_key_keeps_the_old_one_and_a_new_server_needs_one(as_operator):
    missing = as_operator.post("/admin/whatsapp/evolutionserver/add/", server_form(new_api_key=""))
    assert "precisa da chave" in missing.content.decode()
    as_operator.post("/admin/whatsapp/evolutionserver/add/", server_form())
    server = EvolutionServer.objects.get()

    changed = server_form(new_api_key="", name="Outro")
    as_operator.post(f"/admin/whatsapp/evolutionserver/{server.pk}/change/", changed)

    server.refresh_from_db()
    assert (server.name, server.api_key) == ("Outro", KEY)


def test_the_key_is_encrypted_at_rest(as_operator):
    as_operator.post("/admin/whatsapp/evolutionserver/add/", server_form())

    assert KEY not in EvolutionServer.objects.values_list("encrypted_api_key", flat=True).get()


@pytest.mark.parametrize("model", ["whatsappinstance", "connectionchange", "retiredremote", "webhookevent"])
def test_the_operator_sees_every_table_and_no_secret(as_operator, paired, ear, now, model):
    actions.disconnect(paired, now=now)
    retired = RetiredRemote.across_shops.get()

    page = as_operator.get(f"/admin/whatsapp/{model}/?q=recep").content.decode()

    assert "Selecione" in page or "resultado" in page
    assert retired.webhook_secret_hash not in page


def test_a_number_in_the_admin_shows_its_history_but_not_its_code(as_operator, number, ear, now):
    number = actions.start_pairing(number, now=now)

    page = as_operator.get(f"/admin/whatsapp/whatsappinstance/{number.pk}/change/").content.decode()

    assert number.remote_name in page
    assert "awaiting_qr" in page
    assert number.qr_code not in page
    assert number.webhook_secret_hash not in page


def test_no_secret_is_in_a_page_or_a_log(as_owner, paired, ear, simulator, now, caplog):
    caplog.set_level("DEBUG")
    as_owner.post(f"/whatsapp/{paired.pk}/desconectar/")
    as_owner.post(f"/whatsapp/{paired.pk}/gerar-qrcode/")
    with simulator.stopped():
        work.check_connections(now)
    paired.refresh_from_db()
    secrets_known = {*ear.keys, simulator.key, paired.webhook_secret_hash, *map(hashed, ear.keys)} - {""}
    assert len(secrets_known) >= 4

    seen = [caplog.text]
    paths = ("/whatsapp/", f"/whatsapp/{paired.pk}/", f"/whatsapp/{paired.pk}/status/", "/whatsapp/list/api/")
    seen += [as_owner.get(path).content.decode() for path in paths]

    for text in seen:
        assert text
        assert not [secret for secret in secrets_known if secret in text]
        assert "5511999990001" not in caplog.text


def test_a_wrong_key_of_ours_is_no_crash_and_blames_nobodys_phone(as_owner, number, server, caplog):
    server.api_key = "outra-chave"
    server.save()

    answer = as_owner.post(f"/whatsapp/{number.pk}/gerar-qrcode/")

    assert answer.status_code == 503
    assert answer.json()["error_code"] == "server_key"
    assert "não há nada de errado com o seu celular" in answer.json()["error"]
    assert "pairing_failed" in caplog.text


def test_a_key_that_nobody_can_open_any_more_is_no_crash(as_owner, number, server, settings):
    from cryptography.fernet import Fernet

    settings.FIELD_KEYS = [Fernet.generate_key().decode()]

    answer = as_owner.post(f"/whatsapp/{number.pk}/gerar-qrcode/")

    assert (answer.status_code, answer.json()["error_code"]) == (503, "server_key")


def test_remote_names_are_readable_unguessable_and_always_valid():
    names = {remotes.new_remote_name("Barbearia_do-Zé") for _ in range(200)}

    assert len(names) == 200
    assert all(re.fullmatch(r"barbearia-do-z-[a-z0-9]{8}", name) for name in names)
    assert re.fullmatch(r"loja-[a-z0-9]{8}", remotes.new_remote_name("---"))
    assert len(remotes.new_remote_name("x" * 200)) <= 61


def test_a_server_that_is_saved_is_asked_for_its_version_again_and_the_list_shows_it(as_operator, number, ear, now):
    actions.start_pairing(number, now=now)
    listed = as_operator.get("/admin/whatsapp/evolutionserver/").content.decode()
    assert '<td class="field-version">2.3.6</td>' in listed

    as_operator.post(f"/admin/whatsapp/evolutionserver/{number.server_id}/change/", server_form(new_api_key=""))

    assert EvolutionServer.objects.get().version == ""
