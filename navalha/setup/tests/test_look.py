"""What an owner makes of the looks of the booking page, and what everybody sees of it."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from conftest import make_member, make_picture
from navalha.accounts.models import Role
from navalha.core.tests.test_bare_images import SECRET, exif, jpeg, png
from navalha.scheduling.models import PictureKind
from navalha.scheduling.shop import dressing

from .test_setup_pages import undo_of

PAGE = "/ajustes/aparencia/"
PHOTO = jpeg(exif(1))  # 640 by 480, with the place where it was taken
LOGO = png(width=128, height=64)


@pytest.fixture
def manager(client, shop):
    person = make_member(shop, "gerente@navalha.example", Role.MANAGER)
    client.force_login(person)
    return person


def send(client, content: bytes | None, kind="cover", alt="", name="foto.jpg"):
    file = {} if content is None else {"picture": SimpleUploadedFile(name, content)}
    return client.post(f"{PAGE}imagem/", {"kind": kind, "alt": alt, **file})


def public(client, shop) -> str:
    return client.get(f"/agendar/{shop.slug}/").content.decode()


def press_undo(client):
    return client.post(undo_of(client, PAGE))


# --- the colour -------------------------------------------------------------------------------------------------


def test_the_colour_reaches_every_public_page_as_a_stylesheet_and_is_taken_back(client, shop, ze, manager):
    assert client.post(f"{PAGE}cor/", {"accent": "#1F6F54"})["Location"] == PAGE
    undo = undo_of(client, PAGE)

    page = public(client, shop)
    [address] = re.findall(r'href="(/agendar/cores/[^"]+)"', page)
    sheet = client.get(address)
    assert "own-look" in page
    assert sheet["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in sheet["Cache-Control"]
    assert "Cookie" not in sheet.get("Vary", "")
    assert "--brass:#1f6f54" in sheet.content.decode()
    assert address in client.get(f"/agendar/{shop.slug}/visita/x/").content.decode()

    client.post(undo)
    shop.refresh_from_db()
    assert shop.accent == ""
    assert "own-look" not in public(client, shop)


def test_a_colour_that_would_not_be_readable_is_changed_and_that_is_said_before_it_is_saved(client, shop, manager):
    pale = client.get(f"{PAGE}previa/", {"accent": "#fff59d"}).content.decode()
    assert "tema claro ela fica um pouco mais escura" in pale
    assert "/agendar/cores/1-fff59d.css" in pale
    dark = client.get(f"{PAGE}previa/", {"accent": "#101010"}).content.decode()
    assert "tema escuro ela fica um pouco mais clara" in dark
    assert "look-note" not in client.get(f"{PAGE}previa/", {"accent": "#c2703d"}).content.decode()


def test_what_is_no_colour_is_refused_and_stays_as_it_was(client, shop, manager):
    answer = client.post(f"{PAGE}cor/", {"accent": "url(//x)"})

    assert answer.status_code == 422
    assert "seis números ou letras" in answer.content.decode()
    shop.refresh_from_db()
    assert shop.accent == ""
    with pytest.raises(IntegrityError, match="accent_is_a_colour"), transaction.atomic():
        type(shop).objects.filter(pk=shop.pk).update(accent="red")


@pytest.mark.parametrize("name", ["1-ff.css", "1-gggggg.css", "99-ff0000.css", "x-ff0000.css", "1-ff0000;.css"])
def test_only_colours_have_a_stylesheet(client, db, name):
    assert client.get(f"/agendar/cores/{name}").status_code == 404


# --- the pictures -----------------------------------------------------------------------------------------------


def test_a_cover_is_shown_with_its_sides_and_words_and_without_where_it_was_taken(client, shop, ze, manager):
    assert send(client, PHOTO, alt="  Três   cadeiras ")["Location"] == PAGE

    row = shop.pictures.get()
    assert SECRET not in bytes(row.content)
    page = public(client, shop)
    [image] = re.findall(r'<img class="shop-cover"[^>]*>', page)
    for said in ('width="640" height="480"', 'alt="Três cadeiras"', 'loading="lazy"'):
        assert said in image
    file = client.get(re.search(r'src="([^"]+)"', image)[1])
    assert (file.content, file["Content-Type"]) == (bytes(row.content), "image/jpeg")
    assert "immutable" in file["Cache-Control"]
    assert file["X-Content-Type-Options"] == "nosniff"


def test_a_link_that_is_shared_shows_the_cover_else_the_logo_else_our_own_picture(client, shop, ze, manager, settings):
    def shown() -> tuple[str, str, str]:
        page = public(client, shop)
        names = ("image", "image:width", "image:height")
        return tuple(re.search(rf'property="og:{name}" content="([^"]+)"', page)[1] for name in names)

    assert shown() == (f"{settings.SITE_URL}/static/img/compartilhar.png", "1200", "630")
    send(client, LOGO, "logo")
    assert shown() == (settings.SITE_URL + dressing.picture_url(shop, shop.pictures.get().file_name), "128", "64")
    send(client, PHOTO)
    assert shown()[1:] == ("640", "480")
    assert client.get(shown()[0].removeprefix(settings.SITE_URL)).status_code == 200


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "JPG, PNG ou WebP"),
        (PHOTO[:60], "JPG, PNG ou WebP"),
        (b"", "O arquivo está vazio."),
        (None, "Escolha uma imagem."),
        (png(width=599, height=400), "pelo menos 600 por 200"),
        (png(width=2401, height=300), "até 2400"),
        (jpeg(b"\xff\xe1\xff\xff" + bytes(65_533)) + bytes(300 * 1024), "300 kB"),
    ],
    ids=["drawing with a script", "cut off", "empty", "no file", "small", "huge", "heavy"],
)
def test_what_is_no_fitting_photo_is_explained_and_the_description_stays(client, shop, manager, content, words):
    answer = send(client, content, alt="Três cadeiras", name="foto.jpg")

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert 'value="Três cadeiras"' in answer.content.decode()
    assert not shop.pictures.exists()


def test_a_picture_is_described_replaced_removed_and_each_is_taken_back(client, shop, ze, manager):
    send(client, LOGO, "logo", alt="Navalha")
    first = shop.pictures.get()
    send(client, None, "logo", alt="Navalha dourada")
    assert dressing.shown(shop)["logo"].alt == "Navalha dourada"

    send(client, png(width=200, height=200), "logo")
    assert dressing.shown(shop)["logo"].width == 200
    press_undo(client)
    assert dressing.shown(shop)["logo"] == first

    client.post(f"{PAGE}imagem/remover/", {"kind": "logo"})
    undo = undo_of(client, PAGE)
    assert dressing.shown(shop) == {}
    assert "shop-logo" not in public(client, shop)
    client.post(undo)
    assert dressing.shown(shop)["logo"] == first
    assert shop.pictures.count() <= 2


def test_a_first_picture_is_taken_back_but_not_the_one_that_took_its_place(client, shop, manager):
    send(client, LOGO, "logo")
    undo = undo_of(client, PAGE)
    send(client, png(width=200, height=200), "logo")
    assert client.post(undo).status_code == 409
    assert dressing.shown(shop)["logo"].width == 200

    send(client, PHOTO)
    press_undo(client)
    assert set(dressing.shown(shop)) == {"logo"}


def test_the_picture_before_is_still_there_for_who_has_the_page_open_and_then_goes(client, shop, manager):
    addresses = []
    for width in (600, 700, 800):
        send(client, png(width=width, height=300))
        addresses.append(dressing.picture_url(shop, dressing.shown(shop)["cover"].file_name))

    assert [client.get(address).status_code for address in addresses] == [404, 200, 200]


def test_a_shop_shows_one_picture_of_a_kind_and_only_its_own(client, shop, other_shop, manager):
    row = make_picture(shop)
    assert client.get(dressing.picture_url(other_shop, row.file_name)).status_code == 404
    assert client.get(dressing.picture_url(shop, row.file_name.replace("png", "svg"))).status_code == 404
    with pytest.raises(IntegrityError, match="one_picture_of_each_kind"), transaction.atomic():
        make_picture(shop)

    theirs = make_picture(other_shop, removed_at=timezone.now())
    assert client.post(f"{PAGE}imagem/{theirs.pk}/voltar/").status_code == 404


def test_the_page_costs_the_same_with_no_picture_and_with_all(client, shop, manager, django_assert_num_queries):
    client.get(PAGE)
    with django_assert_num_queries(1):
        dressing.shown(shop)
    for kind in PictureKind:
        make_picture(shop, kind)
    with django_assert_num_queries(1):
        assert len(dressing.shown(shop)) == 2
