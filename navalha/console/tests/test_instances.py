"""The numbers of all shops: found, sorted, created, changed, connected and deleted by an operator."""

import itertools
import re

import pytest
from django.utils import timezone

from conftest import make_number, make_shop
from navalha.console.filters import BADGES, Filters, all_rows
from navalha.console.tests.helpers import make_numbers, make_server, vouch
from navalha.core import secrets
from navalha.whatsapp import gateway, operating
from navalha.whatsapp.causes import ALIASES, CAUSES
from navalha.whatsapp.health import shown
from navalha.whatsapp.models import ConnectionState, EvolutionServer, WhatsAppInstance

pytestmark = pytest.mark.django_db


def page(response) -> str:
    return response.content.decode()


@pytest.fixture
def crowd(shop, other_shop, server):
    """A connected number, one with an error on another server, and one that was just made."""
    now = timezone.now()
    make_number(
        shop, server, "ze-1", name="Recepção", profile_name="Zé Cortes", technical_name="balcao", checked_at=now
    )
    make_number(
        other_shop,
        make_server("Outro", "http://outro"),
        "bela-1",
        name="Celular da Bela",
        number="+5531988887777",
        state=ConnectionState.ERROR,
        error_code="403",
    )
    shop.numbers.create(name="Novo", server=server)


def found(client, query) -> set[str]:
    content = page(client.get(f"/instancias/{query}"))
    return {name for name in ("Recepção", "Celular da Bela", "Novo") if f">{name}</a>" in content}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"Recepção", "Celular da Bela", "Novo"}),
        ("?q=recep", {"Recepção"}),
        ("?q=cortes", {"Recepção"}),
        ("?q=(31) 98888-7777", {"Celular da Bela"}),
        ("?q=bela-1", {"Celular da Bela"}),
        ("?situacao=blocked", {"Celular da Bela"}),
        ("?situacao=error", set()),
        ("?situacao=connected", {"Recepção"}),
        ("?loja=do Zé", {"Recepção", "Novo"}),
        ("?loja=studio-bela", {"Celular da Bela"}),
        ("?saude=bem", {"Recepção"}),
        ("?saude=problema", {"Celular da Bela"}),
        ("?saude=esperando", {"Novo"}),
        ("?q=nada disso", set()),
        ("?situacao=tolice&servidor=x&ordem=y&pagina=z&saude=w", {"Recepção", "Celular da Bela", "Novo"}),
        ("?q=%00", {"Recepção", "Celular da Bela", "Novo"}),
    ],
)
def test_the_list_shows_what_the_address_asks_for(as_operator, crowd, query, names):
    assert found(as_operator, query) == names


def test_the_list_of_one_server_has_only_its_numbers(as_operator, crowd):
    outro = EvolutionServer.objects.get(name="Outro")

    assert found(as_operator, f"?servidor={outro.pk}") == {"Celular da Bela"}


def test_a_number_that_nobody_vouches_for_is_no_healthy_one(as_operator, crowd):
    long_ago = timezone.now() - timezone.timedelta(hours=1)
    WhatsAppInstance.across_shops.update(checked_at=long_ago, state_changed_at=long_ago)

    assert found(as_operator, "?situacao=connected") == found(as_operator, "?saude=bem") == set()
    assert found(as_operator, "?situacao=unstable") == {"Recepção"}
    assert found(as_operator, "?saude=problema") == {"Recepção", "Celular da Bela"}


def test_the_list_is_sorted_and_the_sort_is_in_the_address(as_operator, crowd):
    def order(query):
        content = page(as_operator.get(f"/instancias/{query}"))
        return sorted(("Recepção", "Celular da Bela", "Novo"), key=lambda name: content.index(f">{name}</a>"))

    assert order("?ordem=nome") == ["Celular da Bela", "Novo", "Recepção"]
    assert order("?ordem=-nome") == ["Recepção", "Novo", "Celular da Bela"]
    assert 'aria-sort="ascending"' in page(as_operator.get("/instancias/?ordem=nome"))
    assert "?situacao=blocked&amp;ordem=-nome" in page(as_operator.get("/instancias/?situacao=blocked&ordem=nome"))


