"""Every page of the product and the way there: walked by a test, and looked at by people (`make screens`)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from navalha.demo.people import BARBER, OPERATOR, OTHER_OWNER, OTHER_SHOP, OWNER, SHOP
from tests.journeys.people import SOON, Customer, Visit, book, disconnected, make_customer, on_agenda
from tests.journeys.town import Town

STRANGER = ""
PUBLIC = "public"  # pages that a customer sees: all there is to touch is big enough for a thumb


@dataclass(frozen=True)
class Sight:
    """A page worth looking at: its name, who sees it (an e-mail; STRANGER for nobody), and the way there."""

    name: str
    who: str
    go: Callable[[Page, Town], object]

    @property
    def is_public(self) -> bool:
        return self.name.startswith(PUBLIC)


def address(path: str) -> Callable[[Page, Town], object]:
    return lambda page, town: page.goto(town.url + path)


def press(path: str, button: str) -> Callable[[Page, Town], object]:
    """Open a page and press a button of it with nothing filled in."""

    def go(page: Page, town: Town) -> None:
        page.goto(town.url + path)
        page.locator("main").get_by_role("button", name=button).first.click()
        page.wait_for_load_state()

    return go


def follow(path: str, link: str) -> Callable[[Page, Town], object]:
    """Open a page and then the first thing on it that `link` (CSS) finds."""

    def go(page: Page, town: Town) -> None:
        page.goto(town.url + path)
        page.goto(town.url + str(page.locator(link).first.get_attribute("href")))

    return go


def sights(visit: Visit, manage: str, busy_day: str) -> Iterator[Sight]:
    """All pages; `visit` is one that a customer has answered, `manage` the customer's own page of another one."""
    day = f"/agenda/?dia={visit.day}"
    yield from strangers()
    yield from customers(visit.customer, manage)
    yield Sight("inicio", OWNER, address("/inicio/"))
    yield Sight("inicio-outra-loja", OTHER_OWNER, address("/inicio/"))
    yield Sight("inicio-barbeiro", BARBER, address("/inicio/"))
    yield Sight("operador-inicio", OPERATOR, address("/"))
    yield Sight("operador-servidores", OPERATOR, address("/servidores/"))
    yield Sight("operador-servidor", OPERATOR, follow("/servidores/", "#servers tbody th a"))
    yield Sight("operador-servidor-novo", OPERATOR, address("/servidores/novo/"))
    yield Sight("operador-servidor-erro", OPERATOR, press("/servidores/novo/", "Testar e salvar"))
    yield Sight("operador-instancias", OPERATOR, address("/instancias/"))
    yield Sight("operador-instancias-nenhuma", OPERATOR, address("/instancias/?q=ninguém"))
    yield Sight("operador-instancia", OPERATOR, follow("/instancias/", "#instances tbody th a"))
    yield Sight("operador-instancia-nova", OPERATOR, address("/instancias/nova/"))
    yield Sight("operador-instancia-erro", OPERATOR, press("/instancias/nova/", "Criar instância"))
    yield Sight("operador-comandos", OPERATOR, address("/instancias/comandos/"))
    yield Sight("operador-comando", OPERATOR, sync_all)
    yield Sight("operador-divergencias", OPERATOR, address("/instancias/divergencias/"))
    yield Sight("operador-lojas", OPERATOR, address("/lojas/"))
    yield Sight("operador-loja", OPERATOR, follow("/lojas/", "#shops tbody th a"))
    yield Sight("operador-eventos", OPERATOR, address("/eventos/"))
    yield Sight("operador-evento", OPERATOR, follow("/eventos/", "#events tbody th a"))
    yield Sight("operador-auditoria", OPERATOR, address("/auditoria/"))
    yield Sight("agenda", OWNER, address(day))
    yield Sight("agenda-cheia", OWNER, address(f"/agenda/?dia={busy_day}"))
    yield Sight("agenda-vazia", OTHER_OWNER, address("/agenda/?dia=2031-01-05"))
    yield Sight("agenda-barbeiro", BARBER, address(day))
    yield Sight("agenda-horario", OWNER, follow(day, f"a.visit:has-text('{visit.customer.name}')"))
    yield Sight("agenda-outro-numero", OWNER, another_number)
    yield Sight("agenda-semana", OWNER, address(f"/agenda/semana/?dia={busy_day}"))
    yield Sight("agenda-semana-um", OWNER, follow(f"/agenda/semana/?dia={busy_day}", ".week-people a:nth-child(2)"))
    yield Sight("agenda-ocupacao", OWNER, address(f"/agenda/ocupacao/?dia={busy_day}"))
    yield Sight("agenda-ocupacao-barbeiro", BARBER, address("/agenda/ocupacao/"))
    yield Sight("agenda-mover", OWNER, from_visit(day, visit, "mover/"))
    yield Sight("agenda-concluir", OWNER, from_visit(day, visit, "concluir/"))
    yield Sight("agenda-repetir", OWNER, from_visit(day, visit, "repetir/"))
    yield Sight("agenda-repeticoes", OWNER, recurring(day, visit))
    yield Sight("agenda-repeticoes-nenhuma", OTHER_OWNER, address("/agenda/repeticoes/"))
    yield Sight("agenda-bloquear", OWNER, address(f"/agenda/bloquear/?dia={visit.day}"))
    yield Sight("agenda-calendario", OWNER, calendar)
    yield Sight("agenda-calendario-barbeiro", BARBER, address("/agenda/calendario/"))
    yield Sight("agenda-folha", OWNER, sheet(day))
    yield Sight("agenda-novo", OWNER, address(f"/agenda/novo/?day={visit.day}"))
    yield Sight("agenda-novo-erro", OWNER, press("/agenda/novo/", "Marcar"))
    yield Sight("fila", OWNER, join_line)
    yield Sight("public-fila", OWNER, own_place)
    yield Sight("fila-vazia", OTHER_OWNER, address("/fila/"))
    yield Sight("fila-erro", OWNER, press("/fila/", "Pôr na fila"))
    yield Sight("espera", OWNER, join_waitlist)
    yield Sight("espera-vazia", OTHER_OWNER, address("/espera/"))
    yield Sight("espera-erro", OWNER, press("/espera/", "Pôr na lista"))
    yield Sight("espera-oferecer", OWNER, times_to_offer)
    yield Sight("public-espera", STRANGER, waitlist_form)
    yield Sight("public-espera-livre", STRANGER, wait_for_what_is_free)
    yield Sight("public-espera-lugar", STRANGER, own_wait)
    yield Sight("conversas", OWNER, address("/conversas/"))
    yield Sight("conversas-vazias", OTHER_OWNER, address("/conversas/"))
    yield Sight("conversas-uma", OWNER, follow("/conversas/", f"a.talk:has-text('{visit.customer.name}')"))
    yield Sight("conversas-precisa", OWNER, follow("/conversas/", "a.talk-waits"))
    yield Sight("conversas-equipe", OWNER, address("/conversas/equipe/"))
    yield from profiles()
    yield from whatsapps()
    yield from settings()
    yield Sight("conta-senha", OWNER, address("/senha/trocar/"))
    yield Sight("erro-404-dentro", OWNER, address("/agenda/999999/"))


