"""A full day, as everybody sees it: one waits, another cancels, the time is offered on WhatsApp and taken."""

import pytest
from playwright.sync_api import Page, expect

from navalha.demo.people import SHOP
from tests.browser import stays
from tests.journeys.people import SOON, Customer, answer, connected, make_customer, open_chat, owner_at_desk, phones
from tests.journeys.town import Town

pytestmark = pytest.mark.browser
# The whole of Márcio's day: one haircut. After the visits that the demo begins with, and never the last open day of
# the page, on which other stories book.
ONE_TIME = """
INSERT INTO scheduling_datehours (shop_id, professional_id, "on", starts, ends)
SELECT p.shop_id, p.id, (now() AT TIME ZONE 'America/Sao_Paulo')::date + 10, '10:00',
  '10:00'::time + make_interval(mins => coalesce(t.duration_minutes, s.duration_minutes))
FROM scheduling_professional p
JOIN accounts_shop h ON h.id = p.shop_id AND h.slug = %s
JOIN scheduling_service s ON s.shop_id = h.id AND s.name = 'Corte'
LEFT JOIN scheduling_serviceterms t ON t.professional_id = p.id AND t.service_id = s.id
WHERE p.name = 'Márcio'
RETURNING "on"::text AS day
"""
# Whatever the hour at which the story is told: an offer waits for the morning.
NO_SILENCE = "UPDATE messaging_pace SET quiet_from = '00:00', quiet_until = '00:00'"


def days_of(page: Page, town: Town) -> None:
    """The times of Márcio for a haircut."""
    page.goto(f"{town.url}/agendar/{SHOP}/")
    page.get_by_role("link", name="Corte", exact=False).first.click()
    page.get_by_role("link", name="Márcio", exact=True).click()


def say_who(page: Page, who: Customer, button: str) -> None:
    page.get_by_label("Seu nome").fill(who.name)
    page.get_by_label("Seu WhatsApp, com DDD").fill(who.phone)
    page.get_by_role("button", name=button).click()


def test_a_freed_time_goes_to_who_waits_for_it(windows, town):
    owner = owner_at_desk(windows, town)
    connected(town, owner)
    [row] = town.rows(ONE_TIME, SHOP)
    day = row["day"]
    igor, tati = make_customer("Igor Prado"), make_customer("Tati Nunes")

    booked = windows.open(phone=True)
    days_of(booked, town)
    booked.locator(f'a.day[href*="dia={day}"]').click()
    booked.locator(".slot").first.click()
    say_who(booked, igor, "Confirmar agendamento")
    expect(booked.get_by_role("heading", name="Horário marcado")).to_be_visible()

    waits = windows.open(phone=True)
    days_of(waits, town)
    waits.locator(f'a.day-full[href*="dia={day}"]').click()
    expect(waits.locator(".nothing")).to_contain_text("Nenhum horário livre neste dia.")
    waits.get_by_role("link", name="Entrar na lista de espera").click()
    say_who(waits, tati, "Entrar na lista de espera")
    expect(waits.get_by_role("heading", name="Você está na lista de espera")).to_be_visible()

    owner.goto(f"{town.url}/agenda/?dia={day}")
    owner.wait_for_selector("html[data-stream=up]")
    same = stays(owner)
    phone = phones(windows, town)
    open_chat(phone, tati)
    expect(phone.locator("#bubbles")).to_contain_text("Você está na lista de espera", timeout=SOON)
    town.rows(NO_SILENCE)

    booked.get_by_role("link", name="Cancelar horário").click()
    booked.get_by_role("button", name="Sim, cancelar").click()
    expect(phone.locator("#bubbles")).to_contain_text("Abriu um horário na", timeout=SOON)
    answer(phone, "quero")

    block = owner.locator("#day a.visit", has_text=tati.name)
    expect(block).to_contain_text("10:00", timeout=SOON)
    assert same(), "the agenda was open all along and never loaded again"
    expect(phone.locator("#bubbles")).to_contain_text("está reservado", timeout=SOON)
    waits.reload()
    expect(waits.get_by_role("heading", name="O horário é seu")).to_be_visible()
