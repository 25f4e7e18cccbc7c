"""The page on which a customer chooses: what is offered, what a link says, what it costs."""

from datetime import date, time, timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from conftest import make_customer, make_professional
from navalha.booking import front, times
from navalha.scheduling.models import TimeOff, WorkingHours
from navalha.scheduling.queries import zone_of

from .helpers import days_ahead, get, offered, text_of

TODAY = date(2026, 11, 24)  # the Tuesday of the fixture `now`, 10:00 in São Paulo


def choice_of(shop, query: str = "") -> tuple[front.Front, front.Choice]:
    offer = front.load(shop)
    return offer, front.read(offer, QueryDict(query), first_day=TODAY, last_day=TODAY + timedelta(days=30))


def times_of(shop, now, query: str, visitor: str = "") -> times.Times:
    offer, choice = choice_of(shop, query)
    return times.find(offer, choice, now=now, visitor=visitor)


def clock(group) -> list[str]:
    return [f"{start:%H:%M}" for start in group.starts]


def test_the_first_page_says_the_shop_and_its_services_with_price_and_length(client, shop, haircut, beard, ze):
    shop.address = "Rua Augusta, 1200"
    shop.save()

    page = text_of(get(client, shop))

    for words in ("Barbearia do Zé", "Rua Augusta, 1200", "Corte", "30 min", "R$\xa045,00", "Barba", "20 min"):
        assert " ".join(words.split()) in page


def test_a_service_is_one_tap_from_its_times(client, shop, haircut, ze):
    first = get(client, shop).content.decode()
    assert f'href="/agendar/{shop.slug}/?servico={haircut.pk}"' in first

    assert len(offered(get(client, shop, servico=haircut.pk))) > 4


def test_the_address_keeps_the_whole_choice_for_back_and_for_sharing(client, shop, haircut, beard, ze):
    day = days_ahead(shop, 9, days=3).date()
    chosen = f"servico={haircut.pk}&servico={beard.pk}&profissional={ze.pk}&dia={day}"

    page = client.get(f"/agendar/{shop.slug}/?{chosen}")

    assert "Total" in text_of(page)
    assert "75,00" in text_of(page)
    assert all(start.startswith(str(day)) for start in offered(page))
    assert f"servico={haircut.pk}&amp;servico={beard.pk}&amp;profissional={ze.pk}&amp;dia=" in page.content.decode()


def test_services_that_nobody_does_are_not_shown(client, shop, haircut, beard):
    make_professional(shop, "Ana", [haircut])

    page = text_of(get(client, shop))

    assert "Corte" in page
    assert "Barba" not in page.replace("Barbearia", "")


def test_a_service_that_nobody_does_with_the_chosen_one_cannot_be_added(client, shop, haircut, beard):
    make_professional(shop, "Ana", [haircut])
    make_professional(shop, "Léo", [beard])

    assert "Ninguém faz este junto" in text_of(get(client, shop, servico=haircut.pk))


def test_adding_a_service_lets_go_of_a_professional_who_does_not_do_it(client, shop, haircut, beard):
    ana = make_professional(shop, "Ana", [haircut])
    make_professional(shop, "Léo", [haircut, beard])

    page = get(client, shop, servico=haircut.pk, profissional=ana.pk).content.decode()

    assert f'href="/agendar/{shop.slug}/?servico={haircut.pk}&amp;servico={beard.pk}"' in page


def test_first_free_times_are_of_today_and_tomorrow_over_all_professionals(shop, haircut, ze, now):
    make_professional(shop, "Ana", [haircut], starts=time(8))

    today, tomorrow = times_of(shop, now, f"servico={haircut.pk}").groups

    assert [today.title, tomorrow.title] == ["hoje", "amanhã"]
    # Thirty minutes ahead of ten o'clock; 10:45 would leave a quarter of an hour that nobody can use, and comes later.
    assert clock(today)[:2] == ["10:30", "11:00"]
    assert clock(tomorrow)[0] == "08:00"
    assert len(clock(today)) == times.FIRST_TIMES
    assert today.more_url.endswith("dia=2026-11-24")


def test_when_today_is_over_the_next_days_come_first(shop, haircut, ze, now):
    late = now + timedelta(hours=9)  # 19:00

    groups = times_of(shop, late, f"servico={haircut.pk}").groups

    assert [group.starts[0].date() for group in groups] == [TODAY + timedelta(days=1), TODAY + timedelta(days=2)]


