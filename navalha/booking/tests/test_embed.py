"""The booking page inside a shop's own site: what may be framed, and that choosing there needs no cookie."""

import html
import re

import pytest

from navalha.scheduling.shop import channels
from navalha.setup import widget
from navalha.setup.tests.test_setup_pages import undo_of

from .helpers import days_ahead, get, hidden, off_until_tomorrow, offered, text_of


def policy(response) -> str:
    return re.search(r"frame-ancestors ([^;]+)", response["Content-Security-Policy"])[1]


@pytest.mark.parametrize("word", ["1", "claro", "escuro"])
def test_only_an_address_that_says_so_may_be_framed(client, shop, haircut, ze, word):
    framed = get(client, shop, embutido=word)
    assert policy(framed) == "*"
    assert "X-Frame-Options" not in framed

    for alone in (get(client, shop), get(client, shop, embutido="sim")):
        assert policy(alone) == "'none'"
        assert alone["X-Frame-Options"] == "DENY"


def test_what_is_chosen_inside_stays_inside_and_the_last_steps_open_in_a_tab_of_their_own(client, shop, haircut, ze):
    off_until_tomorrow(shop)
    services = get(client, shop, embutido="claro", canal="site").content.decode()
    assert f'href="/agendar/{shop.slug}/?servico={haircut.pk}&amp;canal=site&amp;embutido=claro"' in services
    assert 'data-keep-theme="light"' in services

    times = get(client, shop, servico=haircut.pk, canal="site", embutido="claro")
    form = re.search(r'<form class="times"[^>]*>', times.content.decode())[0]
    assert 'method="get"' in form
    assert f'action="/agendar/{shop.slug}/dados/"' in form
    assert 'target="_blank"' in form
    assert hidden(times, "canal") == ["site"]
    assert hidden(times, "embutido") == []

    form = client.get(
        f"/agendar/{shop.slug}/dados/", {"servico": haircut.pk, "inicio": offered(times)[0], "canal": "site"}
    )
    assert hidden(form, "canal") == ["site"]
    assert "Falta só dizer quem vem" in text_of(form)
    assert form["X-Frame-Options"] == "DENY"


def test_nothing_inside_needs_a_cookie_or_changes_anything(client, shop, haircut, ze):
    for query in ({}, {"servico": haircut.pk}):
        page = get(client, shop, embutido="1", **query)

        assert not page.cookies
        assert 'method="post"' not in page.content.decode()
        assert "Português" not in text_of(page)


def test_a_closed_shop_and_one_that_does_not_exist_say_so_inside_too(client, shop, haircut, ze):
    shop.state = "suspended"
    shop.save(update_fields=["state"])

    for page in (get(client, shop, embutido="1"), client.get("/agendar/nada/", {"embutido": "1"})):
        assert policy(page) == "*"
        assert "public-framed" in page.content.decode()


def test_the_form_that_a_widget_opens_is_refused_a_frame_also_when_it_asks(client, shop, haircut, ze):
    query = {"servico": haircut.pk, "inicio": days_ahead(shop, 10).isoformat(), "embutido": "1"}

    form = client.get(f"/agendar/{shop.slug}/dados/", query)

    assert policy(form) == "'none'"
    assert form["X-Frame-Options"] == "DENY"


def test_the_script_keeps_its_address_and_is_asked_for_again(client, shop, settings):
    first = client.get("/agendar/widget.js")

    assert first["Content-Type"] == "text/javascript; charset=utf-8"
    assert first["Cache-Control"] == "public, max-age=3600"
    assert first.getvalue() == (settings.BASE_DIR / "navalha/static/js/widget.js").read_bytes()
    again = client.get("/agendar/widget.js", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_code_to_paste_names_the_shop_its_channel_and_the_script(as_owner, shop, settings):
    code = widget.code(shop)

    page = as_owner.get("/ajustes/divulgar/")
    assert code in html.unescape(page.content.decode())
    assert code not in page.content.decode()
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert f'href="{channels.url(shop, "site")}" data-navalha="{shop.slug}"' in code
    assert f'src="{settings.SITE_URL}/agendar/widget.js"' in code


def test_a_shop_names_the_sites_that_may_show_its_page_and_takes_it_back(as_owner, client, shop, haircut, ze):
    typed = "www.Barbearia.com.br/agenda\n http://loja.exemplo.com:8080 https://joão.com.br"
    assert as_owner.post("/ajustes/divulgar/sites/", {"sites": typed}).status_code == 302
    undo = undo_of(as_owner, "/ajustes/divulgar/")

    named = policy(get(client, shop, embutido="1")).split()
    assert named[:3] == ["'self'", "https://www.barbearia.com.br", "https://barbearia.com.br"]
    assert named[3:5] == ["http://loja.exemplo.com:8080", "http://www.loja.exemplo.com:8080"]
    assert named[5] == f"https://{'joão.com.br'.encode('idna').decode()}"
    assert policy(get(client, shop)) == "'none'"

    as_owner.post(undo)
    assert policy(get(client, shop, embutido="1")) == "*"


@pytest.mark.parametrize(
    "typed", ["*", "barbearia", "x.com; script-src *", "javascript://x.com", "https://a.b@c.com", "'self'"]
)
def test_what_is_no_site_is_explained_and_stays_typed(as_owner, shop, typed):
    answer = as_owner.post("/ajustes/divulgar/sites/", {"sites": typed})

    assert answer.status_code == 422
    assert "Não entendemos o endereço" in answer.content.decode()
    assert typed in html.unescape(answer.content.decode())
    shop.refresh_from_db()
    assert shop.widget_sites == []
