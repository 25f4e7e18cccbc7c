"""A shop that is suspended, approved or limited by its plan: what moves, who is told, and what is kept."""

import pytest
from django.test import Client

from conftest import make_number
from navalha.accounts import actions
from navalha.accounts.models import OperatorAct, OperatorAction, Plan, ShopState
from navalha.core.errors import Refused
from navalha.messaging import plan as daily
from navalha.messaging import work
from navalha.messaging.models import MessageState
from navalha.messaging.tests.helpers import connected_number, queued, real_now, texts_on_phone
from navalha.whatsapp.actions import add_number

pytestmark = pytest.mark.django_db


def suspended(shop, operator, now, reason="Pagamento em atraso"):
    actions.suspend(shop, reason=reason, by=operator, now=now)
    return shop


def test_suspending_and_reactivating_leave_history_and_audit(shop, operator, now):
    suspended(shop, operator, now)
    shop.refresh_from_db()
    assert (shop.state, shop.state_reason) == (ShopState.SUSPENDED, "Pagamento em atraso")

    actions.reactivate(shop, by=operator, now=now)

    shop.refresh_from_db()
    assert (shop.state, shop.state_reason) == (ShopState.ACTIVE, "")
    moves = shop.changes.order_by("pk").values_list("from_state", "to_state", "by")
    assert list(moves) == [("active", "suspended", operator.pk), ("suspended", "active", operator.pk)]
    acts = OperatorAction.objects.order_by("pk").values_list("act", "by", "shop", "reason")
    assert list(acts) == [
        (OperatorAct.SUSPENDED, operator.pk, shop.pk, "Pagamento em atraso"),
        (OperatorAct.REACTIVATED, operator.pk, shop.pk, ""),
    ]


def test_who_suspends_second_is_told_and_leaves_no_trace(shop, operator, now):
    stale = type(shop).objects.get(pk=shop.pk)
    suspended(shop, operator, now)

    for row in (stale, shop):
        with pytest.raises(Refused):
            actions.suspend(row, reason="De novo", by=operator, now=now)

    assert shop.changes.count() == OperatorAction.objects.count() == 1


def test_the_outbox_of_a_suspended_shop_holds_and_goes_out_afterwards(simulator, shop, server, customer, operator):
    connected_number(simulator, shop, server)
    message = queued(shop, customer, "Seu horário: 15h", real_now())
    suspended(shop, operator, real_now())

    assert work.send_due(shop.pk, real_now()) == 0
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.QUEUED, 0)

    actions.reactivate(shop, by=operator, now=real_now())
    assert work.send_due(shop.pk, real_now()) == 1
    assert texts_on_phone(simulator) == ["Seu horário: 15h"]


def test_a_drain_that_is_under_way_stops_when_the_shop_is_suspended(simulator, shop, server, customer, operator):
    """The worker has chosen the number already: only the lock of each single message sees the suspension."""
    number = connected_number(simulator, shop, server)
    queued(shop, customer, "Seu horário: 15h", real_now())
    suspended(shop, operator, real_now())

    assert work._drain(number, work.ticking(real_now())) == 0
    assert texts_on_phone(simulator) == []


def test_members_read_that_their_shop_is_suspended_and_whom_to_ask(as_owner, shop, operator, now, settings):
    settings.SUPPORT_CONTACT = "suporte@navalha.example"
    assert "suspensa" not in as_owner.get("/agenda/").content.decode()
    suspended(shop, operator, now)

    page = as_owner.get("/agenda/").content.decode()

    assert "Sua barbearia está suspensa desde 24/11/2026." in page
    assert "Motivo: Pagamento em atraso" in page
    assert "Fale com o suporte: suporte@navalha.example." in page


def test_the_public_page_of_a_suspended_shop_is_closed_politely(client, shop, haircut, ze, operator, now):
    shop.phone, shop.address = "+5511977770001", "Rua Augusta, 1200"
    shop.save()
    address = f"/agendar/{shop.slug}/"
    assert "Corte" in client.get(address).content.decode()
    suspended(shop, operator, now)

    page = client.get(address)

    assert page.status_code == 200
    assert "noindex" in page["X-Robots-Tag"]
    html = page.content.decode()
    for words in ("não está recebendo agendamentos", "+55 11 97777-0001", "Rua Augusta, 1200"):
        assert words in html
    assert "Pagamento" not in html
    assert "Corte" not in html
    assert client.post(f"{address}confirmar/", {"servico": haircut.pk}).status_code == 409
    assert not shop.appointments.exists()


def test_a_shop_that_signs_up_waits_for_approval_where_that_is_asked(client, operator, now, settings, db):
    settings.SIGN_UP_NEEDS_APPROVAL = True
    form = {
        "shop_name": "Corte Fino",
        "name": "Lia",
        "email": "lia@navalha.example",
        "password": "tesoura afiada 27",
    }
    client.post("/cadastro/", form)
    shop = client.session and type(operator).objects.get(email="lia@navalha.example").memberships.get().shop
    assert shop.state == ShopState.PENDING
    assert "aguarda aprovação" in client.get("/agenda/").content.decode()
    public = Client().get(f"/agendar/{shop.slug}/").content.decode()
    assert "não está recebendo agendamentos" in public

    actions.reactivate(shop, by=operator, now=now)

    assert OperatorAction.objects.get().act == OperatorAct.APPROVED
    assert "não está recebendo" not in Client().get(f"/agendar/{shop.slug}/").content.decode()


# ---- plans


def test_a_plan_limits_the_numbers_of_a_shop(shop, server, operator, now):
    actions.choose_plan(shop, Plan.objects.create(name="Básico", most_numbers=1), by=operator, now=now)
    assert OperatorAction.objects.get().subject == "— → Básico"
    make_number(shop, server, "ze-1")

    with pytest.raises(Refused, match="Seu plano tem um número de WhatsApp"):
        add_number(shop, name="Segundo", now=now)


def test_the_days_messages_of_a_plan_refuse_people_and_hold_what_the_product_says(shop, customer, now):
    shop.plan = Plan.objects.create(name="Básico", most_messages_a_day=2)
    shop.save()
    first, second = (queued(shop, customer, words, now) for words in ("Um", "Dois"))
    assert first.due_at == second.due_at == now

    with pytest.raises(Refused, match=r"do seu plano \(2\) acabaram"):
        daily.refuse_beyond_the_day(shop, now=now)
    held = queued(shop, customer, "Três", now)

    assert held.due_at.isoformat() == "2026-11-25T00:00:00-03:00"
    assert held.error_message == "O limite de mensagens do plano acabou por hoje. Esta sai amanhã."


def test_a_shop_without_a_plan_costs_no_query_to_know_its_limits(shop, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert daily.held_by_plan(shop, now=real_now()) == {}