def test_a_long_list_comes_in_pages_with_as_many_queries_for_three_rows_as_for_one(
    as_operator, shop, server, django_assert_num_queries
):
    make_numbers(shop, server, 1)
    with django_assert_num_queries(6):
        as_operator.get("/instancias/")
    make_numbers(shop, server, 52, start=1)
    with django_assert_num_queries(6):
        first = page(as_operator.get("/instancias/"))
    assert first.count("<tr data-number") == 50
    assert "1–50 de 53" in first
    assert "Página 1 de 2" in first
    last = page(as_operator.get("/instancias/?pagina=9"))
    assert last.count("<tr data-number") == 3
    assert 'href="/instancias/"' in last


def typed(**changes):
    fields = {"name": "Recepção", "technical_name": "recepcao-ze", "shop": "Barbearia do Zé", "server": ""}
    return {**fields, "number": "(11) 99999-0001", "webhook_url": "", **changes}


def test_an_operator_creates_a_number_for_a_shop(as_operator, operator, shop, server):
    answer = as_operator.post("/instancias/nova/", typed(server=str(server.pk)))

    number = shop.numbers.get()
    assert answer["Location"] == f"/instancias/{number.pk}/"
    assert (number.name, number.technical_name, number.number) == ("Recepção", "recepcao-ze", "+5511999990001")
    assert (number.server, number.state) == (server, ConnectionState.CREATED)
    assert number.changes.get().by == operator


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", " ", "Dê um nome"),
        ("technical_name", "Recepção 1", "Sugestão: recepcao-1"),
        ("technical_name", "balcao", "já é de outro número"),
        ("shop", "Barbearia de Ninguém", "Nenhuma barbearia tem este nome"),
        ("number", "123", "Este número não existe"),
        ("webhook_url", "javascript:alert(1)", "Isto não é um endereço"),
    ],
)
def test_a_form_with_an_error_keeps_what_was_typed(as_operator, crowd, field, value, sentence):
    answer = as_operator.post(
        "/instancias/nova/", typed(**{field: value, "name": value if field == "name" else "Sala 2"})
    )

    assert answer.status_code == 422
    assert sentence in page(answer)
    assert 'value="(11) 99999-0001"' in page(answer) or field == "number"


def test_a_technical_name_is_suggested_while_the_name_is_typed(as_operator, shop):
    answer = as_operator.post("/instancias/validar/?campo=name", {"name": "Recepção do Zé"})

    assert "recepcao-do-ze" in page(answer)


def test_a_drained_server_is_not_chosen_for_a_number_that_does_not_live_there(as_operator, shop, server):
    number = make_number(shop, server, "ze-0001", name="Aqui")
    server.accepts_new = False
    server.save()

    refused = as_operator.post("/instancias/nova/", typed(server=str(server.pk)))
    kept = as_operator.post(f"/instancias/{number.pk}/editar/", typed(name="Balcão", server=str(server.pk)))

    assert (refused.status_code, kept.status_code) == (422, 302)
    assert "está sendo drenado" in page(refused)


def test_a_name_in_use_is_said_although_a_technical_name_is_suggested(as_operator, shop, server):
    make_number(shop, server, "balcao", name="Balcão")

    answer = page(as_operator.post("/instancias/validar/?campo=name", {"name": "Balcão", "shop": shop.slug}))

    assert "já tem um número com este nome" in answer
    assert 'data-value="balcao"' in answer


def test_shops_are_suggested_while_their_name_is_typed(as_operator, shop, other_shop):
    content = page(as_operator.post("/instancias/validar/?campo=shop", {"shop": "studio"}))

    assert "Studio Bela" in content
    assert "Barbearia do Zé" not in content


