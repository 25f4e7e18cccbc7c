"""The shop's first page: what it says, to whom, and at what price."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from conftest import make_customer, make_member, make_number, make_professional
from navalha.accounts.models import Role
from navalha.booking.tests.helpers import text_of
from navalha.messaging.models import Direction, MessageState
from navalha.reports.home import home_of, traffic_of
from navalha.scheduling.deposits.states import DepositState
from navalha.scheduling.models import AppointmentState as A
from navalha.whatsapp.models import ConnectionState

pytestmark = pytest.mark.django_db


def visit(shop, professional, starts_at, state=A.PENDING, customer=None):
    customer = customer or make_customer(
        shop, f"Cliente {shop.customers.count()}", f"+55119888800{shop.customers.count():02d}"
    )
    return shop.appointments.create(
        customer=customer,
        professional=professional,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        state=state,
    )


def message(shop, customer, state, at, *, direction=Direction.OUT, **fields):
    return shop.messages.create(
        customer=customer,
        direction=direction,
        address="+5511988887777",
        text="Oi",
        state=state,
        created_at=at,
        **fields,
    )


def deposit(visit, state):
    return visit.shop.deposits.create(
        appointment=visit,
        state=state,
        why="everybody",
        amount_cents=1500,
        txid=f"DEPOSIT{visit.pk}",
        code="00020126",
        due_at=visit.starts_at,
        refund_minutes=60,
        refund_until=visit.starts_at,
    )


def test_today_is_what_is_still_to_come_and_to_confirm(shop, owner, ze, now):
    done = visit(shop, ze, now - timedelta(hours=1), A.DONE)
    here = visit(shop, ze, now - timedelta(minutes=20), A.ARRIVED)
    first = visit(shop, ze, now + timedelta(hours=1), A.CONFIRMED)
    second = visit(shop, ze, now + timedelta(hours=2))
    visit(shop, ze, now + timedelta(hours=3), A.CANCELLED)
    visit(shop, ze, now + timedelta(days=1))

    home = home_of(shop, owner, now=now, sees_numbers=True)

    assert list(home.visits) == [done, here, first, second]
    assert (list(home.now_serving), list(home.coming), list(home.unconfirmed)) == ([here], [first, second], [second])
    assert (home.confirmed_count, home.next_visit) == (1, None)


def test_what_the_waitlist_recovered_is_for_who_may_see_money(client, shop, ze, barber, owner):
    filled = visit(shop, ze, timezone.now() + timedelta(minutes=1))
    shop.appointments.filter(pk=filled.pk).update(source="waitlist", total_cents=4500)

    client.force_login(owner)
    assert "45,00 recuperados pela lista de espera este mês" in text_of(client.get("/inicio/")).replace("\xa0", " ")
    client.force_login(barber)
    assert "recuperados" not in text_of(client.get("/inicio/"))


def test_deposits_that_wait_for_somebody_are_for_who_looks_after_them(client, shop, ze, barber, owner):
    for number, state in enumerate((DepositState.RECEIPT, DepositState.OWED, DepositState.OWED, DepositState.PAID)):
        deposit(visit(shop, ze, timezone.now() + timedelta(days=1, hours=number)), state)

    client.force_login(owner)
    assert "1 sinal a conferir A devolver: 2" in text_of(client.get("/inicio/"))
    shop.deposits.filter(state=DepositState.RECEIPT).update(state=DepositState.KEPT)
    assert "2 sinais a devolver" in text_of(client.get("/inicio/"))
    client.force_login(barber)
    assert "sinais" not in text_of(client.get("/inicio/"))


def test_a_day_without_visits_names_the_next_one(shop, owner, ze, now):
    tomorrow = visit(shop, ze, now + timedelta(days=1))
    assert home_of(shop, owner, now=now, sees_numbers=True).next_visit == tomorrow


def test_who_serves_customers_sees_their_own_visits_and_no_counters_of_numbers(shop, barber, ze, now):
    joao = make_professional(shop, "João", user=barber)
    visit(shop, ze, now + timedelta(hours=1))
    mine = visit(shop, joao, now + timedelta(hours=1))

    home = home_of(shop, barber, now=now, sees_numbers=False)

    assert list(home.coming) == [mine]
    assert home.counters is None


def test_the_messages_of_a_day_are_counted_by_what_became_of_them(shop, customer, now):
    for state in (MessageState.SENT, MessageState.READ, MessageState.FAILED, MessageState.QUEUED, MessageState.EXPIRED):
        message(shop, customer, state, now - timedelta(hours=2))
    message(shop, customer, MessageState.RECEIVED, now, direction=Direction.IN)
    message(shop, customer, MessageState.SENT, now - timedelta(hours=25))

    traffic = traffic_of(shop, now=now)

    assert (traffic.sent, traffic.received, traffic.failed, traffic.waiting) == (2, 1, 1, 1)


def test_who_waits_longest_stands_first_and_once(shop, owner, customer, now):
    other = make_customer(shop, "Bia", "+5511966665555")
    for minutes, who, words in ((30, other, "Atendem criança?"), (20, customer, "Tem mais tarde?"), (10, other, "Oi?")):
        message(
            shop,
            who,
            MessageState.RECEIVED,
            now - timedelta(minutes=minutes),
            direction=Direction.IN,
            needs_person=True,
        )
        assert words

    home = home_of(shop, owner, now=now, sees_numbers=True)

    assert [one.customer for one in home.waiting] == [other, customer]
    assert home.waiting_count == 2


# ---- the page


@pytest.fixture
def busy(shop, server, ze):
    """Fills the real today of the shop with `count` of everything."""

    def fill(count: int) -> None:
        now = timezone.now()
        for place in range(count):
            number = shop.customers.count()
            customer = make_customer(shop, f"Rafael {number}", f"+55119777700{number:02d}")
            visit(shop, make_professional(shop, f"P{number}"), now + timedelta(seconds=place), customer=customer)
            message(shop, customer, MessageState.RECEIVED, now, direction=Direction.IN, needs_person=True)
            make_number(shop, server, f"loja-{number}", is_primary=number == 0, checked_at=now)

    return fill


def test_the_page_costs_the_same_with_one_and_with_three_of_everything(
    as_owner, busy, django_assert_max_num_queries, django_assert_num_queries
):
    busy(1)
    with django_assert_max_num_queries(16) as first:
        as_owner.get("/inicio/")
    busy(2)
    with django_assert_num_queries(len(first)):
        page = as_owner.get("/inicio/")
    assert text_of(page).count("Rafael") >= 6


def test_the_page_says_what_is_wrong_with_the_whatsapp_and_where_to_mend_it(as_owner, shop, server):
    number = make_number(shop, server, "loja", state=ConnectionState.DISCONNECTED, error_code="401")
    page = as_owner.get("/inicio/")
    assert "O WhatsApp foi desconectado pelo celular." in text_of(page)
    assert f'href="/whatsapp/{number.pk}/"' in page.content.decode()
    assert "Resolver agora" in text_of(page)


def test_a_barber_is_told_whom_to_tell(shop, barber, client):
    client.force_login(barber)
    said = text_of(client.get("/inicio/"))
    assert "Avise o dono ou o gerente." in said
    assert "Conectar agora" not in said
    assert "Ver os números" not in said


def test_a_part_of_the_page_is_the_inside_alone(as_owner, shop):
    part = as_owner.get("/inicio/", headers={"HX-Request": "true", "HX-Target": "home"}).content.decode()
    assert part.lstrip().startswith('<div id="home"')


# ---- where people land


def test_members_land_on_their_shop_the_operator_on_all_and_nobodys_member_is_told_what_to_do(
    owner, operator, django_user_model
):
    nobody = django_user_model.objects.create_user("ninguem@navalha.example", "x")
    landed = {}
    for person in (owner, operator, nobody):
        client = Client()
        client.force_login(person)
        landed[person] = client.get("/", follow=True)
    assert landed[owner].request["PATH_INFO"] == "/inicio/"
    assert "Como estão os números?" in text_of(landed[operator])
    assert "Você ainda não está em uma barbearia" in text_of(landed[nobody])


def test_a_reception_sees_the_numbers_and_cannot_connect_them(shop, client):
    client.force_login(make_member(shop, "recepcao@navalha.example", Role.RECEPTION))
    said = text_of(client.get("/inicio/"))
    assert "Ver os números" in said
    assert "Conectar agora" not in said
