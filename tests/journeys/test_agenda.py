"""The agenda and the line in a real browser: moving by mouse and key, undo, two people at once, a phone."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, Route, expect

from conftest import make_customer, make_member, make_professional
from navalha.accounts.models import Role
from navalha.config.testing import running_web
from navalha.live.stream import application as streams
from navalha.live.tests.pages import wait_until
from navalha.scheduling import actions
from navalha.scheduling.models import Appointment, AppointmentState, QueueState
from navalha.scheduling.moving import actions as moving
from navalha.scheduling.queue import actions as queue_actions
from tests.browser import stays, wait_for
from tests.chromium import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
S = AppointmentState


def tomorrow(hour: int, minute: int = 0) -> datetime:
    on = timezone.now().astimezone(SAO_PAULO).date() + timedelta(days=1)
    return datetime.combine(on, time(hour, minute), SAO_PAULO).astimezone(UTC)


@pytest.fixture
def web(transactional_db):
    with running_web() as running:
        wait_until(lambda: streams.hub.listening)
        yield running


@pytest.fixture
def joao(shop, haircut):
    return make_professional(shop, "João", [haircut], position=2)


def booked(shop, service, professional, hour: int, name: str, phone: str) -> Appointment:
    return actions.book(
        shop,
        services=[service],
        professional=professional,
        starts_at=tomorrow(hour),
        name=name,
        phone=phone,
        now=timezone.now(),
    )


@pytest.fixture
def rafa(shop, haircut, ze) -> Appointment:
    return booked(shop, haircut, ze, 10, "Rafa", "+5511988887777")


@pytest.fixture
def bia(shop, haircut, joao) -> Appointment:
    return booked(shop, haircut, joao, 11, "Bia", "+5511955554444")


def agenda(page: Page, web, email: str) -> Page:
    log_in(page, web.url, email)
    page.goto(f"{web.url}/agenda/?dia={tomorrow(12).astimezone(SAO_PAULO):%Y-%m-%d}")
    page.wait_for_selector("html[data-stream=up][data-started]")
    page.wait_for_timeout(500)  # what the page catches up with at first is over
    return page


def box_of(what: Locator) -> dict[str, float]:
    """Where it stands. What a refresh has just taken out of the page stands nowhere: then ask the new one."""
    for _ in range(20):
        if box := what.evaluate("element => element.isConnected && element.getBoundingClientRect().toJSON()"):
            return box
    raise AssertionError(f"{what} is replaced again and again")


def drag(page: Page, what: Locator, lane: str, hour: float, *, drop: bool = True) -> None:
    """Take `what` at its upper edge to the lane of `lane` (a name), at that hour of the clock."""
    start, target = box_of(what), box_of(page.locator(f".lane[data-name='{lane}']"))
    row = target["height"] / (9 * 12)  # nine to six
    page.mouse.move(start["x"] + 30, start["y"] + 3)
    page.mouse.down()
    page.mouse.move(start["x"] + 30, start["y"] + 20, steps=3)
    page.mouse.move(target["x"] + target["width"] / 2, target["y"] + (hour - 9) * 12 * row + 3, steps=6)
    if drop:
        page.mouse.up()


def place(visit: Appointment) -> tuple[str, str]:
    visit = Appointment.across_shops.select_related("professional").get(pk=visit.pk)
    return f"{visit.starts_at.astimezone(SAO_PAULO):%H:%M}", visit.professional.name


def test_a_visit_is_moved_by_mouse_and_by_key_and_put_back(web, windows, shop, owner, rafa, bia):
    windows.expect_complaint("status of 409")
    page = agenda(windows.open(viewport={"width": 1280, "height": 1400}), web, owner.email)
    same = stays(page)
    block, ghost = page.locator(f"#visit-{rafa.pk}"), page.locator(".move-ghost")

    # by mouse, over another barber's visit: the preview says so, and the drop changes nothing
    drag(page, block, "João", 11, drop=False)
    expect(ghost).to_contain_text("11:00–11:30 · Ocupado: Bia")
    page.mouse.up()
    expect(ghost).to_have_count(0)
    assert place(rafa) == ("10:00", "Zé")

    # to a free time, and back by the toast
    drag(page, block, "João", 15)
    undo = page.locator(".notice", has_text="Movido para 15:00 com João.")
    expect(undo).to_be_visible()
    expect(page.locator(f".lane[data-name='João'] #visit-{rafa.pk}")).to_contain_text("15:00")
    undo.get_by_role("button", name="Desfazer").click()
    expect(page.locator(f".lane[data-name='Zé'] #visit-{rafa.pk}")).to_contain_text("10:00")
    assert place(rafa) == ("10:00", "Zé")
    assert not shop.messages.filter(purpose="rescheduled", state="queued").exists()

    # by key: one barber to the right, half an hour later, a quarter longer; Z puts it back
    block.focus()
    for key in ("m", "ArrowRight", "ArrowDown", "ArrowDown", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(ghost).to_contain_text("10:30–11:15 · Ocupado: Bia")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowUp")
    expect(ghost).to_contain_text("10:15–10:45 · Livre")
    page.keyboard.press("Enter")
    expect(page.locator(f".lane[data-name='João'] #visit-{rafa.pk}")).to_contain_text("10:15")
    page.keyboard.press("z")
    expect(page.locator(f".lane[data-name='Zé'] #visit-{rafa.pk}")).to_contain_text("10:00")

    # its lower edge makes it longer
    box = box_of(block)
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] - 3)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] + 27, steps=5)
    page.mouse.up()
    expect(page.locator(".notice", has_text="Agora termina às 10:45.")).to_be_visible()
    assert same()


def test_two_people_at_one_agenda_lose_nothing(web, windows, shop, ze, owner, rafa, bia):
    """What a colleague does shows by itself, waits while a visit is in the hand, and is never overwritten."""
    windows.expect_complaint("status of 409")
    maria = make_member(shop, "maria@navalha.example", Role.RECEPTION)
    maria.name = "Maria"
    maria.save(update_fields=["name"])
    page = agenda(windows.open(viewport={"width": 1280, "height": 1400}), web, owner.email)
    block = page.locator(f"#visit-{rafa.pk}")

    drag(page, block, "Zé", 14, drop=False)
    actions.confirm(bia, by=maria, now=timezone.now())
    there = moving.Place(ze, tomorrow(16), tomorrow(16, 30))
    moving.reschedule(rafa, there, seen=0, by=maria, now=timezone.now())
    page.wait_for_timeout(800)  # the ticks have come; what is in the hand stays there
    expect(page.locator(".move-ghost")).to_contain_text("14:00–14:30")
    page.mouse.up()

    expect(page.locator(".notice", has_text=re.compile("Maria moveu este horário para .*16:00 com Zé"))).to_be_visible()
    expect(page.locator(f"#visit-{rafa.pk}")).to_contain_text("16:00")
    expect(page.locator(f"#visit-{bia.pk}")).to_have_attribute("data-state", "confirmed")
    assert place(rafa) == ("16:00", "Zé")


def test_a_gap_is_booked_blocked_and_a_visit_finished_without_leaving_the_agenda(
    web, windows, shop, haircut, owner, rafa
):
    windows.expect_complaint("status of (409|422)")
    page = agenda(windows.open(viewport={"width": 1280, "height": 1400}), web, owner.email)
    sheet = page.locator("#sheet")
    lane = box_of(page.locator(".lane[data-name='Zé']"))
    row = lane["height"] / (9 * 12)

    page.mouse.click(lane["x"] + 60, lane["y"] + row * (5 * 12 + 4))  # a little after 14:15
    expect(sheet.locator("input[name=starts_at]:checked")).to_have_value(re.compile("T14:15"))
    sheet.get_by_text("Corte").click()
    expect(sheet.locator("input[name=starts_at]")).not_to_have_count(1)
    sheet.get_by_role("button", name="Marcar horário").click()
    expect(sheet).to_contain_text("Diga o nome de quem vem.")
    sheet.get_by_label("Nome do cliente").press_sequentially("raf")
    expect(sheet.locator("li[role=option]")).to_contain_text("Rafa")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(sheet.get_by_label("WhatsApp do cliente")).to_have_value("+55 11 98888-7777")
    sheet.get_by_role("button", name="Marcar horário").click()
    expect(sheet).to_be_hidden()
    expect(page.locator(".lane[data-name='Zé'] a.visit", has_text="14:15")).to_contain_text("Rafa")
    assert shop.customers.count() == 1

    page.mouse.click(lane["x"] + 60, lane["y"] + row * (7 * 12 + 1))
    sheet.get_by_role("link", name="Bloquear este horário").click()
    sheet.get_by_label("Motivo").fill("Dentista")
    sheet.get_by_role("button", name="Bloquear").click()
    expect(page.locator("a.away")).to_contain_text("Dentista")
    page.locator(".notice", has_text="bloqueado das 16:00 às 17:00").get_by_role("button", name="Desfazer").click()
    expect(page.locator("a.away")).to_have_count(0)

    Appointment.across_shops.filter(pk=rafa.pk).update(state=S.IN_SERVICE)
    page.reload()
    page.wait_for_selector("html[data-started]")
    page.locator(f"#visit-{rafa.pk}").focus()
    page.keyboard.press("n")
    expect(sheet).to_contain_text("combinado: R$")
    sheet.get_by_text("Pix").click()
    sheet.get_by_role("button", name="Concluir").click()
    expect(page.locator(f"#visit-{rafa.pk}")).to_have_attribute("data-state", "done")
    rafa.refresh_from_db()
    assert (rafa.paid_cents, rafa.paid_with) == (4500, "pix")
    page.get_by_role("button", name="Desfazer").last.click()
    expect(page.locator(f"#visit-{rafa.pk}")).to_have_attribute("data-state", "in_service")


def test_a_phone_shows_one_barber_and_swipes_to_the_next(web, windows, shop, haircut, owner, ze, rafa, bia):
    for hour in (13, 14, 15, 16):
        booked(shop, haircut, ze, hour, f"Cliente {hour}", f"+55119777700{hour}")
    page = agenda(windows.open(phone=True), web, owner.email)
    same = stays(page)

    expect(page.locator(f"#visit-{rafa.pk}")).to_be_visible()
    expect(page.locator(f"#visit-{bia.pk}")).to_be_hidden()
    expect(page.locator(".waiting li:visible")).to_have_count(3)
    page.get_by_text("ver todos (6)").click()
    expect(page.locator(".waiting li:visible")).to_have_count(6)
    swipe(page, -200)
    expect(page.locator(f"#visit-{bia.pk}")).to_be_visible()
    expect(page).to_have_url(re.compile("profissional="))
    actions.confirm(bia, by=owner, now=timezone.now())
    expect(page.locator(f"#visit-{bia.pk}")).to_have_attribute("data-state", "confirmed")
    expect(page.locator(f"#visit-{bia.pk}")).to_be_visible()
    expect(page.locator("#waiting-all")).to_have_attribute("open", "")
    swipe(page, 200)
    expect(page.locator(f"#visit-{rafa.pk}")).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert same()


def test_a_refresh_that_was_on_its_way_does_not_take_a_swipe_back(web, windows, owner, rafa, bia):
    page = agenda(windows.open(phone=True), web, owner.email)
    asked: list[Route] = []
    page.route("**/agenda/?*", lambda route: asked.append(route))
    page.evaluate("htmx.trigger('#day', 'live')")
    swipe(page, -200)
    wait_for(page, lambda: len(asked) == 2)
    refresh, swiped = asked

    with page.expect_response(refresh.request.url):
        refresh.continue_()
    page.wait_for_timeout(200)  # whatever it changes it has changed
    with page.expect_response(swiped.request.url):
        swiped.continue_()
    expect(page.locator(f"#visit-{bia.pk}")).to_be_visible()


def swipe(page: Page, far: int) -> None:
    """A finger over the grid, `far` pixels to the side."""
    page.evaluate(
        """far => {
          const grid = document.querySelector('.day-grid .lane[data-professional]');
          const touch = x => new Touch({identifier: 1, target: grid, clientX: x, clientY: 500});
          const send = (name, x, still) => grid.dispatchEvent(new TouchEvent(name, {
            bubbles: true, touches: still ? [touch(x)] : [], changedTouches: [touch(x)]}));
          send('touchstart', 200, true);
          send('touchend', 200 + far, false);
        }""",
        far,
    )


def press_n(page: Page) -> None:
    """“Quem chegou agora”, as soon as the page listens to keys; another N in the field would be typed."""
    page.wait_for_selector("#f-name[role=combobox]")
    field = page.locator("#f-name")
    wait_until(lambda: page.keyboard.press("n") or field.evaluate("one => one === document.activeElement"))


def test_the_line_is_led_by_keyboard_and_a_choice_outlives_a_refresh(web, windows, shop, haircut, owner, ze, joao):
    make_customer(shop, "Rafa")
    page = windows.open(viewport={"width": 1280, "height": 1000})
    log_in(page, web.url, owner.email)
    page.goto(f"{web.url}/fila/")
    line = page.locator("#queue")

    # in: a known customer by a few letters, then somebody new
    press_n(page)
    page.keyboard.type("raf")
    expect(page.locator("li[role=option]")).to_contain_text("Rafa")
    with page.expect_navigation():  # a live refresh may show the same before
        for key in ("ArrowDown", "Enter", "Tab", "Tab", "Space", "Enter"):
            page.keyboard.press(key)
    expect(line).to_contain_text("Rafa")
    press_n(page)
    page.keyboard.type("Davi")
    with page.expect_navigation():
        for key in ("Tab", "Tab", "Space", "Enter"):
            page.keyboard.press(key)
    expect(page.locator(".queue-row")).to_have_count(2)
    page.wait_for_selector("html[data-stream=up][data-started]")

    # an open select keeps a refresh away, and what was chosen stays when it comes
    rafa, davi = shop.queue_entries.all()
    page.locator("body").press("ArrowDown")
    expect(page.locator(f"#queue-{rafa.pk}")).to_be_focused()
    page.keyboard.press("p")
    page.keyboard.press("ArrowDown")
    expect(page.locator(f"#chair-{rafa.pk}")).to_have_value(str(joao.pk))
    queue_actions.call(davi, by=owner, now=timezone.now())
    page.locator(f"#queue-{davi.pk}").focus()
    expect(page.locator(f"#queue-{davi.pk}")).to_contain_text("Chamado")
    expect(page.locator(f"#chair-{rafa.pk}")).to_have_value(str(joao.pk))

    # call, start, undo: the focus goes to who stands there now
    page.locator(f"#queue-{rafa.pk}").focus()
    page.keyboard.press("c")
    expect(page.locator(f"#queue-{rafa.pk}")).to_contain_text("Chamado")
    page.keyboard.press("Enter")
    expect(page.locator(".queue-row")).to_have_count(1)
    expect(page.locator(f"#queue-{davi.pk}")).to_be_focused()
    expect(page.locator(".notice", has_text="está em atendimento")).to_be_visible()
    assert shop.appointments.get().professional == joao
    page.keyboard.press("z")
    expect(page.locator(".queue-row")).to_have_count(2)
    rafa.refresh_from_db()
    assert rafa.state == QueueState.CALLED
