"""Every page fits a phone and a desk, light and dark, and keeps nobody out.

With SCREENS=folder the walk leaves pictures for people.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from navalha.demo.people import SHOP
from tests.browser import DESKTOP, PHONE, Windows
from tests.journeys.atlas import STRANGER, Sight, sights
from tests.journeys.barriers import barriers
from tests.journeys.people import answer, book, connected, make_customer, open_chat, owner_at_desk, phones
from tests.journeys.town import within

pytestmark = pytest.mark.browser
THUMB = 44  # px: the least height and width of what a thumb has to hit
SIDEWAYS = "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
# What is wider than the window although the page does not scroll: it was cut off where nobody can reach it.
CUT_OFF = """() => [...document.querySelectorAll('main *, header *, nav *, dialog[open] *')].filter(element => {
  const box = element.getBoundingClientRect();
  if (!box.width || !box.height || box.right <= innerWidth + 1) return false;
  for (let above = element; above; above = above.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(above).overflowX)) return false;
    if (above.matches('.visually-hidden, .skip-link, svg')) return false;
  }
  return true;
}).map(element => element.outerHTML.slice(0, 120))"""
SMALL = """([selector, least]) => [...document.querySelectorAll(selector)].filter(element => {
  if (!element.checkVisibility({visibilityProperty: true})) return false;
  if (element.closest('.visually-hidden, .skip-link')) return false;
  const box = element.getBoundingClientRect();
  return box.height < least - 0.5 || box.width < least - 0.5;
}).map(element => `${Math.round(element.getBoundingClientRect().width)}x`
  + `${Math.round(element.getBoundingClientRect().height)} ${element.outerHTML.slice(0, 120)}`)"""
# Each size and each scheme once: a rule on sizes holds in both schemes, one on colours at both sizes.
LOOKED_AT_BY_AXE = ((PHONE, "light"), (DESKTOP, "dark"))
BUSY = """SELECT (starts_at AT TIME ZONE 'America/Sao_Paulo')::date AS day FROM scheduling_appointment
  GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"""
MAIN_ACTIONS = ".btn-primary, .btn-danger, .menu a, .account-button, .icon-button, dialog[open] button"
EVERYTHING = "button, .btn, input:not([type=hidden]), select, textarea, a.service, a.pill, a.day, summary"


@pytest.fixture(scope="module")
def lived_in(session_town, browser):
    """A town in which something has happened: the visit of a customer who answered, and another's own page."""
    windows = Windows(browser)
    town = session_town
    owner = owner_at_desk(windows, town)
    connected(town, owner)
    phone = phones(windows, town)
    rafael, bia, silent = (make_customer(name) for name in ("Rafael Conceição de Albuquerque", "Bia", "Zoé"))
    visit = book(windows.open(phone=True), town, SHOP, "Corte + barba", rafael, late=True)
    manages = windows.open(phone=True)
    book(manages, town, SHOP, "Corte", bia, late=True)
    town.simulator.switch(not_on_whatsapp=True, number=silent.digits)
    book(windows.open(phone=True), town, SHOP, "Barba", silent, late=True)
    before = answers(town)
    for customer, words in ((rafael, "1"), (bia, "Vou levar meu filho também, vocês atendem criança?")):
        open_chat(phone, customer)
        answer(phone, words)
    within(20, lambda: answers(town) >= before + 2, "both answers arrive")
    manage = manages.url.removeprefix(town.url)
    windows.close(traces=None)
    return list(sights(visit, manage, str(town.rows(BUSY)[0]["day"])))


def answers(town) -> int:
    counted = "SELECT count(*) AS n FROM messaging_whatsappmessage WHERE direction = 'in' AND state = 'received'"
    return int(town.rows(counted)[0]["n"])


@pytest.mark.timeout(600)  # pictures of everything, on a busy machine
def test_every_page_fits_a_phone_and_a_desk_light_and_dark(windows, town, lived_in):
    windows.expect_complaint("status of (404|409|422)")
    found: list[str] = []
    people: dict[str, Page] = {STRANGER: windows.open(phone=True)}
    for sight in lived_in:
        if sight.who not in people:
            people[sight.who] = owner_at_desk(windows, town, sight.who, phone=True)
        page = people[sight.who]
        page.set_viewport_size(PHONE)
        sight.go(page, town)
        found += [f"{sight.name}: {problem}" for problem in problems(page, sight)]
    assert not found, "\n".join(found)


def problems(page: Page, sight: Sight) -> list[str]:
    """What is wrong with the page that is open, in all four looks."""
    found = list(said(page))
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour on its way
            expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
            picture(page, f"{sight.name}-{size['width']}-{scheme}")
            if (size, scheme) in LOOKED_AT_BY_AXE:
                found += [f"{size['width']} px, {scheme}: {what}" for what in barriers(page)]
        if wide := page.evaluate(SIDEWAYS):
            found.append(f"{size['width']} px: scrolls {wide} px sideways")
        found += [f"{size['width']} px: cut off: {what}" for what in page.evaluate(CUT_OFF)[:3]]
        if size == PHONE:
            small = page.evaluate(SMALL, [EVERYTHING if sight.is_public else MAIN_ACTIONS, THUMB])
            found += [f"too small for a thumb: {what}" for what in small]
    return found


def said(page: Page) -> Iterator[str]:
    """Words that no person should read, and marks that a page needs."""
    text = page.locator("body").inner_text()
    yield from (f"says {odd}" for odd in re.findall(r"\{\{|\{%|\bNone\b|\bNaN\b|undefined|\[object", text))
    if page.locator("h1").count() != 1:
        yield f"{page.locator('h1').count()} main headings"
    if page.locator("html").get_attribute("lang") != "pt-BR":
        yield "is not in Portuguese"
    if not page.title():
        yield "has no title"


def picture(page: Page, name: str) -> None:
    if os.environ.get("SCREENS"):
        path = Path(os.environ["SCREENS"]) / f"{name}.png"
        # A hidden caret is a style of the element, which a refresh in that moment would copy against the policy.
        page.screenshot(path=path, full_page=True, animations="disabled", caret="initial")


def test_the_walk_notices_what_it_looks_for(windows):
    page = windows.open(phone=True)
    wide, cut = '<p style="width:900px">x</p>', '<p style="overflow:hidden"><b style="margin-left:500px">x</b></p>'
    bad = '<button class="btn-primary">x</button> None<img src="data:,">'
    page.set_content(f'<html lang="en"><main>{wide}{cut}{bad}</main></html>')

    assert page.evaluate(SIDEWAYS) > 0
    assert len(page.evaluate(CUT_OFF)) == 2
    assert len(page.evaluate(SMALL, [MAIN_ACTIONS, THUMB])) == 1
    assert any(what.startswith("image-alt") for what in barriers(page))
    assert list(said(page)) == ["says None", "0 main headings", "is not in Portuguese", "has no title"]
