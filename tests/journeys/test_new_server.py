"""The operator's whole day: a server comes, a number is connected there, the server dies, and comes back.

Everything in the browser. The server of this story is a pretend Evolution API of its own, so that it can be killed.
"""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from navalha.demo.people import OPERATOR, OTHER_OWNER, OTHER_SHOP
from navalha.simulator.testing import ControlDoor
from tests.journeys.people import SOON, book, make_customer, owner_at_desk, remote_name
from tests.journeys.processes import Process, answers, environment, free_port, wait_until
from tests.journeys.town import within

pytestmark = pytest.mark.browser
KEY = "key-of-the-new-server"
A_MINUTE = 75_000  # ms: every page tells the truth within sixty seconds; the rest is for a busy machine
NAME = "Servidor da história"


@dataclass
class Mortal:
    """A pretend Evolution API that can be killed without warning and started again with what it kept."""

    folder: Path
    port: int
    door: ControlDoor
    process: Process | None = None

    def start(self) -> None:
        words = ["--port", str(self.port), "--key", KEY, "--speed", "3", "--data", str(self.folder / "data")]
        command = [sys.executable, "-m", "navalha.simulator", *words]
        self.process = Process(command, environment(""), self.folder / "mortal.log")
        wait_until(lambda: answers(f"{self.door.url}/telefone/"), 30, self.process)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()


@pytest.fixture
def mortal(tmp_path) -> Iterator[Mortal]:
    port = free_port()
    with contextlib.closing(ControlDoor(f"http://127.0.0.1:{port}", key=KEY)) as door:
        server = Mortal(tmp_path, port, door)
        server.start()
        yield server
        if server.process is not None:
            server.process.end()


@pytest.fixture
def operator(windows, town) -> Page:
    return owner_at_desk(windows, town, OPERATOR)


def add_server(operator: Page, town, mortal: Mortal) -> str:
    """Typed wrong first: the test says so, and nothing typed is lost. The address of the server's page."""
    operator.goto(f"{town.url}/servidores/novo/")
    operator.get_by_label("Nome").fill(NAME)
    operator.get_by_label("Endereço da Evolution API").fill(mortal.door.url)
    operator.get_by_label("Chave de acesso").fill("errada")
    operator.get_by_role("button", name="Só testar a conexão").click()
    expect(operator.locator("#trial")).to_contain_text("recusou a chave")
    operator.get_by_label("Chave de acesso").fill(KEY)
    operator.get_by_role("button", name="Testar e salvar").click()
    expect(operator.locator("#server")).to_contain_text("Respondendo")
    assert KEY not in operator.content()
    return operator.url


def create_instance(operator: Page, town) -> int:
    """A number for the other shop, with the name that the form suggests; its id."""
    operator.goto(f"{town.url}/instancias/nova/")
    operator.get_by_label("Nome", exact=True).fill("Balcão da Bela")
    operator.get_by_role("button", name="Nome técnico: balcao-da-bela").click()
    operator.get_by_label("Barbearia").fill("studio")
    operator.get_by_role("button", name="Studio Bela").click()
    option = operator.locator("#id_server option", has_text=NAME).get_attribute("value")
    operator.locator("#id_server").select_option(option)
    operator.get_by_role("button", name="Criar instância").click()
    number = operator.locator("#instance").get_attribute("data-number")
    return int(number or 0)


def test_a_server_is_added_tried_and_used_dies_and_comes_back_and_nothing_is_lost(windows, town, operator, mortal):
    server = add_server(operator, town, mortal)
    operator.get_by_role("button", name="Conferir configuração").click()
    finding = operator.locator("[data-finding=webhook]")
    expect(finding).to_have_attribute("data-verdict", "good", timeout=SOON)
    expect(operator.locator("#configuracao")).to_have_attribute("aria-busy", "false", timeout=SOON)
    assert mortal.door.state()["instances"] == [], "the trial leaves nothing behind"

    number = create_instance(operator, town)
    operator.get_by_role("button", name="Conectar").click()
    expect(operator.locator("#qr img.qr")).to_be_visible(timeout=SOON)
    mortal.door.scan(remote_name(town, number), number="5531999990077")
    expect(operator.locator("#instance")).to_have_attribute("data-state", "connected", timeout=SOON)

    owner = owner_at_desk(windows, town, OTHER_OWNER)
    owner.goto(f"{town.url}/whatsapp/")
    owner.locator(f"#star-{number}").click()
    card = owner.locator(f".number-card[data-number='{number}']")
    expect(card).to_contain_text("Principal")
    console = windows.open(storage_state=town.sessions[OPERATOR])
    console.goto(server)
    desk = windows.open(storage_state=town.sessions[OPERATOR])
    desk.goto(f"{town.url}/instancias/?q=balcao")
    first = windows.open(storage_state=town.sessions[OPERATOR])
    first.goto(f"{town.url}/servidores/")

    mortal.kill()
    expect(console.locator("#server")).to_contain_text("Sem resposta", timeout=A_MINUTE)
    expect(first.locator("#servers tr", has_text=NAME)).to_contain_text("Sem resposta", timeout=A_MINUTE)
    for page, place in ((operator, "#instance"), (desk, "#instances"), (owner, f"[data-number='{number}']")):
        expect(page.locator(place)).to_contain_text("Instável", timeout=A_MINUTE)
    customer = make_customer("Nina Prado")
    book(windows.open(phone=True), town, OTHER_SHOP, "Escova", customer, late=True)

    mortal.start()
    expect(console.locator("#server")).to_contain_text("Respondendo", timeout=A_MINUTE)
    for page, place in ((operator, "#instance"), (desk, "#instances"), (owner, f"[data-number='{number}']")):
        expect(page.locator(place)).to_contain_text("Conectado", timeout=A_MINUTE)
    phone = mortal.door.phone(customer.digits)
    phone.wait_for(timeout=60)
    confirmations = [message for message in phone.received() if "está reservado" in message["text"]]
    assert len(confirmations) == 1

    for page in (console, owner):  # their server and their number are about to go
        page.close()
    select_and_sync(desk, number)
    desk.close()
    leave(operator, town, number, server)
    within(10, lambda: mortal.door.state()["instances"] == [], "the instance is deleted on its server")


def select_and_sync(desk: Page, number: int) -> None:
    """A command for the ticked row; its progress is still there after a reload."""
    desk.locator(f"input[name=numero][value='{number}']").check()
    expect(desk.locator("[data-bulk-count]")).to_have_text("1 marcada")
    desk.get_by_role("button", name="Aplicar").click()
    expect(desk.locator("#run")).to_have_attribute("data-ended", "true", timeout=SOON)
    desk.reload()
    expect(desk.locator("#run")).to_contain_text("1 de 1 instâncias")
    expect(desk.locator("#run")).to_contain_text("Concluído")


def leave(operator: Page, town, number: int, server: str) -> None:
    """The town is as it was: first a server that still has a number refuses to go."""
    operator.goto(f"{server}remover/")
    expect(operator.locator("main")).to_contain_text("não pode ser removido")
    operator.goto(f"{town.url}/instancias/{number}/apagar/")
    operator.get_by_role("button", name="Apagar instância").click()
    expect(operator.locator("h1")).to_have_text("Instâncias")
    operator.goto(f"{server}remover/")
    operator.get_by_role("button", name="Remover servidor").click()
    expect(operator.locator("h1")).to_have_text("Servidores")
