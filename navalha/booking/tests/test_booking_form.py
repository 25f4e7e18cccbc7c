"""Keeping a time, saying who comes, booking: and what is said when it does not work."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from conftest import make_professional
from navalha.scheduling import actions, links
from navalha.scheduling.models import SlotHold

from .helpers import PHONE, days_ahead, get, hidden, offered, post, sent, text_of, visit_of


@pytest.fixture
def ten(shop):
    """Ten o'clock tomorrow."""
    return days_ahead(shop, 10)


def take(shop, services, professional, starts_at, phone="+5511900000001"):
    return actions.book(
        shop,
        services=services,
        professional=professional,
        starts_at=starts_at,
        name="Outra pessoa",
        phone=phone,
        now=timezone.now(),
    )


# --- keeping a time ---------------------------------------------------------------------------------------------


def test_a_tap_on_a_time_keeps_it_and_leads_to_the_form(client, shop, haircut, ze, ten):
    response = post(client, shop, {"servico": haircut.pk, "inicio": ten.isoformat()}, "horario")

    assert response.status_code == 303
    assert shop.slot_holds.get().starts_at == ten
    form = client.get(response["Location"])
    assert form.status_code == 200
    page = text_of(form)
    for words in ("Reservado para você", "Corte", "Zé", "10:00", "45,00", "amanhã", "cancelar por aqui até 2 horas"):
        assert words in page
    assert re.search(r'data-seconds="(29\d|300)"', form.content.decode())


def test_the_cookie_of_the_holder_is_signed_and_unreadable_for_scripts(client, shop, haircut, ze, ten):
    cookie = post(client, shop, {"servico": haircut.pk, "inicio": ten.isoformat()}, "horario").cookies[
        "navalha_visitante"
    ]
    assert cookie["httponly"]
    assert cookie["path"] == "/agendar/"

    client.cookies["navalha_visitante"] = "inventado"
    post(client, shop, {"servico": haircut.pk, "inicio": (ten + timedelta(hours=1)).isoformat()}, "horario")
    assert "inventado" not in set(SlotHold.across_shops.values_list("visitor", flat=True))


def test_a_kept_time_is_gone_for_everybody_else(client, shop, haircut, ze, ten):
    form = {"servico": haircut.pk, "inicio": ten.isoformat()}
    post(client, shop, form, "horario")

    other = Client()
    response = post(other, shop, form, "horario")

    assert response.status_code == 409
    assert len(offered(response)) == 3
    assert "Alguém foi mais rápido" in text_of(response)
    assert 'action="/agendar/barbearia-do-ze/horario/"' in response.content.decode()


def test_choosing_another_time_lets_go_of_the_first(client, shop, haircut, ze, ten):
    for hours in (0, 1, 2):
        post(client, shop, {"servico": haircut.pk, "inicio": (ten + timedelta(hours=hours)).isoformat()}, "horario")

    assert shop.slot_holds.count() == 1


def test_opening_the_form_by_its_address_keeps_nothing(client, shop, haircut, ze, ten):
    response = client.get(f"/agendar/{shop.slug}/dados/", {"servico": haircut.pk, "inicio": ten.isoformat()})

    assert response.status_code == 200
    assert "Reservado para você" not in text_of(response)
    assert shop.slot_holds.count() == 0


@pytest.mark.parametrize("page", ["horario", "confirmar"])
def test_opening_the_address_of_a_command_changes_nothing_and_leads_to_the_start(client, shop, haircut, ze, page):
    response = client.get(f"/agendar/{shop.slug}/{page}/")

    assert response.status_code == 302
    assert response["Location"] == f"/agendar/{shop.slug}/"


# --- booking ----------------------------------------------------------------------------------------------------


