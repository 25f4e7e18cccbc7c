"""The pace of a number as the shop's people see and rule it."""

from datetime import time, timedelta

import pytest

from conftest import make_customer, make_member, make_number
from navalha.accounts.models import Role
from navalha.messaging import pacing
from navalha.messaging.models import Direction, MessageState

from .helpers import queued, real_now

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
PHONE = "551199990001"
RULES = {"quiet_from": "21:00", "quiet_until": "08:00", "new_per_day": "40", "per_day": "200"}


@pytest.fixture
def number(shop, settings):
    settings.MESSAGES_PACING = True
    return make_number(shop, None, "ze-1", connected_at=real_now() - timedelta(days=1))


@pytest.fixture
def row(number):
    return pacing.pace_of(number, real_now())


def sent(shop, number, text, **fields):
    """A message that went out from the number a moment ago."""
    now = real_now()
    values = {"attempted_at": now, "sent_at": now, "own_phone": PHONE, "instance": number, "state": MessageState.SENT}
    return queued(shop, fields.pop("to", None) or make_customer(shop), text, now, **{**values, **fields})


def refused(shop, number, count):
    for turn in range(count):
        person = make_customer(shop, f"C{turn}", f"+551197777000{turn}")
        fields = {"first_contact": True, "refused_at": real_now(), "error_code": "refused"}
        sent(shop, number, "Oi", to=person, state=MessageState.FAILED, **fields)


def page_of(client, number, **headers):
    return client.get(f"/whatsapp/{number.pk}/ritmo/", headers=headers).content.decode()


def test_the_page_shows_what_is_used_of_each_limit_and_who_answered(as_owner, shop, number, customer):
    bia = make_customer(shop, "Bia", "+5511977770001")
    earlier = real_now() - timedelta(hours=26)
    sent(shop, number, "Reservado", to=customer, first_contact=True, state=MessageState.READ, delivered_at=real_now())
    sent(shop, number, "Reservado", to=bia, attempted_at=earlier, delivered_at=earlier, state=MessageState.DELIVERED)
    sent(shop, number, "Lembrete", to=bia, attempted_at=earlier)
    shop.messages.create(customer=bia, direction=Direction.IN, state=MessageState.RECEIVED, address=bia.phone, text="1")

    page = page_of(as_owner, number)

    assert "1 de 20" in page
    assert "1 de 300" in page
    assert "100%" in page, "all of today's are first contacts"
    assert "50% <span" in page, "one of two customers answered, and one of two was delivered"
    assert "(1 de 2)" in page
    assert "das 20:00 às 09:00" in page
    assert "o limite dobra a cada semana, até 80" in page


def test_a_number_that_has_sent_nothing_has_no_shares(as_owner, number):
    page = page_of(as_owner, number)
    assert "0 de 20" in page
    assert "nenhum envio hoje" in page
    assert "%</dd>" not in page


def test_the_part_is_fetched_by_the_numbers_page_which_leads_there_without_script_too(as_owner, number):
    assert f'hx-get="/whatsapp/{number.pk}/ritmo/"' in as_owner.get(f"/whatsapp/{number.pk}/").content.decode()
    part = page_of(as_owner, number, **HTMX)
    assert part.lstrip().startswith("<section")
    assert "<html" not in part


def test_a_pause_is_shown_with_why_and_until_when_and_what_waits_for_it(as_owner, shop, number, row, customer):
    refused(shop, number, 3)
    tomorrow = real_now() + timedelta(days=1)
    queued(shop, customer, "Reservado", real_now(), hold_code="paused", due_at=tomorrow)

    page = page_of(as_owner, number)

    assert "Contatos novos em pausa até amanhã às" in page
    assert "recusou três mensagens seguidas" in page
    assert "1 mensagem esperando" in page
    assert f"/conversas/{customer.pk}/#m" in page


def test_the_owner_lifts_the_pause_and_nobody_else_is_offered_that(client, as_owner, shop, number, row, owner):
    refused(shop, number, 3)
    client.force_login(make_member(shop, "gerente@navalha.example", Role.MANAGER))
    assert "Retirar a pausa" not in page_of(client, number)
    client.force_login(owner)
    assert "Retirar a pausa" in page_of(client, number)

    page = client.post(f"/whatsapp/{number.pk}/ritmo/retomar/", follow=True).content.decode()

    assert "Pausa retirada." in page
    assert "Contatos novos em pausa" not in page
    row.refresh_from_db()
    assert row.lifted_by == owner


