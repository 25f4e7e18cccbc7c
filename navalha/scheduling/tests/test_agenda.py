"""The agenda's pages: what a day shows, to whom, and what its buttons do."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone

from conftest import make_member, make_professional
from navalha.accounts.models import Role
from navalha.booking.tests.helpers import days_ahead
from navalha.messaging.models import MessageState
from navalha.scheduling import actions
from navalha.scheduling.agenda import day
from navalha.scheduling.models import Appointment, AppointmentState

S = AppointmentState
SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def tomorrow_at(hour: int, minute: int = 0) -> datetime:
    """A time of the shop's next day: pages have the real clock."""
    on = timezone.now().astimezone(SAO_PAULO).date() + timedelta(days=1)
    return datetime.combine(on, time(hour, minute), SAO_PAULO).astimezone(UTC)


def booked(shop, service, professional, starts_at, *, name="Rafa", phone="+5511988887777", now=None) -> Appointment:
    return actions.book(
        shop,
        services=[service],
        professional=professional,
        starts_at=starts_at,
        name=name,
        phone=phone,
        now=now or timezone.now(),
    )


@pytest.fixture
def visit(shop, haircut, ze) -> Appointment:
    return booked(shop, haircut, ze, tomorrow_at(15))


def page_of(client, visit, **headers) -> str:
    on = visit.starts_at.astimezone(SAO_PAULO).date()
    return client.get(f"/agenda/?dia={on}", headers=headers).content.decode()


def test_the_day_shows_a_visit_its_state_and_the_tick_of_its_message(as_owner, visit):
    visit.shop.messages.filter(purpose="booked").update(state=MessageState.READ)

    page = page_of(as_owner, visit)

    block = re.search(rf'<a [^>]*id="visit-{visit.pk}".*?</a>', page, re.S)[0]
    for expected in ("15:00", "Rafa", "Corte", "Pendente", "Lida", "visit-pending"):
        assert expected in block
    assert "Sem confirmação" in page
    assert f'action="/agenda/{visit.pk}/confirmar/"' in page


def test_a_part_is_fetched_without_the_frame_of_the_page(as_owner, visit):
    part = as_owner.get("/agenda/", headers={"HX-Request": "true"}).content.decode()

    assert 'data-live="agenda messages"' in part
    assert "<html" not in part


def test_a_day_without_visits_says_so_and_offers_to_book(as_owner, shop, ze):
    page = as_owner.get("/agenda/?dia=2099-01-05").content.decode()

    assert "Nenhum horário marcado neste dia." in page
    assert 'href="/agenda/novo/?day=2099-01-05"' in page


def test_a_shop_without_professionals_is_told_so(as_owner, shop):
    assert "Ainda não há profissionais." in as_owner.get("/agenda/").content.decode()


@pytest.mark.parametrize("nonsense", ["", "x", "2026-13-01", "0001-01-01", "9999-12-31", "'--"])
def test_a_day_that_no_agenda_has_is_today(as_owner, shop, ze, nonsense):
    today = timezone.now().astimezone(SAO_PAULO).date()

    assert as_owner.get("/agenda/", {"dia": nonsense}).context["day"].on == today


def test_the_number_of_queries_does_not_grow_with_the_visits(as_owner, shop, haircut, visit, django_assert_num_queries):
    part = {"HX-Request": "true"}  # without the shell, whose queries are its own affair
    with django_assert_num_queries(ALL_OF_A_DAY):
        page_of(as_owner, visit, **part)
    ana = make_professional(shop, "Ana", [haircut])
    booked(shop, haircut, ana, tomorrow_at(15), phone="+5511955554444")
    booked(shop, haircut, ana, tomorrow_at(16), phone="+5511955553333")

    with django_assert_num_queries(ALL_OF_A_DAY):
        page_of(as_owner, visit, **part)


# Session, person, membership; professionals, hours, dates that differ, times off (for the calendar, and why), holidays
# (for the calendar, and their names), visits (with the holds for the calendar, and to show, with their services),
# messages, what the customers missed, the deposits of the visits and those that wait, visits without a place, times
# that are kept for the waitlist.
ALL_OF_A_DAY = 19


