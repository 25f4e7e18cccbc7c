"""The pages on which a shop is set up: what a manager does on them, and what stays as it was."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import timezone

from conftest import make_customer, make_member, make_professional
from navalha.accounts.models import Plan, Role
from navalha.scheduling import queries, slots

WEEK = "/equipe/{}/expediente/"


@pytest.fixture
def manager(client, shop):
    person = make_member(shop, "gerente@navalha.example", Role.MANAGER)
    client.force_login(person)
    return person


def coming(shop, professional, hour=10, days=3):
    """A visit some days ahead at an hour of the shop's clock."""
    zone = queries.zone_of(shop)
    day = timezone.now().astimezone(zone).date() + timedelta(days=days)
    starts_at = datetime.combine(day, time(hour), zone).astimezone(UTC)
    return shop.appointments.create(
        customer=make_customer(shop),
        professional=professional,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
    )


def service_data(**more):
    return {"name": "Barboterapia", "duration_minutes": "40", "price": "R$ 1.050,50", **more}


def undo_of(client, page):
    """Where the newest button "Desfazer" of the next page posts to."""
    return [message.extra_tags for message in client.get(page).context["messages"] if message.extra_tags][-1]


def undo(client, page):
    """Press it."""
    answer = client.post(undo_of(client, page))
    assert answer.status_code == 302
    return answer


# ---- services


def test_a_service_is_created_with_its_own_terms_and_buffers_and_can_be_taken_back(client, manager, shop, ze):
    ana = make_professional(shop, "Ana")
    answer = client.post(
        "/servicos/novo/",
        service_data(
            buffer_before_minutes="5",
            buffer_after_minutes="10",
            **{f"does_{ze.pk}": "on", f"price_{ze.pk}": "60", f"does_{ana.pk}": "on", f"minutes_{ana.pk}": "40"},
        ),
    )

    assert answer.status_code == 302
    service = shop.services.get(name="Barboterapia")
    assert (service.duration_minutes, service.price_cents) == (40, 105050)
    assert (service.buffer_before_minutes, service.buffer_after_minutes) == (5, 10)
    assert set(service.professionals.all()) == {ze, ana}
    # Ana's own minutes are the list's: no terms of her own.
    assert list(service.terms.values_list("professional", "price_cents", "duration_minutes")) == [(ze.pk, 6000, None)]
    undo(client, "/servicos/")
    service.refresh_from_db()
    assert not service.is_active


