"""The pages of the numbers: what they show, to whom, and with how many queries."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import make_member, make_number
from navalha.accounts.models import Role
from navalha.whatsapp import actions
from navalha.whatsapp.models import ConnectionState as S

pytestmark = pytest.mark.django_db


def named(shop, server, name, state, **fields):
    return make_number(shop, server, f"{shop.slug}-{name.lower()}", name=name, state=state, **fields)


def test_the_dashboard_counts_and_shows_every_number(as_owner, shop, server, other_shop):
    named(shop, server, "Um", S.CONNECTED, connected_at=timezone.now())
    named(shop, server, "Dois", S.DISCONNECTED, is_primary=False, error_code="401")
    named(shop, server, "Tres", S.AWAITING_QR, is_primary=False, number="")
    named(shop, server, "Quatro", S.ERROR, is_primary=False, error_code="403")
    named(shop, server, "Cinco", S.REMOVED, is_primary=False)
    named(other_shop, server, "Alheio", S.CONNECTED)

    page = as_owner.get("/whatsapp/").content.decode()

    for counter, figure in (("total", 4), ("connected", 1), ("disconnected", 1), ("pending", 1), ("error", 1)):
        assert f'data-counter="{counter}">{figure}<' in page
    assert "+55 11 99999-0001" in page
    assert " Conectado <span" in page
    assert " Aguardando QR <span" in page
    assert "O WhatsApp foi desconectado pelo celular." in page
    assert "Alheio" not in page
    assert "Cinco" not in page
    for words in ("Gerar QR", "Desconectar", "Detalhes", "Principal"):
        assert words in page


def test_an_empty_shop_is_told_what_to_do_next(as_owner):
    page = as_owner.get("/whatsapp/").content.decode()

    assert "Nenhum WhatsApp conectado ainda." in page
    assert 'href="/whatsapp/novo/"' in page


@pytest.mark.parametrize("how_many", [1, 3])
@pytest.mark.parametrize(("path", "strips"), [("/whatsapp/", 2), ("/whatsapp/numeros/", 2), ("/whatsapp/list/api/", 0)])
def test_the_pages_need_the_same_queries_for_one_number_and_for_three(
    as_owner, shop, server, how_many, path, strips, django_assert_num_queries
):
    for place in range(how_many):
        named(shop, server, f"N{place}", S.CONNECTED, is_primary=place == 0)
    with django_assert_num_queries(4 + strips):  # session, person, memberships, numbers
        assert as_owner.get(path).status_code == 200


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_detail_needs_the_same_queries_for_a_short_and_a_long_history(
    as_owner, shop, server, owner, how_many, django_assert_num_queries
):
    number = named(shop, server, "Um", S.CONNECTED)
    for _ in range(how_many):
        number.changes.create(shop=shop, from_state="", to_state=S.CONNECTED, at=timezone.now(), by=owner)
    with django_assert_num_queries(7):  # session, person, memberships, number, history, two for the uptime
        assert as_owner.get(f"/whatsapp/{number.pk}/").status_code == 200


def test_the_detail_shows_what_the_founding_document_lists(as_owner, shop, server):
    number = named(
        shop, server, "Um", S.DISCONNECTED, session_id="QR429683C4C977415CAAF", error_code="401", is_primary=False
    )
    number.changes.create(
        shop=shop, from_state=S.CONNECTED, to_state=S.DISCONNECTED, at=timezone.now(), reason="Desligado de propósito."
    )

    page = as_owner.get(f"/whatsapp/{number.pk}/").content.decode()

    for words in (
        "WhatsApps",
        "QR429683C4C977415CAAF",
        "Conectado em",
        "O WhatsApp foi desconectado pelo celular.",
        "Gere um novo código e leia-o com o celular da barbearia.",
        "Gerar QR Code",
        "Definir como Principal",
        "Ver Detalhes Completos",
        "Criado",
        "Última atualização",
        "Status",
        "Desligado de propósito.",
    ):
        assert words in page, words


def test_the_detail_shows_the_code_and_until_when_it_is_valid(as_owner, shop, server):
    now = timezone.now()
    number = named(
        shop,
        server,
        "Um",
        S.AWAITING_QR,
        qr_code="aVZCT1I=",
        qr_code_expires_at=now + timedelta(seconds=40),
        qr_code_count=2,
        pairing_expires_at=now + timedelta(minutes=4),
    )

    page = as_owner.get(f"/whatsapp/{number.pk}/").content.decode()

    assert "data:image/png;base64,aVZCT1I=" in page
    assert "Válido até:" in page
    assert "Código 2" in page
    # With the address: a refresh of a page at `…#qr` would only jump to the mark, and not load anything.
    assert f'<noscript><meta http-equiv="refresh" content="5; url=/whatsapp/{number.pk}/"></noscript>' in page


def test_a_code_past_its_time_is_not_shown(as_owner, shop, server):
    now = timezone.now()
    late = {"qr_code": "aVZCT1I=", "qr_code_expires_at": now - timedelta(seconds=1)}
    number = named(shop, server, "Um", S.AWAITING_QR, pairing_expires_at=now + timedelta(minutes=4), **late)

    page = as_owner.get(f"/whatsapp/{number.pk}/").content.decode()
    fields = as_owner.get(f"/whatsapp/{number.pk}/status/").json()

    assert "aVZCT1I=" not in page
    assert (fields["qr_code"], fields["qr_code_is_valid"]) == (None, False)


def test_the_window_says_when_no_report_of_the_server_arrives(as_owner, shop, server):
    now = timezone.now()
    number = named(
        shop,
        server,
        "Um",
        S.AWAITING_QR,
        qr_code="aVZCT1I=",
        qr_code_expires_at=now + timedelta(seconds=15),
        pairing_expires_at=now + timedelta(minutes=4),
    )
    warning = "O servidor do WhatsApp não está conseguindo nos avisar"
    assert warning in as_owner.get(f"/whatsapp/{number.pk}/pareamento/").content.decode()

    number.webhook_events.create(
        shop=shop, event="qrcode.updated", dedupe_key="1", payload={}, received_at=now, due_at=now
    )

    assert warning not in as_owner.get(f"/whatsapp/{number.pk}/pareamento/").content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": S.CONNECTED}, "WhatsApp conectado"),
        ({"state": S.CONNECTING}, "Conectando…"),
        ({"state": S.CONNECTING, "since": 90}, "o WhatsApp não completou a conexão"),
        ({"state": S.AWAITING_QR}, "Gerando o código…"),
        ({"state": S.AWAITING_QR, "qr_code": "eA==", "stale": 5}, "Trocando o código…"),
        ({"state": S.AWAITING_QR, "qr_code": "eA==", "stale": 60}, "Gerar novo QR"),
        ({"state": S.DISCONNECTED, "error_code": "pairing_expired"}, "O tempo para ler o QR acabou."),
        ({"state": S.ERROR, "error_code": "used_elsewhere"}, "Este WhatsApp já está conectado em outra barbearia."),
    ],
)
def test_the_window_has_words_for_every_step(as_owner, shop, server, fields, words):
    now, fields = timezone.now(), dict(fields)
    if "stale" in fields:
        fields["qr_code_expires_at"] = now - timedelta(seconds=fields.pop("stale"))
    fields["state_changed_at"] = now - timedelta(seconds=fields.pop("since", 1))
    number = named(shop, server, "Um", fields.pop("state"), pairing_expires_at=now + timedelta(seconds=290), **fields)

    assert words in as_owner.get(f"/whatsapp/{number.pk}/pareamento/").content.decode()


def test_the_badge_of_the_shell_names_the_principal_and_its_state(as_owner, shop, server):
    assert "Sem WhatsApp" in as_owner.get("/whatsapp/saude/").content.decode()
    number = named(shop, server, "Um", S.UNSTABLE)

    part = as_owner.get("/whatsapp/saude/").content.decode()

    assert "Instável" in part
    assert f'href="/whatsapp/{number.pk}/"' in part


def test_the_badge_of_the_shell_tells_of_the_oldest_number_while_there_is_no_principal(as_owner, shop, server):
    number = named(shop, server, "Um", S.ERROR, error_code="needs_passkey", is_primary=False)
    named(shop, server, "Dois", S.CREATED, is_primary=False)

    part = as_owner.get("/whatsapp/saude/").content.decode()

    assert "Precisa de chave de acesso" in part
    assert f'href="/whatsapp/{number.pk}/"' in part


@pytest.mark.parametrize(("state", "words"), [(S.CONNECTED, "Conectado"), (S.AWAITING_QR, "Aguardando QR")])
def test_every_page_calls_a_state_by_the_same_words(as_owner, shop, server, state, words):
    number = named(shop, server, "Um", state, connected_at=timezone.now(), checked_at=timezone.now())

    for path in ("/whatsapp/", f"/whatsapp/{number.pk}/", "/whatsapp/saude/", "/inicio/"):
        assert f" {words} <span" in as_owner.get(path).content.decode(), path


def test_a_number_that_is_out_does_not_say_since_when_it_is_connected(as_owner, shop, server):
    number = named(shop, server, "Um", S.DISCONNECTED, connected_at=timezone.now(), error_code="401")

    for path in ("/whatsapp/", f"/whatsapp/{number.pk}/"):
        page = as_owner.get(path).content.decode()
        assert "Última conexão" in page
        assert "Conectado em" not in page


# ---- who may


def as_role(client, shop, role):
    client.force_login(make_member(shop, f"{role.name.lower()}@navalha.example", role))
    return client


SEEN = ["/whatsapp/", "/whatsapp/{pk}/", "/whatsapp/{pk}/status/", "/whatsapp/list/api/"]
MANAGED = ["gerar-qrcode", "desconectar", "set-primary", "cancelar", "renomear", "remover"]


@pytest.mark.parametrize("path", SEEN)
def test_the_reception_sees_the_numbers(client, shop, server, path):
    number = named(shop, server, "Um", S.CONNECTED)

    answer = as_role(client, shop, Role.RECEPTION).get(path.format(pk=number.pk))

    assert answer.status_code == 200
    assert "Gerar QR" not in answer.content.decode()


@pytest.mark.parametrize("act", MANAGED)
def test_the_reception_changes_nothing(client, shop, server, act):
    number = named(shop, server, "Um", S.CONNECTED)

    assert as_role(client, shop, Role.RECEPTION).post(f"/whatsapp/{number.pk}/{act}/").status_code == 404

    number.refresh_from_db()
    assert (number.state, number.name) == (S.CONNECTED, "Um")


@pytest.mark.parametrize("path", SEEN)
def test_a_barber_sees_only_the_badge(client, shop, server, path):
    number = named(shop, server, "Um", S.CONNECTED)
    barber = as_role(client, shop, Role.BARBER)

    assert barber.get(path.format(pk=number.pk)).status_code == 404
    assert barber.get("/whatsapp/saude/").status_code == 200


def test_the_code_is_only_for_who_may_pair(client, shop, server):
    now = timezone.now()
    shown = {"qr_code": "aVZCT1I=", "qr_code_expires_at": now + timedelta(seconds=40)}
    number = named(shop, server, "Um", S.AWAITING_QR, pairing_expires_at=now + timedelta(minutes=4), **shown)

    reception = as_role(client, shop, Role.RECEPTION)
    assert "qr_code" not in reception.get(f"/whatsapp/{number.pk}/status/").json()
    assert "aVZCT1I=" not in reception.get(f"/whatsapp/{number.pk}/").content.decode()

    manager = as_role(client, shop, Role.MANAGER)
    assert manager.get(f"/whatsapp/{number.pk}/status/").json()["qr_code"] == "aVZCT1I="


@pytest.mark.parametrize("act", ["", "status/", "parte/", "pareamento/", "gerar-qrcode/", "desconectar/", "remover/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_shops_number_does_not_exist(client, stranger, shop, server, act, method):
    number = named(shop, server, "Um", S.CONNECTED)
    client.force_login(stranger)

    assert getattr(client, method)(f"/whatsapp/{number.pk}/{act}").status_code == 404
    number.refresh_from_db()
    assert number.state == S.CONNECTED


def test_a_removed_number_has_no_page_any_more(as_owner, shop, server, now):
    number = named(shop, server, "Um", S.CREATED, is_primary=False)
    actions.remove(number, now=now)

    assert as_owner.get(f"/whatsapp/{number.pk}/").status_code == 404
    assert as_owner.get("/whatsapp/list/api/").json()["numbers"] == []


def test_a_connection_that_nobody_asked_about_lately_is_not_called_connected(as_owner, number):
    long_ago = timezone.now() - timedelta(minutes=10)
    type(number).across_shops.filter(pk=number.pk).update(
        state=S.CONNECTED, state_changed_at=long_ago - timedelta(days=1), checked_at=long_ago
    )

    page = as_owner.get("/whatsapp/").content.decode()
    detail = as_owner.get(f"/whatsapp/{number.pk}/").content.decode()
    status = as_owner.get("/whatsapp/list/api/").json()

    for shown in (page, detail):
        assert "Instável – sem retorno há 10 min" in shown
        assert " Conectado <span" not in shown
        assert "Não estamos conseguindo conferir esta conexão." in shown
    assert (status["connected"], status["error"], status["numbers"][0]["is_connected"]) == (0, 1, False)


def test_a_connection_that_was_asked_about_a_moment_ago_is(as_owner, number):
    type(number).across_shops.filter(pk=number.pk).update(
        state=S.CONNECTED,
        state_changed_at=timezone.now() - timedelta(days=1),
        checked_at=timezone.now() - timedelta(seconds=30),
    )

    assert " Conectado <span" in as_owner.get("/whatsapp/").content.decode()
