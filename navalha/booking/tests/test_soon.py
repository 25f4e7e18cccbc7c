"""The first free times that stand on the page before anything is chosen, and what it costs with whom."""

import re
from datetime import datetime, timedelta

from conftest import make_professional
from navalha.booking import front
from navalha.scheduling.models import ServiceTerms

from .helpers import days_ahead, get, hidden, off_until_tomorrow, offered, post, sent, text_of, visit_of


def soon(page) -> dict[str, list[str]]:
    """Service -> its times."""
    forms = re.findall(r'<form class="soon-one".*?</form>', page.content.decode(), re.S)
    return {re.search(r"<b>(.*?)</b>", one)[1]: re.findall(r'name="inicio" value="([^"]+)"', one) for one in forms}


def test_a_tap_takes_the_first_time_of_all_barbers_before_anything_is_chosen(client, shop, haircut, beard, ze):
    off_until_tomorrow(shop)
    busy = days_ahead(shop, 0, days=0)
    shop.times_off.create(professional=ze, starts_at=busy, ends_at=busy + timedelta(days=5))
    make_professional(shop, "Ana", [haircut])
    page = get(client, shop, canal="google")

    found = soon(page)
    assert list(found) == ["Corte", "Barba"]
    assert [len(times) for times in found.values()] == [3, 3]
    assert set(found["Corte"]) <= set(offered(get(client, shop, servico=haircut.pk)))
    assert set(found["Barba"]) <= set(offered(get(client, shop, servico=beard.pk)))
    assert hidden(page, "canal")[0] == "google"

    kept = post(client, shop, {"servico": haircut.pk, "inicio": found["Corte"][-1]}, "horario")
    assert "Reservado para você" in text_of(client.get(kept["Location"]))


def test_what_is_booked_or_kept_by_somebody_else_is_not_among_them(client, shop, haircut, ze):
    off_until_tomorrow(shop)
    taken = soon(get(client, shop))["Corte"][-1]
    post(client, shop, sent([haircut], datetime.fromisoformat(taken)))
    assert visit_of(shop).starts_at == datetime.fromisoformat(taken)

    assert taken not in soon(get(client, shop))["Corte"]


def test_a_full_week_shows_none_and_services_still_stand_there(client, shop, haircut, ze):
    shop.times_off.create(starts_at=days_ahead(shop, 0, days=-1), ends_at=days_ahead(shop, 0, days=9))

    page = get(client, shop)

    assert soon(page) == {}
    assert "Primeiros horários livres" not in text_of(page)
    assert "Corte" in text_of(page)


def test_only_a_few_services_are_asked_for(client, shop, haircut, beard, ze):
    more = [shop.services.create(name=f"Serviço {n}", duration_minutes=30, price_cents=1, position=9) for n in range(5)]
    ze.services.add(*more)

    assert len(soon(get(client, shop))) == 3
    assert len(front.load(shop).services) == 7


def test_inside_another_site_they_open_the_form_in_a_tab_of_its_own(client, shop, haircut, ze):
    page = get(client, shop, embutido="1").content.decode()

    form = re.search(r'<form class="soon-one"[^>]*>', page)[0]
    assert 'method="get"' in form
    assert 'target="_blank"' in form


def test_where_barbers_ask_different_prices_each_name_says_its_own_and_anybody_the_least(client, shop, haircut, ze):
    ana = make_professional(shop, "Ana", [haircut])
    page = text_of(get(client, shop, servico=haircut.pk))
    assert "a partir de" not in page

    ServiceTerms.across_shops.create(shop=shop, professional=ana, service=haircut, price_cents=6000)
    page = text_of(get(client, shop, servico=haircut.pk))

    assert "Qualquer um a partir de R$ 45,00 Ana R$ 60,00 Zé R$ 45,00" in page.replace("\xa0", " ")
    ten = days_ahead(shop, 10)
    form = client.get(f"/agendar/{shop.slug}/dados/", {"servico": haircut.pk, "inicio": ten.isoformat()})
    assert "a partir de R$ 45,00, pago na barbearia" in text_of(form).replace("\xa0", " ")
    form = client.get(
        f"/agendar/{shop.slug}/dados/", {"servico": haircut.pk, "inicio": ten.isoformat(), "profissional": ana.pk}
    )
    assert "Valor R$ 60,00, pago" in text_of(form).replace("\xa0", " ")