def test_a_chosen_day_shows_all_its_times_by_part_of_the_day(shop, haircut, ze, now):
    found = times_of(shop, now, f"servico={haircut.pk}&dia=2026-11-25")

    assert [group.title for group in found.groups] == ["Manhã", "Tarde"]
    assert clock(found.groups[0])[0] == "09:00"
    assert clock(found.groups[1])[-1] == "17:30"


def test_closed_and_full_days_are_told_apart(shop, haircut, ze, now):
    WorkingHours.across_shops.filter(weekday=6).delete()  # closed on Sundays
    full = zone_day(shop, 25)
    shop.appointments.create(customer=make_customer(shop), professional=ze, starts_at=full[0], ends_at=full[1])
    away = zone_day(shop, 26)
    TimeOff.across_shops.create(shop=shop, starts_at=away[0], ends_at=away[1])

    states = {day.day.day: day.state for day in times_of(shop, now, f"servico={haircut.pk}").days}

    assert (states[24], states[25], states[26], states[29]) == ("free", "full", "closed", "closed")


def zone_day(shop, day: int):
    from navalha.scheduling.slots import day_bounds

    return day_bounds(TODAY.replace(day=day), 1, zone_of(shop))


def test_today_is_over_when_it_is_too_late_and_full_when_all_is_taken(client, shop, haircut, ze, now):
    after_hours = now + timedelta(hours=9)
    assert times_of(shop, after_hours, f"servico={haircut.pk}").days[0].state == "over"

    taken = zone_day(shop, TODAY.day)
    shop.appointments.create(customer=make_customer(shop), professional=ze, starts_at=taken[0], ends_at=taken[1])

    assert times_of(shop, now, f"servico={haircut.pk}").days[0].state == "full"
    assert times_of(shop, after_hours, f"servico={haircut.pk}").days[0].state == "over"


def test_who_is_the_only_one_needs_no_choosing(client, shop, haircut, ze):
    alone = text_of(get(client, shop, servico=haircut.pk))
    assert "Com Zé" in alone
    assert "Com quem?" not in alone

    make_professional(shop, "Ana", [haircut])

    assert "Com quem?" in text_of(get(client, shop, servico=haircut.pk))


def test_a_day_with_nothing_leads_to_the_next_free_one(shop, haircut, ze, now):
    WorkingHours.across_shops.filter(weekday=6).delete()

    found = times_of(shop, now, f"servico={haircut.pk}&dia=2026-11-29")

    assert found.groups == []
    assert found.next_free is not None
    assert found.next_free.day == date(2026, 11, 30)


def test_the_days_go_on_by_the_fortnight_and_end_at_the_horizon(shop, haircut, ze, now):
    first = times_of(shop, now, f"servico={haircut.pk}")
    assert first.earlier_url == ""
    assert first.later_url.endswith("dia=2026-12-08")

    last = times_of(shop, now, f"servico={haircut.pk}&dia=2026-12-24")
    assert [last.days[0].day, last.days[-1].day] == [date(2026, 12, 22), date(2026, 12, 24)]
    assert last.later_url == ""


def test_ones_own_hold_is_still_offered_and_anothers_is_not(shop, haircut, ze, now):
    from navalha.scheduling import actions

    starts_at = now + timedelta(hours=1)
    actions.hold(shop, services=[haircut], professional=ze, starts_at=starts_at, visitor="eu", now=now)

    query = f"servico={haircut.pk}"
    assert "11:00" in clock(times_of(shop, now, query, "eu").groups[0])
    assert "11:00" not in clock(times_of(shop, now, query, "outra").groups[0])


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("servico=999999", "não é mais oferecido"),
        ("servico=9" + "9" * 400, "não é mais oferecido"),
        ("servico=x%00y", "não é mais oferecido"),
        ("profissional=999999", "não atende mais aqui"),
        ("dia=2020-01-01", "A agenda está aberta de"),
        ("dia=9999-12-31", "A agenda está aberta de"),
        ("dia=ontem", "Não entendemos este dia"),
        ("&".join(f"servico={n}" for n in range(90)), "serviços demais"),
    ],
)
def test_what_an_old_or_broken_link_asks_for_is_said_in_a_sentence(client, shop, haircut, ze, query, sentence):
    response = client.get(f"/agendar/{shop.slug}/?{query}")

    assert response.status_code == 200
    assert sentence in text_of(response)
    assert "Corte" in text_of(response)