def test_what_is_wrong_with_a_service_is_said_beside_its_field_and_what_was_typed_stays(client, manager, shop, haircut):
    answer = client.post("/servicos/novo/", {"name": "corte", "duration_minutes": "2", "price": "caro"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Já existe um serviço com este nome" in page
    assert "Escreva o valor em reais" in page
    assert 'value="caro"' in page
    assert shop.services.count() == 1


def test_a_changed_price_leaves_what_is_booked_and_the_undo_brings_the_old_one(client, manager, shop, haircut, ze):
    visit = coming(shop, ze)
    visit.items.create(shop=shop, service=haircut, name="Corte", price_cents=4500, duration_minutes=30)
    client.post(f"/servicos/{haircut.pk}/", service_data(name="Corte", price="50", **{f"does_{ze.pk}": "on"}))

    haircut.refresh_from_db()
    assert haircut.price_cents == 5000
    assert visit.items.get().price_cents == 4500
    undo(client, "/servicos/")
    haircut.refresh_from_db()
    assert (haircut.price_cents, haircut.duration_minutes) == (4500, 30)


@pytest.mark.parametrize("parts", [["haircut"], ["combo", "haircut"]])
def test_a_combo_of_one_service_or_of_a_combo_is_refused(client, manager, shop, haircut, beard, ze, parts):
    combo = shop.services.create(name="Tudo", duration_minutes=50, price_cents=7000)
    combo.parts.set([haircut, beard])
    rows = {"haircut": haircut, "combo": combo}

    answer = client.post("/servicos/novo/", service_data(parts=[str(rows[name].pk) for name in parts]))

    assert answer.status_code == 422
    assert not shop.services.filter(name="Barboterapia").exists()


def test_an_archived_service_is_not_offered_and_comes_back(client, manager, shop, haircut, ze):
    def offered() -> bool:
        return ">Corte<" in client.get(f"/agendar/{shop.slug}/").content.decode()

    assert offered()
    client.post(f"/servicos/{haircut.pk}/arquivar/")
    button = undo_of(client, "/servicos/")
    assert not offered()
    client.post(button)
    assert offered()


def test_services_and_team_move_up_and_down_and_back(client, manager, shop, haircut, beard, ze):
    ana = make_professional(shop, "Ana", position=5)

    client.post("/servicos/ordem/", {"up": beard.pk})
    client.post("/equipe/ordem/", {"up": ana.pk})

    assert [one.name for one in shop.services.all()] == ["Barba", "Corte"]
    assert [one.name for one in shop.professionals.all()] == ["Ana", "Zé"]
    undo(client, "/equipe/")
    assert [one.name for one in shop.professionals.all()] == ["Zé", "Ana"]


@pytest.mark.parametrize("page", ["/servicos/", "/equipe/", "/ajustes/feriados/", "/ajustes/fechamentos/"])
def test_a_list_costs_the_same_queries_for_one_row_and_for_three(
    client, manager, shop, haircut, ze, page, django_assert_num_queries
):
    def count() -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as seen:
            assert client.get(page).status_code == 200
        return len(seen)

    now = timezone.now()
    shop.times_off.create(starts_at=now, ends_at=now + timedelta(days=1))
    few = count()
    for number in range(2):
        more = shop.services.create(name=f"S{number}", duration_minutes=10, price_cents=1)
        make_professional(shop, f"P{number}", [haircut, more])
        shop.times_off.create(starts_at=now, ends_at=now + timedelta(days=1))
        shop.holidays.create(on=date(now.year, 5, 20 + number), name="Padroeiro", is_own=True)
    assert count() == few


# ---- the team and its hours


def week_data(**days):
    """`day_0=["09:00-12:00", …]` as the form sends it."""
    data: dict[str, list[str]] = {}
    for name, stretches in days.items():
        number = name[-1]
        data[f"from-{number}"] = [one.split("-")[0] for one in stretches]
        data[f"to-{number}"] = [one.split("-")[1] for one in stretches]
    return data


def test_a_week_with_several_breaks_is_kept_and_taken_back(client, manager, shop, ze):
    answer = client.post(WEEK.format(ze.pk), week_data(day_1=["8h-10:00", "10:30-12:00", "13:00-17:00", "20:00-01:00"]))

    assert answer.status_code == 302
    assert [str(one) for one in ze.working_hours.all()] == [
        "terça-feira 08:00–10:00",
        "terça-feira 10:30–12:00",
        "terça-feira 13:00–17:00",
        "terça-feira 20:00–01:00",
    ]
    undo(client, WEEK.format(ze.pk))
    assert ze.working_hours.count() == 7


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("09:00-", "Diga o começo e o fim"),
        ("18:00-09:00", "termina antes de começar"),
        ("25:00-26:00", "Escreva as horas assim"),
    ],
)
def test_a_week_that_makes_no_sense_is_refused_in_words_and_stays_as_typed(client, manager, ze, typed, sentence):
    answer = client.post(WEEK.format(ze.pk), week_data(day_0=[typed], day_2=["09:00-12:00", "11:00-13:00"]))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "se sobrepõem" in page
    assert f'value="{typed.split("-")[0]}"' in page
    assert ze.working_hours.count() == 7


