"""Visits that come back every few weeks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from navalha.core.errors import Refused
from navalha.scheduling import actions
from navalha.scheduling.models import Appointment, AppointmentState
from navalha.scheduling.series import actions as series_actions

S = AppointmentState
SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def at(on: date, hour: int) -> datetime:
    return datetime.combine(on, time(hour), SAO_PAULO).astimezone(UTC)


@pytest.fixture
def visit(shop, haircut, ze) -> Appointment:
    on = timezone.now().astimezone(SAO_PAULO).date() + timedelta(days=1)
    return actions.book(
        shop,
        services=[haircut],
        professional=ze,
        starts_at=at(on, 15),
        name="Rafa",
        phone="+5511988887777",
        now=timezone.now(),
    )


def day_after(visit, weeks: int) -> datetime:
    return at(visit.starts_at.astimezone(SAO_PAULO).date() + timedelta(weeks=weeks), 15)


def test_twelve_visits_are_booked_ahead_and_told_in_one_message(shop, visit, owner):
    found = series_actions.repeat(visit, every_weeks=2, by=owner, now=timezone.now())

    series = shop.appointments.filter(source="series")
    assert [one.starts_at for one in found] == [day_after(visit, 2 * number) for number in range(1, 13)]
    assert {row.starts_at for row in series} == {one.starts_at for one in found}
    assert {row.customer for row in series} == {visit.customer}
    assert set(shop.messages.values_list("purpose", flat=True)) == {"booked", "series_booked"}
    assert shop.messages.get(purpose="series_booked").text.count("•") == 12


def test_a_conflict_is_listed_and_the_others_are_booked(as_owner, shop, haircut, ze, visit, owner):
    actions.book(
        shop,
        services=[haircut],
        professional=ze,
        starts_at=day_after(visit, 3),
        name="Bia",
        phone="+5511955554444",
        now=timezone.now(),
        by=owner,
    )
    shop.times_off.create(
        professional=ze, starts_at=day_after(visit, 6), ends_at=day_after(visit, 6) + timedelta(hours=3)
    )

    page = as_owner.get(f"/agenda/{visit.pk}/repetir/?semanas=3").content.decode()
    assert page.count("visit-error") == 2
    assert "acabou de ser ocupado" in page

    page = as_owner.post(f"/agenda/{visit.pk}/repetir/", {"semanas": "3"}, follow=True).content.decode()
    assert "10 visitas marcadas." in page
    assert f"Não couberam: {day_after(visit, 3).astimezone(SAO_PAULO):%d/%m}" in page
    assert shop.appointments.filter(source="series").count() == 10


def test_a_second_press_books_nothing_twice(as_owner, shop, visit, owner):
    series_actions.repeat(visit, every_weeks=1, by=owner, now=timezone.now())

    response = as_owner.post(f"/agenda/{visit.pk}/repetir/", {"semanas": "1"})

    assert response.status_code == 409
    assert "já se repete" in response.content.decode()
    assert shop.appointments.count() == 13


def test_when_not_one_fits_nothing_is_written(shop, ze, visit, owner):
    shop.times_off.create(professional=ze, starts_at=visit.ends_at, ends_at=visit.ends_at + timedelta(days=400))

    with pytest.raises(Refused, match="Nenhuma das próximas"):
        series_actions.repeat(visit, every_weeks=1, by=owner, now=timezone.now())

    assert shop.appointments.count() == 1
    assert not shop.visit_series.exists()


def test_the_rest_of_a_series_is_cancelled_with_one_message(as_owner, shop, visit, owner):
    series_actions.repeat(visit, every_weeks=1, by=owner, now=timezone.now())
    fifth = shop.appointments.get(starts_at=day_after(visit, 4))
    assert "Cancelar esta e as próximas (9)" in as_owner.get(f"/agenda/{fifth.pk}/").content.decode()

    as_owner.post(f"/agenda/{fifth.pk}/cancelar-repeticao/")

    assert shop.appointments.filter(state=S.CANCELLED).count() == 9
    assert shop.appointments.filter(state=S.PENDING).count() == 4
    assert shop.messages.filter(purpose="series_cancelled").count() == 1
    assert not shop.messages.filter(purpose="cancelled").exists()