def test_booking_leads_to_the_page_of_the_visit(client, shop, haircut, beard, ze, ten):
    response = post(client, shop, sent([haircut, beard], ten))

    visit = visit_of(shop)
    assert response.status_code == 303
    assert response["Location"] == f"/agendar/{shop.slug}/visita/{links.token(visit)}/"
    assert (visit.professional, visit.starts_at, visit.total_cents) == (ze, ten, 7500)
    assert (visit.customer.name, visit.customer.phone) == ("Rafael Souza", "+5511988887777")
    assert [item.name for item in visit.items.all()] == ["Corte", "Barba"]
    assert "Horário marcado" in text_of(client.get(response["Location"]))


def test_the_visit_goes_to_the_one_who_was_held_and_the_hold_is_used_up(client, shop, haircut, ze, ten):
    make_professional(shop, "Ana", [haircut])
    post(client, shop, {"servico": haircut.pk, "inicio": ten.isoformat()}, "horario")
    held = shop.slot_holds.get().professional

    post(client, shop, sent([haircut], ten))

    assert visit_of(shop).professional == held
    assert shop.slot_holds.count() == 0


@pytest.mark.parametrize(
    "typed", ["+55 11 98888-7777", "5511988887777", "(011) 98888.7777", "11 8888-7777", " 11988887777 "]
)
def test_a_phone_is_understood_in_the_forms_that_people_paste(client, shop, haircut, ze, ten, typed):
    assert post(client, shop, sent([haircut], ten, telefone=typed)).status_code == 303
    assert visit_of(shop).customer.phone == "+5511988887777"


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("nome", "", "Diga o nome de quem vem."),
        ("nome", " \u200b\n ", "Diga o nome de quem vem."),
        ("nome", "á" * 10_000, "O nome é longo demais."),
        ("nome", "Rafa\x00el", ""),
        ("telefone", "", "Diga o seu WhatsApp, com DDD."),
        ("telefone", "98888-7777", "Não reconhecemos este telefone."),
        ("telefone", "meu número", "Não reconhecemos este telefone."),
        ("telefone", "1" * 10_000, "Não reconhecemos este telefone."),
    ],
)
def test_bad_input_is_said_at_its_field_and_everything_typed_stays(
    client, shop, haircut, ze, ten, field, typed, sentence
):
    response = post(client, shop, sent([haircut], ten, **{field: typed}))

    page = response.content.decode()
    assert response.status_code == 422
    assert shop.appointments.count() == 0
    assert f'id="erro-{field}"' in page
    assert sentence in text_of(response)
    other = {"nome": "telefone", "telefone": "nome"}[field]
    assert f'value="{sent([], ten)[other]}"' in page
    assert hidden(response, "inicio") == [ten.isoformat()]
    assert hidden(response, "chave") == ["chave-deste-formulario"]


def test_what_was_typed_is_shown_again_as_text_and_not_as_markup(client, shop, haircut, ze, ten):
    response = post(client, shop, sent([haircut], ten, nome='"><script>alert(1)</script>', telefone="x"))

    assert "<script>alert" not in response.content.decode()


def test_an_emoji_name_is_a_name(client, shop, haircut, ze, ten):
    assert post(client, shop, sent([haircut], ten, nome="Rafa 💈🔥")).status_code == 303
    assert visit_of(shop).customer.name == "Rafa 💈🔥"


@pytest.mark.parametrize(
    "starts",
    [
        "",
        "amanhã",
        "2026-13-45T10:00",
        "2030-01-01T10:00:00",
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T02:00:00Z",
        "1" * 5000,
    ],
)
def test_a_time_that_is_none_leads_back_to_the_free_ones(client, shop, haircut, ze, ten, starts):
    response = post(client, shop, sent([haircut], ten, inicio=starts))

    assert response.status_code == 422
    assert offered(response) or "já passou" in text_of(response)
    assert shop.appointments.count() == 0


