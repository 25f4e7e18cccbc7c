"""What the people of the stories do in their windows: the owner at the desk, a customer on the phone."""

import re
from dataclasses import dataclass
from itertools import count
from typing import Any

from playwright.sync_api import Locator, Page, expect

from navalha.demo.people import OWNER, PASSWORD
from tests.browser import Windows
from tests.chromium import log_in
from tests.journeys.town import Town

SOON = 25_000  # ms: what happens by itself is there by then, also on a busy machine; unasked refreshes take a minute
_numbers = count(1)


@dataclass(frozen=True)
class Customer:
    """Somebody with a phone of their own; nobody else in the town has this number."""

    name: str
    phone: str

    @property
    def digits(self) -> str:
        return f"55{self.phone}"


def make_customer(name: str = "Rafa Nóbrega") -> Customer:
    return Customer(name, f"11 98{next(_numbers):03d}-7711".replace(" ", "").replace("-", ""))


def owner_at_desk(windows: Windows, town: Town, email: str = OWNER, **kind: Any) -> Page:
    """A logged-in window; who has logged in once in this town still is. `kind` as in `Windows.open`."""
    if email not in town.sessions:
        page = windows.open()
        log_in(page, town.url, email, PASSWORD)
        town.sessions[email] = page.context.storage_state()
    return windows.open(storage_state=town.sessions[email], **kind)


def ask_for_qr(page: Page, town: Town) -> Locator:
    """Press “Gerar QR” on /whatsapp/; the picture that comes."""
    page.goto(f"{town.url}/whatsapp/")
    page.get_by_role("button", name="Gerar QR").first.click()
    picture = page.locator("#pairing img.qr")
    expect(picture).to_be_visible()
    return picture


def phones(windows: Windows, town: Town) -> Page:
    """The pretend phones, in a window of their own."""
    page = windows.open()
    page.goto(f"{town.simulator.url}/telefone/")
    return page


def read_qr(phones_page: Page) -> None:
    phones_page.get_by_role("button", name="ler QR").first.click()


def connected(town: Town, page: Page) -> None:
    """Have the logged-in shop's number connected, without looking at how."""
    page.goto(f"{town.url}/whatsapp/")
    card = page.locator(".number-card").first
    expect(card).to_be_visible()
    if card.get_attribute("data-state") == "connected":
        return
    number = card.get_attribute("data-number")
    ask_for_qr(page, town)
    town.simulator.scan(remote_name(town, int(number or 0)))
    expect(page.locator("#pairing [data-step=connected]")).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="Concluir").click()


def disconnected(town: Town, page: Page) -> None:
    """Have the logged-in shop's number not connected: “Desconectar”, and sure about it."""
    page.goto(f"{town.url}/whatsapp/")
    card = page.locator(".number-card").first
    expect(card).to_be_visible()
    if card.get_attribute("data-state") != "connected":
        return
    card.get_by_role("button", name="Desconectar").click()
    page.locator("#confirm").get_by_role("button", name="Desconectar").click()
    expect(card).to_have_attribute("data-state", "disconnected")


def remote_name(town: Town, number: int) -> str:
    """What the pretend Evolution calls the shop's number."""
    (row,) = town.rows("SELECT remote_name FROM whatsapp_whatsappinstance WHERE id = %s", number)
    return str(row["remote_name"])


@dataclass(frozen=True)
class Visit:
    """What was booked: `moment` ISO 8601 with the shop's offset, `offer` the page on which it was chosen."""

    customer: Customer
    moment: str
    offer: str

    @property
    def day(self) -> str:
        return self.moment[:10]

    @property
    def time(self) -> str:
        return self.moment[11:16]


def book(
    page: Page, town: Town, shop: str, service: str, who: Customer, *, professional: str = "", late: bool = False
) -> Visit:
    """On the public page: a service, a free time, name and phone. `late`: so far ahead that it can be cancelled."""
    page.goto(f"{town.url}/agendar/{shop}/")
    page.get_by_role("link", name=re.compile(rf"^{re.escape(service)}\s+\d")).click()
    if professional:
        page.get_by_role("link", name=re.compile(rf"^{re.escape(professional)}( R\$|$)")).click()
    if late:
        page.locator("a.day:not(.day-full)").last.click()
    offer, slot = page.url, page.locator(".slot").first
    moment = slot.get_attribute("value") or ""
    slot.click()
    page.get_by_label("Seu nome").fill(who.name)
    page.get_by_label("Seu WhatsApp, com DDD").fill(who.phone)
    page.get_by_role("button", name="Confirmar agendamento").click()
    expect(page.get_by_role("heading", name="Horário marcado")).to_be_visible()
    return Visit(who, moment, offer)


def on_agenda(page: Page, town: Town, visit: Visit) -> Locator:
    """Open the day of the visit on the agenda; its block."""
    page.goto(f"{town.url}/agenda/?dia={visit.day}")
    page.wait_for_selector("html[data-stream=up]")
    block = page.locator("#day a.visit", has_text=visit.customer.name)
    expect(block).to_contain_text(visit.time)
    return block


def conversation(windows: Windows, town: Town, who: Customer) -> Page:
    """The owner's view of what was written with the customer."""
    page = owner_at_desk(windows, town)
    page.goto(f"{town.url}/conversas/")
    page.get_by_role("link", name=re.compile(who.name)).click()
    expect(page.locator("#thread")).to_be_visible()
    return page


def take_into_hand(phones_page: Page, number: str) -> None:
    """The phone of `number` (digits with area code); the page shows another one until then."""
    phones_page.locator("#open-number").fill(number)
    phones_page.locator("#open-button").click()
    expect(phones_page.locator("#chat")).to_have_attribute("data-phone", f"55{number}", timeout=SOON)


def open_chat(phones_page: Page, customer: Customer) -> None:
    """Take the customer's phone into the hand and read what the shop wrote: what is answered is about something."""
    take_into_hand(phones_page, customer.phone)
    expect(phones_page.locator("#bubbles [data-direction=received]").first).to_be_visible(timeout=SOON)


def answer(phones_page: Page, words: str) -> None:
    phones_page.locator("#reply-text").fill(words)
    phones_page.locator("#reply-send").click()