def test_a_number_is_changed_but_not_moved_while_it_is_connected(as_operator, shop, server):
    number = make_number(shop, server, "ze-1")
    other = make_server("Outro", "http://outro")
    change = typed(name="Balcão", server=str(other.pk))

    refused = as_operator.post(f"/instancias/{number.pk}/editar/", change)
    assert refused.status_code == 422
    assert "Desconecte o número antes de mudar de servidor" in page(refused)

    shop.numbers.filter(pk=number.pk).update(state=ConnectionState.DISCONNECTED)
    as_operator.post(f"/instancias/{number.pk}/editar/", change)
    number.refresh_from_db()
    assert (number.name, number.server) == ("Balcão", other)


def test_an_operator_connects_a_number_by_qr_under_its_technical_name(as_operator, shop, server, simulator):
    as_operator.post("/instancias/nova/", typed(server=str(server.pk)))
    number = shop.numbers.get()

    as_operator.post(f"/instancias/{number.pk}/conectar/")

    number.refresh_from_db()
    assert number.state == ConnectionState.AWAITING_QR
    assert number.remote_name.startswith("recepcao-ze-")
    assert "data:image/png;base64," in page(as_operator.get(f"/instancias/{number.pk}/"))

    as_operator.post(f"/instancias/{number.pk}/cancelar/")
    number.refresh_from_db()
    assert number.state == ConnectionState.DISCONNECTED
    assert simulator.state()["instances"] == []


def test_a_connected_number_is_synced_restarted_and_disconnected(as_operator, shop, server, simulator):
    number = make_number(shop, server, "ze-0001")
    simulator.connected("ze-0001", webhook={"url": gateway.webhook_address(), "events": [], "headers": {"x": "y"}})

    assert as_operator.post(f"/instancias/{number.pk}/sincronizar/").status_code == 302
    assert "Conferido" in page(as_operator.get(f"/instancias/{number.pk}/"))
    as_operator.post(f"/instancias/{number.pk}/reiniciar/", {"de": "?q=ze"})
    assert "recomeça" in page(as_operator.get("/instancias/?q=ze"))
    as_operator.post(f"/instancias/{number.pk}/desconectar/")

    number.refresh_from_db()
    assert number.state == ConnectionState.DISCONNECTED
    assert simulator.state()["instances"] == []


def test_a_server_that_says_nothing_is_told_to_the_operator(as_operator, shop, server, simulator):
    number = make_number(shop, server, "ze-0001")
    simulator.switch(server_mode="down")

    as_operator.post(f"/instancias/{number.pk}/sincronizar/")
    assert "O servidor não responde" in page(as_operator.get(f"/instancias/{number.pk}/"))
    as_operator.post(f"/instancias/{number.pk}/reiniciar/")
    assert "O servidor não fez o que pedimos" in page(as_operator.get(f"/instancias/{number.pk}/"))


def test_a_command_that_does_not_apply_any_more_leads_back_and_says_why(as_operator, shop, server):
    number = make_number(shop, server, "ze-0001", state=ConnectionState.DISCONNECTED)

    for command, where in (("desconectar", f"/instancias/{number.pk}/"), ("reiniciar", "/instancias/?q=ze")):
        answer = as_operator.post(f"/instancias/{number.pk}/{command}/", {"de": where.removeprefix("/instancias/")})
        assert answer["Location"] == where
    told = page(as_operator.get("/instancias/"))
    assert "Este número já está desconectado." in told
    assert "Só um número conectado pode ser reiniciado." in told


def test_the_operator_is_told_what_to_do_where_an_owner_is_told_to_wait(as_operator, shop, server):
    now = timezone.now()
    number = make_number(shop, server, "ze-0001", state=ConnectionState.UNSTABLE, error_code="server_down")
    WhatsAppInstance.across_shops.filter(pk=number.pk).update(unanswered_since=now, checked_at=now)

    part = page(as_operator.get(f"/instancias/{number.pk}/"))

    assert "Veja se a máquina e o contêiner da Evolution API estão de pé" in part
    assert "Não precisa fazer nada" not in part


