"""A visit noted by the shop itself."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from navalha.scheduling import actions
from navalha.scheduling.models import Appointment

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NEW = "/agenda/novo/"


@pytest.fixture
def tomorrow():
    return timezone.now().astimezone(SAO_PAULO).date() + timedelta(days=1)


def at(day, hour: int) -> datetime:
    return datetime.combine(day, time(hour), SAO_PAULO).astimezone(UTC)


@pytest.fixture
def typed(haircut, ze, tomorrow) -> dict[str, str]:
    return {
        "services": str(haircut.pk),
        "professional": str(ze.pk),
        "day": tomorrow.isoformat(),
        "starts_at": at(tomorrow, 15).isoformat(),
        "name": "Rafa",
        "phone": "(11) 98888-7777",
    }


def test_a_visit_is_noted_for_whoever_called(as_owner, shop, ze, typed, tomorrow, owner):
    response = as_owner.post(NEW, typed)

    visit = shop.appointments.get()
    assert response["Location"] == f"/agenda/{visit.pk}/"
    assert (visit.starts_at, visit.professional, visit.source) == (at(tomorrow, 15), ze, "staff")
    assert visit.customer.phone == "+5511988887777"
    assert visit.changes.get().by == owner
    assert shop.messages.filter(dedupe_key=f"booked:{visit.pk}").exists()


def test_anybody_means_whoever_is_free(as_owner, shop, ze, typed):
    as_owner.post(NEW, {**typed, "professional": ""})

    assert shop.appointments.get().professional == ze


def test_a_time_that_was_taken_meanwhile_answers_409_with_the_nearest_and_keeps_what_was_typed(
    as_owner, shop, haircut, ze, typed, tomorrow
):
    actions.book(
        shop,
        services=[haircut],
        professional=ze,
        starts_at=at(tomorrow, 15),
        name="Ana",
        phone="+5511955554444",
        now=timezone.now(),
    )

    response = as_owner.post(NEW, typed)

    page = response.content.decode()
    assert response.status_code == 409
    assert "acabou de ser ocupado" in page
    near = re.search(r'class="picks picks-near">(.*?)</div>', page, re.S)[1]
    assert re.findall(r"(\d\d:\d\d)</span>", near) == ["14:15", "14:30", "15:30"]
    assert 'value="Rafa"' in page
    assert 'value="(11) 98888-7777"' in page
    assert Appointment.across_shops.count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"services": []}, "Escolha pelo menos um serviço."),
        ({"starts_at": ""}, "Escolha um horário."),
        ({"starts_at": "amanhã"}, "Escolha um dos horários."),
        ({"starts_at": "2026-11-25T15:00"}, "Escolha um dos horários."),
        ({"starts_at": "9999-12-31T23:59:59-23:59"}, "Escolha um dos horários."),
        ({"phone": "123"}, "Este telefone não parece certo."),
        ({"phone": ""}, "Escreva o número com DDD"),
        ({"name": ""}, "Diga o nome de quem vem."),
        ({"name": "x" * 10_000}, "120"),
        ({"day": "x"}, "data válida"),
        ({"professional": "999999"}, "escolha válida"),
        ({"services": "999999"}, "escolha válida"),
        ({"services": "x"}, "escolha válida"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_the_rest_kept(as_owner, shop, typed, change, sentence):
    response = as_owner.post(NEW, {**typed, **change})

    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert 'value="(11) 98888-7777"' in page or "phone" in change
    assert not shop.appointments.exists()


def test_nothing_of_another_shop_can_be_chosen(as_owner, shop, other_shop, typed):
    foreign = other_shop.services.create(name="Escova", duration_minutes=30, price_cents=1)

    response = as_owner.post(NEW, {**typed, "services": str(foreign.pk)})

    assert response.status_code == 422
    assert "Escova" not in as_owner.get(NEW).content.decode()


def test_times_are_fetched_alone_when_something_is_chosen(as_owner, typed):
    part = as_owner.get(NEW, typed, headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in part
    assert "15:00" in part
    assert re.search(r'value="[^"]*T15:00:00-03:00" checked', part)


def test_without_javascript_a_button_shows_the_times_and_books_nothing(as_owner, shop, typed):
    response = as_owner.post(NEW, {**typed, "starts_at": "", "look": "1"})

    page = response.content.decode()
    assert response.status_code == 200
    assert "15:00" in page
    assert 'value="Rafa"' in page
    assert not shop.appointments.exists()


def test_a_cancelled_visit_is_booked_anew_with_one_press(as_owner, shop, typed, owner):
    as_owner.post(NEW, typed)
    visit = shop.appointments.get()
    actions.cancel(visit, by=owner, now=timezone.now())

    page = as_owner.get(f"{NEW}?de={visit.pk}").content.decode()

    assert 'value="Rafa"' in page
    assert re.search(rf'name="services" value="{visit.items.get().service_id}" checked', page)


def test_a_visit_of_another_shop_fills_nothing_in(client, stranger, as_owner, shop, typed):
    as_owner.post(NEW, typed)
    client.force_login(stranger)

    assert "Rafa" not in client.get(f"{NEW}?de={shop.appointments.get().pk}").content.decode()


def test_the_number_of_queries_does_not_grow(as_owner, shop, ze, typed, django_assert_num_queries):
    part = {"HX-Request": "true"}  # without the shell, whose queries are its own affair
    with django_assert_num_queries(ALL_OF_THE_FORM):
        as_owner.get(NEW, typed, headers=part)
    for number in range(2):
        ze.services.add(shop.services.create(name=f"Outro {number}", duration_minutes=10, price_cents=1))

    with django_assert_num_queries(ALL_OF_THE_FORM):
        as_owner.get(NEW, typed, headers=part)


# Session, person, membership; services, professionals; and eight for the free times.
ALL_OF_THE_FORM = 13
