"""Another time for a visit by its link: what is offered, what is refused, and two who want the same chair."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from conftest import make_professional
from navalha.scheduling import actions, links
from navalha.scheduling.models import AppointmentState
from navalha.scheduling.moving import actions as moving
from navalha.scheduling.moving.actions import Place

from .helpers import days_ahead, hidden, offered, post, text_of


def booked(shop, haircut, professional, hour: int, phone: str = "+5511988887777"):
    return actions.book(
        shop,
        services=[haircut],
        professional=professional,
        starts_at=days_ahead(shop, hour, days=2),
        name="Rafael Souza",
        phone=phone,
        now=timezone.now(),
    )


@pytest.fixture
def visit(shop, haircut, ze):
    shop.phone = "+5511977770001"
    shop.save()
    return booked(shop, haircut, ze, 15)


@pytest.fixture
def page(visit) -> str:
    return f"/agendar/{visit.shop.slug}/visita/{links.token(visit)}/"


def wanted(visit, starts_at: datetime, **fields) -> dict[str, object]:
    return {"inicio": starts_at.isoformat(), "profissional": visit.professional_id, "versao": 0, **fields}


def place_of(visit) -> tuple[datetime, str, str, int]:
    visit.refresh_from_db()
    return visit.starts_at, visit.professional.name, visit.state, visit.version


def test_the_rule_is_said_and_the_free_times_shown_before_anything_moves(client, visit, page):
    shown = client.get(f"{page}remarcar/", {"dia": days_ahead(visit.shop, 9, days=2).date().isoformat()})

    assert f'href="{page}remarcar/"' in client.get(page).content.decode()
    assert "remarcar ou cancelar por aqui até 2 horas antes" in text_of(shown)
    times = [datetime.fromisoformat(one) for one in offered(shown)]
    assert days_ahead(visit.shop, 15, 15, days=2) in times  # over its own time: that goes with it
    assert days_ahead(visit.shop, 15, days=2) not in times  # where it is already


def test_a_time_is_asked_about_once_and_then_taken_by_the_same_visit(client, visit, page):
    four = days_ahead(visit.shop, 16, days=2)
    question = client.get(f"{page}remarcar/", {"inicio": four.isoformat()})
    assert "Mudar para este horário?" in text_of(question)
    assert hidden(question, "versao") == ["0"]
    assert place_of(visit)[0] == days_ahead(visit.shop, 15, days=2)

    response = client.post(f"{page}remarcar/", wanted(visit, four))

    assert (response.status_code, response["Location"]) == (303, page)
    assert place_of(visit) == (four, "Zé", AppointmentState.PENDING, 1)
    change = visit.changes.get(version=1)
    assert (change.by, change.reason) == (None, "Pelo cliente")
    assert "Antes era" in text_of(client.get(page))
    purposes = Counter(visit.shop.messages.filter(state="queued").values_list("purpose", flat=True))
    assert purposes["notice_rescheduled"] == 1
    # The first confirmation had not gone out: it is said once, with the new time.
    assert visit.shop.messages.filter(state="queued", customer=visit.customer).count() == 1


def test_a_second_tap_on_the_same_time_is_no_error(client, visit, page):
    form = wanted(visit, days_ahead(visit.shop, 16, days=2))

    assert [client.post(f"{page}remarcar/", form).status_code for _ in range(2)] == [303, 303]
    assert place_of(visit)[3] == 1


def test_a_taken_time_offers_the_three_nearest_and_names_nobody(client, visit, page, haircut, ze):
    other = booked(visit.shop, haircut, ze, 16, "+5511955554444")
    other.customer.name = "Ana Secreta"
    other.customer.save()

    for answer in (
        client.get(f"{page}remarcar/", {"inicio": other.starts_at.isoformat()}),
        client.post(f"{page}remarcar/", wanted(visit, other.starts_at)),
    ):
        assert answer.status_code == 409
        assert len(offered(answer)) == 3
        assert "Ana" not in text_of(answer)
    assert place_of(visit)[3] == 0


@pytest.mark.parametrize("chairs", [None, 1])
def test_a_time_that_somebody_keeps_themselves_is_not_taken_from_them(client, visit, page, haircut, chairs):
    visit.shop.chairs = chairs
    visit.shop.save()
    four = days_ahead(visit.shop, 16, days=2)
    post(client, visit.shop, {"servico": [haircut.pk], "profissional": "", "inicio": four.isoformat()}, page="horario")
    assert visit.shop.slot_holds.get().starts_at == four
    stranger = Client()

    shown = client.get(f"{page}remarcar/", {"dia": four.date().isoformat()})
    assert four in [datetime.fromisoformat(one) for one in offered(shown)]
    assert stranger.get(f"{page}remarcar/", {"inicio": four.isoformat()}).status_code == 409
    assert stranger.post(f"{page}remarcar/", wanted(visit, four)).status_code == 409
    assert "Mudar para este horário?" in text_of(client.get(f"{page}remarcar/", {"inicio": four.isoformat()}))
    assert client.post(f"{page}remarcar/", wanted(visit, four)).status_code == 303

    assert place_of(visit)[0] == four
    assert not visit.shop.slot_holds.exists()


def test_a_move_that_was_refused_keeps_what_was_kept(client, visit, page, haircut, ze):
    four = days_ahead(visit.shop, 16, days=2)
    other = booked(visit.shop, haircut, ze, 17, "+5511955554444")
    post(client, visit.shop, {"servico": [haircut.pk], "profissional": "", "inicio": four.isoformat()}, page="horario")

    assert client.post(f"{page}remarcar/", wanted(visit, other.starts_at)).status_code == 409

    assert visit.shop.slot_holds.get().starts_at == four


@pytest.mark.parametrize("starts_at", ["", "amanhã", "2026-11-24T15:00:00-03:00", "2999-01-01T10:00:00-03:00"])
def test_a_time_that_is_not_on_offer_is_refused_with_the_times_that_are(client, visit, page, starts_at):
    answer = client.post(f"{page}remarcar/", {"inicio": starts_at, "versao": 0})

    assert answer.status_code == 422
    assert offered(answer)
    assert place_of(visit)[3] == 0


def test_a_visit_that_the_shop_moved_meanwhile_is_shown_as_it_is_now(client, visit, page, ze, owner):
    nine = days_ahead(visit.shop, 9, days=2)
    moving.reschedule(visit, Place(ze, nine, nine + timedelta(minutes=30)), seen=0, by=owner, now=timezone.now())

    answer = client.post(f"{page}remarcar/", wanted(visit, days_ahead(visit.shop, 16, days=2)))

    assert answer.status_code == 409
    assert "moveu este horário" in text_of(answer)
    assert "09:00" in text_of(answer)
    assert place_of(visit)[0] == nine


def test_when_the_window_has_ended_it_says_to_call_and_refuses(client, visit, page):
    visit.shop.cancel_window_minutes = 4 * 24 * 60
    visit.shop.save()

    assert "Remarcar" not in text_of(client.get(page)).replace("Remarcar ou", "")
    assert client.get(f"{page}remarcar/").status_code == 303
    refused = client.post(f"{page}remarcar/", wanted(visit, days_ahead(visit.shop, 16, days=2)))
    assert refused.status_code == 409
    assert "Ligue para a barbearia" in text_of(refused)
    assert place_of(visit)[3] == 0


def test_only_who_does_the_same_on_the_same_terms_is_offered(client, visit, page, haircut):
    make_professional(visit.shop, "João", [haircut])
    dear = make_professional(visit.shop, "Careca", [haircut])
    visit.shop.service_terms.create(professional=dear, service=haircut, price_cents=9000)

    shown = text_of(client.get(f"{page}remarcar/"))

    assert "João" in shown
    assert "Careca" not in shown
    four = days_ahead(visit.shop, 16, days=2)
    assert client.post(f"{page}remarcar/", wanted(visit, four, profissional=dear.pk)).status_code == 422


@pytest.mark.usefixtures("one_window")
def test_many_moves_of_one_visit_on_one_day_are_refused(client, visit, page, settings):
    settings.PUBLIC_MOVES_PER_VISIT_PER_DAY = 1
    hours = [days_ahead(visit.shop, hour, days=2) for hour in (16, 17)]

    codes = [client.post(f"{page}remarcar/", wanted(visit, at, versao=n)).status_code for n, at in enumerate(hours)]

    assert codes == [303, 429]
    assert place_of(visit)[0] == hours[0]


@pytest.mark.parametrize("part", ["remarcar/", "agenda.ics"])
def test_a_forged_link_and_the_link_under_another_shop_do_not_exist(client, visit, page, other_shop, part):
    for address in (f"/agendar/{visit.shop.slug}/visita/1.x/", page.replace(visit.shop.slug, other_shop.slug)):
        assert client.get(address + part).status_code == 404


def test_the_page_costs_the_same_for_one_visit_in_the_way_and_for_three(client, visit, page, haircut, ze):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(f"{page}remarcar/")
        return len(caught)

    booked(visit.shop, haircut, ze, 10, "+5511955550001")
    before = queries()
    for hour in (11, 12):
        booked(visit.shop, haircut, ze, hour, f"+55119555500{hour}")
    assert queries() == before


def event_of(client, page):
    response = client.get(f"{page}agenda.ics")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    [event] = Calendar.from_ical(response.content).walk("VEVENT")
    return event


def test_the_calendar_file_keeps_its_name_and_grows_its_number_with_each_change(client, visit, page, ze):
    first = event_of(client, page)
    client.post(f"{page}remarcar/", wanted(visit, days_ahead(visit.shop, 16, days=2)))
    moved = event_of(client, page)
    client.post(f"{page}cancelar/")
    gone = event_of(client, page)

    assert first["uid"] == moved["uid"] == gone["uid"]
    assert [one["sequence"] for one in (first, moved, gone)] == [0, 1, 2]
    assert [str(one["status"]) for one in (first, moved, gone)] == ["TENTATIVE", "TENTATIVE", "CANCELLED"]
    assert moved["dtstart"].dt == days_ahead(visit.shop, 16, days=2)
    assert page in first["description"]
    assert first["last-modified"].dt <= gone["last-modified"].dt


@pytest.mark.django_db(transaction=True)
def test_two_visits_that_want_the_same_time_at_once_leave_one_there(visit, haircut, ze):
    other = booked(visit.shop, haircut, ze, 10, "+5511955554444")
    four, start = days_ahead(visit.shop, 16, days=2), Barrier(2)

    def take(one) -> int:
        address = f"/agendar/{one.shop.slug}/visita/{links.token(one)}/remarcar/"
        try:
            start.wait(timeout=30)
            return Client().post(address, wanted(one, four)).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take, (visit, other))) == [303, 409]
    assert visit.shop.appointments.filter(starts_at=four).count() == 1
