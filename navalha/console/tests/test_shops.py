"""The operator's pages of the shops: finding, suspending, limiting, and entering one."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from conftest import make_member, make_number, make_shop
from navalha.accounts import impersonation
from navalha.accounts.models import OperatorAct, OperatorAction, Plan, Role, Shop, ShopState
from navalha.booking.tests.helpers import text_of
from navalha.live import gate
from navalha.messaging.models import Direction, MessageState

pytestmark = pytest.mark.django_db
WHY = {"reason": "O dono pediu ajuda"}


@pytest.fixture
def as_operator(client, operator):
    client.force_login(operator)
    return client


def named(page) -> list[str]:
    return [row.shop.name for row in page.context["rows"]]


def test_shops_are_found_by_name_phone_team_state_and_plan(as_operator, shop, other_shop, owner):
    shop.phone, shop.plan = "+5511977770001", Plan.objects.create(name="Básico")
    shop.save()
    Shop.objects.filter(pk=other_shop.pk).update(state=ShopState.SUSPENDED)

    assert named(as_operator.get("/lojas/")) == ["Barbearia do Zé", "Studio Bela"]
    for query in ("busca=barbearia", "busca=7777-0001", "busca=dono@", "estado=active", f"plano={shop.plan.pk}"):
        assert named(as_operator.get(f"/lojas/?{query}")) == ["Barbearia do Zé"], query
    assert "Nenhuma loja com estes filtros." in text_of(as_operator.get("/lojas/?busca=nada"))
    assert "suspensas: 1" in text_of(as_operator.get("/lojas/"))


def test_the_list_says_what_each_shop_uses_at_the_same_price_for_many(
    as_operator, shop, server, django_assert_max_num_queries, django_assert_num_queries
):
    make_number(shop, server, "ze")
    now = timezone.now()
    for state in (MessageState.SENT, MessageState.FAILED):
        sent_at = now if state == MessageState.SENT else None
        shop.messages.create(
            direction=Direction.OUT, address="+5511988887777", text="Oi", state=state, created_at=now, sent_at=sent_at
        )
    with django_assert_max_num_queries(10) as first:
        page = as_operator.get("/lojas/")
    [row] = page.context["rows"]
    assert (row.numbers, row.connected, row.traffic.sent, row.traffic.failed) == (1, 1, 1, 1)
    for place in range(3):
        make_number(make_shop(f"loja-{place}", f"Loja {place}"), server, f"n-{place}")
    with django_assert_num_queries(len(first)):
        as_operator.get("/lojas/")


def test_a_long_list_has_pages_that_keep_the_filters(as_operator):
    Shop.objects.bulk_create(Shop(name=f"Loja {place:03d}", slug=f"loja-{place}") for place in range(60))
    page = as_operator.get("/lojas/?busca=loja&pagina=2")
    assert len(named(page)) == 10
    assert 'href="?busca=loja&amp;pagina=1"' in page.content.decode()


def test_a_shop_is_suspended_with_a_reason_and_reactivated(as_operator, shop):
    address = f"/lojas/{shop.pk}/"
    refused = as_operator.post(f"{address}suspender/", {"reason": " "})
    assert refused.status_code == 422
    assert "Escreva o motivo" in text_of(refused)

    assert as_operator.post(f"{address}suspender/", {"reason": "Pagamento em atraso"}).status_code == 302
    shop.refresh_from_db()
    assert shop.state == ShopState.SUSPENDED
    assert "Motivo da suspensão: Pagamento em atraso" in text_of(as_operator.get(address))
    again = as_operator.post(f"{address}suspender/", {"reason": "De novo mesmo"})
    assert (again.status_code, "alguém mudou antes de você" in text_of(again)) == (409, True)

    as_operator.post(f"{address}reativar/")
    shop.refresh_from_db()
    assert shop.state == ShopState.ACTIVE
    said = text_of(as_operator.get("/auditoria/"))
    assert "Suspendeu a barbearia" in said
    assert "Reativou a barbearia" in said


def test_a_plan_is_chosen_and_one_that_is_gone_refused(as_operator, shop):
    plan = Plan.objects.create(name="Básico", most_professionals=3)
    as_operator.post(f"/lojas/{shop.pk}/plano/", {"plan": plan.pk})
    shop.refresh_from_db()
    assert shop.plan == plan
    assert as_operator.post(f"/lojas/{shop.pk}/plano/", {"plan": 999}).status_code == 422
    as_operator.post(f"/lojas/{shop.pk}/plano/", {"plan": ""})
    shop.refresh_from_db()
    assert shop.plan is None


# ---- inside a shop


def test_an_operator_enters_a_shop_acts_under_their_own_name_and_leaves(as_operator, shop, server, operator):
    number = make_number(shop, server, "ze")
    assert as_operator.get("/agenda/").status_code == 404
    assert as_operator.post(f"/lojas/{shop.pk}/entrar/", {"reason": ""}).status_code == 422

    assert as_operator.post(f"/lojas/{shop.pk}/entrar/", WHY)["Location"] == "/inicio/"
    page = text_of(as_operator.get("/inicio/"))
    assert "Você está dentro de Barbearia do Zé como operador" in page
    assert "Você está dentro de Barbearia do Zé como operador" in text_of(as_operator.get("/lojas/"))
    as_operator.post(f"/whatsapp/{number.pk}/desconectar/")
    assert number.changes.latest("pk").by == operator
    assert as_operator.get("/")["Location"] == "/inicio/"

    as_operator.post("/lojas/sair/")

    assert as_operator.get("/agenda/").status_code == 404
    acts = OperatorAction.objects.order_by("pk").values_list("act", "by", "shop", "subject", "reason")
    assert list(acts) == [
        (OperatorAct.ENTERED, operator.pk, shop.pk, "", "O dono pediu ajuda"),
        (OperatorAct.ACTED, operator.pk, shop.pk, f"POST /whatsapp/{number.pk}/desconectar/", ""),
        (OperatorAct.LEFT, operator.pk, shop.pk, "", ""),
    ]


def test_the_time_inside_a_shop_ends_by_itself(as_operator, shop):
    as_operator.post(f"/lojas/{shop.pk}/entrar/", WHY)
    session = as_operator.session
    session[impersonation.KEY] = {"shop": shop.pk, "until": (timezone.now() - timedelta(seconds=1)).timestamp()}
    session.save()

    answer = as_operator.post("/agenda/novo/", {"name": "Rafa"})

    assert answer["Location"] == "/"
    assert not shop.appointments.exists()
    assert "O tempo dentro da barbearia acabou." in text_of(as_operator.get("/"))
    assert OperatorAction.objects.latest("pk").act == OperatorAct.LEFT


def test_a_part_that_fetches_itself_after_the_time_is_up_leads_the_whole_page_out(as_operator, shop):
    as_operator.post(f"/lojas/{shop.pk}/entrar/", WHY)
    session = as_operator.session
    session[impersonation.KEY] = {"shop": shop.pk, "until": 1.0}
    session.save()

    answer = as_operator.get("/inicio/", headers={"HX-Request": "true", "HX-Target": "home"})

    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/")
    assert "O tempo dentro da barbearia acabou." in text_of(as_operator.get("/"))


def test_a_visit_written_into_the_session_of_somebody_else_opens_nothing(client, shop, stranger):
    client.force_login(stranger)
    session = client.session
    session[impersonation.KEY] = {"shop": shop.pk, "until": (timezone.now() + timedelta(hours=1)).timestamp()}
    session.save()

    assert "Studio Bela" in text_of(client.get("/inicio/"))
    assert gate._look(client.session.session_key, shop.pk).status == 404


def test_who_is_no_operator_any_more_is_outside_at_once(as_operator, shop, operator):
    as_operator.post(f"/lojas/{shop.pk}/entrar/", WHY)
    assert gate._may_watch(operator, shop.pk, as_operator.session)
    operator.is_superuser = False
    operator.save()
    assert as_operator.get("/inicio/").status_code == 404
    assert not gate._may_watch(operator, shop.pk, as_operator.session)


def test_an_operator_inside_one_shop_does_not_hear_another(as_operator, shop, other_shop, operator):
    as_operator.post(f"/lojas/{shop.pk}/entrar/", WHY)
    assert gate._may_watch(operator, shop.pk, as_operator.session)
    assert not gate._may_watch(operator, other_shop.pk, as_operator.session)


def test_no_member_sees_a_banner_of_operators(shop, client):
    client.force_login(make_member(shop, "gerente@navalha.example", Role.MANAGER))
    assert "como operador" not in text_of(client.get("/inicio/"))
    assert Client().post("/lojas/sair/").status_code == 302


def test_the_audit_is_filtered_by_act_person_and_shop(as_operator, shop, other_shop, operator):
    as_operator.post(f"/lojas/{shop.pk}/suspender/", {"reason": "Pagamento em atraso"})
    as_operator.post(f"/lojas/{other_shop.pk}/entrar/", WHY)

    def acts(query):
        return [act.act for act in as_operator.get(f"/auditoria/?{query}").context["page"]]

    assert acts("") == ["entered", "suspended"]
    assert acts("ato=suspended") == acts(f"loja={shop.pk}") == ["suspended"]
    assert acts("quem=ninguem") == []
    assert acts("quem=operador") == ["entered", "suspended"]
