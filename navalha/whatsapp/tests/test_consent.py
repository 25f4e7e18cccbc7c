"""What a shop reads and accepts once, before its first pairing."""

import pytest

from conftest import make_member
from navalha.accounts.models import Role
from navalha.core.errors import Refused
from navalha.whatsapp import actions, consent
from navalha.whatsapp.models import ConnectionState as S

from .test_scripts import AS_BROWSER, AS_HTMX

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer(shop, number, ear):
    """The number of a shop that has read nothing yet."""
    shop.connection_consents.all().delete()
    return number


def gerar(client, number, data=None, **headers):
    return client.post(f"/whatsapp/{number.pk}/gerar-qrcode/", data or {}, **headers)


def test_the_first_press_shows_the_note_instead_of_a_code(as_owner, newcomer, simulator):
    part = gerar(as_owner, newcomer, **AS_HTMX).content.decode()

    assert 'data-step="consent"' in part
    for words in (*consent.NOTE.risks, *consent.NOTE.helps):
        assert str(words) in part
    assert "Li e aceito, gerar QR" in part
    assert simulator.state()["instances"] == []


def test_accepting_makes_the_code_and_keeps_who_when_and_which_text(as_owner, shop, owner, newcomer):
    part = gerar(as_owner, newcomer, {"accept": consent.VERSION}, **AS_HTMX).content.decode()

    assert 'data-step="code"' in part
    given = shop.connection_consents.get()
    assert (given.version, given.by, given.by_email) == (consent.VERSION, owner, owner.email)
    assert given.accepted_at is not None


def test_once_accepted_nobody_is_asked_again(as_owner, shop, newcomer):
    gerar(as_owner, newcomer, {"accept": consent.VERSION})
    first = shop.connection_consents.get().accepted_at

    gerar(as_owner, newcomer, {"accept": consent.VERSION})

    assert shop.connection_consents.get().accepted_at == first
    assert gerar(as_owner, newcomer).status_code == 200


def test_there_is_no_way_round(as_owner, newcomer, simulator, now):
    script = gerar(as_owner, newcomer)
    letters = as_owner.post(f"/whatsapp/{newcomer.pk}/codigo/", {"phone": "11 99999-0001"})
    browser = gerar(as_owner, newcomer, **AS_BROWSER)
    with pytest.raises(Refused, match="ler e aceitar o aviso"):
        actions.start_pairing(newcomer, now=now)

    assert (script.status_code, letters.status_code) == (422, 422)
    assert "aviso sobre os riscos" in script.json()["error"]
    assert script.json()["consent"]["version"] == consent.VERSION
    assert script.json()["consent"]["risks"] == [str(words) for words in consent.NOTE.risks]
    assert browser["Location"] == f"/whatsapp/{newcomer.pk}/aviso/"
    newcomer.refresh_from_db()
    assert (newcomer.state, simulator.state()["instances"]) == (S.CREATED, [])


@pytest.mark.parametrize("version", ["0", "99", "abc", "-1"])
def test_a_text_that_is_not_the_present_one_cannot_be_accepted(as_owner, shop, newcomer, version):
    answer = gerar(as_owner, newcomer, {"accept": version})

    assert answer.status_code == 422
    assert "O aviso mudou" in answer.json()["error"]
    assert not shop.connection_consents.exists()


def test_a_new_text_asks_again(as_owner, shop, newcomer, monkeypatch):
    gerar(as_owner, newcomer, {"accept": consent.VERSION})
    as_owner.post(f"/whatsapp/{newcomer.pk}/cancelar/")
    monkeypatch.setattr(consent, "VERSION", consent.VERSION + 1)

    assert gerar(as_owner, newcomer).status_code == 422
    assert 'data-step="consent"' in gerar(as_owner, newcomer, **AS_HTMX).content.decode()


def test_without_script_the_note_is_a_page_of_its_own(as_owner, shop, newcomer):
    page = as_owner.get(f"/whatsapp/{newcomer.pk}/aviso/", **AS_BROWSER).content.decode()
    assert "Li e aceito, gerar QR" in page

    answer = gerar(as_owner, newcomer, {"accept": consent.VERSION}, **AS_BROWSER)

    assert answer["Location"] == f"/whatsapp/{newcomer.pk}/#qr"
    page = as_owner.get(f"/whatsapp/{newcomer.pk}/aviso/", **AS_BROWSER).content.decode()
    assert "Lido e aceito por dono@navalha.example" in page
    assert "Li e aceito" not in page


def test_the_reception_reads_the_note_and_accepts_nothing(client, shop, newcomer):
    client.force_login(make_member(shop, "recepcao@navalha.example", Role.RECEPTION))

    page = client.get(f"/whatsapp/{newcomer.pk}/aviso/").content.decode()

    assert "O dono ou o gerente aceita este aviso" in page
    assert gerar(client, newcomer, {"accept": consent.VERSION}).status_code == 404
    assert not shop.connection_consents.exists()
