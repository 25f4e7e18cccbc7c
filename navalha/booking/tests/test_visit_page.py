"""The page behind the link: what it says in each state, what it can do, and for whom it does not exist."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import make_professional, make_shop
from navalha.scheduling import actions, links
from navalha.scheduling.models import AppointmentState

from .helpers import days_ahead, text_of


@pytest.fixture
def visit(shop, haircut, ze):
    shop.phone, shop.address = "+5511977770001", "Rua Augusta, 1200"
    shop.save()
    return actions.book(
        shop,
        services=[haircut],
        professional=ze,
        starts_at=days_ahead(shop, 15, days=2),
        name="Rafael Souza",
        phone="+5511988887777",
        now=timezone.now(),
    )


@pytest.fixture
def page(visit) -> str:
    return f"/agendar/{visit.shop.slug}/visita/{links.token(visit)}/"


def state_of(visit) -> str:
    visit.refresh_from_db()
    return visit.state


def test_it_says_what_when_with_whom_where_and_for_how_much(client, visit, page):
    response = client.get(page)

    words = text_of(response)
    for said in ("Horário marcado", "Pendente", "Corte", "15:00", "Zé", "45,00", "Rua Augusta, 1200"):
        assert said in words
    assert "Rua Augusta, 1200: ver no mapa" in response.content.decode()
    assert "confirmação no WhatsApp de final 7777" in words
    assert "cancelar por aqui até 2 horas antes" in words


@pytest.mark.parametrize("part", ["", "cancelar/"])
def test_who_books_with_a_phone_of_somebody_else_does_not_learn_whose_it_is(client, page, part):
    response = client.get(f"{page}{part}")

    assert response.status_code == 200
    assert "Rafael" not in response.content.decode()


def test_it_is_kept_out_of_search_engines_and_its_address_is_not_sent_elsewhere(client, page):
    response = client.get(page)

    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "same-origin"


def test_the_message_that_the_customer_got_leads_here(client, visit, page, settings):
    message = visit.shop.messages.get(dedupe_key=f"booked:{visit.pk}")

    assert f"{settings.SITE_URL}{page}" in message.text


def test_confirming_by_the_button(client, visit, page):
    response = client.post(f"{page}confirmar/")

    assert response.status_code == 303
    assert response["Location"] == page
    assert state_of(visit) == AppointmentState.CONFIRMED
    assert "Presença confirmada" in text_of(client.get(page))
    assert client.post(f"{page}confirmar/").status_code == 303  # twice is no error


def test_cancelling_asks_once_and_says_the_rule_before(client, visit, page):
    question = client.get(f"{page}cancelar/")
    assert "Cancelar este horário?" in text_of(question)
    assert "até 2 horas antes" in text_of(question)
    assert state_of(visit) == AppointmentState.PENDING

    response = client.post(f"{page}cancelar/")

    assert response.status_code == 303
    assert state_of(visit) == AppointmentState.CANCELLED
    assert visit.cancelled_by == "customer"


def test_after_cancelling_it_says_so_and_offers_to_book_the_same_again(client, visit, page, haircut, ze):
    client.post(f"{page}cancelar/")

    response = client.get(page)

    assert "Horário cancelado" in text_of(response)
    assert f'href="{page}de-novo/"' in response.content.decode()
    again = f"/agendar/{visit.shop.slug}/?servico={haircut.pk}&profissional={ze.pk}"
    assert client.get(f"{page}de-novo/")["Location"] == again
    assert "Cancelar horário" not in text_of(response).replace("Horário cancelado", "")


def test_nothing_that_is_no_longer_offered_is_offered_again(client, visit, page, haircut, ze):
    haircut.is_active = ze.is_active = False
    haircut.save()
    ze.save()

    assert client.get(f"{page}de-novo/")["Location"] == f"/agendar/{visit.shop.slug}/"


@pytest.mark.parametrize("command", ["", "confirmar/", "cancelar/"])
def test_looking_never_changes_anything(client, visit, page, command):
    response = client.get(page + command)

    assert response.status_code in (200, 302)
    assert state_of(visit) == AppointmentState.PENDING
    assert visit.changes.count() == 1


def test_when_the_window_has_ended_it_says_to_call_and_refuses_to_cancel(client, visit, page):
    visit.shop.cancel_window_minutes = 4 * 24 * 60
    visit.shop.save()

    assert "Ligue para a barbearia: +55 11 97777-0001" in text_of(client.get(page))
    assert client.get(f"{page}cancelar/").status_code == 303
    refused = client.post(f"{page}cancelar/")
    assert refused.status_code == 409
    assert "O prazo para remarcar ou cancelar por aqui já passou" in text_of(refused)
    assert state_of(visit) == AppointmentState.PENDING


def test_a_visit_that_the_shop_cancelled_says_who_did(client, visit, page, owner):
    actions.cancel(visit, by=owner, now=timezone.now())

    assert "A barbearia cancelou este horário" in text_of(client.get(page))
    assert client.post(f"{page}confirmar/").status_code == 409


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("arrived", "Você está na barbearia"),
        ("in_service", "Você está na barbearia"),
        ("done", "Obrigado pela visita"),
        ("no_show", "Sentimos sua falta"),
    ],
)
def test_each_state_has_its_words_and_no_button_that_would_be_refused(client, visit, page, state, words):
    visit.state = state
    visit.save(update_fields=["state"])

    shown = text_of(client.get(page))

    assert words in shown
    assert "Confirmar presença" not in shown
    assert "Cancelar horário" not in shown


def test_a_time_that_has_passed_says_so(client, visit, page):
    visit.starts_at, visit.ends_at = (timezone.now() - timedelta(hours=n) for n in (2, 1))
    visit.save(update_fields=["starts_at", "ends_at"])

    assert "Este horário já passou" in text_of(client.get(page))
    assert client.post(f"{page}confirmar/").status_code == 409


@pytest.mark.parametrize("token", ["1", "1.x", "x", "1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "." * 300])
@pytest.mark.parametrize("command", ["", "confirmar/", "cancelar/"])
def test_a_forged_link_does_not_exist(client, visit, token, command):
    address = f"/agendar/{visit.shop.slug}/visita/{token}/{command}"

    assert client.get(address).status_code == 404
    assert client.post(address).status_code == (404 if command else 405)
    assert state_of(visit) == AppointmentState.PENDING


def test_a_link_of_one_visit_with_the_number_of_another_does_not_exist(client, visit):
    signature = links.token(visit).partition(".")[2]

    assert client.get(f"/agendar/{visit.shop.slug}/visita/{visit.pk + 1}.{signature}/").status_code == 404


@pytest.mark.parametrize("command", ["", "confirmar/", "cancelar/", "remarcar/", "de-novo/", "agenda.ics"])
def test_after_the_shop_has_changed_the_link_the_old_one_does_not_exist(client, visit, page, command, owner):
    client.force_login(owner)
    address = f"/agenda/{visit.pk}/"
    assert page in client.get(address).content.decode()
    said = client.post(f"{address}trocar-link/", follow=True).content.decode()
    visit.refresh_from_db()
    newer = f"/agendar/{visit.shop.slug}/visita/{links.token(visit)}/"

    assert "Link trocado" in said
    assert newer in said
    assert client.get(page + command).status_code == 404
    assert client.get(newer).status_code == 200


def test_only_who_may_change_a_visit_sees_or_changes_its_link(client, visit, page, barber):
    client.force_login(barber)
    address = f"/agenda/{visit.pk}/"

    assert page not in client.get(address).content.decode()
    assert "Só a recepção ou o próprio" in client.post(f"{address}trocar-link/", follow=True).content.decode()
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("command", ["", "confirmar/", "cancelar/"])
def test_the_link_does_not_open_under_another_shop(client, visit, page, other_shop, command):
    address = page.replace(visit.shop.slug, other_shop.slug) + command

    assert client.get(address).status_code == 404
    assert client.post(address).status_code == (404 if command else 405)
    assert state_of(visit) == AppointmentState.PENDING


def test_the_page_costs_the_same_for_one_service_and_for_three(client, visit, page, django_assert_num_queries):
    with django_assert_num_queries(7):  # the limit, the shop, the visit, its services, deposit, code, and the number
        client.get(page)
    for number in range(2):
        service = visit.shop.services.create(name=f"Extra {number}", duration_minutes=5, price_cents=1)
        visit.items.create(shop=visit.shop, service=service, name=service.name, price_cents=1, duration_minutes=5)
    make_professional(make_shop("mais-uma", "Mais uma"), "Ana")
    with django_assert_num_queries(7):
        client.get(page)
