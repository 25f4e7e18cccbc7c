"""The deposit on the public pages: nobody books one unseen, and everybody can pay it without a script."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conftest import make_customer, make_deposit_policy
from navalha.booking.tests.helpers import days_ahead, hidden, post, sent, text_of, visit_of
from navalha.core import brcode
from navalha.scheduling import links
from navalha.scheduling.deposits import actions as deposit_actions
from navalha.scheduling.deposits import work as deposit_work


@pytest.fixture
def policy(shop):
    return make_deposit_policy(shop)


def details(client, shop, service, starts_at, **query):
    asked = {"servico": service.pk, "inicio": starts_at.isoformat(), **query}
    return client.get(f"/agendar/{shop.slug}/dados/", asked)


def page_of(client, visit, path=""):
    return client.get(f"/agendar/{visit.shop.slug}/visita/{links.token(visit)}/{path}")


def press(client, visit, path):
    return client.post(f"/agendar/{visit.shop.slug}/visita/{links.token(visit)}/{path}", follow=True)


def booked(client, shop, haircut, policy, *, hour=15):
    post(client, shop, sent([haircut], days_ahead(shop, hour, days=3), sinal=policy.fixed_cents))
    return visit_of(shop)


def test_the_form_says_how_much_why_until_when_and_what_happens_when_cancelling(client, shop, haircut, ze, policy):
    page = details(client, shop, haircut, days_ahead(shop, 15, days=2))

    said = text_of(page)
    assert "Sinal de R$\xa015,00".replace("\xa0", " ") in said.replace("\xa0", " ")
    assert "Esta barbearia guarda os horários com um sinal." in said
    assert "em até 30 min depois de marcar" in said
    assert "Cancelando até 1 dia antes, o sinal volta para você" in said
    assert hidden(page, "sinal") == ["1500"]


def test_who_books_for_soon_is_told_that_it_will_not_come_back(client, shop, haircut, ze, policy):
    policy.refund_minutes = 3 * 24 * 60
    policy.save()

    said = text_of(details(client, shop, haircut, days_ahead(shop, 15)))

    assert "Faltam menos de 3 dias: cancelando, ou faltando, o sinal fica com a barbearia." in said
    assert "volta para você" not in said


def test_the_way_of_a_first_visit_is_as_short_as_without_a_deposit(client, shop, haircut, ze, policy):
    answer = post(client, shop, sent([haircut], days_ahead(shop, 15), sinal="1500"))

    assert answer.status_code == 303
    page = client.get(answer["Location"])
    said = text_of(page).replace("\xa0", " ")
    assert "Falta pagar o sinal" in said
    assert "Pague o sinal de R$ 15,00" in said
    deposit = visit_of(shop).deposit
    [shown] = re.findall(r"<textarea[^>]*readonly>([^<]+)</textarea>", page.content.decode())
    assert brcode.parse(unescape(shown)).txid == deposit.txid
    assert "data:image/png;base64," in page.content.decode()
    assert "R$ 15,00 de sinal e o resto na barbearia" in said
    assert "Confirmar presença" not in said


def test_nobody_books_a_deposit_that_they_were_not_shown(client, shop, haircut, ze, policy):
    form = sent([haircut], days_ahead(shop, 15), sinal="1000")
    refused = post(client, shop, form)

    assert refused.status_code == 422
    assert "Falta combinar o sinal" in text_of(refused)
    assert "Rafael Souza" in refused.content.decode()
    assert hidden(refused, "sinal") == ["1500"]
    assert not shop.appointments.exists()
    assert post(client, shop, {**form, "sinal": "1500"}).status_code == 303


@pytest.mark.parametrize("typed", ["", "abc", "-1", "²", "9" * 40])
def test_what_is_no_amount_has_agreed_to_nothing(client, shop, haircut, ze, policy, typed):
    policy.fixed_cents = 4500
    policy.save()
    answer = post(client, shop, sent([haircut], days_ahead(shop, 15), sinal=typed))

    assert answer.status_code == (303 if typed.isdecimal() and typed.isascii() else 422)


def test_a_rule_about_customers_is_told_to_all_and_asked_only_of_whom_it_hits(client, shop, haircut, ze):
    make_deposit_policy(shop, who="some", new_customers=True, missed_from=2)
    starts_at = days_ahead(shop, 15)
    page = details(client, shop, haircut, starts_at)
    assert "Pode ser preciso um sinal" in text_of(page)
    assert "quem vem pela primeira vez e quem já faltou" in text_of(page)
    assert hidden(page, "sinal") == []

    regular = make_customer(shop, "Rita", "+5511977770001")
    ago = timezone.now() - timedelta(days=9)
    shop.appointments.create(
        customer=regular, professional=ze, state="done", starts_at=ago, ends_at=ago + timedelta(minutes=30)
    )
    assert post(client, shop, sent([haircut], starts_at, telefone="11977770001", chave="a")).status_code == 303
    assert not shop.deposits.exists()

    refused = post(client, shop, sent([haircut], days_ahead(shop, 16), chave="b"))
    assert refused.status_code == 422
    assert "Falta combinar o sinal" in text_of(refused)
    # What the shop knows of a phone is not said: the rule is the same for all.
    assert "quem vem pela primeira vez e quem já faltou" in text_of(refused)


def test_who_comes_by_a_link_still_needs_two_taps(client, shop, haircut, ze, policy):
    first = booked(client, shop, haircut, policy)
    client.get(page_of(client, first, "de-novo/")["Location"])
    page = details(client, shop, haircut, days_ahead(shop, 11))
    form = {name: hidden(page, name)[0] for name in ("servico", "inicio", "chave", "conhecido", "sinal")}

    assert form["sinal"] == "1500"
    assert post(client, shop, form).status_code == 303
    assert first.customer.appointments.count() == 2


def test_the_word_of_the_customer_keeps_the_time_and_the_page_says_so(client, shop, haircut, ze, policy):
    visit = booked(client, shop, haircut, policy)
    page = press(client, visit, "sinal/")

    assert visit.shop.deposits.get().state == "receipt"
    assert "A barbearia está conferindo" in text_of(page)
    assert "copia-e-cola" not in page.content.decode()


def test_a_link_that_is_only_opened_says_nothing_for_the_customer(client, shop, haircut, ze, policy):
    visit = booked(client, shop, haircut, policy)
    page_of(client, visit, "sinal/")

    assert visit.shop.deposits.get().state == "pending"


def test_each_end_of_a_deposit_has_its_words_and_a_cancellation_says_first_what_becomes_of_it(
    client, shop, haircut, ze, policy, owner
):
    visit = booked(client, shop, haircut, policy)
    assert "não paga nada" in text_of(page_of(client, visit, "cancelar/"))
    deposit_actions.receive(visit, by=owner, seen="pending", now=timezone.now())
    assert "Na barbearia faltam R$ 30,00" in text_of(page_of(client, visit)).replace("\xa0", " ")
    assert "volta para você" in text_of(page_of(client, visit, "cancelar/"))
    assert "O sinal vale para o novo horário." in text_of(page_of(client, visit, "remarcar/"))
    shop.deposits.update(refund_until=timezone.now() - timedelta(hours=1))
    assert "fica com a barbearia" in text_of(page_of(client, visit, "cancelar/"))
    assert "não recomeça" in text_of(page_of(client, visit, "remarcar/"))

    assert "ficou com a barbearia" in text_of(press(client, visit, "cancelar/"))


def test_a_lapsed_booking_says_why_and_a_late_word_is_refused_politely(client, shop, haircut, ze, policy):
    visit = booked(client, shop, haircut, policy)
    deposit_work.lapse_due(timezone.now() + timedelta(hours=1))

    assert "Horário liberado: faltou o sinal" in text_of(page_of(client, visit))
    late = press(client, visit, "sinal/")
    assert late.status_code == 409
    assert "Fale com a barbearia" in text_of(late)


def test_the_code_of_a_deposit_is_for_who_has_the_link(client, shop, other_shop, haircut, ze, policy):
    visit = booked(client, shop, haircut, policy)

    assert client.get(f"/agendar/{other_shop.slug}/visita/{links.token(visit)}/").status_code == 404
    assert client.post(f"/agendar/{other_shop.slug}/visita/{links.token(visit)}/sinal/").status_code == 404
    assert client.post(f"/agendar/{shop.slug}/visita/{visit.pk}.falso/sinal/").status_code == 404
    assert visit.shop.deposits.get().state == "pending"


def test_a_policy_costs_the_pages_few_queries(client, shop, haircut, ze, policy):
    starts_at = days_ahead(shop, 15)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            details(client, shop, haircut, starts_at)
        return len(captured)

    queries()
    with_policy = queries()
    policy.delete()
    assert with_policy - queries() <= 1  # the policy's services, beside the question whether there is one