def test_copying_a_day_fills_monday_to_saturday_and_keeps_nothing_before_it_is_saved(client, manager, ze):
    page = client.post(WEEK.format(ze.pk), {**week_data(day_1=["08:00-12:00"]), "copy": "1"})

    assert page.context["week"].pairs() == [
        pair for day in range(6) for pair in ((f"from-{day}", "08:00"), (f"to-{day}", "12:00"))
    ]
    assert ze.working_hours.filter(starts=time(9)).count() == 7


def test_a_week_that_leaves_a_booked_visit_outside_lists_it_first_and_never_drops_it(client, manager, shop, ze):
    visit = coming(shop, ze, hour=15)
    data = week_data(**{f"day_{day}": ["09:00-12:00"] for day in range(7)})

    asked = client.post(WEEK.format(ze.pk), data)

    assert asked.status_code == 409
    assert list(asked.context["visits"]) == [visit]
    assert ze.working_hours.filter(ends=time(18)).count() == 7
    again = client.post(WEEK.format(ze.pk), {**data, "again": "1"})
    assert again.context["week"].days[0].rows == [("09:00", "12:00")]  # nothing typed is lost
    kept = client.post(WEEK.format(ze.pk), {**data, "agreed": "1"}, follow=True)
    assert "ficou fora do expediente" in kept.content.decode()
    assert ze.working_hours.filter(ends=time(12)).count() == 7
    visit.refresh_from_db()
    assert visit.state == "pending"


def test_a_date_gets_other_hours_and_the_week_comes_back_when_they_are_removed(client, manager, shop, ze, haircut):
    on = timezone.localdate() + timedelta(days=5)
    path = f"/equipe/{ze.pk}/datas/"

    client.post(path, {"on": on.isoformat(), "from": ["20:00", ""], "to": ["22:00", ""]})

    found = queries.free_slots(shop, services=[haircut], first_day=on, days=1, now=timezone.now())
    assert {slots.hour_words(one.starts_at, queries.zone_of(shop))[:2] for one in found} == {"20", "21"}
    client.post(path, {"on": on.isoformat()})
    assert not ze.date_hours.exists()
    undo(client, WEEK.format(ze.pk))
    assert ze.date_hours.filter(on=on, starts=time(20)).exists()


def test_a_new_professional_begins_with_the_hours_of_the_first_and_leaves_with_a_warning(client, manager, shop, ze):
    client.post("/equipe/novo/", {"name": "Léo", "phone": "11 98888-1111", "user": str(manager.pk)})

    leo = shop.professionals.get(name="Léo")
    assert (leo.phone, leo.user, leo.working_hours.count()) == ("+5511988881111", manager, 7)
    visit = coming(shop, leo)
    asked = client.post(f"/equipe/{leo.pk}/arquivar/")
    assert list(asked.context["visits"]) == [visit]
    client.post(f"/equipe/{leo.pk}/arquivar/", {"agreed": "1"})
    leo.refresh_from_db()
    assert not leo.is_active
    undo(client, "/equipe/")
    leo.refresh_from_db()
    assert leo.is_active


# ---- away


def off(visit, **more):
    day = timezone.localtime(visit.starts_at).date()
    return {"from_day": day.isoformat(), "reason": "Médico", **more}


def test_time_off_over_booked_visits_lists_them_and_goes_on_showing_them(client, manager, shop, ze):
    visit = coming(shop, ze)
    path = f"/equipe/{ze.pk}/folgas/"

    assert client.get(path).content.decode().count('type="time"') == 2
    assert list(client.post(path, off(visit)).context["visits"]) == [visit]
    assert not ze.times_off.exists()
    client.post(path, off(visit, agreed="1"))
    [(row, inside)] = client.get(path).context["rows"]
    assert row.ends_at - row.starts_at == timedelta(days=1)
    assert inside == [visit]
    client.post(f"/equipe/folgas/{row.pk}/remover/")
    assert not ze.times_off.exists()
    undo(client, path)
    assert ze.times_off.get().reason == "Médico"