def test_a_cancelled_visit_leaves_its_place_and_stands_below(as_owner, visit, owner):
    actions.cancel(visit, by=owner, now=timezone.now())

    page = page_of(as_owner, visit)

    assert f'id="visit-{visit.pk}"' not in page
    assert f'href="/agenda/{visit.pk}/"' in page


def test_a_barber_sees_the_own_column_first_and_moves_only_own_visits(client, shop, haircut, visit, barber):
    own = make_professional(shop, "Beto", [haircut], user=barber, position=9)
    mine = booked(shop, haircut, own, tomorrow_at(16))
    client.force_login(barber)

    page = client.get(f"/agenda/?dia={visit.starts_at.astimezone(SAO_PAULO):%Y-%m-%d}")
    assert page.context["chosen"] == own.pk
    assert f'action="/agenda/{mine.pk}/confirmar/"' in page.content.decode()
    assert f'action="/agenda/{visit.pk}/confirmar/"' not in page.content.decode()

    client.post(f"/agenda/{mine.pk}/confirmar/")
    client.post(f"/agenda/{visit.pk}/confirmar/")
    client.post(f"/agenda/{visit.pk}/cancelar/")
    mine.refresh_from_db()
    visit.refresh_from_db()
    assert (mine.state, visit.state) == (S.CONFIRMED, S.PENDING)


def test_the_reception_moves_everybodys_visits(client, shop, visit):
    client.force_login(make_member(shop, "recepcao@navalha.example", Role.RECEPTION))

    client.post(f"/agenda/{visit.pk}/confirmar/")

    visit.refresh_from_db()
    assert visit.state == S.CONFIRMED


def test_buttons_follow_the_visit_through_its_day(as_owner, shop, haircut, ze, owner):
    now = timezone.now()
    customer = shop.customers.create(name="Rafa", phone="+5511988887777")
    began = max(now - timedelta(seconds=1), days_ahead(shop, 0, days=0))
    visit = shop.appointments.create(
        customer=customer, professional=ze, starts_at=began, ends_at=now + timedelta(minutes=30)
    )
    said, seen = {"concluir": {"services": str(haircut.pk)}}, []
    for step in ("confirmar", "chegou", "atender", "concluir"):
        page = as_owner.get(f"/agenda/{visit.pk}/").content.decode()
        seen.append(set(re.findall(rf'(?:action|href)="/agenda/{visit.pk}/(\w+)/"', page)))
        response = as_owner.post(f"/agenda/{visit.pk}/{step}/", said.get(step), follow=True)
        assert response.status_code == 200
        assert "notice-success" in response.content.decode()

    assert seen == [
        {"confirmar", "chegou", "faltou", "cancelar", "mover", "repetir"},
        {"chegou", "faltou", "cancelar", "mover", "repetir"},
        {"atender", "faltou", "mover", "repetir"},
        {"concluir", "mover", "repetir"},
    ]
    visit.refresh_from_db()
    assert visit.state == S.DONE


def test_a_button_pressed_on_an_old_page_says_how_things_are(as_owner, visit, owner):
    actions.cancel(visit, by=owner, now=timezone.now())

    page = as_owner.post(f"/agenda/{visit.pk}/confirmar/", follow=True).content.decode()

    assert "já está como “Cancelado”" in page


def test_a_button_leads_back_to_its_page_and_never_elsewhere(as_owner, visit):
    for back, expected in (("/agenda/?dia=2026-11-25", "/agenda/?dia=2026-11-25"), ("https://evil.example/", None)):
        response = as_owner.post(f"/agenda/{visit.pk}/confirmar/", {"volta": back})
        assert response["Location"] == (expected or f"/agenda/{visit.pk}/")


def test_cancelling_keeps_the_reason_and_who(as_owner, visit, owner):
    response = as_owner.post(f"/agenda/{visit.pk}/cancelar/", {"reason": "Cliente ligou"}, follow=True)

    page = response.content.decode()
    assert "Cliente ligou" in page
    assert str(owner) in page
    assert f'href="/agenda/novo/?de={visit.pk}"' in page