def test_one_refusal_makes_it_slower_and_says_so(as_owner, shop, number):
    refused(shop, number, 1)
    page = page_of(as_owner, number)
    assert "pausas 2 vezes maiores" in page


@pytest.mark.parametrize("turns", [1, 3])
def test_the_page_takes_the_same_queries_however_much_waits(as_owner, shop, number, turns, django_assert_num_queries):
    page_of(as_owner, number)  # the session and the pace are there
    for turn in range(turns):
        person = make_customer(shop, f"C{turn}", f"+551197777000{turn}")
        queued(shop, person, "Oi", real_now(), hold_code="quiet", due_at=real_now() + timedelta(hours=1))

    with django_assert_num_queries(8):
        page_of(as_owner, number)


def test_each_card_of_the_dashboard_asks_for_its_own_line(as_owner, shop, other_shop, number):
    not_yet = make_number(shop, None, "ze-2", number="", is_primary=False)
    elsewhere = make_number(other_shop, None, "bela-1", number="+5511999990003")

    page = as_owner.get("/whatsapp/").content.decode()

    assert f'hx-get="/whatsapp/{number.pk}/ritmo/linha/"' in page
    assert f'id="pace-{not_yet.pk}"' not in page
    line = as_owner.get(f"/whatsapp/{number.pk}/ritmo/linha/").content.decode()
    assert "0 de 20 contatos novos hoje" in line
    assert "contatos" not in as_owner.get(f"/whatsapp/{not_yet.pk}/ritmo/linha/").content.decode()
    assert as_owner.get(f"/whatsapp/{elsewhere.pk}/ritmo/linha/").status_code == 404


def test_the_owner_changes_the_rules_and_what_waited_is_looked_at_anew(as_owner, shop, number, row, customer):
    later = real_now() + timedelta(hours=9)
    waits = queued(shop, customer, "Lembrete", real_now(), hold_code="quiet", due_at=later, purpose="reminder")

    answer = as_owner.post(f"/whatsapp/{number.pk}/ritmo/regras/", RULES)

    assert answer["Location"] == f"/whatsapp/{number.pk}/ritmo/"
    row.refresh_from_db()
    waits.refresh_from_db()
    assert (row.quiet_from, row.quiet_until, row.new_per_day, row.per_day) == (time(21), time(8), 40, 200)
    assert (waits.hold_code, waits.due_at < later) == ("", True)
    assert 'value="21:00"' in as_owner.get(f"/whatsapp/{number.pk}/ritmo/regras/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"quiet_from": "25:00"}, "Diga a hora assim: 20:00."),
        ({"quiet_until": ""}, "Diga a hora, por exemplo 20:00."),
        ({"quiet_from": "09:30", "quiet_until": "09:00"}, "Deixe pelo menos quatro horas do dia para enviar."),
        ({"quiet_from": "06:00", "quiet_until": "04:00"}, "Deixe pelo menos quatro horas do dia para enviar."),
        ({"quiet_from": "02:00", "quiet_until": "23:00"}, "Deixe pelo menos quatro horas do dia para enviar."),
        ({"new_per_day": "0"}, "Escolha um número de 1 a 200."),
        ({"new_per_day": "vinte"}, "Escolha um número de 1 a 200."),
        ({"per_day": "5000"}, "Escolha um número de 1 a 1000."),
        ({"new_per_day": "90", "per_day": "50"}, "Contatos novos não podem ser mais que as mensagens do dia."),
    ],
)
def test_rules_that_make_no_sense_are_refused_in_words_and_stay_typed(as_owner, number, row, wrong, sentence):
    answer = as_owner.post(f"/whatsapp/{number.pk}/ritmo/regras/", {**RULES, **wrong})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert all(f'value="{value}"' in page for value in wrong.values() if value)
    row.refresh_from_db()
    assert row.per_day == 300


@pytest.mark.parametrize("edges", [("20:00", "09:00"), ("00:00", "00:00"), ("13:00", "14:00"), ("01:00", "21:00")])
def test_rules_that_leave_four_hours_are_taken(as_owner, number, row, edges):
    first, last = edges
    answer = as_owner.post(f"/whatsapp/{number.pk}/ritmo/regras/", {**RULES, "quiet_from": first, "quiet_until": last})
    assert answer.status_code == 302


def test_the_operators_limit_wins_over_what_was_once_chosen(number, row, settings):
    settings.MESSAGES_MOST_PER_DAY, settings.MESSAGES_MOST_NEW_PER_DAY = 50, 5
    policy = pacing.policy_of(row, "America/Sao_Paulo")
    assert (policy.per_day, policy.new_per_day) == (50, 5)
