"""The grid on days that are not like others: clock changes, visits over midnight, a full house."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from conftest import make_customer, make_professional
from navalha.scheduling.agenda import day, week

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def at(on: date, hour: int, minute: int = 0, zone: ZoneInfo = SAO_PAULO) -> datetime:
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=zone).astimezone(UTC)


@pytest.fixture
def visit_at(shop, ze):
    rafa = make_customer(shop)

    def make(starts_at: datetime, minutes: int = 30):
        ends_at = starts_at + timedelta(minutes=minutes)
        return shop.appointments.create(customer=rafa, professional=ze, starts_at=starts_at, ends_at=ends_at)

    return make


def test_a_visit_over_midnight_stands_on_both_days(shop, visit_at, now):
    on = date(2026, 11, 24)
    visit = visit_at(at(on, 23, 30), 60)

    for shown_on, units in ((on, 6), (on + timedelta(days=1), 6)):
        shown = day.build(shop, shown_on, now=now)
        [block] = shown.columns[0].visits
        assert (block.visit, block.units) == (visit, units)
    assert day.build(shop, on, now=now).hours[-1][1].hour == 23
    assert day.build(shop, on + timedelta(days=1), now=now).columns[0].visits[0].at == 0


# Brazil changed its clocks until 2019: at midnight, so that the first hour of one day did not exist.
@pytest.mark.parametrize("on", [date(2018, 11, 4), date(2018, 2, 17)], ids=["spring forward", "fall back"])
def test_a_day_of_a_clock_change_has_its_real_hours(shop, visit_at, now, on):
    first = visit_at(at(on, 1), 30)
    last = visit_at(at(on, 22, 30), 60)

    shown = day.build(shop, on, now=now)

    blocks = {block.visit: block for block in shown.columns[0].visits}
    assert blocks[last].at - blocks[first].at == (last.starts_at - first.starts_at) // timedelta(minutes=5)
    assert shown.units == 12 * 23  # from one o'clock to the full hour after the last visit
    assert [hour.hour for _, hour in shown.hours] == list(range(1, 24))


def test_a_week_with_a_clock_change_keeps_its_hours_in_line(shop, ze, visit_at, now):
    sunday = date(2018, 11, 4)
    before, after = visit_at(at(sunday - timedelta(days=1), 10)), visit_at(at(sunday, 10))

    shown = week.build(shop, sunday, person_id=ze.pk, now=now)

    rows = {block.visit: block.at for one in shown.days for block in one.lane.visits}
    assert rows[before] == rows[after]


def test_a_week_stretches_over_midnight(shop, ze, visit_at, now):
    on = date(2026, 11, 24)
    visit_at(at(on, 23, 30), 60)

    shown = week.build(shop, on, person_id=ze.pk, now=now)

    assert (shown.hours[0][1].hour, shown.hours[-1][1].hour) == (0, 23)
    assert [len(one.lane.visits) for one in shown.days] == [0, 1, 1, 0, 0, 0, 0]
    assert shown.visit_count == 1


def test_everybody_keeps_one_colour_on_the_day_and_in_the_week(shop, haircut, ze, visit_at, now):
    for number in range(9):
        make_professional(shop, f"Barbeiro {number}", [haircut], position=number + 1)
    on = date(2026, 11, 24)

    columns = day.build(shop, on, now=now).columns
    assert [column.tone for column in columns] == [*range(8), 0, 1]
    tones = week.build(shop, on, person_id=None, now=now).tones
    assert tones == {column.professional.pk: column.tone for column in columns}
