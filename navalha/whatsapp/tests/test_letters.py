"""Connecting by a code of eight letters, typed on the phone, instead of reading a QR."""

from datetime import timedelta

import pytest

from navalha.evolution.events import ConnectionChanged, QrUpdated
from navalha.evolution.types import ConnectionState as Remote
from navalha.whatsapp import actions, pairing_views, work
from navalha.whatsapp.causes import trouble_of
from navalha.whatsapp.models import ConnectionState as S
from navalha.whatsapp.models import RetiredRemote

from .test_scripts import AS_BROWSER, AS_HTMX, spend

pytestmark = pytest.mark.django_db

PHONE = "+5511999990001"


@pytest.fixture
def lettered(number, ear, now):
    """A number that waits for the letters to be typed."""
    number = actions.start_pairing(number, now=now, phone=PHONE)
    ear.then("qrcode.updated", now)
    number.refresh_from_db()
    return number


def type_letters(simulator, number, code=None):
    path = f"instances/{number.remote_name}/scan-code"
    return simulator.post(path, code=code or number.connection_code_display)["ok"]


def test_the_letters_come_with_their_expiry(lettered, simulator, now):
    assert lettered.connection_code == simulator.instance(lettered.remote_name)["qr"]["pairing_code"]
    assert lettered.connection_code_display == f"{lettered.connection_code[:4]}-{lettered.connection_code[4:]}"
    assert lettered.qr_code_expires_at == now + timedelta(seconds=45)
    assert lettered.pairing_phone == PHONE


def test_typed_on_the_phone_the_number_is_connected_and_keeps_no_letters(lettered, ear, simulator, now):
    assert type_letters(simulator, lettered)
    ear.then("connection.update", now, state="open")

    lettered.refresh_from_db()
    assert (lettered.state, lettered.number) == (S.CONNECTED, PHONE)
    assert (lettered.connection_code, lettered.pairing_phone) == ("", "")


def test_a_qr_session_has_no_letters(number, ear, now):
    number = actions.start_pairing(number, now=now)
    actions.record_qr(number, QrUpdated(number.remote_name, "2@another", "ABCDEFGH"), now)

    number.refresh_from_db()
    assert number.connection_code == ""


def test_from_qr_to_letters_begins_anew_and_the_same_again_joins(number, ear, now):
    """Letters are only given to a connection that is just beginning (FACTS C)."""
    first = actions.start_pairing(number, now=now)
    second = actions.start_pairing(number, now=now, phone=PHONE)
    third = actions.start_pairing(number, now=now, phone=PHONE)

    assert first.remote_name != second.remote_name == third.remote_name
    assert second.connection_code == third.connection_code != ""
    assert RetiredRemote.across_shops.get().remote_name == first.remote_name


@pytest.mark.usefixtures("rotating")
def test_the_letters_change_with_the_qr_three_times_and_then_it_is_over(lettered, ear, simulator, now):
    first = lettered.connection_code
    for code in (2, 3):
        ear.then("qrcode.updated", now + timedelta(seconds=45 * (code - 1)))
        lettered.refresh_from_db()
        assert lettered.qr_code_count == code
        assert lettered.connection_code not in ("", first)

    ear.then("qrcode.updated", now + timedelta(seconds=135))
    work.delete_retired(now)

    lettered.refresh_from_db()
    assert (lettered.state, lettered.error_code) == (S.DISCONNECTED, "code_refused")
    assert "leia o QR" in str(trouble_of(lettered).next_step)
    assert simulator.state()["instances"] == []


def test_letters_that_whatsapp_refuses_silently_end_by_themselves(lettered, simulator, now):
    simulator.switch(code_refused=True)
    assert type_letters(simulator, lettered) is False

    assert work.expire_pairings(now + timedelta(minutes=5)) == 1

    lettered.refresh_from_db()
    assert lettered.error_code == "code_refused"