def another_number(page: Page, town: Town) -> None:
    """A visit about which another number wrote first than was typed for it."""
    visit = book(page, town, SHOP, "Barba", make_customer("Otto Lemos"), late=True)
    link = page.get_by_role("link", name="Receber no WhatsApp").get_attribute("href") or ""
    [text] = parse_qs(urlsplit(link).query)["text"]
    town.simulator.phone(make_customer("Quem escreve").digits).send(text, to=urlsplit(link).path.strip("/"))
    page.goto(town.url + str(on_agenda(page, town, visit).get_attribute("href")))
    expect(page.locator(".first-word-other")).to_be_visible(timeout=SOON)


def join_line(page: Page, town: Town) -> None:
    """Put somebody into the line: the counter shows them, and the code of their own page."""
    page.goto(town.url + "/fila/")
    page.get_by_label("Nome").fill("Davi Lima")
    page.locator("[name=services]").first.check()
    page.get_by_role("button", name="Pôr na fila").click()
    expect(page.locator(".queue-qr")).to_be_visible()


def own_place(page: Page, town: Town) -> None:
    """What the person in the line sees."""
    join_line(page, town)
    path = str(page.locator(".queue-shown a").get_attribute("href")).partition("/agendar/")[2]
    page.goto(f"{town.url}/agendar/{path}")