@pytest.mark.parametrize(
    ("starts_at", "sentence"),
    [
        (lambda shop: days_ahead(shop, 10, days=-1), "já passou"),
        (lambda shop: days_ahead(shop, 10, days=300), "A agenda está aberta só até"),
        (lambda shop: days_ahead(shop, 3), "Não há atendimento neste horário"),
        (lambda shop: days_ahead(shop, 10, 7), "Não há atendimento neste horário"),
    ],
)
def test_a_time_that_is_not_offered_is_refused_with_others_one_tap_away(client, shop, haircut, ze, starts_at, sentence):
    response = post(client, shop, sent([haircut], starts_at(shop)))

    assert response.status_code == 422
    assert sentence in text_of(response)
    assert len(offered(response)) == 3
    assert hidden(response, "nome") == ["Rafael Souza"]


def test_foreign_unknown_and_no_services_are_refused_and_who_comes_is_not_forgotten(
    client, shop, other_shop, haircut, ze, ten
):
    foreign = other_shop.services.create(name="Escova", duration_minutes=30, price_cents=1)
    for services in ([foreign.pk], [haircut.pk, foreign.pk], ["9" * 30], [""]):
        response = post(client, shop, sent([], ten, servico=services))
        assert response.status_code == 422
        assert "Escolha os serviços de novo" in text_of(response)
    assert post(client, shop, sent([], ten)).status_code == 422
    assert shop.appointments.count() == 0

    again = client.get(f"/agendar/{shop.slug}/dados/", {"servico": haircut.pk, "inicio": ten.isoformat()})
    assert 'value="Rafael Souza"' in again.content.decode()
    assert f'value="{PHONE}"' in again.content.decode()


def test_a_professional_of_another_shop_is_refused(client, shop, other_shop, haircut, ze, ten):
    foreign = make_professional(other_shop, "Bela")

    response = post(client, shop, sent([haircut], ten, profissional=foreign.pk))

    assert response.status_code == 422
    assert "não atende mais aqui" in text_of(response)


def test_a_lost_race_offers_the_three_nearest_with_name_and_phone_kept(client, shop, haircut, ze, ten):
    take(shop, [haircut], ze, ten)

    response = post(client, shop, sent([haircut], ten))

    assert response.status_code == 409
    assert offered(response) == [(ten + timedelta(minutes=minutes)).isoformat() for minutes in (-45, -30, 30)]
    assert hidden(response, "nome") == ["Rafael Souza"]
    assert hidden(response, "telefone") == [PHONE]
    assert 'action="/agendar/barbearia-do-ze/confirmar/"' in response.content.decode()


def test_one_tap_on_a_nearest_time_books_it(client, shop, haircut, ze, ten):
    take(shop, [haircut], ze, ten)
    lost = post(client, shop, sent([haircut], ten))
    kept = {name: hidden(lost, name)[0] for name in ("nome", "telefone", "chave", "servico")}

    response = post(client, shop, {**kept, "inicio": offered(lost)[0]})

    assert response.status_code == 303
    assert shop.appointments.filter(customer__name="Rafael Souza").count() == 1


def test_the_same_form_sent_twice_makes_one_visit(client, shop, haircut, ze, ten):
    first, second = (post(client, shop, sent([haircut], ten)) for _ in range(2))

    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    assert shop.appointments.count() == 1
    assert shop.messages.filter(purpose="booked").count() == 1


def test_the_key_of_somebodys_form_does_not_lead_to_their_visit(client, shop, haircut, ze, ten):
    post(client, shop, sent([haircut], ten))

    thief = post(Client(), shop, sent([haircut], ten, telefone="(11) 97777-6666"))

    assert thief.status_code == 409


def test_each_form_has_a_key_of_its_own(client, shop, haircut, ze, ten):
    address, query = f"/agendar/{shop.slug}/dados/", {"servico": haircut.pk, "inicio": ten.isoformat()}
    keys = {hidden(client.get(address, query), "chave")[0] for _ in range(3)}

    assert len(keys) == 3


