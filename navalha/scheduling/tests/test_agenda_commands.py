"""What the agenda's forms and buttons do: moving, finishing, blocking, taking back, finding a customer."""

import json
import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from conftest import make_customer, make_member, make_professional
from navalha.accounts.models import Role
from navalha.customers.queries import find
from navalha.scheduling import actions, attendance
from navalha.scheduling.models import Appointment, AppointmentState, CancelledBy

S = AppointmentState
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
HTMX = {"HX-Request": "true"}


def tomorrow() -> datetime:
    return datetime.combine(timezone.now().astimezone(SAO_PAULO).date() + timedelta(days=1), time(), SAO_PAULO)


def at(hour: int, minute: int = 0) -> datetime:
    return tomorrow().replace(hour=hour, minute=minute).astimezone(UTC)


@pytest.fixture
def joao(shop, haircut):
    return make_professional(shop, "João", [haircut], position=2)


@pytest.fixture
def visit(shop, haircut, ze) -> Appointment:
    return actions.book(
        shop,
        services=[haircut],
        professional=ze,
        starts_at=at(15),
        name="Rafa",
        phone="+5511988887777",
        now=timezone.now(),
    )


@pytest.fixture
def to_joao(joao) -> dict[str, str]:
    """What the page of moving sends."""
    day = f"{tomorrow():%Y-%m-%d}"
    return {"professional": str(joao.pk), "day": day, "time": "16:00", "minutes": "30", "version": "0"}


def undo_address(page: str) -> str:
    return re.search(r'action="(/agenda/[^"]+/desfazer/\d+/)"', page)[1]


def toast(response) -> dict:
    return json.loads(response["HX-Trigger"])["toast"]["items"][0]


# ---- moving


def test_a_visit_is_moved_by_a_form_without_script_and_put_back(as_owner, visit, joao, to_joao):
    page = as_owner.get(f"/agenda/{visit.pk}/mover/").content.decode()
    assert 'value="15:00"' in page
    assert 'name="version" value="0"' in page

    page = as_owner.post(f"/agenda/{visit.pk}/mover/", to_joao, follow=True).content.decode()
    visit.refresh_from_db()
    assert (visit.starts_at, visit.professional) == (at(16), joao)
    assert "Movido para 16:00 com João." in page
    assert "com Zé para" in page  # the history says from whom to whom

    as_owner.post(undo_address(page))
    visit.refresh_from_db()
    assert visit.starts_at == at(15)


def test_a_drop_on_the_grid_answers_with_a_toast_that_can_be_undone(as_owner, visit, joao):
    drop = {
        "direto": "1",
        "professional": joao.pk,
        "starts_at": at(16).isoformat(),
        "minutes": 30,
        "version": 0,
    }
    response = as_owner.post(f"/agenda/{visit.pk}/mover/", drop, headers=HTMX)

    assert response.status_code == 204
    assert toast(response)["undo"] == f"/agenda/{visit.pk}/desfazer/{visit.changes.first().pk}/"
    assert as_owner.post(toast(response)["undo"], headers=HTMX).status_code == 204

    again = as_owner.post(f"/agenda/{visit.pk}/mover/", drop, headers=HTMX)  # seen before the undo
    assert again.status_code == 409
    assert "moveu este horário" in toast(again)["text"]


def test_what_stands_in_the_way_is_said_and_what_was_typed_stays(as_owner, visit, to_joao):
    response = as_owner.post(f"/agenda/{visit.pk}/mover/", {**to_joao, "time": "19:30"})

    page = response.content.decode()
    assert response.status_code == 409
    assert "Fora do expediente de João." in page
    assert 'value="19:30"' in page
    assert 'name="even_if_closed"' in page

    as_owner.post(f"/agenda/{visit.pk}/mover/", {**to_joao, "time": "19:30", "even_if_closed": "on"})
    visit.refresh_from_db()
    assert visit.starts_at == at(19, 30)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"time": ""}, "Diga o dia e o horário."),
        ({"day": "amanhã"}, "data válida"),
        ({"professional": "999999"}, "escolha válida"),
        ({"minutes": "0"}, "maior ou igual a 5"),
        ({"starts_at": "depois"}, "Diga o dia e o horário."),
    ],
)
def test_nonsense_moves_nothing(as_owner, visit, to_joao, change, sentence):
    response = as_owner.post(f"/agenda/{visit.pk}/mover/", {**to_joao, **change})

    visit.refresh_from_db()
    assert visit.version == (0 if response.status_code == 422 else 1)
    assert (sentence in response.content.decode()) or change == {"starts_at": "depois"}