def join_waitlist(page: Page, town: Town) -> None:
    """Somebody who waits for an hour at which nobody works; a second look finds them there."""
    page.goto(town.url + "/espera/")
    page.get_by_label("Nome").fill("Davi Lima")
    page.get_by_label("WhatsApp", exact=True).fill("11 97711-0009")
    page.locator("[name=services]").first.check()
    page.locator("[name=starts_from]").fill("23:00")
    page.get_by_role("button", name="Pôr na lista").click()
    expect(page.locator(".wait-row").first).to_be_visible()


def times_to_offer(page: Page, town: Town) -> None:
    join_waitlist(page, town)
    page.get_by_role("link", name="Oferecer horário a Davi Lima").click()
    page.wait_for_load_state()


def waitlist_form(page: Page, town: Town) -> None:
    page.context.clear_cookies()  # whoever came by a customer's link is not asked who they are
    follow(f"/agendar/{SHOP}/", "a.service")(page, town)
    page.locator(".wait-line a").click()
    expect(page.get_by_label("Do dia")).to_be_visible()


def wait_for_what_is_free(page: Page, town: Town) -> None:
    """The next days all have free times: the page offers them instead."""
    waitlist_form(page, town)
    today = str(page.get_by_label("Do dia").get_attribute("min"))
    page.get_by_label("Do dia").fill(today)
    page.get_by_label("Até o dia").fill(str(date.fromisoformat(today) + timedelta(days=6)))
    _say_who_waits(page)
    expect(page.locator(".slot").first).to_be_visible()


def own_wait(page: Page, town: Town) -> None:
    """What somebody on the list sees."""
    waitlist_form(page, town)
    page.get_by_label("Do dia").fill(str(page.get_by_label("Do dia").get_attribute("max")))
    page.locator("summary").last.click()
    page.get_by_label("Começando das").fill("23:00")
    _say_who_waits(page)
    expect(page.get_by_role("heading", name="Você está na lista de espera")).to_be_visible()


def _say_who_waits(page: Page) -> None:
    who = make_customer("Caio Prado")
    page.get_by_label("Seu nome").fill(who.name)
    page.get_by_label("Seu WhatsApp, com DDD").fill(who.phone)
    page.get_by_role("button", name="Entrar na lista de espera").click()


def calendar(page: Page, town: Town) -> None:
    """With at least one address, however often somebody looks."""
    page.goto(f"{town.url}/agenda/calendario/")
    button = page.locator("main").get_by_role("button", name="Criar endereço")
    if button.count():
        button.first.click()
        page.wait_for_load_state()


