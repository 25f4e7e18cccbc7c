"""The channel of a link stays with the visitor until the visit is booked, whatever happens on the way."""

import pytest
from django.db import IntegrityError, transaction

from .helpers import days_ahead, get, hidden, post, sent, visit_of


def test_the_channel_of_a_link_goes_with_every_tap_and_stays_with_the_visit(client, shop, haircut, ze):
    ten = days_ahead(shop, 10)
    services = get(client, shop, canal="Instagram").content.decode()
    assert f"?servico={haircut.pk}&amp;canal=instagram" in services
    times = get(client, shop, servico=haircut.pk, canal="instagram")
    assert hidden(times, "canal") == ["instagram"]
    kept = post(client, shop, {"servico": haircut.pk, "inicio": ten.isoformat(), "canal": "instagram"}, "horario")
    form = client.get(kept["Location"])
    assert hidden(form, "canal") == ["instagram"]
    refused = post(client, shop, sent([haircut], ten, telefone="12", canal="instagram"))
    assert refused.status_code == 422
    assert hidden(refused, "canal") == ["instagram"]

    post(client, shop, sent([haircut], ten, canal="instagram"))

    assert visit_of(shop).channel == "instagram"


@pytest.mark.parametrize("said", ["", "a" * 21, "são-joão", "<b>", "duas palavras"])
def test_a_channel_that_is_no_word_stands_in_nobodys_way(client, shop, haircut, ze, said):
    page = get(client, shop, servico=haircut.pk, canal=said)
    assert hidden(page, "canal") == []

    post(client, shop, sent([haircut], days_ahead(shop, 10), canal=said))

    assert visit_of(shop).channel == ""


def test_the_database_keeps_no_channel_that_is_no_word(client, shop, haircut, ze):
    post(client, shop, sent([haircut], days_ahead(shop, 10), canal="feira"))

    with pytest.raises(IntegrityError, match="channel_is_a_word"), transaction.atomic():
        shop.appointments.update(channel="Feira!")


def test_a_shop_that_is_not_to_be_found_says_so_on_every_public_page(client, shop, haircut, ze):
    found = get(client, shop)
    assert "X-Robots-Tag" not in found
    assert 'name="robots"' not in found.content.decode()

    shop.is_indexed = False
    shop.save(update_fields=["is_indexed"])

    hidden_page = get(client, shop)
    assert hidden_page["X-Robots-Tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex, nofollow">' in hidden_page.content.decode()
