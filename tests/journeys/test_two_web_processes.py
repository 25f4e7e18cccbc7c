"""With two web processes a page changes whichever of them hears the webhook, and each listens with one connection."""

import pytest
from playwright.sync_api import expect

from tests.browser import stays
from tests.journeys.people import SOON, connected, make_customer, owner_at_desk, remote_name
from tests.journeys.town import within

pytestmark = pytest.mark.browser
WHERE = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'navalha-live'"
LISTENERS = f"SELECT pid {WHERE}"
KILL = f"SELECT pg_terminate_backend(pid) {WHERE}"


@pytest.fixture
def other_url(town):
    """The address of a second web process, which ends with the test."""
    yield town.start_web()
    town.urls.pop()
    town.web.pop().end()


def listeners(town) -> int:
    return len(town.rows(LISTENERS))


def write(town, page, words: str) -> None:
    """A customer writes to the shop; its webhook reaches the first process."""
    number = int(page.locator(".number-card").first.get_attribute("data-number"))
    town.simulator.phone(make_customer().digits).send(words, to=remote_name(town, number))


def test_pages_of_both_change_and_each_process_listens_once(town, other_url, windows):
    one, other, cards = (owner_at_desk(windows, town) for _ in range(3))
    connected(town, cards)
    for page, url in ((one, town.url), (other, other_url)):
        page.goto(f"{url}/conversas/")
        page.wait_for_selector("html[data-stream=up]")
    same = [stays(one), stays(other)]
    assert listeners(town) == 2

    write(town, cards, "Vocês fazem progressiva?")

    for page in (one, other):
        expect(page.locator("#conversations")).to_contain_text("Vocês fazem progressiva?", timeout=SOON)
    assert all(still() for still in same)

    town.rows(KILL)
    write(town, cards, "E luzes, vocês fazem?")

    for page in (one, other):
        expect(page.locator("#conversations")).to_contain_text("E luzes, vocês fazem?", timeout=SOON)
    within(10, lambda: listeners(town) == 2, "both listen again")
    assert all(still() for still in same)