def settings() -> Iterator[Sight]:
    yield Sight("servicos", OWNER, address("/servicos/"))
    yield Sight("servicos-um", OWNER, follow("/servicos/", "a.row-main"))
    yield Sight("servicos-erro", OWNER, press("/servicos/novo/", "Salvar"))
    yield Sight("equipe", OWNER, address("/equipe/"))
    yield Sight("equipe-um", OWNER, follow("/equipe/", "a.row-main"))
    yield Sight("equipe-expediente", OWNER, follow("/equipe/", ".row-links a"))
    yield Sight("equipe-folgas", OWNER, follow("/equipe/", ".row-links a:last-child"))
    yield Sight("ajustes", OWNER, address("/ajustes/"))
    yield Sight("ajustes-feriados", OWNER, address("/ajustes/feriados/"))
    yield Sight("ajustes-fechamentos", OTHER_OWNER, address("/ajustes/fechamentos/"))
    yield Sight("ajustes-aparencia", OWNER, address("/ajustes/aparencia/"))
    yield Sight("ajustes-aparencia-erro", OTHER_OWNER, press("/ajustes/aparencia/", "Enviar Logotipo"))
    yield Sight("ajustes-lembretes", OWNER, address("/ajustes/lembretes/"))
    yield Sight("ajustes-lembretes-erro", OTHER_OWNER, two_reminders_alike)
    yield Sight("ajustes-avaliacao-erro", OTHER_OWNER, review_without_link)
    yield Sight("ajustes-divulgar", OWNER, address("/ajustes/divulgar/"))
    yield Sight("ajustes-divulgar-erro", OWNER, address("/ajustes/divulgar/?canal=Feira+de+s%C3%A1bado"))
    yield Sight("ajustes-sinal-erro", OTHER_OWNER, deposit_without_key)
    yield Sight("ajustes-sinal", OTHER_OWNER, deposit_policy)
    yield Sight("public-sinal-dados", OTHER_OWNER, deposit_asked)
    yield Sight("public-sinal", OTHER_OWNER, deposit_to_pay)
    yield Sight("public-sinal-aviso", OTHER_OWNER, deposit_told)
    yield Sight("agenda-sinais", OTHER_OWNER, address("/agenda/sinais/"))
    yield Sight("agenda-sinal", OTHER_OWNER, follow("/agenda/sinais/", ".deposit-about a"))
    yield Sight("public-sinal-cancelar", OTHER_OWNER, deposit_cancelled)
    yield Sight("ajustes-sinal-ninguem", OTHER_OWNER, deposit_for_nobody)
    yield Sight("agenda-sinais-vazio", OWNER, address("/agenda/sinais/"))
    yield Sight("comecar-servicos", OTHER_OWNER, address("/comecar/servicos/"))
    yield Sight("comecar-horarios", OTHER_OWNER, address("/comecar/horarios/"))
    yield Sight("comecar-equipe", OTHER_OWNER, address("/comecar/equipe/"))
    yield Sight("comecar-endereco", OTHER_OWNER, address("/comecar/endereco/"))
    yield Sight("comecar-pronto", OTHER_OWNER, address("/comecar/pronto/"))


def strangers() -> Iterator[Sight]:
    yield Sight("entrar", STRANGER, address("/entrar/"))
    yield Sight("entrar-erro", STRANGER, wrong_password)
    yield Sight("cadastro", STRANGER, address("/cadastro/"))
    yield Sight("cadastro-erro", STRANGER, bad_sign_up)
    yield Sight("senha", STRANGER, address("/senha/"))
    yield Sight("erro-404", STRANGER, address("/nao-existe/"))


def customers(who: Customer, manage: str) -> Iterator[Sight]:
    shop = f"/agendar/{SHOP}/"
    yield Sight("public-inicio", STRANGER, address(shop))
    yield Sight("public-outra-loja", STRANGER, address(f"/agendar/{OTHER_SHOP}/"))
    yield Sight("public-embutida", STRANGER, address(f"{shop}?embutido=1"))
    yield Sight("public-horarios", STRANGER, follow(shop, "a.service"))
    yield Sight("public-dados", STRANGER, choose_time)
    yield Sight("public-dados-erro", STRANGER, bad_phone)
    yield Sight("public-visita", STRANGER, address(manage))
    yield Sight("public-remarcar", STRANGER, address(f"{manage}remarcar/"))
    yield Sight("public-remarcar-sim", STRANGER, another_time(manage))
    yield Sight("public-de-novo", STRANGER, same_again(manage))
    yield Sight("public-cancelar", STRANGER, address(f"{manage}cancelar/"))
    yield Sight("public-nao-existe", STRANGER, address("/agendar/nao-existe/"))