def test_coming_back_to_ones_own_booked_time_leads_to_the_visit_and_others_see_nothing_of_it(
    client, shop, haircut, ze, ten
):
    booked = post(client, shop, sent([haircut], ten))
    address, query = f"/agendar/{shop.slug}/dados/", {"servico": haircut.pk, "inicio": ten.isoformat()}

    assert client.get(address, query)["Location"] == booked["Location"]
    stranger = Client().get(address, query)
    assert stranger.status_code == 409
    assert booked["Location"] not in stranger.content.decode()


def test_going_back_to_the_form_does_not_book_a_second_barber_at_the_same_time(client, shop, haircut, ze, ten):
    make_professional(shop, "Ana", [haircut])
    booked = post(client, shop, sent([haircut], ten))

    back = client.get(f"/agendar/{shop.slug}/dados/", {"servico": haircut.pk, "inicio": ten.isoformat()})

    assert back.status_code == 303
    assert back["Location"] == booked["Location"]


def test_a_second_visit_at_the_same_time_can_be_booked_on_purpose(client, shop, haircut, ze, ten):
    """Two brothers: they choose the time again, and another barber is free."""
    make_professional(shop, "Ana", [haircut])
    post(client, shop, sent([haircut], ten))

    chosen = post(client, shop, {"servico": haircut.pk, "inicio": ten.isoformat()}, "horario")
    assert client.get(chosen["Location"]).status_code == 200
    post(client, shop, sent([haircut], ten, nome="Irmão do Rafael", chave="outro-formulario"))

    assert shop.appointments.filter(starts_at=ten).count() == 2


def test_after_cancelling_the_same_time_can_be_booked_again_by_the_same_browser(client, shop, haircut, ze, ten):
    post(client, shop, sent([haircut], ten))
    actions.cancel(visit_of(shop), now=timezone.now())

    again = post(client, shop, sent([haircut], ten, chave="outro-formulario"))

    assert again.status_code == 303
    assert shop.appointments.filter(state="pending").count() == 1


def test_a_phone_with_too_many_open_visits_is_told_beside_what_was_typed(client, shop, haircut, ze, ten):
    for hour in range(4):
        take(shop, [haircut], ze, ten + timedelta(hours=hour), phone="+5511988887777")

    response = post(client, shop, sent([haircut], ten + timedelta(hours=5)))

    assert response.status_code == 422
    assert "já tem 4 horários marcados" in text_of(response)
    assert 'value="Rafael Souza"' in response.content.decode()


def test_a_phone_that_missed_too_often_is_led_to_the_shop_and_nothing_typed_is_lost(client, shop, haircut, ze, ten):
    shop.most_missed, shop.phone = 1, "+551133334444"
    shop.save(update_fields=["most_missed", "phone"])
    missed = take(shop, [haircut], ze, ten, phone="+5511988887777")
    actions.no_show(missed, now=ten + timedelta(hours=1))

    response = post(client, shop, sent([haircut], ten + timedelta(days=1)))

    assert response.status_code == 422
    page = response.content.decode()
    assert "combinado direto com a barbearia" in page
    assert 'href="tel:+551133334444"' in page
    assert 'value="Rafael Souza"' in page
    assert f'value="{PHONE}"' in page
    assert "falt" not in text_of(response)
    assert shop.appointments.count() == 1


def test_a_form_without_the_csrf_token_is_refused(shop, haircut, ze, ten):
    strict = Client(enforce_csrf_checks=True)

    assert post(strict, shop, sent([haircut], ten)).status_code == 403
    assert shop.appointments.count() == 0


# --- limits -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("one_window")
def test_an_address_may_book_only_so_often_and_the_one_too_many_leaves_nothing(
    client, shop, haircut, ze, ten, settings
):
    settings.PUBLIC_BOOKINGS_PER_HOUR = 1
    assert post(client, shop, sent([haircut], ten)).status_code == 303

    later = ten + timedelta(hours=1)
    response = post(client, shop, sent([haircut], later, telefone="(11) 97777-6666", chave="outra"))

    assert response.status_code == 429
    assert "Tente mais tarde" in text_of(response)
    assert "(11) 97777-6666" in response.content.decode()
    assert shop.appointments.count() == 1
    assert shop.messages.filter(purpose="booked").count() == 1
    assert shop.customers.count() == 1


