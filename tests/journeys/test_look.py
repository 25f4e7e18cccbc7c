"""A shop dresses its booking page: photos as phones take them, a colour that nobody could read; in a real browser."""

import base64
from collections.abc import Iterator

import httpx2
import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from navalha.core.tests.test_bare_images import SECRET, exif
from tests.chromium import chromium, complaints
from tests.journeys.public_site import built_site, running_site

PHOTO = """([width, height, spots, type]) => {
  const canvas = Object.assign(document.createElement('canvas'), {width, height});
  const pen = canvas.getContext('2d');
  for (let at = 0; at < spots; at++) {
    pen.fillStyle = `hsl(${(at * 47) % 360} 60% ${20 + (at * 31) % 60}%)`;
    pen.fillRect((at * 997) % width, (at * 1009) % height, 24, 24);
  }
  return canvas.toDataURL(type, 0.95).split(',')[1];
}"""
SIDES = "image => image.decode().then(() => [image.naturalWidth, image.naturalHeight, image.width > 0])"


@pytest.fixture(scope="module")
def site(tmp_path_factory, django_db_setup) -> Iterator[str]:
    with running_site(built_site(tmp_path_factory.getbasetemp())) as [address]:
        yield address


@pytest.fixture
def browser(shop, transactional_db, haircut, ze, owner, client) -> Iterator[Browser]:
    client.force_login(owner)  # the site keeps no passwords as cheaply as tests do
    with chromium() as running:
        yield running


def owners_page(browser: Browser, site: str, client: Client, **more) -> Page:
    window = browser.new_context(**more)
    window.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    page = window.new_page()
    page.goto(f"{site}/ajustes/aparencia/")
    return page


def photo(page: Page, width: int, height: int, spots: int, kind: str = "image/jpeg") -> bytes:
    return base64.b64decode(page.evaluate(PHOTO, [width, height, spots, kind]))


def upload(page: Page, kind: str, content: bytes) -> None:
    part = page.locator(f"section[aria-labelledby=look-{kind}]")
    file = {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": content}
    part.locator("input[type=file]").set_input_files(file)
    if page.locator("html.js").count():
        expect(part.locator("canvas")).to_be_visible()
    part.get_by_role("button", name="Enviar").or_(part.get_by_role("button", name="Salvar")).click()
    expect(page.get_by_text("Imagem salva")).to_be_visible()


def cover_of(page: Page, site: str, slug: str) -> tuple[list[int], bytes]:
    """The sides in which the browser shows the cover, and the bytes that it got."""
    page.goto(f"{site}/agendar/{slug}/")
    cover = page.locator(".shop-cover")
    width, height, shown = cover.evaluate(SIDES)
    assert shown
    assert cover.get_attribute("width") == str(width)
    return [width, height], httpx2.get(site + str(cover.get_attribute("src")), trust_env=False).content


@pytest.mark.browser
def test_a_photo_taken_on_its_side_stands_upright_and_tells_no_place(site, shop, browser, client):
    drawn = photo(browser.new_page(), 1000, 700, 300)
    page = owners_page(browser, site, client, java_script_enabled=False)
    upload(page, "cover", drawn[:2] + exif(6) + drawn[2:])

    sides, content = cover_of(browser.new_page(), site, shop.slug)

    assert sides == [700, 1000]
    assert SECRET not in content


@pytest.mark.browser
def test_a_large_photo_is_shrunk_before_it_is_sent_and_a_pale_colour_is_made_readable(site, shop, browser, client):
    page = owners_page(browser, site, client)
    heard = complaints(page)
    large = photo(page, 3000, 2000, 20_000, "image/png")
    assert len(large) > 200 * 1024  # and 3,000 pixels wide: as it is it would be refused
    upload(page, "cover", large)

    page.get_by_label("Cor", exact=True).fill("#fff59d")
    expect(page.locator(".look-note")).to_contain_text("No tema claro ela fica um pouco mais escura")
    light = page.locator('.look-sample[data-bs-theme="light"]')
    brass = "element => getComputedStyle(element).getPropertyValue('--brass')"
    page.wait_for_function(
        "getComputedStyle(document.querySelector('.look-sample')).getPropertyValue('--brass') < '#c'"
    )
    shown = light.evaluate(brass)
    assert page.locator("body").evaluate(brass) == "#cf9f45"  # the settings keep the product's own
    page.get_by_role("button", name="Salvar cor").click()
    expect(page.get_by_text("Cor salva.")).to_be_visible()

    sides, content = cover_of(page, site, shop.slug)
    assert max(sides) <= 1200
    assert content.startswith(b"\xff\xd8")  # a JPEG, which every chat shows
    assert len(content) <= 110_000
    assert page.locator("body").evaluate(brass) == shown
    assert heard == []