def test_a_barber_looks_after_their_own_days_off_and_nobody_elses(client, shop, barber, ze):
    mine = make_professional(shop, "João", user=barber)
    client.force_login(barber)
    day = (timezone.localdate() + timedelta(days=9)).isoformat()

    assert client.get("/equipe/folgas/")["Location"] == f"/equipe/{mine.pk}/folgas/"
    made = client.post(f"/equipe/{mine.pk}/folgas/", {"from_day": day, "from_time": "14:00", "to_time": "16:00"})
    assert made.status_code == 302
    assert mine.times_off.count() == 1
    assert 'name="from_day"' not in client.get(f"/equipe/{ze.pk}/folgas/").content.decode()
    assert client.post(f"/equipe/{ze.pk}/folgas/", {"from_day": day}).status_code == 404
    stretch = {"starts_at": timezone.now(), "ends_at": timezone.now() + timedelta(days=1)}
    theirs, closure = shop.times_off.create(professional=ze, **stretch), shop.times_off.create(**stretch)
    for row in (theirs, closure):
        assert client.post(f"/equipe/folgas/{row.pk}/remover/").status_code == 404
    assert client.get(f"/equipe/{mine.pk}/expediente/").status_code == 404


def test_a_closure_of_the_shop_takes_everybodys_times(client, manager, shop, haircut, ze):
    day = timezone.localdate() + timedelta(days=4)

    client.post("/ajustes/fechamentos/", {"from_day": day.isoformat(), "to_day": (day + timedelta(days=1)).isoformat()})

    found = queries.free_slots(shop, services=[haircut], first_day=day, days=3, now=timezone.now())
    assert {slots.local_day(one.starts_at, queries.zone_of(shop)) for one in found} == {day + timedelta(days=2)}


@pytest.mark.parametrize(
    "typed",
    [{}, {"from_day": "2020-01-01"}, {"from_day": "9999-12-31"}, {"from_day": "2031-01-02", "to_day": "2031-01-01"}],
)
def test_time_off_that_makes_no_sense_is_refused(client, manager, shop, ze, typed):
    assert client.post(f"/equipe/{ze.pk}/folgas/", typed).status_code == 422
    assert not shop.times_off.exists()


# ---- the shop and its holidays


def shop_data(**more):
    return {
        "name": "Barbearia do Zé",
        "timezone": "America/Sao_Paulo",
        "region": "SP",
        "slot_step_minutes": "30",
        "min_notice_minutes": "60",
        "horizon_days": "20",
        "cancel_window_minutes": "240",
        "customer_first_minutes": "0",
        **more,
    }


def test_the_shops_rules_are_kept_and_taken_back(client, manager, shop):
    client.post("/ajustes/", shop_data(phone="(11) 98888-7777", address="Rua Augusta, 1"))

    shop.refresh_from_db()
    assert (shop.region, shop.slot_step_minutes, shop.horizon_days) == ("SP", 30, 20)
    assert (shop.phone, shop.address) == ("+5511988887777", "Rua Augusta, 1")
    undo(client, "/ajustes/")
    shop.refresh_from_db()
    assert (shop.region, shop.slot_step_minutes, shop.horizon_days, shop.phone) == ("", 15, 30, "")


def test_a_limit_on_misses_is_kept_within_what_can_be_chosen_and_taken_back(client, manager, shop):
    assert client.post("/ajustes/", shop_data(most_missed="0")).status_code == 422

    client.post("/ajustes/", shop_data(most_missed="3"))

    shop.refresh_from_db()
    assert shop.most_missed == 3
    undo(client, "/ajustes/")
    shop.refresh_from_db()
    assert shop.most_missed is None