def profiles() -> Iterator[Sight]:
    """What a shop sees of its customers."""
    yield Sight("clientes", OWNER, address("/clientes/"))
    yield Sight("clientes-ninguem", OWNER, address("/clientes/?busca=zzzz"))
    yield Sight("clientes-um", OWNER, follow("/clientes/", "a.person"))
    yield Sight("clientes-editar", OWNER, follow_then("/clientes/", "a.person", "editar/"))
    yield Sight("clientes-repetidos", OWNER, address("/clientes/duplicados/"))
    yield Sight("clientes-juntar", OWNER, follow_then("/clientes/", "a.person", "juntar/?busca=a"))
    yield Sight("clientes-importar", OWNER, address("/clientes/importar/"))
    yield Sight("clientes-importar-erro", OWNER, press("/clientes/importar/", "Continuar"))
    yield Sight("clientes-importar-colunas", OWNER, upload_people)
    yield Sight("clientes-importada", OWNER, import_people)
    yield Sight("clientes-novo-erro", OWNER, press("/clientes/novo/", "Salvar"))


def upload_people(page: Page, town: Town) -> None:
    """A spreadsheet with good lines and bad ones, whose columns are to be chosen."""
    lines = "Cliente;Celular;Nascimento\nTadeu Moura;(11) 91234-0001;24/11\nSem telefone;;\nLia;11 91234-0002;31/02\n"
    page.goto(f"{town.url}/clientes/importar/")
    page.locator("input[type=file]").set_input_files(
        {"name": "clientes.csv", "mimeType": "text/csv", "buffer": lines.encode("cp1252")}
    )
    page.locator("main").get_by_role("button", name="Continuar").click()
    page.wait_for_load_state()


def import_people(page: Page, town: Town) -> None:
    """What became of it."""
    upload_people(page, town)
    page.locator("main").get_by_role("button", name="Importar").click()
    expect(page.locator("#import")).to_contain_text("Importada", timeout=30_000)


def whatsapps() -> Iterator[Sight]:
    yield Sight("whatsapp", OWNER, address("/whatsapp/"))
    yield Sight("whatsapp-detalhes", OWNER, follow("/whatsapp/", "a[id^=details-]"))
    yield Sight("whatsapp-avisos", OWNER, address("/whatsapp/avisos/"))
    yield Sight("whatsapp-novo", OWNER, address("/whatsapp/novo/"))
    yield Sight("whatsapp-novo-erro", OWNER, blank_name)
    yield Sight("whatsapp-renomear", OWNER, from_details("renomear/"))
    yield Sight("whatsapp-remover", OWNER, from_details("remover/"))
    yield Sight("whatsapp-ritmo", OWNER, from_details("ritmo/"))
    yield Sight("whatsapp-regras", OWNER, from_details("ritmo/regras/"))
    yield Sight("whatsapp-autorizados", OWNER, address("/ajustes/autorizados/"))
    yield Sight("whatsapp-autorizados-erro", OWNER, press("/ajustes/autorizados/", "Autorizar"))
    yield Sight("whatsapp-desconectado", OTHER_OWNER, address("/whatsapp/"))
    yield Sight("whatsapp-qr", OTHER_OWNER, qr_window)
    yield Sight("whatsapp-detalhes-qr", OTHER_OWNER, follow("/whatsapp/", "a[id^=details-]"))
    yield Sight("whatsapp-codigo", OTHER_OWNER, code_window)
    yield Sight("whatsapp-codigo-pagina", OTHER_OWNER, from_details("codigo/"))
    yield Sight("whatsapp-riscos", OWNER, from_details("aviso/"))
    yield Sight("whatsapp-certeza", OWNER, sure)
    yield Sight("menu-conta", OWNER, account_menu)


# ---- ways that take more than an address