def test_a_barber_moves_only_own_visits(client, shop, visit, barber, to_joao):
    client.force_login(barber)

    response = client.post(f"/agenda/{visit.pk}/mover/", to_joao)

    assert response.status_code == 409
    visit.refresh_from_db()
    assert visit.version == 0


def test_a_barber_keeps_own_visits_and_hands_none_to_others(client, shop, haircut, joao, barber, to_joao):
    own = make_professional(shop, "Beto", [haircut], user=barber)
    mine = actions.book(
        shop,
        services=[haircut],
        professional=own,
        starts_at=at(15),
        name="Rafa",
        phone="+5511988887777",
        now=timezone.now(),
    )
    client.force_login(barber)

    response = client.post(f"/agenda/{mine.pk}/mover/", to_joao)
    assert response.status_code == 409
    assert "Só a recepção pode passar" in response.content.decode()

    client.post(f"/agenda/{mine.pk}/mover/", {**to_joao, "professional": own.pk})
    mine.refresh_from_db()
    assert (mine.starts_at, mine.professional) == (at(16), own)


def test_the_grid_lets_nobody_lift_what_they_may_not_move(client, shop, visit, barber, as_owner):
    address = f"/agenda/?dia={tomorrow():%Y-%m-%d}"
    block = rf'<a [^>]*id="visit-{visit.pk}"[^>]*>'
    assert "data-movable" in re.search(block, as_owner.get(address).content.decode())[0]

    client.force_login(barber)
    assert "data-movable" not in re.search(block, client.get(address).content.decode())[0]


# ---- the end of a visit


@pytest.fixture
def in_service(visit):
    Appointment.across_shops.filter(pk=visit.pk).update(state=S.IN_SERVICE)
    return visit


def test_a_visit_is_finished_with_what_was_done_and_paid(as_owner, in_service, haircut, beard):
    page = as_owner.get(f"/agenda/{in_service.pk}/concluir/").content.decode()
    assert re.search(rf'name="services" value="{haircut.pk}"[^>]* checked', page)
    assert 'value="45,00"' in page

    said = {"services": [haircut.pk, beard.pk], "paid": "R$ 1.070,5", "paid_with": "card"}
    page = as_owner.post(f"/agenda/{in_service.pk}/concluir/", said, follow=True).content.decode()

    in_service.refresh_from_db()
    assert (in_service.state, in_service.paid_cents, in_service.paid_with) == (S.DONE, 107050, "card")
    assert "Barba" in page
    assert "Cartão" in page
    as_owner.post(undo_address(page))
    in_service.refresh_from_db()
    assert (in_service.state, in_service.paid_cents) == (S.IN_SERVICE, None)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"services": []}, "escolha pelo menos um serviço"),
        ({"paid": "quarenta"}, "Escreva o valor em reais"),
        ({"paid": "45,00", "paid_with": ""}, "Diga como foi pago"),
        ({"paid_with": "fiado"}, "escolha válida"),
    ],
)
def test_a_slip_in_the_form_keeps_what_was_typed(as_owner, in_service, haircut, said, sentence):
    typed = {"services": [haircut.pk], "paid": "50,00", "paid_with": "cash", **said}

    response = as_owner.post(f"/agenda/{in_service.pk}/concluir/", typed)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert f'value="{typed["paid"]}"' in response.content.decode()
    in_service.refresh_from_db()
    assert in_service.state == S.IN_SERVICE


