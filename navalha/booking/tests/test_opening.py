"""When the shop is open, in words: now, in the week, and on the dates that differ. 24 November 2026 is a Tuesday."""

import json
import re
from datetime import UTC, date, datetime, time, timedelta

import pytest

from conftest import make_professional
from navalha.booking import opening
from navalha.scheduling import queries
from navalha.scheduling.models import DateHours, WorkingHours

from .helpers import get, text_of

TODAY = date(2026, 11, 24)


def at(hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    """On the clock of São Paulo, three hours behind."""
    return datetime(2026, 11, 24, hour, minute, tzinfo=UTC) + timedelta(hours=3, days=days)


def read(shop, now=None, **holidays) -> opening.Opening:
    zone, now = queries.zone_of(shop), now or at(10)
    between = queries.around(shop, TODAY - timedelta(days=1), opening.AHEAD + 2)
    people = list(shop.professionals.filter(is_active=True).values_list("pk", flat=True))
    return opening.read(queries.openings_of(shop, people, between=between), zone, now=now, holidays=holidays)


def said(line: opening.Line) -> str:
    return " ".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in line.stretches) or "fechado"


def week(shop) -> list[str]:
    return [said(line) for line in read(shop).week]


def dates(shop) -> dict[str, str]:
    return {line.name: said(line) for line in read(shop).dates}


def hours_of(professional, weekday: int, *stretches: tuple[int, int]) -> None:
    professional.working_hours.filter(weekday=weekday).delete()
    for starts, ends in stretches:
        WorkingHours.across_shops.create(
            shop=professional.shop,
            professional=professional,
            weekday=weekday,
            starts=time(starts),
            ends=time(ends),
        )


def test_the_week_joins_everybody_who_works_here(shop, haircut, ze):
    make_professional(shop, "Ana", [haircut], starts=time(8), ends=time(12))
    make_professional(shop, "Léo", [haircut], starts=time(19), ends=time(21))
    make_professional(shop, "Rui", [haircut], starts=time(5), ends=time(23), is_active=False)

    assert week(shop) == ["08:00-18:00 19:00-21:00"] * 7
    found = read(shop)
    assert [line.name for line in found.week][::6] == ["segunda-feira", "domingo"]
    assert [line.is_today for line in found.week] == [False, True, *[False] * 5]
    assert not found.dates


def test_a_break_a_free_day_and_a_night_stand_as_people_say_them(shop, haircut, ze):
    hours_of(ze, 1, (9, 12), (13, 19))
    hours_of(ze, 4, (20, 2))
    hours_of(ze, 5)
    hours_of(ze, 6)

    assert week(shop)[1] == "09:00-12:00 13:00-19:00"
    assert week(shop)[4:] == ["20:00-02:00", "fechado", "fechado"]


@pytest.mark.parametrize(
    ("now", "state", "until"),
    [
        (at(8), "Fechado agora", "abre às 09:00"),
        (at(10), "Aberto agora", "fecha às 12:00"),
        (at(12), "Fechado agora", "abre às 13:00"),
        (at(18, 59), "Aberto agora", "fecha às 19:00"),
        (at(19), "Fechado agora", "abre amanhã às 09:00"),
        (at(19, days=3), "Aberto agora", "fecha às 02:00"),
        (at(1, days=4), "Aberto agora", "fecha às 02:00"),
        (at(3, days=4), "Fechado agora", "abre segunda-feira, 30 de novembro às 09:00"),
    ],
)
def test_it_says_whether_the_doors_are_open_and_until_when(shop, haircut, ze, now, state, until):
    hours_of(ze, 1, (9, 12), (13, 19))
    hours_of(ze, 4, (9, 2))
    hours_of(ze, 5)
    hours_of(ze, 6)

    found = read(shop, now)

    assert (found.state, found.until) == (state, until)
    assert found.is_open is (state == "Aberto agora")


def test_who_never_closes_names_no_hour(shop, haircut):
    make_professional(shop, "Zé", [haircut], starts=time(0), ends=time(12))
    make_professional(shop, "Ana", [haircut], starts=time(12), ends=time(0))

    assert (read(shop).state, read(shop).until) == ("Aberto agora", "")


def test_the_coming_dates_that_differ_are_said_and_only_those(shop, haircut, ze):
    ana = make_professional(shop, "Ana", [haircut])
    day = at(0, days=2)
    shop.times_off.create(professional=ana, starts_at=day, ends_at=day + timedelta(days=1))  # Zé is there
    shop.times_off.create(starts_at=day + timedelta(days=1), ends_at=day + timedelta(days=1, hours=12))
    DateHours.across_shops.create(
        shop=shop, professional=ze, on=TODAY + timedelta(days=5), starts=time(10), ends=time(20)
    )
    shop.holidays.create(on=TODAY + timedelta(days=7), name="Dia da cidade", is_own=True)

    assert dates(shop) == {
        "sexta-feira, 27 de novembro": "12:00-18:00",
        "domingo, 29 de novembro": "09:00-20:00",
        "terça-feira, 1 de dezembro": "fechado",
    }


def test_the_page_says_it_with_the_name_of_the_holiday(client, shop, haircut, ze):
    tomorrow = queries.slots.local_day(datetime.now(UTC), queries.zone_of(shop)) + timedelta(days=1)
    shop.holidays.create(on=tomorrow, name="Aniversário da cidade", is_own=True)

    page = text_of(get(client, shop))

    assert "segunda-feira" in page
    assert "Diferente nos próximos dias" in page
    assert "fechado Aniversário da cidade" in page


def test_search_engines_read_the_hours_and_a_name_cannot_end_the_data(client, shop, haircut, ze):
    shop.name = "Zé </script><script>alert(1)</script> & filhos"
    shop.save(update_fields=["name"])
    hours_of(ze, 0)
    hours_of(ze, 1, (9, 12), (13, 19))

    page = get(client, shop).content.decode()
    [found] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)

    said = json.loads(found)
    assert said["name"] == shop.name
    tuesday = [
        (one["opens"], one["closes"]) for one in said["openingHoursSpecification"] if one["dayOfWeek"] == "Tuesday"
    ]
    assert tuesday == [("09:00", "12:00"), ("13:00", "19:00")]
    assert "Monday" not in {one["dayOfWeek"] for one in said["openingHoursSpecification"]}