def deposit_without_key(page: Page, town: Town) -> None:
    page.goto(f"{town.url}/ajustes/sinal/")
    page.get_by_label("Só em alguns casos").check()
    page.get_by_role("button", name="Salvar e ver o código").click()
    expect(page.locator(".invalid-feedback").first).to_be_visible()


def two_reminders_alike(page: Page, town: Town) -> None:
    page.goto(f"{town.url}/ajustes/lembretes/")
    page.locator("[name=unidade]").last.select_option("min")
    page.locator("[name=quanto]").last.fill("120")  # which brings another row
    page.locator("#id_text").fill("{quando} com {barbeiro}")
    page.locator("main").get_by_role("button", name="Salvar lembretes").last.click()
    expect(page.locator("#rows_error")).to_be_visible()


def review_without_link(page: Page, town: Town) -> None:
    page.goto(f"{town.url}/ajustes/lembretes/")
    page.get_by_label("Pedir avaliação depois do atendimento").check()
    page.get_by_label("Link da sua página de avaliação").fill("")
    page.locator("main").get_by_role("button", name="Salvar pedidos de avaliação").click()
    expect(page.locator("#avaliacao .invalid-feedback").first).to_be_visible()


def deposit_policy(page: Page, town: Town, who: str = "Todos") -> None:
    page.goto(f"{town.url}/ajustes/sinal/")
    page.get_by_label(who, exact=True).check()
    page.get_by_label("Tipo da chave Pix").select_option("email")
    page.get_by_label("Chave Pix", exact=True).fill("isabela@studio.example")
    page.get_by_role("button", name="Salvar e ver o código").click()
    expect(page.locator(".deposit-try")).to_be_visible()


def deposit_for_nobody(page: Page, town: Town) -> None:
    """As it was before: other pages of that shop ask for no deposit."""
    deposit_policy(page, town, "Ninguém")


def deposit_asked(page: Page, town: Town) -> None:
    follow(f"/agendar/{OTHER_SHOP}/", "a.service")(page, town)
    page.locator("a.day").last.click()
    page.locator(".slot").last.click()
    expect(page.locator(".deposit-ask")).to_be_visible()


def deposit_to_pay(page: Page, town: Town) -> None:
    deposit_asked(page, town)
    page.get_by_label("Seu nome").fill("Maria Aparecida")
    page.get_by_label("Seu WhatsApp, com DDD").fill("11981237711")
    page.get_by_role("button", name="Confirmar e ir para o sinal").click()
    expect(page.get_by_label(re.compile("copia e cola"))).to_be_visible()


def deposit_told(page: Page, town: Town) -> None:
    deposit_to_pay(page, town)
    page.get_by_role("button", name="Já paguei").click()
    expect(page.locator(".deposit")).to_contain_text("conferindo")


def deposit_cancelled(page: Page, town: Town) -> None:
    deposit_to_pay(page, town)
    page.get_by_role("link", name="Cancelar horário").click()
    expect(page.locator(".notice")).to_contain_text("não paga nada")


def from_visit(day: str, visit: Visit, path: str) -> Callable[[Page, Town], object]:
    def go(page: Page, town: Town) -> None:
        follow(day, f"a.visit:has-text('{visit.customer.name}')")(page, town)
        page.goto(page.url + path)

    return go


def recurring(day: str, visit: Visit) -> Callable[[Page, Town], object]:
    """A series is begun, and stands on the page of all of them; a second time it is there already."""

    def go(page: Page, town: Town) -> None:
        from_visit(day, visit, "repetir/")(page, town)
        page.get_by_role("button", name="Marcar as que cabem").click()
        page.wait_for_load_state()
        page.goto(town.url + "/agenda/repeticoes/")
        expect(page.locator(".series-list")).to_be_visible()

    return go


def follow_then(path: str, link: str, deeper: str) -> Callable[[Page, Town], object]:
    def go(page: Page, town: Town) -> None:
        follow(path, link)(page, town)
        page.goto(page.url + deeper)

    return go