def test_a_closed_visit_is_opened_again_with_a_reason(as_owner, visit, owner):
    Appointment.across_shops.filter(pk=visit.pk).update(
        starts_at=timezone.now() - timedelta(hours=3), ends_at=timezone.now() - timedelta(hours=2)
    )
    visit.refresh_from_db()
    actions.no_show(visit, by=owner, now=timezone.now())
    visit.changes.update(at=timezone.now() - timedelta(hours=1))
    assert f'action="/agenda/{visit.pk}/reabrir/"' in as_owner.get(f"/agenda/{visit.pk}/").content.decode()

    page = as_owner.post(f"/agenda/{visit.pk}/reabrir/", {"reason": ""}, follow=True).content.decode()
    assert "Diga o motivo" in page

    page = as_owner.post(f"/agenda/{visit.pk}/reabrir/", {"reason": "Estava na porta"}, follow=True).content.decode()
    visit.refresh_from_db()
    assert visit.state == S.PENDING
    assert "Estava na porta" in page


# ---- who does not come


def test_no_shows_and_late_cancellations_are_counted_and_shown(as_owner, shop, visit, haircut, ze, owner):
    now = timezone.now()
    rafa = visit.customer
    make = shop.appointments.create
    days = [{"starts_at": now - timedelta(days=n), "ends_at": now - timedelta(days=n, hours=-1)} for n in range(2, 6)]
    make(customer=rafa, professional=ze, state=S.NO_SHOW, **days[0])
    for day, before in ((days[1], timedelta(minutes=30)), (days[2], timedelta(hours=5))):  # the window is two hours
        make(
            customer=rafa,
            professional=ze,
            state=S.CANCELLED,
            cancelled_by=CancelledBy.CUSTOMER,
            state_changed_at=day["starts_at"] - before,
            **day,
        )
    make(customer=make_customer(shop, "Ana", "+5511955554444"), professional=ze, state=S.NO_SHOW, **days[3])

    assert attendance.missed(shop, [rafa.pk])[rafa.pk] == attendance.Missed(no_shows=1, late_cancels=1)
    page = as_owner.get(f"/agenda/{visit.pk}/").content.decode()
    assert "1 falta, 1 cancelamento em cima da hora" in page
    day = as_owner.get(f"/agenda/?dia={tomorrow():%Y-%m-%d}").content.decode()
    assert "2 faltas ou cancelamentos em cima da hora" in day


def test_what_the_customer_asked_to_cancel_counts_as_theirs(as_owner, visit):
    as_owner.post(f"/agenda/{visit.pk}/cancelar/", {"reason": "Ligou", "customer_asked": "on"})

    visit.refresh_from_db()
    assert visit.cancelled_by == CancelledBy.CUSTOMER


# ---- blocking


def test_time_is_blocked_with_a_reason_and_freed_again(as_owner, shop, ze, visit):
    said = {
        "professional": ze.pk,
        "day": f"{tomorrow():%Y-%m-%d}",
        "starts": "14:00",
        "ends": "16:00",
        "reason": "Curso",
    }

    page = as_owner.post("/agenda/bloquear/", said, follow=True).content.decode()

    row = shop.times_off.get()
    assert (row.starts_at, row.ends_at, row.reason) == (at(14), at(16), "Curso")
    assert "1 horário já marcado continua" in page
    assert "Curso" in page
    assert "Curso" in as_owner.get(f"/agenda/bloqueio/{row.pk}/").content.decode()
    as_owner.post(f"/agenda/bloqueio/{row.pk}/liberar/")
    assert not shop.times_off.exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ends": "13:00"}, "O fim deve vir depois"),
        ({"day": "2020-01-01"}, "já passou"),
        ({"starts": "x"}, "hora válida"),
    ],
)
def test_a_block_that_makes_no_sense_keeps_what_was_typed(as_owner, shop, ze, change, sentence):
    said = {
        "professional": ze.pk,
        "day": f"{tomorrow():%Y-%m-%d}",
        "starts": "14:00",
        "ends": "16:00",
        "reason": "Curso",
    }

    response = as_owner.post("/agenda/bloquear/", {**said, **change})

    assert response.status_code in {409, 422}
    assert sentence in response.content.decode()
    assert 'value="Curso"' in response.content.decode()
    assert not shop.times_off.exists()


