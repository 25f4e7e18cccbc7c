"""The operator's stories: all shops on one page as it happens, an event saved from quarantine, a shop closed and opened
again, and a visit inside one."""

import json
import re

import pytest
from playwright.sync_api import expect

from navalha.demo.people import OPERATOR, OTHER_OWNER, OTHER_SHOP, SHOP
from tests.browser import stays
from tests.journeys.people import SOON, answer, book, connected, make_customer, open_chat, owner_at_desk, phones

pytestmark = pytest.mark.browser
CONFIRMS = {
    "event": "messages.upsert",
    "data": {
        "key": {"remoteJid": "5511955554444@s.whatsapp.net", "fromMe": False, "id": "3A5F0C0FFEE0", "participant": ""},
        "pushName": "Tonico",
        "message": {"conversation": "Vocês abrem no feriado?"},
        "messageType": "conversation",
        "messageTimestamp": 1772446504,
        "source": "android",
    },
}


def quarantine(town, number: int) -> int:
    """What a fault of ours would have left: an event that failed eight times."""
    (row,) = town.rows(
        "INSERT INTO whatsapp_webhookevent (shop_id, instance_id, event, dedupe_key, payload, received_at, state,"
        " attempts, due_at, error) SELECT shop_id, id, 'messages.upsert', 'of the story', %s::jsonb, now(),"
        " 'quarantined', 8, now(), 'KeyError: tonico' FROM whatsapp_whatsappinstance WHERE id = %s RETURNING id",
        json.dumps(CONFIRMS),
        number,
    )
    return int(row["id"])


def test_the_operator_sees_every_shop_live_and_saves_an_event_from_quarantine(windows, town):
    owner = owner_at_desk(windows, town)
    connected(town, owner)
    number = int(owner.locator(".number-card").first.get_attribute("data-number") or 0)
    home = owner_at_desk(windows, town, OPERATOR)
    home.goto(f"{town.url}/")
    home.wait_for_selector("html[data-stream=up]")
    expect(home.locator("[data-tile=connected] .glow-figure")).to_have_text(re.compile("[1-9]"))
    expect(home.locator(".chart canvas")).to_have_count(2)
    events = owner_at_desk(windows, town, OPERATOR)
    events.goto(f"{town.url}/eventos/?evento=messages.upsert")
    events.wait_for_selector("html[data-stream=up]")
    same, seen = stays(home), events.locator("#events tbody tr")
    before, rows = int(home.locator("[data-figure=received]").inner_text()), seen.count()

    caio = make_customer("Caio Vilela")
    book(windows.open(phone=True), town, SHOP, "Sobrancelha", caio, late=True)
    phone = phones(windows, town)
    open_chat(phone, caio)
    answer(phone, "posso levar meu cachorro junto?")

    expect(home.locator("[data-figure=received]")).to_have_text(str(before + 1), timeout=SOON)
    assert same(), "the page was never loaded again"
    expect(home.locator("#home")).to_contain_text("Caio V.")
    assert "cachorro" not in home.content()
    expect(seen).to_have_count(rows + 1, timeout=SOON)

    # Who has ticked something reads: the list stands still and says what is new.
    seen.first.locator("input").check()
    answer(phone, "e minha sogra?")
    expect(events.locator("#tail")).to_contain_text("1 evento novo", timeout=SOON)
    expect(seen).to_have_count(rows + 1)

    stuck = quarantine(town, number)
    events.goto(f"{town.url}/eventos/?estado=quarantined")
    events.locator(f"tr[data-event='{stuck}'] th a").click()
    expect(events.locator(".event-error")).to_contain_text("KeyError: tonico")
    assert "feriado" not in events.content()
    events.get_by_role("button", name="Tentar de novo").click()
    expect(events.locator(".page-actions")).to_contain_text(re.compile("Esperando|Processado"))
    owner.goto(f"{town.url}/conversas/")
    expect(owner.get_by_role("link", name=re.compile("Tonico"))).to_contain_text("feriado", timeout=SOON)
    events.reload()
    expect(events.locator(".page-actions")).to_contain_text("Processado")


def test_a_shop_is_suspended_entered_and_opened_again(windows, town):
    operator = owner_at_desk(windows, town, OPERATOR)
    owner = owner_at_desk(windows, town, OTHER_OWNER)
    operator.goto(f"{town.url}/lojas/?busca={OTHER_SHOP}")
    operator.locator("#shops tbody th a").click()
    form = operator.locator("form[action$='/suspender/']")
    form.get_by_label("Motivo").fill("Pagamento em atraso")
    form.get_by_role("button").click()
    operator.locator("#confirm").get_by_role("button", name="Suspender").click()
    expect(operator.locator(".page-actions")).to_contain_text("Suspensa")

    owner.goto(f"{town.url}/agenda/")
    expect(owner.locator(".standing-closed")).to_contain_text("Motivo: Pagamento em atraso")
    customer = windows.open(phone=True)
    customer.goto(f"{town.url}/agendar/{OTHER_SHOP}/")
    expect(customer.get_by_role("heading", name="Agendamento fechado")).to_be_visible()
    expect(customer.get_by_role("link", name="Ligar para")).to_be_visible()

    enter = operator.locator("form[action$='/entrar/']")
    enter.get_by_label("Motivo").fill("A dona pediu ajuda")
    enter.get_by_role("button").click()
    banner = operator.locator(".standing-acting")
    expect(banner).to_contain_text("Você está dentro de Studio Bela como operador")
    operator.goto(f"{town.url}/conversas/")
    operator.wait_for_selector("html[data-stream=up]")
    expect(banner).to_be_visible()
    banner.get_by_role("button", name="Sair da barbearia").click()
    expect(operator.get_by_role("heading", name="Como estão os números?")).to_be_visible()

    operator.goto(f"{town.url}/lojas/?estado=suspended")
    operator.locator("#shops tbody th a").click()
    operator.get_by_role("button", name="Reativar a barbearia").click()
    expect(operator.locator(".page-actions")).to_contain_text("Ativa")
    operator.goto(f"{town.url}/auditoria/")
    for act in ("Suspendeu a barbearia", "Entrou na barbearia", "Saiu da barbearia", "Reativou a barbearia"):
        expect(operator.locator("main tbody")).to_contain_text(act)
    customer.reload()
    expect(customer.get_by_role("heading", name="Agende seu horário")).to_be_visible()
    owner.reload()
    expect(owner.locator(".standing-closed")).to_have_count(0)