def sheet(day: str) -> Callable[[Page, Town], object]:
    def go(page: Page, town: Town) -> None:
        page.goto(town.url + day)
        page.get_by_role("link", name="Bloquear").click()
        expect(page.locator("#sheet")).to_be_visible()

    return go


def wrong_password(page: Page, town: Town) -> None:
    page.goto(f"{town.url}/entrar/")
    page.locator("[name=login]").fill(OWNER)
    page.locator("[name=password]").fill("esqueci")
    page.locator("main .btn-primary").click()
    expect(page.locator("main")).to_contain_text("senha")


def bad_sign_up(page: Page, town: Town) -> None:
    """A password that is too easy, and an e-mail that has a shop."""
    page.goto(f"{town.url}/cadastro/")
    values = {"shop_name": "Corte Fino", "name": "Lia", "phone": "123", "email": OWNER, "password": "12345"}
    for name, value in values.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("main .btn-primary").click()
    page.wait_for_load_state()


def choose_time(page: Page, town: Town) -> None:
    follow(f"/agendar/{SHOP}/", "a.service")(page, town)
    page.locator(".slot").last.click()
    expect(page.get_by_label("Seu nome")).to_be_visible()


def another_time(manage: str) -> Callable[[Page, Town], object]:
    def go(page: Page, town: Town) -> None:
        page.goto(f"{town.url}{manage}remarcar/")
        page.locator(".slot").last.click()
        expect(page.get_by_role("button", name="Confirmar novo horário")).to_be_visible()

    return go


def same_again(manage: str) -> Callable[[Page, Town], object]:
    def go(page: Page, town: Town) -> None:
        page.goto(f"{town.url}{manage}de-novo/")
        page.locator(".slot").last.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Confirme o seu horário")

    return go


def bad_phone(page: Page, town: Town) -> None:
    choose_time(page, town)
    page.get_by_label("Seu nome").fill("Rafa")
    page.get_by_label("Seu WhatsApp, com DDD").fill("123")
    page.get_by_role("button", name="Confirmar agendamento").click()
    expect(page.locator("#erro-telefone")).to_be_visible()


def blank_name(page: Page, town: Town) -> None:
    page.goto(f"{town.url}/whatsapp/novo/")
    page.locator("[name=name]").fill(" ")
    page.get_by_role("button", name="Adicionar").click()
    page.wait_for_load_state()


def from_details(path: str) -> Callable[[Page, Town], object]:
    def go(page: Page, town: Town) -> None:
        follow("/whatsapp/", "a[id^=details-]")(page, town)
        page.goto(page.url + path)

    return go


def qr_window(page: Page, town: Town) -> None:
    disconnected(town, page)  # an earlier story may have left it connected
    page.goto(f"{town.url}/whatsapp/")
    page.get_by_role("button", name=re.compile("Gerar")).first.click()
    expect(page.locator("#pairing img.qr")).to_be_visible()


def code_window(page: Page, town: Town) -> None:
    qr_window(page, town)
    page.locator("#pairing").get_by_role("button", name="Usar código").click()
    expect(page.get_by_label("Telefone do WhatsApp da barbearia")).to_be_visible()


def sync_all(page: Page, town: Town) -> None:
    """The page of a command for every number."""
    page.goto(f"{town.url}/instancias/")
    page.locator("[data-bulk-page]").check()
    page.get_by_role("button", name="Aplicar").click()
    expect(page.locator("#run")).to_be_visible()


def sure(page: Page, town: Town) -> None:
    page.goto(f"{town.url}/whatsapp/")
    page.get_by_role("button", name="Desconectar").first.click()
    expect(page.locator("#confirm")).to_be_visible()


def account_menu(page: Page, town: Town) -> None:
    page.goto(f"{town.url}/conversas/")
    page.locator(".account-button").click()
    expect(page.locator(".account-panel")).to_be_visible()