def test_a_barber_blocks_and_frees_only_own_time(client, shop, haircut, ze, barber):
    own = make_professional(shop, "Beto", [haircut], user=barber)
    client.force_login(barber)
    said = {"day": f"{tomorrow():%Y-%m-%d}", "starts": "14:00", "ends": "16:00"}

    for professional in (ze.pk, ""):
        assert client.post("/agenda/bloquear/", {**said, "professional": professional}).status_code == 422
    assert client.post("/agenda/bloquear/", {**said, "professional": own.pk}).status_code == 302
    others = shop.times_off.create(professional=ze, starts_at=at(9), ends_at=at(10))
    assert client.post(f"/agenda/bloqueio/{others.pk}/liberar/").status_code == 409
    assert shop.times_off.count() == 2


# ---- finding a customer


def test_customers_are_found_by_name_without_accents_and_by_phone(shop, other_shop):
    jose = make_customer(shop, "José Antônio Brandão", "+5511911112222")
    make_customer(shop, "Ana", "+5511933334444")
    make_customer(other_shop, "José", "+5511955556666")

    for text in ("jose", "BRANDAO", "antonio jose", "911112222", "(11) 91111", "91111-2222"):
        assert list(find(shop, text, most=8)) == [jose]
    for text in ("", "  ", "11", "xyz"):
        assert list(find(shop, text, most=8)) == []


def test_the_list_of_customers_costs_the_same_for_one_and_for_three(as_owner, shop, django_assert_num_queries):
    for number in range(3):
        make_customer(shop, f"Rafa {number}", f"+551191111222{number}")
    for text, rows in (("Rafa 1", 1), ("Rafa", 3)):
        with django_assert_num_queries(5):  # session, person, membership; customers, what they missed
            page = as_owner.get("/agenda/clientes/", {"q": text}).content.decode()
        assert page.count("role=option") + page.count('role="option"') == rows


def test_somebody_without_a_phone_is_booked_by_being_chosen(as_owner, shop, haircut, ze):
    known = shop.customers.create(name="Seu Antônio")
    said = {"services": haircut.pk, "professional": ze.pk, "day": f"{tomorrow():%Y-%m-%d}"}

    as_owner.post(
        "/agenda/novo/", {**said, "starts_at": at(15).isoformat(), "name": "Seu Antônio", "customer": known.pk}
    )

    assert shop.appointments.get().customer == known
    assert not shop.messages.filter(purpose="booked").exists()


# ---- the week


def week_of(client, query: str = "") -> str:
    return client.get(f"/agenda/semana/?dia={tomorrow():%Y-%m-%d}{query}", headers=HTMX).content.decode()


def test_a_week_shows_all_barbers_or_the_grid_of_one(as_owner, visit, ze, joao):
    everybody = week_of(as_owner)
    assert "Rafa" in everybody
    assert "day-grid" not in everybody

    one = week_of(as_owner, f"&profissional={ze.pk}")
    assert f'id="visit-{visit.pk}"' in one
    assert one.count('class="day-column"') == 7
    assert "Rafa" not in week_of(as_owner, f"&profissional={joao.pk}")


@pytest.mark.parametrize(("whose", "allowed"), [("", 10), ("one", 17)])
def test_a_week_costs_the_same_for_one_and_for_three(
    as_owner, shop, haircut, visit, ze, whose, allowed, django_assert_num_queries
):
    query = f"&profissional={ze.pk}" if whose else ""
    with django_assert_num_queries(allowed):
        week_of(as_owner, query)
    for hour in (9, 10):
        actions.book(
            shop,
            services=[haircut],
            professional=ze,
            starts_at=at(hour),
            name="Ana",
            phone=f"+55119555544{hour}",
            now=timezone.now(),
        )
    shop.times_off.create(professional=ze, starts_at=at(12), ends_at=at(13), reason="Almoço")

    with django_assert_num_queries(allowed):
        week_of(as_owner, query)


def test_the_reception_sees_next_steps_on_the_block(client, shop, visit):
    client.force_login(make_member(shop, "recepcao@navalha.example", Role.RECEPTION))

    page = client.get(f"/agenda/?dia={tomorrow():%Y-%m-%d}").content.decode()

    assert f'hx-post="/agenda/{visit.pk}/confirmar/"' in page
