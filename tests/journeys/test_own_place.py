"""Who waits in the line looks at their own page, which tells by itself how the line moves on."""

import pytest
from playwright.sync_api import expect

from tests.journeys.atlas import own_place
from tests.journeys.people import owner_at_desk

pytestmark = pytest.mark.browser
A_MINUTE = 61_000


def test_the_page_of_who_waits_tells_by_itself_that_it_is_their_turn(windows, town):
    desk = owner_at_desk(windows, town)
    own_place(desk, town)
    page = windows.open(phone=True)
    page.clock.install()
    page.goto(desk.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sua posição na fila")
    page.evaluate("document.body.dataset.same = 'yes'")

    town.rows("UPDATE scheduling_queueentry SET state = 'called' WHERE state = 'waiting'")
    page.wait_for_function("document.querySelector('[data-behaviour=refresh]') !== null")
    page.clock.fast_forward(A_MINUTE)

    expect(page.get_by_role("heading", level=1)).to_have_text("É a sua vez!")
    assert page.title().startswith("Sua posição")
    assert page.locator("body").get_attribute("data-same") == "yes"
    town.rows("UPDATE scheduling_queueentry SET state = 'left' WHERE state = 'called'")