def test_a_reason_that_is_too_long_stays_in_its_field(as_owner, visit):
    response = as_owner.post(f"/agenda/{visit.pk}/cancelar/", {"reason": "x" * 300})

    assert response.status_code == 422
    assert "x" * 300 in response.content.decode()
    visit.refresh_from_db()
    assert visit.state == S.PENDING


def test_cancelling_what_is_over_is_refused_with_the_reason_kept(as_owner, visit):
    Appointment.across_shops.filter(pk=visit.pk).update(state=S.DONE)

    response = as_owner.post(f"/agenda/{visit.pk}/cancelar/", {"reason": "Engano"})

    assert response.status_code == 409
    assert "já está como “Concluído”" in response.content.decode()


def test_words_of_customers_are_escaped(as_owner, shop, haircut, ze):
    visit = booked(shop, haircut, ze, tomorrow_at(15), name="<script>alert(1)</script>")

    for page in (page_of(as_owner, visit), as_owner.get(f"/agenda/{visit.pk}/").content.decode()):
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_the_pages_run_on_the_shops_clock(as_owner, shop, haircut, ze):
    shop.timezone = "America/Rio_Branco"
    shop.save(update_fields=["timezone"])
    on = timezone.now().astimezone(ZoneInfo("America/Rio_Branco")).date() + timedelta(days=1)
    visit = booked(shop, haircut, ze, datetime.combine(on, time(15), ZoneInfo("America/Rio_Branco")).astimezone(UTC))

    assert "15:00" in as_owner.get(f"/agenda/{visit.pk}/").content.decode()
    block = re.search(rf'id="visit-{visit.pk}".*?</a>', as_owner.get(f"/agenda/?dia={on}").content.decode(), re.S)[0]
    assert "<time>15:00</time>" in block


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute, tzinfo=SAO_PAULO).astimezone(UTC)


def test_a_day_is_laid_out_on_five_minutes_with_breaks_gaps_and_the_line_of_now(shop, haircut, ze, now):
    shop.times_off.create(professional=ze, starts_at=at(12), ends_at=at(13))
    visit = booked(shop, haircut, ze, at(15), now=now)

    shown = day.build(shop, date(2026, 11, 24), now=now)  # 10:00 at the shop

    [column] = shown.columns
    assert [(block.at, block.units, block.visit) for block in column.visits] == [(72, 6, visit)]
    assert [(block.at, block.units) for block in column.away] == [(36, 12)]
    assert column.closed == []
    assert shown.units == 9 * 12
    assert shown.now_at == 12
    assert [(gap.at, gap.units) for gap in column.gaps] == [
        (12, 12), (24, 12), (48, 12), (60, 12), (78, 6), (84, 12), (96, 12),
    ]  # fmt: skip
    assert [hour.hour for _, hour in shown.hours] == list(range(9, 18))


def test_a_visit_outside_the_hours_widens_the_day(shop, ze, now, customer):
    shop.appointments.create(customer=customer, professional=ze, starts_at=at(7, 3), ends_at=at(7, 31))

    shown = day.build(shop, date(2026, 11, 24), now=now)

    [block] = shown.columns[0].visits
    assert shown.hours[0][1] == time(7)
    assert (block.at, block.units) == (0, 7)  # from the row in which it starts to the one in which it ends


def test_who_left_keeps_a_column_on_the_days_of_their_visits(shop, haircut, ze, now):
    booked(shop, haircut, ze, at(15), now=now)
    ze.is_active = False
    ze.save(update_fields=["is_active"])

    assert [column.professional for column in day.build(shop, date(2026, 11, 24), now=now).columns] == [ze]
    assert day.build(shop, date(2026, 11, 25), now=now).columns == []


def test_every_row_that_a_day_may_need_has_its_rule():
    css = (Path(settings.BASE_DIR) / "navalha/static/css/agenda-grid.css").read_text()

    def rules(pattern: str) -> Iterator[tuple[int, int]]:
        return ((int(name), int(value)) for name, value in re.findall(pattern, css))

    assert list(rules(r"\.row-at-(\d+)\{grid-row-start:(\d+)\}")) == [(n, n + 1) for n in range(288)]
    assert list(rules(r"\.row-for-(\d+)\{grid-row-end:span (\d+)\}")) == [(n, n) for n in range(1, 289)]
