"""The same again by the link of an earlier visit: nothing is typed, and nothing of the customer is shown."""

import re

import pytest
from django.utils import timezone

from navalha.scheduling import actions, links

from .helpers import days_ahead, text_of


@pytest.fixture
def visit(shop, haircut, ze):
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


def fields_of(response) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', response.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def details(client, visit, **more):
    four = days_ahead(visit.shop, 16, days=2).isoformat()
    query = {"servico": visit.items.get().service_id, "inicio": four, **more}
    return client.get(f"/agendar/{visit.shop.slug}/dados/", query)


def test_who_comes_by_the_link_books_again_with_two_taps_and_types_nothing(client, visit, page):
    client.get(f"{page}de-novo/")
    form = details(client, visit)
    assert "WhatsApp de final 7777" in text_of(form)
    assert "Rafael" not in text_of(form)
    assert 'name="nome"' not in form.content.decode()

    response = client.post(f"/agendar/{visit.shop.slug}/confirmar/", fields_of(form))

    assert response.status_code == 303
    assert visit.customer.appointments.count() == 2
    again = client.post(f"/agendar/{visit.shop.slug}/confirmar/", fields_of(form))
    assert again["Location"] == response["Location"]
    assert visit.customer.appointments.count() == 2


def test_it_can_be_for_somebody_else(client, visit, page):
    client.get(f"{page}de-novo/")

    assert 'name="nome"' in details(client, visit, outra="1").content.decode()


def test_who_only_says_that_they_are_known_must_say_who_they_are(client, visit):
    form = details(client, visit)
    assert 'name="nome"' in form.content.decode()

    refused = client.post(f"/agendar/{visit.shop.slug}/confirmar/", {**fields_of(form), "conhecido": "1"})

    assert refused.status_code == 422
    assert "Diga o nome de quem vem." in text_of(refused)
    assert visit.shop.appointments.count() == 1


def test_the_link_knows_nobody_at_another_shop(client, visit, page, other_shop):
    assert client.get(page.replace(visit.shop.slug, other_shop.slug) + "de-novo/").status_code == 404


def test_a_lost_race_keeps_who_it_is(client, visit, page, haircut, ze):
    client.get(f"{page}de-novo/")
    form = {**fields_of(details(client, visit)), "profissional": ze.pk, "inicio": visit.starts_at.isoformat()}

    taken = client.post(f"/agendar/{visit.shop.slug}/confirmar/", form)

    assert taken.status_code == 409
    assert "Rafael" not in text_of(taken)
    assert "WhatsApp de final 7777" in text_of(details(client, visit))


def test_the_message_of_a_cancellation_leads_there(visit, page, settings):
    actions.cancel(visit, now=timezone.now())

    assert f"{settings.SITE_URL}{page}de-novo/" in visit.shop.messages.get(dedupe_key=f"cancelled:{visit.pk}").text
