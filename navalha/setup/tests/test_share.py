"""What a manager does to make the booking page known, and what it brings."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest
import segno
from django.utils import timezone

from conftest import make_customer, make_member, make_professional
from navalha.accounts.models import Role
from navalha.scheduling.shop import channels
from navalha.setup import poster

PAGE = "/ajustes/divulgar/"


@pytest.fixture
def manager(client, shop):
    person = make_member(shop, "gerente@navalha.example", Role.MANAGER)
    client.force_login(person)
    return person


def booked(shop, ze, channel="", *, days_ago=1, number=0, **fields):
    """A visit that was booked some days ago; each `number` is another hour."""
    starts_at = timezone.now() + timedelta(days=5, hours=number)
    return shop.appointments.create(
        customer=shop.customers.first() or make_customer(shop),
        professional=ze,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        created_at=timezone.now() - timedelta(days=days_ago),
        channel=channel,
        **fields,
    )


def counts(page):
    """What the table says: name of the channel -> bookings."""
    rows = re.findall(
        r'<th scope="row">(?:<a [^>]*>)?([^<]+?) ?<.*?<td class="num-col num">(\d+)</td>', page.content.decode(), re.S
    )
    return {name: int(count) for name, count in rows}


# --- links and what they brought --------------------------------------------------------------------------------


def test_each_channel_has_its_link_and_the_public_bookings_of_thirty_days(client, shop, ze, manager):
    for number, channel in enumerate(["instagram", "instagram", "feira", ""]):
        booked(shop, ze, channel, number=number)
    booked(shop, ze, "instagram", number=5, days_ago=31)
    booked(shop, ze, number=6, source="staff")

    page = client.get(PAGE)

    told = counts(page)
    assert (told["Instagram"], told["feira"], told["Sem canal"], told["Google"]) == (2, 1, 1, 0)
    assert f'data-copy="{channels.url(shop, "instagram")}"' in page.content.decode()


def test_the_bookings_of_another_shop_are_not_counted(client, other_shop, manager):
    booked(other_shop, make_professional(other_shop, "Ana"), "google")

    assert counts(client.get(PAGE))["Google"] == 0


def test_more_channels_cost_no_more_queries(client, shop, ze, manager, django_assert_num_queries):
    booked(shop, ze, "um")
    client.get(PAGE)
    with django_assert_num_queries(1):
        channels.of_shop(shop, now=timezone.now())
    for number, channel in enumerate(("dois", "tres"), start=1):
        booked(shop, ze, channel, number=number)
    with django_assert_num_queries(1):
        found = channels.of_shop(shop, now=timezone.now())
    assert {"um", "dois", "tres"} <= {one.word for one in found}


def test_channels_that_nobody_knows_do_not_fill_the_page(shop, ze):
    for number in range(channels.MOST_OWN + 2):
        booked(shop, ze, f"canal-{number:02d}", number=number)

    last = channels.of_shop(shop, now=timezone.now())[-1]

    assert (last.name, last.url, last.count) == ("Outros canais", "", 2)


def test_a_channel_of_ones_own_gets_its_link(client, shop, manager):
    page = client.get(PAGE, {"canal": " Feira-de-Sabado "})

    assert page.status_code == 200
    assert f'data-copy="{channels.url(shop, "feira-de-sabado")}"' in page.content.decode()


def test_a_channel_that_cannot_be_a_word_is_explained_and_stays_typed(client, shop, manager):
    page = client.get(PAGE, {"canal": "Feira de sábado"})

    assert page.status_code == 422
    assert "sem acento" in page.content.decode()
    assert 'value="Feira de sábado"' in page.content.decode()


# --- search engines ---------------------------------------------------------------------------------------------


def test_the_shop_leaves_the_search_engines_and_takes_it_back(client, shop, manager):
    assert client.post(f"{PAGE}busca/", {"is_indexed": "0"})["Location"] == PAGE
    shop.refresh_from_db()
    assert not shop.is_indexed
    assert f'action="{PAGE}busca/"' in client.get(PAGE).content.decode()

    client.post(f"{PAGE}busca/", {"is_indexed": "1"})
    shop.refresh_from_db()
    assert shop.is_indexed


# --- the poster -------------------------------------------------------------------------------------------------


def objects_of(file):
    """The numbered objects, found by the file's own table as a reader finds them."""
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", file)[1])
    table = re.match(rb"xref\n0 (\d+)\n0000000000 65535 f \n((?:\d{10} 00000 n \n)+)trailer\n", file[start:])
    places = [int(line[:10]) for line in table[2].splitlines()]
    assert len(places) == int(table[1]) - 1
    found = []
    for number, place in enumerate(places, start=1):
        body = re.match(rb"%d 0 obj\n(.*?)\nendobj\n" % number, file[place:], re.S)
        assert body, f"object {number} is not where the table says"
        found.append(body[1])
    return found