def test_what_is_refused_and_what_is_sent_twice_does_not_count_as_booked(client, shop, haircut, ze, ten, settings):
    settings.PUBLIC_BOOKINGS_PER_HOUR = 2
    take(shop, [haircut], ze, ten)
    for _ in range(3):
        assert post(client, shop, sent([haircut], ten)).status_code == 409

    hour = timedelta(hours=1)
    statuses = [post(client, shop, sent([haircut], ten + hour * n)).status_code for n in (1, 1, 2)]

    assert statuses == [303, 303, 303]


@pytest.mark.usefixtures("one_window")
def test_nobody_makes_the_shop_write_to_a_phone_without_end_by_booking_and_cancelling(
    client, shop, haircut, ze, ten, settings
):
    settings.PUBLIC_BOOKINGS_PER_PHONE_PER_DAY = 2
    for number in range(2):
        visit = post(client, shop, sent([haircut], ten, chave=f"{number}"))["Location"]
        client.post(f"{visit}cancelar/")

    response = post(client, shop, sent([haircut], ten, telefone="11 8888-7777", chave="outra"))

    assert response.status_code == 429
    assert "muitos agendamentos hoje" in text_of(response)
    assert shop.appointments.count() == 2
    assert post(client, shop, sent([haircut], ten, telefone="(11) 97777-6666", chave="x")).status_code == 303


@pytest.mark.usefixtures("one_window")
def test_an_address_keeps_only_so_many_times_and_then_books_without_keeping(client, shop, haircut, ze, ten, settings):
    settings.PUBLIC_HOLDS_PER_10_MINUTES = 1
    chosen = []
    for hours in (0, 1):  # without the first one's cookies: another visitor
        form = {"servico": haircut.pk, "inicio": (ten + timedelta(hours=hours)).isoformat()}
        chosen.append(post(Client(), shop, form, "horario"))

    assert [response.status_code for response in chosen] == [303, 303]
    assert shop.slot_holds.count() == 1
    assert client.get(chosen[1]["Location"]).status_code == 200


@pytest.mark.usefixtures("one_window")
def test_sending_has_a_limit_too(client, shop, haircut, ze, ten, settings):
    settings.PUBLIC_WRITES_PER_10_MINUTES = 1

    statuses = [post(client, shop, sent([haircut], ten, nome="")).status_code for _ in range(2)]

    assert statuses == [422, 429]


def test_a_hundred_tries_at_one_time_after_another_hundred_meet_no_limit(client, shop, haircut, ze, ten):
    take(shop, [haircut], ze, ten)

    statuses = {post(client, shop, sent([haircut], ten, nome="")).status_code for _ in range(250)}

    assert statuses == {422}


def test_the_form_and_the_booking_cost_the_same_number_of_queries_for_one_and_for_three(
    client, shop, haircut, beard, ze, ten, django_assert_max_num_queries, django_assert_num_queries
):
    address = f"/agendar/{shop.slug}/dados/"
    # the limit, the shop, the offer (5), who can (1), their terms and calendars (6), the hold, terms, deposit policy
    with django_assert_num_queries(17):
        client.get(address, {"servico": haircut.pk, "inicio": ten.isoformat(), "profissional": ze.pk})
    third = shop.services.create(name="Sobrancelha", duration_minutes=15, price_cents=1500)
    ze.services.add(third)
    for name in ("Ana", "Léo"):
        make_professional(shop, name, [haircut, beard, third])

    services = [haircut.pk, beard.pk, third.pk]
    with django_assert_num_queries(17):
        client.get(address, {"servico": services, "inicio": ten.isoformat(), "profissional": ze.pk})
    assert get(client, shop).status_code == 200