def test_a_deleted_number_leaves_the_list_and_the_server(as_operator, shop, server, simulator):
    number = make_number(shop, server, "ze-0001")
    simulator.connected("ze-0001")

    as_operator.post(f"/instancias/{number.pk}/apagar/")

    number.refresh_from_db()
    assert number.state == ConnectionState.REMOVED
    assert simulator.state()["instances"] == []
    assert as_operator.get(f"/instancias/{number.pk}/").status_code == 404


def stored_webhook(simulator, name):
    return simulator.api("GET", f"/webhook/find/{name}").json()


def test_a_webhook_that_points_elsewhere_is_moved_and_keeps_its_secret(shop, server, simulator, settings):
    number = make_number(shop, server, "ze-0001")
    headers = gateway.webhook_headers("the secret")
    simulator.connected("ze-0001", webhook={"url": "http://antigo/whatsapp/", "events": [], "headers": headers})

    assert operating.mend_webhook(number)

    stored = stored_webhook(simulator, "ze-0001")
    assert (stored["url"], stored["headers"]) == (gateway.webhook_address(), headers)
    assert "GROUPS_UPSERT" not in stored["events"]
    assert not operating.mend_webhook(number)

    settings.WEBHOOK_BASE_URL = "http://mudou:9000"
    assert operating.mend_webhook(number)
    assert stored_webhook(simulator, "ze-0001")["url"] == "http://mudou:9000/whatsapp/webhook/update/"


def test_a_webhook_that_was_wiped_gets_a_new_secret_that_we_know(shop, server, simulator):
    number = make_number(shop, server, "ze-0001")
    simulator.connected("ze-0001")

    assert operating.mend_webhook(number)

    number.refresh_from_db()
    told = stored_webhook(simulator, "ze-0001")["headers"]["X-API-Key"]
    assert number.webhook_secret_hash == secrets.hashed(told)


def test_the_page_of_one_number_costs_the_same_whatever_happened_to_it(
    as_operator, shop, server, django_assert_num_queries
):
    number = make_number(shop, server, "ze-1")
    vouch(timezone.now())

    def happened(count):
        for n in range(count):
            number.changes.create(shop=shop, from_state="created", to_state="connected", at=timezone.now())
            shop.webhook_events.create(
                instance=number,
                event="x",
                dedupe_key=f"{count}:{n}",
                payload={},
                received_at=timezone.now(),
                due_at=timezone.now(),
            )

    happened(1)
    with django_assert_num_queries(6):
        as_operator.get(f"/instancias/{number.pk}/")
    happened(3)
    with django_assert_num_queries(6):
        as_operator.get(f"/instancias/{number.pk}/")


def test_two_shops_of_one_name_are_told_apart_by_their_address(as_operator, shop, server):
    make_shop("outra-do-ze", "Barbearia do Zé")

    answer = as_operator.post("/instancias/nova/", typed())
    assert answer.status_code == 422
    assert re.search(r'<select name="server" class="[^"]*form-select', page(answer))
    as_operator.post("/instancias/nova/", typed(shop="outra-do-ze"))

    assert WhatsAppInstance.across_shops.get().shop.slug == "outra-do-ze"


def test_the_filters_say_of_every_number_what_its_badge_says(shop, server):
    now = timezone.now()
    moments = (now, now - timezone.timedelta(hours=1))
    kinds = itertools.product(ConnectionState.values, ["", "unheard-of", *CAUSES, *ALIASES], moments)
    WhatsAppInstance.across_shops.bulk_create(
        WhatsAppInstance(shop=shop, server=server, name="Um", state=state, error_code=code, state_changed_at=at)
        for state, code, at in kinds
    )
    badges = {row.pk: shown(row, now).key for row in all_rows()}

    for key in BADGES:
        listed = set(Filters(state=key).rows(now=now).values_list("pk", flat=True))
        assert listed == {pk for pk, badge in badges.items() if badge == key}, key
        assert listed, key
