"""The addresses that scripts use: JSON, Portuguese sentences, proper status codes."""

import base64
import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from navalha.web.limits import allow
from navalha.whatsapp import actions, pairing_views
from navalha.whatsapp.models import ConnectionState as S

pytestmark = pytest.mark.django_db

AS_HTMX = {"HTTP_HX_REQUEST": "true"}
AS_BROWSER = {"HTTP_ACCEPT": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_gerar_qrcode_answers_a_script_with_the_code(as_owner, number, ear):
    answer = as_owner.post(f"/whatsapp/{number.pk}/gerar-qrcode/")

    fields = answer.json()
    assert answer.status_code == 200
    assert (fields["status"], fields["state"]) == ("Aguardando QR Code", "awaiting_qr")
    assert base64.b64decode(fields["qr_code"]).startswith(b"\x89PNG")
    assert fields["qr_code_expires_at"] < fields["pairing_expires_at"]


def test_gerar_qrcode_answers_htmx_with_a_part(as_owner, number, ear):
    answer = as_owner.post(f"/whatsapp/{number.pk}/gerar-qrcode/", **AS_HTMX)

    assert answer.status_code == 200
    part = answer.content.decode()
    assert 'data-step="code"' in part
    assert "<html" not in part


def test_gerar_qrcode_brings_a_browser_without_script_to_the_detail(as_owner, number, ear):
    answer = as_owner.post(f"/whatsapp/{number.pk}/gerar-qrcode/", **AS_BROWSER)

    assert answer.status_code == 302
    assert answer["Location"] == f"/whatsapp/{number.pk}/#qr"


def test_gerar_qrcode_of_a_connected_number_is_refused_with_what_to_do(as_owner, paired):
    answer = as_owner.post(f"/whatsapp/{paired.pk}/gerar-qrcode/")

    assert answer.status_code == 409
    assert "toque antes em “Desconectar”" in answer.json()["error"]


def test_gerar_qrcode_of_a_connected_number_shows_people_that_it_is(as_owner, paired):
    part = as_owner.post(f"/whatsapp/{paired.pk}/gerar-qrcode/", **AS_HTMX).content.decode()

    assert "WhatsApp conectado" in part


def test_gerar_qrcode_with_a_dead_server_is_503_with_a_sentence(as_owner, number, simulator):
    with simulator.stopped():
        answer = as_owner.post(f"/whatsapp/{number.pk}/gerar-qrcode/")

    assert answer.status_code == 503
    assert answer.json()["error"] == (
        "Não conseguimos falar com o servidor do WhatsApp agora. Tente de novo em um minuto."
    )
    assert answer.json()["state"] == "error"


def test_desconectar_takes_the_number_out_of_service(as_owner, paired, simulator):
    answer = as_owner.post(f"/whatsapp/{paired.pk}/desconectar/")

    assert answer.json()["state"] == "disconnected"
    assert simulator.state()["instances"] == []
    assert as_owner.post(f"/whatsapp/{paired.pk}/desconectar/").status_code == 409


def test_set_primary_moves_the_star(as_owner, shop, paired, now):
    other = actions.add_number(shop, name="Outro", now=now)

    answer = as_owner.post(f"/whatsapp/{other.pk}/set-primary/")

    assert answer.json()["is_primary"] is True
    assert list(shop.numbers.filter(is_primary=True)) == [other]


def test_set_primary_offers_to_undo_it(as_owner, shop, paired, now):
    other = actions.add_number(shop, name="Outro", now=now)

    toast = undo_of(as_owner.post(f"/whatsapp/{other.pk}/set-primary/", **AS_HTMX))

    assert toast.startswith(f"/whatsapp/{paired.pk}/set-primary/?desfazer=")
    as_owner.post(toast, **AS_HTMX)
    assert list(shop.numbers.filter(is_primary=True)) == [paired]


def test_set_primary_is_not_undone_over_a_later_choice(as_owner, shop, paired, now):
    other, third = (actions.add_number(shop, name=name, now=now) for name in ("Outro", "Mais um"))
    toast = undo_of(as_owner.post(f"/whatsapp/{other.pk}/set-primary/", **AS_HTMX))
    as_owner.post(f"/whatsapp/{third.pk}/set-primary/", **AS_HTMX)

    assert as_owner.post(toast, **AS_HTMX).status_code == 409
    assert list(shop.numbers.filter(is_primary=True)) == [third]


def undo_of(answer):
    """Where the button of the toast posts to."""
    [item] = [item for item in json.loads(answer["HX-Trigger"])["toast"]["items"] if "undo" in item]
    return item["undo"]


def test_cancelar_ends_the_pairing(as_owner, number, ear, simulator):
    as_owner.post(f"/whatsapp/{number.pk}/gerar-qrcode/")

    assert as_owner.post(f"/whatsapp/{number.pk}/cancelar/").json()["state"] == "disconnected"
    assert simulator.state()["instances"] == []


def test_the_status_and_the_list_tell_the_same(as_owner, paired):
    paired.shop.numbers.update(checked_at=timezone.now())
    one = as_owner.get(f"/whatsapp/{paired.pk}/status/").json()
    every = as_owner.get("/whatsapp/list/api/").json()

    assert (one.pop("qr_code"), one.pop("connection_code")) == (None, None)
    assert every["numbers"] == [one]
    assert (every["total"], every["connected"]) == (1, 1)
    assert one["number_display"] == "+55 11 99999-0001"
    assert one["is_connected"] is True


@pytest.mark.parametrize("act", ["gerar-qrcode", "desconectar", "set-primary", "cancelar"])
def test_a_button_is_no_page(as_owner, number, act):
    script = as_owner.get(f"/whatsapp/{number.pk}/{act}/")
    person = as_owner.get(f"/whatsapp/{number.pk}/{act}/", **AS_BROWSER)

    assert (script.status_code, person.status_code) == (405, 405)
    assert script["Allow"] == "POST"
    assert "error" in script.json()
    assert "toque nele" in person.content.decode()


def test_what_is_not_there_is_404_in_json_with_a_sentence(as_owner):
    answer = as_owner.get("/whatsapp/99999999/status/")

    assert answer.status_code == 404
    assert answer.json() == {"error": "Não há um número com este endereço na sua barbearia."}


def test_nobody_gets_401_as_a_script_and_the_log_in_as_a_person(client, number):
    script = client.get(f"/whatsapp/{number.pk}/status/", HTTP_ACCEPT="application/json")
    person = client.get(f"/whatsapp/{number.pk}/", **AS_BROWSER)

    assert script.status_code == 401
    assert person.status_code == 302
    assert person["Location"].startswith("/entrar/")


def test_a_number_is_added_renamed_and_removed(as_owner, shop, server):
    added = as_owner.post("/whatsapp/novo/", {"name": "  Recepção "}, **AS_BROWSER)
    number = shop.numbers.get()
    assert added["Location"] == f"/whatsapp/{number.pk}/"
    assert (number.name, number.state, number.server, number.remote_name) == ("Recepção", S.CREATED, server, None)

    as_owner.post(f"/whatsapp/{number.pk}/renomear/", {"name": "Balcão"}, **AS_BROWSER)
    number.refresh_from_db()
    assert number.name == "Balcão"

    assert "Sim, remover" in as_owner.get(f"/whatsapp/{number.pk}/remover/", **AS_BROWSER).content.decode()
    as_owner.post(f"/whatsapp/{number.pk}/remover/", **AS_BROWSER)
    number.refresh_from_db()
    assert number.state == S.REMOVED


@pytest.mark.parametrize(("name", "words"), [("", "Dê um nome"), ("x" * 61, "no máximo 60"), ("recepção", "Já existe")])
def test_a_bad_name_is_told_and_what_was_typed_stays(as_owner, number, name, words):
    answer = as_owner.post("/whatsapp/novo/", {"name": name}, **AS_BROWSER)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert f'value="{name}"' in answer.content.decode() or not name


def test_without_a_server_with_room_the_owner_gets_a_plain_sentence(as_owner, shop):
    answer = as_owner.post("/whatsapp/novo/", {"name": "Recepção"}, **AS_BROWSER)

    assert "Não há vaga para mais um número agora." in answer.content.decode()
    assert not shop.numbers.exists()


def test_a_shop_that_asks_for_codes_without_end_is_told_when_to_try_again(as_owner, shop, number, simulator):
    spend(pairing_views.PAIRINGS, shop)

    script = as_owner.post(f"/whatsapp/{number.pk}/gerar-qrcode/")
    window = as_owner.post(f"/whatsapp/{number.pk}/gerar-qrcode/", **AS_HTMX)
    page = as_owner.post(f"/whatsapp/{number.pk}/gerar-qrcode/", **AS_BROWSER)

    assert [answer.status_code for answer in (script, window, page)] == [429, 429, 429]
    sentence = re.compile(r"Muitos códigos pedidos em pouco tempo\. Tente de novo daqui a (\d+) minutos?\.")
    found = sentence.fullmatch(script.json()["error"])
    assert found
    assert 1 <= int(found[1]) <= 10
    assert script["Retry-After"] == str(int(found[1]) * 60)
    assert sentence.search(window.content.decode())
    assert "<html" not in window.content.decode()
    assert sentence.search(page.content.decode())
    assert "<html" in page.content.decode()
    number.refresh_from_db()
    assert (number.state, simulator.state()["instances"]) == (S.CREATED, [])


def test_what_one_shop_asks_for_does_not_count_for_another(as_owner, other_shop, number, ear):
    spend(pairing_views.PAIRINGS, other_shop)

    assert as_owner.post(f"/whatsapp/{number.pk}/gerar-qrcode/").status_code == 200


def spend(limit, shop):
    """Use the limit up: in this window of the clock and, should it end meanwhile, in the next."""
    for now in (timezone.now(), timezone.now() + timedelta(seconds=limit.seconds)):
        assert [allow(limit, str(shop.pk), now=now) for _try in range(limit.most)] == [True] * limit.most
