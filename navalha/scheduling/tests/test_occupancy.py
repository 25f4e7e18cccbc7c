"""How full the week is: of what is left after days off, closures and holidays."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from conftest import make_customer, make_member, make_professional
from navalha.accounts.models import Membership, Role
from navalha.scheduling.agenda import occupancy
from navalha.scheduling.agenda.occupancy import Share
from navalha.scheduling.models import AppointmentState, Weekday, WorkingHours

S = AppointmentState
PAGE = "/agenda/ocupacao/?dia=2026-11-24"
MONDAY = date(2026, 11, 23)
QUERIES = 9  # session, person and membership; professionals, hours, dates, days off, holidays, visits
ZONE = ZoneInfo("America/Sao_Paulo")


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def visit(shop, who, starts_at, minutes=60, state=S.DONE, **fields):
    customer = shop.customers.first() or make_customer(shop)
    ends_at = starts_at + timedelta(minutes=minutes)
    return shop.appointments.create(
        customer=customer, professional=who, starts_at=starts_at, ends_at=ends_at, state=state, **fields
    )


@pytest.fixture
def manager(shop) -> Membership:
    return make_member(shop, "gerente@navalha.example", Role.MANAGER).memberships.get()


def hours(*share: float) -> Share:
    return Share(*(timedelta(hours=one) for one in share))


def week_of(shop, manager, on=MONDAY):
    return occupancy.build(shop, on, member=manager).lines


def test_a_week_counts_what_is_left_of_the_hours_and_what_is_taken_of_it(shop, ze, manager):
    visit(shop, ze, at(23, 9))
    visit(shop, ze, at(23, 10), state=S.CONFIRMED, buffer_before_minutes=0, buffer_after_minutes=30)
    visit(shop, ze, at(23, 12), state=S.NO_SHOW)  # the chair was empty
    visit(shop, ze, at(23, 13), state=S.CANCELLED)
    shop.times_off.create(professional=ze, starts_at=at(24, 9), ends_at=at(24, 12))
    shop.times_off.create(professional=None, starts_at=at(25, 0), ends_at=at(26, 0))  # the whole shop
    shop.holidays.create(on=date(2026, 11, 26), name="Padroeiro", is_own=True)
    shop.date_hours.create(professional=ze, on=date(2026, 11, 27), starts=time(10), ends=time(12))
    visit(shop, ze, at(27, 11), minutes=120, state=S.PENDING)  # an hour of it beyond what he works that day

    [line] = week_of(shop, manager)

    assert [one.share for one in line.days] == [
        hours(9, 2.5, 1),
        hours(6),
        hours(0),
        hours(0),
        hours(3, 2, 0),
        hours(9),
        hours(9),
    ]
    assert [one.share.percent for one in line.days] == [28, 0, None, None, 67, 0, 0]
    assert line.total == hours(36, 4.5, 1)


@pytest.mark.usefixtures("closed_on_holidays")
def test_the_week_before_is_what_it_is_compared_with(shop, ze, manager):
    bia = make_professional(shop, "Bia", position=2)
    for hour in (9, 10, 11):
        visit(shop, ze, at(18, hour))
    for hour in (9, 10, 11, 12, 13, 14, 15, 16, 17):
        visit(shop, ze, at(25, hour), state=S.CONFIRMED)
    visit(shop, bia, at(25, 9))

    everybody, of_ze, of_bia = week_of(shop, manager)

    assert (of_ze.total.percent, of_ze.before.percent, of_ze.change) == (14, 6, 8)
    assert (of_bia.total, of_bia.change) == (hours(63, 1, 1), 2)
    assert everybody.total == hours(126, 10, 1)
    assert everybody.before == hours(108, 3, 3)  # the 20th was a holiday of everybody


def test_hours_over_midnight_belong_to_both_days_and_a_clock_change_has_its_real_hours(shop, manager):
    shop.timezone = "Europe/Lisbon"
    shop.save(update_fields=["timezone"])
    lisbon = ZoneInfo("Europe/Lisbon")
    night = shop.professionals.create(name="Nuno")
    WorkingHours.across_shops.create(
        shop=shop, professional=night, weekday=Weekday.SATURDAY, starts=time(20), ends=time(4)
    )
    visit(shop, night, datetime(2026, 10, 24, 23, 30, tzinfo=lisbon).astimezone(UTC))

    [line] = week_of(shop, manager, date(2026, 10, 24))

    # on the night of the 25th the clock shows one o'clock twice
    assert [one.share for one in line.days[5:]] == [hours(4, 0.5, 0.5), hours(5, 0.5, 0.5)]


def test_who_left_counts_on_the_days_of_their_visits_and_nobody_without_hours_has_a_share(shop, ze, manager):
    gone = make_professional(shop, "Léo", is_active=False)
    visit(shop, gone, at(24, 9), state=S.CONFIRMED)
    idle = shop.professionals.create(name="Nova", position=9)

    lines = {line.professional: line for line in week_of(shop, manager)}

    assert lines[gone].total.booked == timedelta(hours=1)
    assert (lines[idle].total.percent, lines[idle].change) == (None, None)


def test_the_page_and_the_file_say_the_same(client, shop, ze, manager):
    client.force_login(manager.user)
    visit(shop, ze, at(24, 9), minutes=270)

    page = client.get(PAGE).content.decode()
    file = client.get("/agenda/ocupacao/exportar/?dia=2026-11-24")

    assert "4 h 30 de 63 h, 4 h 30 concluídos" in page
    assert ">50%<" in page
    assert "7 pontos a mais que na semana anterior (0%)" in page
    assert "Zé;24/11/2026;540;270;270;50%" in file.content.decode()


def test_a_barber_sees_their_own_and_takes_no_file(client, shop, ze, barber):
    make_professional(shop, "Bia", position=2)
    ze.user = barber
    ze.save(update_fields=["user"])
    client.force_login(barber)

    page = client.get(PAGE).content.decode()

    assert "Zé" in page
    assert "Bia" not in page
    assert "Todos" not in page
    assert client.get("/agenda/ocupacao/exportar/").status_code == 404


def test_the_page_asks_the_database_as_often_for_three_as_for_one(client, shop, ze, manager, django_assert_num_queries):
    client.force_login(manager.user)
    visit(shop, ze, at(24, 9))
    assert 'data-live="agenda"' in client.get(PAGE, headers={"HX-Request": "true"}).content.decode()[:200]
    with django_assert_num_queries(QUERIES):
        client.get(PAGE)
    for number in (2, 3):
        visit(shop, make_professional(shop, f"P{number}", position=number), at(24, 9))
    with django_assert_num_queries(QUERIES):
        client.get(PAGE)
