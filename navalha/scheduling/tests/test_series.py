"""Series go on by themselves: twelve ahead, with what had no place listed to a person."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from html import unescape
from itertools import islice
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.utils import timezone

from conftest import make_member, make_professional
from navalha.accounts.models import Role, ShopState
from navalha.core.errors import Refused
from navalha.scheduling import actions, visits
from navalha.scheduling.models import Appointment, AppointmentState, SeriesGap, VisitSeries
from navalha.scheduling.series import actions as series_actions
from navalha.scheduling.series import topping_up
from navalha.scheduling.series import work as series_work

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
PAGE = "/agenda/repeticoes/"
WEEK = timedelta(weeks=1)
QUERIES = 7  # of the page: session, person, membership, gaps, series, their visits and services


@pytest.fixture
def now() -> datetime:
    """The real one: the pages ask the clock."""
    return timezone.now()


@pytest.fixture
def visit(shop, haircut, ze, now) -> Appointment:
    """Tomorrow at three, in a shop that works on holidays too."""
    return actions.book(
        shop,
        services=[haircut],
        professional=ze,
        starts_at=datetime.combine(now.astimezone(SAO_PAULO).date() + timedelta(days=1), time(15), SAO_PAULO),
        name="Rafa",
        phone="+5511988887777",
        now=now,
    )


@pytest.fixture
def weekly(visit, owner, now) -> VisitSeries:
    series_actions.repeat(visit, every_weeks=1, by=owner, now=now)
    return VisitSeries.across_shops.get()


def after(now, passed: int) -> datetime:
    """When so many of the visits of a weekly series that came after the first have passed."""
    return now + passed * WEEK + timedelta(days=2)


def ahead(series, now) -> int:
    return series.visits.filter(state__in=("pending", "confirmed"), starts_at__gt=now).count()


def test_as_visits_pass_twelve_remain_ahead(shop, weekly, visit, now):
    for week in range(1, 6):
        later = after(now, week)
        series_work.top_up_series(later)
        weekly.refresh_from_db()
        assert weekly.planned_until == visit.starts_at + (week + 12) * WEEK
        assert ahead(weekly, later) == 12

    assert shop.appointments.count() == 18
    assert {one.customer for one in weekly.visits.all()} == {visit.customer}
    assert {item.name for one in weekly.visits.all() for item in one.items.all()} == {"Corte"}
    assert series_work.top_up_series(later) == 0


def test_after_a_long_rest_only_what_is_ahead_is_booked(weekly, visit, now):
    later = after(now, 9)

    series_work.top_up_series(later)

    assert ahead(weekly, later) == 12
    assert weekly.visits.order_by("starts_at").last().starts_at == visit.starts_at + 21 * WEEK


def test_the_customer_hears_of_new_days_four_at_a_time(shop, weekly, visit, now):
    told = []
    for day in range(1, 7 * 9):
        series_work.top_up_series(visit.starts_at + timedelta(days=day - 1))
        told.append(shop.messages.filter(purpose="series_more").count())

    assert told[-1] == 2
    assert [message.text.count("•") for message in shop.messages.filter(purpose="series_more")] == [4, 4]


def test_what_has_no_place_is_listed_with_its_reason_and_filled_when_it_has(as_owner, shop, haircut, ze, weekly, now):
    missed = weekly.planned_until + WEEK
    off = shop.times_off.create(professional=ze, starts_at=missed, ends_at=missed + timedelta(hours=2))

    series_work.top_up_series(after(now, 1))
    series_work.top_up_series(after(now, 1))

    gap = SeriesGap.across_shops.get()
    assert (gap.starts_at, gap.settled_at) == (missed, None)
    assert "1 visita que se repete não coube na agenda" in as_owner.get("/agenda/").content.decode()
    page = as_owner.get(PAGE).content.decode()
    assert gap.problem in page
    assert f"day={missed.astimezone(SAO_PAULO):%Y-%m-%d}" in page

    page = as_owner.post(f"{PAGE}sem-lugar/{gap.pk}/tentar/", follow=True).content.decode()
    assert not weekly.visits.filter(starts_at=missed).exists()
    off.delete()
    page = as_owner.post(f"{PAGE}sem-lugar/{gap.pk}/tentar/", follow=True).content.decode()
    assert "Horário marcado." in page
    assert weekly.visits.filter(starts_at=missed).count() == 1
    assert "Não couberam" not in page
    as_owner.post(f"{PAGE}sem-lugar/{gap.pk}/tentar/")
    assert weekly.visits.filter(starts_at=missed).count() == 1


def test_what_had_no_place_at_the_beginning_is_listed_too_and_a_slip_comes_back(as_owner, shop, ze, visit, owner, now):
    missed = visit.starts_at + 3 * WEEK
    shop.times_off.create(professional=ze, starts_at=missed, ends_at=missed + timedelta(hours=2))
    series_actions.repeat(visit, every_weeks=3, by=owner, now=now)
    gap = SeriesGap.across_shops.get()

    page = as_owner.post(f"{PAGE}sem-lugar/{gap.pk}/resolvido/", follow=True).content.decode()
    assert "Não couberam" not in page
    assert f"{PAGE}sem-lugar/{gap.pk}/voltar/" in page
    assert "Não couberam" in as_owner.post(f"{PAGE}sem-lugar/{gap.pk}/voltar/", follow=True).content.decode()


def test_the_weekday_of_a_series_is_written_as_the_language_of_the_page_does(as_owner, weekly):
    weekly.anchor_at = datetime(2026, 11, 28, 1, tzinfo=UTC)  # Friday at ten in the evening
    weekly.save(update_fields=["anchor_at"])

    assert "toda semana, sexta-feira" in as_owner.get(PAGE).content.decode()
    as_owner.cookies["django_language"] = "en"
    assert "every week, Friday" in as_owner.get(PAGE).content.decode()


def test_another_time_for_its_customer_settles_what_had_no_place(as_owner, shop, haircut, ze, visit, owner, now):
    missed = visit.starts_at + 3 * WEEK
    shop.times_off.create(professional=ze, starts_at=missed, ends_at=missed + timedelta(hours=2))
    series_actions.repeat(visit, every_weeks=3, by=owner, now=now)
    gap = SeriesGap.across_shops.get()
    form = as_owner.get(PAGE).content.decode().partition('href="/agenda/novo/?')[2].partition('"')[0]
    assert f'name="gap" value="{gap.pk}"' in as_owner.get(f"/agenda/novo/?{unescape(form)}").content.decode()
    said = {"services": haircut.pk, "professional": ze.pk, "day": f"{missed.astimezone(SAO_PAULO):%Y-%m-%d}"}
    said |= {"starts_at": (missed + timedelta(hours=2)).isoformat(), "gap": gap.pk}

    as_owner.post("/agenda/novo/", {**said, "name": "Bia", "phone": "+5511955554444"})
    gap.refresh_from_db()
    assert gap.settled_at is None  # somebody else came at that time
    said["starts_at"] = (missed - timedelta(hours=1)).isoformat()
    as_owner.post("/agenda/novo/", {**said, "name": "Rafa", "phone": "+5511988887777"})

    gap.refresh_from_db()
    assert gap.settled_by == owner
    assert 'data-live="agenda"' in as_owner.get(PAGE, headers={"HX-Request": "true"}).content.decode()[:200]


def test_a_series_that_was_stopped_ends_with_what_is_booked_and_can_go_on(as_owner, weekly, now):
    page = as_owner.post(f"{PAGE}{weekly.pk}/parar/", follow=True).content.decode()
    assert "A repetição parou." in page
    assert "Voltar a repetir" in page
    assert series_work.top_up_series(after(now, 3)) == 0

    as_owner.post(f"{PAGE}{weekly.pk}/continuar/")
    assert series_work.top_up_series(after(now, 3)) == 3


def test_a_series_ends_with_its_cancelled_rest_or_by_itself_when_nothing_is_left(shop, weekly, visit, owner, now):
    series_actions.end(weekly.visits.order_by("starts_at")[4], by=owner, now=now)
    weekly.refresh_from_db()
    assert weekly.ended_at == now
    assert series_work.top_up_series(after(now, 6)) == 0
    assert ahead(weekly, now) == 4

    VisitSeries.across_shops.update(ended_at=None)
    for one in weekly.visits.filter(state="pending"):
        visits.cancel(one, by=owner, now=now)
    series_work.top_up_series(after(now, 6))
    weekly.refresh_from_db()
    assert weekly.ended_at == after(now, 6)
    with pytest.raises(Refused, match="Não há mais visitas"):
        series_actions.go_on(weekly, now=after(now, 6))
    again = actions.book(
        shop,
        services=[one.service for one in visit.items.all()],
        professional=visit.professional,
        starts_at=visit.starts_at,
        name="Rafa",
        phone="+5511988887777",
        now=now,
    )
    shop.appointments.filter(pk=again.pk).update(series=weekly)
    assert len(series_actions.repeat(again, every_weeks=2, by=owner, now=now)) == 12


def test_a_suspended_shop_books_nothing_until_it_is_back(shop, weekly, now):
    shop.state = ShopState.SUSPENDED
    shop.save(update_fields=["state"])
    assert series_work.top_up_series(after(now, 2)) == 0
    shop.state = ShopState.ACTIVE
    shop.save(update_fields=["state"])
    assert series_work.top_up_series(after(now, 2)) == 2


def test_who_left_the_team_leaves_gaps_and_no_visits(ze, weekly, now):
    ze.is_active = False
    ze.save(update_fields=["is_active"])

    assert series_work.top_up_series(after(now, 2)) == 0

    assert weekly.gaps.count() == 2


def test_one_moved_visit_leaves_the_rhythm_as_it_was(shop, weekly, visit, now):
    last = weekly.visits.order_by("starts_at").last()
    shop.appointments.filter(pk=last.pk).update(
        starts_at=last.starts_at + timedelta(hours=2), ends_at=last.ends_at + timedelta(hours=2)
    )

    series_work.top_up_series(after(now, 1))

    assert weekly.visits.order_by("starts_at").last().starts_at == visit.starts_at + 13 * WEEK


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_and_one_that_died_plan_each_time_once(shop, weekly, now):
    later = after(now, 2)
    with pytest.raises(RuntimeError, match="killed"):
        die_in_the_middle(weekly, later)
    assert ahead(weekly, later) == 10
    assert weekly.visits.count() == 13
    barrier = Barrier(4)

    def work(_number):
        try:
            series = VisitSeries.across_shops.select_related("shop").get(pk=weekly.pk)
            barrier.wait(timeout=30)
            return topping_up.top_up(series, now=later)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(work, range(4)))

    assert sum(made) == 2
    starts = list(weekly.visits.values_list("starts_at", flat=True))
    assert len(starts) == len(set(starts)) == 15


def die_in_the_middle(series, now):
    """As a killed worker does: what it has written in its transaction is gone."""
    with transaction.atomic():
        assert topping_up.top_up(series, now=now) == 2
        raise RuntimeError("killed")


@pytest.mark.django_db(transaction=True)
def test_ending_a_series_while_it_is_topped_up_leaves_no_visit_behind(shop, weekly, visit, owner, now):
    later = after(now, 2)
    barrier = Barrier(2)

    def at_once(act):
        try:
            barrier.wait(timeout=30)
            return act()
        finally:
            connection.close()

    coming = weekly.visits.filter(starts_at__gt=later).order_by("starts_at").select_related("shop").first()
    acts = [
        lambda: topping_up.top_up(VisitSeries.across_shops.select_related("shop").get(pk=weekly.pk), now=later),
        lambda: series_actions.end(coming, by=owner, now=later),
    ]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(at_once, acts))

    assert ahead(weekly, later) == 0
    weekly.refresh_from_db()
    assert weekly.ended_at == later


@pytest.mark.parametrize(
    ("zone", "anchor", "weeks", "expected"),
    [
        # over a night in which the clock goes back: the same time of the clock
        ("Europe/Lisbon", "2026-10-20T09:30", 1, ["27/10 09:30", "03/11 09:30"]),
        # the clock skips half past one on 28 March 2027: that week is left out
        ("Europe/Lisbon", "2027-03-21T01:30", 1, ["04/04 01:30", "11/04 01:30"]),
        # four weeks from 1 February 2028: the 29th
        ("America/Sao_Paulo", "2028-02-01T15:00", 4, ["29/02 15:00", "28/03 15:00"]),
        # half past eleven at night stays on its day
        ("America/Sao_Paulo", "2026-12-31T23:30", 2, ["14/01 23:30", "28/01 23:30"]),
    ],
)
def test_a_rhythm_keeps_the_time_of_the_clock(zone, anchor, weeks, expected):
    clock = ZoneInfo(zone)
    anchor = datetime.fromisoformat(anchor).replace(tzinfo=clock).astimezone(UTC)

    found = islice(series_actions.occurrences(anchor, weeks, clock, after=anchor - WEEK), 2)

    assert [f"{moment.astimezone(clock):%d/%m %H:%M}" for moment in found] == expected


def test_a_day_on_which_the_shop_rests_is_a_gap(shop, visit, owner, now):
    rest = visit.starts_at.astimezone(SAO_PAULO).date() + 2 * WEEK
    shop.holidays.create(on=rest, name="Padroeiro", is_own=True)

    series_actions.repeat(visit, every_weeks=2, by=owner, now=now)

    assert [gap.starts_at.astimezone(SAO_PAULO).date() for gap in SeriesGap.across_shops.all()] == [rest]


def test_a_barber_sees_and_changes_only_the_own_series(client, shop, haircut, weekly, barber, owner, now):
    shop.professionals.filter(pk=weekly.professional_id).update(user=barber)
    bia = make_professional(shop, "Bia", [haircut])
    of_bia = shop.visit_series.create(every_weeks=1, professional=bia)
    client.force_login(barber)

    assert "Rafa" in client.get(PAGE).content.decode()
    client.post(f"{PAGE}{of_bia.pk}/parar/")
    client.post(f"{PAGE}{weekly.pk}/parar/")

    assert set(VisitSeries.across_shops.filter(ended_at=None)) == {of_bia}


def test_the_page_asks_the_database_as_often_for_three_series_as_for_one(
    client, shop, haircut, weekly, visit, owner, now, django_assert_num_queries
):
    client.force_login(make_member(shop, "recepcao@navalha.example", Role.RECEPTION))
    client.get(PAGE)
    weekly.gaps.create(shop=shop, starts_at=now + WEEK, problem="Ocupado.", found_at=now)
    SeriesGap.across_shops.update(starts_at=datetime(2099, 1, 1, tzinfo=UTC))
    with django_assert_num_queries(QUERIES):
        client.get(PAGE)
    for number in (1, 2):
        series = shop.visit_series.create(every_weeks=number, professional=visit.professional)
        other = make_professional(shop, f"P{number}", [haircut])
        one = shop.appointments.create(
            customer=visit.customer,
            professional=other,
            series=series,
            state=AppointmentState.PENDING,
            starts_at=visit.starts_at,
            ends_at=visit.ends_at,
        )
        series.gaps.create(shop=shop, starts_at=datetime(2099, 1, 1, tzinfo=UTC), problem="Ocupado.", found_at=now)
        assert one.series == series
    with django_assert_num_queries(QUERIES):
        client.get(PAGE)