def test_a_drop_before_the_letters_were_typed_asks_for_another_code(lettered, now):
    """RECORDED 17: connecting, then logged out with 401."""
    for state, reason in ((Remote.CONNECTING, 200), (Remote.CLOSE, 401)):
        actions.record_connection(
            lettered, ConnectionChanged(lettered.remote_name, state, reason, None, None, None), now
        )

    lettered.refresh_from_db()
    assert (lettered.state, lettered.error_code, lettered.remote_name) == (S.DISCONNECTED, "code_failed", None)


# ---- the addresses


@pytest.mark.parametrize("typed", ["11 99999-0001", "(011) 99999.0001", "+55 11 99999-0001", "5511999990001"])
def test_a_phone_is_understood_in_every_form_in_which_it_is_pasted(as_owner, number, ear, typed):
    fields = as_owner.post(f"/whatsapp/{number.pk}/codigo/", {"phone": typed}).json()

    number.refresh_from_db()
    assert number.pairing_phone == PHONE
    assert fields["connection_code"] == number.connection_code != ""


@pytest.mark.parametrize(("typed", "words"), [("", "Digite o telefone"), ("123", "Não reconhecemos este telefone")])
def test_what_is_no_phone_is_told_and_stays_typed(as_owner, number, typed, words):
    window = as_owner.post(f"/whatsapp/{number.pk}/codigo/", {"phone": typed}, **AS_HTMX)
    page = as_owner.post(f"/whatsapp/{number.pk}/codigo/", {"phone": typed}, **AS_BROWSER)
    script = as_owner.post(f"/whatsapp/{number.pk}/codigo/", {"phone": typed})

    assert [answer.status_code for answer in (window, page, script)] == [422, 422, 422]
    for answer in (window, page):
        assert words in answer.content.decode()
        assert f'value="{typed}"' in answer.content.decode()
    assert words in script.json()["error"]
    number.refresh_from_db()
    assert number.state == S.CREATED


def test_the_window_shows_the_letters_large_and_spells_them(as_owner, number, ear):
    part = as_owner.post(f"/whatsapp/{number.pk}/codigo/", {"phone": PHONE}, **AS_HTMX).content.decode()

    number.refresh_from_db()
    assert number.connection_code_display in part
    assert f'data-say="Código 1: {", ".join(number.connection_code)}. Digite no celular."' in part
    assert "Código 1 de 3" in part
    assert "Conectar com número de telefone" in part
    assert 'class="qr"' not in part


def test_without_script_the_letters_stand_on_the_number_page(as_owner, number, ear):
    assert (
        "Telefone do WhatsApp da barbearia"
        in as_owner.get(f"/whatsapp/{number.pk}/codigo/", **AS_BROWSER).content.decode()
    )
    answer = as_owner.post(f"/whatsapp/{number.pk}/codigo/", {"phone": PHONE}, **AS_BROWSER)

    page = as_owner.get(answer["Location"].partition("#")[0], **AS_BROWSER).content.decode()
    number.refresh_from_db()
    assert number.connection_code_display in page


def test_only_who_may_pair_reads_the_letters(client, as_owner, shop, number, ear):
    from conftest import make_member
    from navalha.accounts.models import Role

    as_owner.post(f"/whatsapp/{number.pk}/codigo/", {"phone": PHONE})
    number.refresh_from_db()
    client.force_login(make_member(shop, "recepcao@navalha.example", Role.RECEPTION))

    assert "connection_code" not in client.get(f"/whatsapp/{number.pk}/status/").json()
    assert number.connection_code_display not in client.get(f"/whatsapp/{number.pk}/").content.decode()


def test_who_asks_for_letters_too_often_is_told_when_to_try_again_and_offered_the_qr(as_owner, number, simulator):
    spend(pairing_views.LETTERS, number)

    script = as_owner.post(f"/whatsapp/{number.pk}/codigo/", {"phone": PHONE})
    window = as_owner.post(f"/whatsapp/{number.pk}/codigo/", {"phone": PHONE}, **AS_HTMX)

    assert (script.status_code, window.status_code) == (429, 429)
    assert 1 <= int(script["Retry-After"]) <= 1800
    assert "Ler QR" in window.content.decode()
    assert simulator.state()["instances"] == []