def test_another_shops_service_is_not_on_offer(client, shop, other_shop, haircut, ze):
    foreign = other_shop.services.create(name="Escova", duration_minutes=30, price_cents=1)

    page = text_of(get(client, shop, servico=foreign.pk))

    assert "não é mais oferecido" in page
    assert "Escova" not in page


def test_who_does_not_do_the_chosen_services_is_replaced_by_anybody(client, shop, haircut, beard, ze):
    ana = make_professional(shop, "Ana", [beard])

    page = get(client, shop, servico=haircut.pk, profissional=ana.pk)

    assert "Ana não faz todos os serviços escolhidos" in text_of(page)
    assert offered(page)


def test_a_shop_that_offers_nothing_says_so_and_how_to_reach_it(client, shop):
    shop.phone = "+5511977770001"
    shop.save()

    page = get(client, shop)

    assert page.status_code == 200
    assert "ainda não abriu a agenda" in text_of(page)
    assert 'href="tel:+5511977770001"' in page.content.decode()


def test_a_shop_that_does_not_exist_is_a_page_that_says_so(client, db):
    response = client.get("/agendar/nada-aqui/")

    assert response.status_code == 404
    assert "peça o link de novo" in text_of(response)


def test_looking_changes_nothing_and_gives_no_cookie_of_a_holder(client, shop, haircut, ze):
    response = get(client, shop, servico=haircut.pk)

    assert shop.slot_holds.count() == 0
    assert "navalha_visitante" not in response.cookies


def test_the_number_of_queries_is_the_same_for_one_and_for_many(client, shop, haircut, ze, django_assert_num_queries):
    # the limit, the shop, its pictures, the offer (5), the calendars (5), the shortest service, the holidays
    with django_assert_num_queries(15):
        get(client, shop)
    # and once more when people work (4): the calendars reach from the chosen day
    with django_assert_num_queries(19):
        get(client, shop, servico=haircut.pk)

    more = [shop.services.create(name=f"Serviço {n}", duration_minutes=15, price_cents=1000) for n in range(2)]
    everybody = [make_professional(shop, f"Pessoa {n}", [haircut, *more]) for n in range(2)]
    customer = make_customer(shop)
    for n, professional in enumerate([ze, *everybody]):
        starts_at = days_ahead(shop, 10 + n)
        ends_at = starts_at + timedelta(minutes=30)
        shop.appointments.create(customer=customer, professional=professional, starts_at=starts_at, ends_at=ends_at)

    with django_assert_num_queries(15):
        get(client, shop)
    with django_assert_num_queries(19):
        get(client, shop, servico=[haircut.pk, *(one.pk for one in more)])


def test_only_the_shops_own_page_may_be_found_by_search_engines(client, shop, haircut, ze):
    assert "X-Robots-Tag" not in get(client, shop)
    starts_at = days_ahead(shop, 10).isoformat()
    form = client.get(f"/agendar/{shop.slug}/dados/", {"servico": haircut.pk, "inicio": starts_at})
    assert form["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.usefixtures("one_window")
def test_searching_has_a_limit_that_says_when_to_come_back(client, shop, haircut, ze, settings):
    settings.PUBLIC_READS_PER_10_MINUTES = 2
    answers = [get(client, shop) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "Tente de novo daqui a" in text_of(answers[-1])
    assert 0 < int(answers[-1]["Retry-After"]) <= 600


def test_the_page_is_in_the_shops_time_not_in_the_servers(client, shop, haircut, ze):
    shop.timezone = "America/Noronha"
    shop.save()

    first = offered(get(client, shop, servico=haircut.pk, dia=days_ahead(shop, 9).date()))[0]

    assert first.endswith("T09:00:00-02:00")
    assert timezone.get_current_timezone_name() == "America/Sao_Paulo"


def test_a_link_that_is_shared_says_the_shop_and_its_address_leads_to_a_map(client, shop, ze, settings):
    shop.address = "Rua Augusta, 1200"
    shop.save()

    page = get(client, shop, servico="9").content.decode()

    assert '<meta property="og:title" content="Barbearia do Zé · Agende seu horário">' in page
    assert f'<meta property="og:url" content="{settings.SITE_URL}/agendar/{shop.slug}/">' in page
    assert "agende sem cadastro. Rua Augusta, 1200" in page
    assert "query=Barbearia%20do%20Z%C3%A9%2C%20Rua%20Augusta%2C%201200" in page