def test_how_long_a_new_customer_is_awaited_is_kept_and_taken_back(client, manager, shop):
    page = client.get("/ajustes/").content.decode()
    assert "Sai na hora" in page
    assert "Espera o cliente escrever, no máximo 2 minutos" in page
    assert client.post("/ajustes/", shop_data(customer_first_minutes="3")).status_code == 422

    client.post("/ajustes/", shop_data(customer_first_minutes="5"))

    shop.refresh_from_db()
    assert shop.customer_first_minutes == 5
    undo(client, "/ajustes/")
    shop.refresh_from_db()
    assert shop.customer_first_minutes == 0


def test_another_time_zone_says_which_visits_it_would_leave_outside(client, manager, shop, ze):
    visit = coming(shop, ze, hour=9)

    asked = client.post("/ajustes/", shop_data(timezone="America/Rio_Branco"))

    assert asked.status_code == 409
    assert list(asked.context["visits"]) == [visit]
    shop.refresh_from_db()
    assert shop.timezone == "America/Sao_Paulo"


def test_a_number_of_chairs_seats_what_is_booked_and_names_what_does_not_fit(client, manager, shop, ze):
    first, ana = coming(shop, ze), make_professional(shop, "Ana")
    same = {name: getattr(first, name) for name in ("customer", "starts_at", "ends_at")}
    second = shop.appointments.create(professional=ana, **same)

    page = client.post("/ajustes/", shop_data(chairs="1"), follow=True).content.decode()

    assert "não cabe neste número de cadeiras" in page
    first.refresh_from_db()
    second.refresh_from_db()
    assert [first.chair, second.chair] == [1, None]


@pytest.mark.usefixtures("closed_on_holidays")
def test_a_holiday_closes_and_is_opened_by_one_press_and_back(client, manager, shop, haircut, ze):
    year = timezone.localdate().year + 1
    christmas = date(year, 12, 25)
    now = datetime(year, 12, 20, 12, tzinfo=UTC)
    assert queries.free_slots(shop, services=[haircut], first_day=christmas, days=1, now=now) == []

    client.post("/ajustes/feriados/dia/", {"on": christmas.isoformat(), "is_open": "1"})
    assert queries.free_slots(shop, services=[haircut], first_day=christmas, days=1, now=now)
    undo(client, f"/ajustes/feriados/?ano={year}")
    assert queries.free_slots(shop, services=[haircut], first_day=christmas, days=1, now=now) == []


def test_a_holiday_of_the_city_is_noted_by_hand_and_returns_every_year(client, manager, shop):
    year = timezone.localdate().year
    data = {"on": f"{year + 1}-05-20", "name": "Padroeiro", "every_year": "on"}

    client.post("/ajustes/feriados/", data)
    assert client.post("/ajustes/feriados/", data).status_code == 422  # once is enough

    shown = client.get(f"/ajustes/feriados/?ano={year + 2}").context["found"]
    assert [day.name for day in shown if day.on == date(year + 2, 5, 20)] == ["Padroeiro"]
    row = shop.holidays.get()
    client.post(f"/ajustes/feriados/{row.pk}/remover/")
    assert not shop.holidays.exists()
    undo(client, "/ajustes/feriados/")
    assert shop.holidays.get().every_year


def test_a_plan_limits_who_is_added_and_who_comes_back(client, manager, shop, ze):
    shop.plan = Plan.objects.create(name="Básico", most_professionals=1)
    shop.save(update_fields=["plan"])
    refused = client.post("/equipe/novo/", {"name": "Ana", "phone": ""})
    assert refused.status_code == 422
    assert "Seu plano tem lugar para 1 profissionais" not in refused.content.decode()
    assert "Seu plano tem lugar para um profissional" in refused.content.decode()
    assert 'value="Ana"' in refused.content.decode()
    gone = shop.professionals.create(name="Léo", is_active=False)
    assert client.post(f"/equipe/{gone.pk}/restaurar/").status_code == 409
    gone.refresh_from_db()
    assert not gone.is_active
    assert shop.professionals.filter(is_active=True).count() == 1
