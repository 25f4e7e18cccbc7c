"""The server of the WhatsApps goes away: every page says so within the minute, and the owner is told, twice in all."""

import re
from email import message_from_bytes, policy

import pytest
from playwright.sync_api import expect

from navalha.demo.people import OWNER, SHOP
from tests.browser import stays
from tests.journeys.people import SOON, book, connected, make_customer, owner_at_desk
from tests.journeys.town import within

pytestmark = pytest.mark.browser
MINUTE = 60_000
# What takes minutes in life takes seconds here. The checks of the connection go their usual pace.
QUICK = {"ALERT_AFTER_SECONDS": "5", "ALERT_STEADY_SECONDS": "5"}


@pytest.fixture
def letter_box(town, tmp_path):
    """A worker that tells soon, and the mails that it sends."""
    usual = town.env
    town.env = {**usual, **QUICK, "EMAIL_URL": f"file:///{tmp_path}"}
    town.workers.pop().stop()
    town.start_worker()
    yield lambda: mails_to(OWNER, tmp_path)
    town.simulator.reset()
    town.env = usual
    town.workers.pop().stop()
    town.start_worker()


def mails_to(person, folder):
    mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in sorted(folder.glob("*.log"))]
    return [mail["Subject"].strip() for mail in mails if mail["To"] == person]  # a folded header begins with a space


def test_a_killed_server_is_told_within_the_minute_and_its_return_again(windows, town, letter_box):
    page = owner_at_desk(windows, town)
    connected(town, page)
    number = page.locator(".number-card").first.get_attribute("data-number")
    page.goto(f"{town.url}/agenda/")
    page.wait_for_selector("html[data-stream=up]")
    expect(page.locator("#health")).to_contain_text("Conectado", timeout=SOON)
    same = stays(page)

    town.simulator.switch(server_mode="down")

    expect(page.locator("#health")).to_contain_text("Instável – sem retorno", timeout=MINUTE)
    expect(page.locator("#connection-alerts")).to_contain_text("está sem conexão desde", timeout=SOON)
    assert same()
    for path in ("/whatsapp/", f"/whatsapp/{number}/"):
        page.goto(town.url + path)
        expect(page.locator("main")).to_contain_text("Instável – sem retorno")
        expect(page.locator("main")).to_contain_text("O servidor do WhatsApp não está respondendo.")
    status = page.request.get(f"{town.url}/whatsapp/{number}/status/").json()
    assert (status["shown"], status["is_connected"]) == ("unstable", False)
    within(20, lambda: len(letter_box()) == 1, "a mail on the drop")
    who = make_customer()
    book(windows.open(), town, SHOP, "Corte", who)  # the shop goes on working

    town.simulator.switch(server_mode="up")

    expect(page.locator("#health")).to_contain_text("Conectado", timeout=MINUTE)
    expect(page.locator("#connection-alerts")).to_contain_text(re.compile(r"voltou às \d\d:\d\d"), timeout=SOON)
    town.simulator.phone(who.digits).wait_for(1, timeout=30)
    within(30, lambda: len(letter_box()) == 2, "a mail on the return")
    page.get_by_role("button", name="Fechar").first.click()
    expect(page.locator("#connection-alerts")).not_to_contain_text("voltou às")
    page.wait_for_timeout(11_000)  # one more round of the worker: nothing is told twice
    assert [re.sub("“.*”", "…", subject) for subject in letter_box()] == [
        "Navalha: O WhatsApp da barbearia está sem conexão",
        "Navalha: O WhatsApp da barbearia voltou",
    ]