def content_of(file):
    stream = re.match(rb"<< /Length (\d+) >>\nstream\n(.*)\nendstream$", objects_of(file)[3], re.S)
    assert len(stream[2]) == int(stream[1])
    return stream[2].decode("cp1252")


def lines_of(file):
    """Each line of text with its size and its place: size, x, y, words."""
    found = re.findall(r"BT /F1 (\d+) Tf (\S+) (\S+) Td \((.*)\) Tj ET", content_of(file))
    return [(int(size), float(x), float(y), re.sub(r"\\(.)", r"\1", words)) for size, x, y, words in found]


def matrix_of(file, side):
    """The dark modules that the rectangles paint, `side` of them in a row."""
    module = poster.QR_SIDE / (side + 2 * poster.QUIET_ZONE)
    left = (poster.PAGE_WIDTH - poster.QR_SIDE) / 2
    dark = set()
    for found in re.findall(r"(\S+) (\S+) (\S+) (\S+) re\n", content_of(file)):
        x, y, wide, _high = (float(number) for number in found)
        row = round((poster.QR_TOP - y) / module) - poster.QUIET_ZONE - 1
        first = round((x - left) / module) - poster.QUIET_ZONE
        dark |= {(row, first + step) for step in range(round(wide / module))}
    return [[int((row, column) in dark) for column in range(side)] for row in range(side)]


def said_by(name, url="https://navalha.example/agendar/x/?canal=cartaz"):
    return poster.pdf(
        poster.Poster("Agende seu horário", name, "Aponte a câmera para o código.", url, "navalha.example/")
    )


def test_the_poster_is_a_pdf_with_the_shops_name_and_the_code_of_its_page(client, shop, manager):
    shop.name = "Barbearia São João (Água Fria)"
    shop.save(update_fields=["name"])

    response = client.get(f"{PAGE}cartaz.pdf")

    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="cartaz-{shop.slug}.pdf"'
    words = " ".join(line[-1] for line in lines_of(response.content))
    for said in ("Agende seu horário", "Barbearia São João (Água Fria)", "câmera", f"/agendar/{shop.slug}/"):
        assert said in words
    matrix = [list(row) for row in segno.make(channels.url(shop, "cartaz"), error="q", micro=False).matrix]
    assert matrix_of(response.content, len(matrix)) == matrix
    assert b"/Encoding /WinAnsiEncoding" in objects_of(response.content)[4]


def test_the_poster_is_portuguese_also_for_an_owner_who_reads_english(client, shop, manager, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    words = [line[-1] for line in lines_of(client.get(f"{PAGE}cartaz.pdf").content)]

    assert "Agende seu horário" in words


@pytest.mark.parametrize(
    "name", ["Zé", "Barbearia e Estética Masculina " * 2 + "do Zé Antônio", "W" * 80, "a(b\\c)" * 13]
)
def test_every_line_stays_on_the_poster_and_none_on_another(name):
    lines = lines_of(said_by(name))

    assert "".join("".join(line[-1] for line in lines).split()).count("".join(name.split())) == 1
    for size, x, y, words in lines:
        assert x >= 50
        assert x + poster.width(words, size) <= poster.PAGE_WIDTH - 50
        assert 0 < y < poster.PAGE_HEIGHT
        assert y > poster.QR_TOP - 20 or y + size < poster.QR_TOP - poster.QR_SIDE + 20
    tops = [(y, size) for size, _x, y, _words in lines]
    assert all(above - below >= size for (above, _), (below, size) in pairwise(tops))


def test_what_the_font_cannot_write_is_left_out_of_the_poster():
    words = [line[-1] for line in lines_of(said_by("Zé 💈 d’Ouro\nME"))]

    assert "Zé d’Ouro ME" in words
