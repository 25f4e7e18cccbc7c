"""The owner's page of reminders and review requests: what is kept, what is refused, what is shown."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from navalha.booking.tests.helpers import days_ahead, text_of
from navalha.messaging import own_words
from navalha.scheduling import actions
from navalha.scheduling.models import AppointmentState
from navalha.scheduling.reminders import terms, work

from .test_setup_pages import undo_of

PAGE = "/ajustes/lembretes/"
REVIEW = f"{PAGE}avaliacao/"
LINK = "https://g.page/r/barbearia/review"


def sent(*rows, is_on=True, text="", text_soon="", **more):
    form = {"quanto": [row[0] for row in rows], "unidade": [row[1] for row in rows]}
    return {**form, **({"is_on": "on"} if is_on else {}), "text": text, "text_soon": text_soon, **more}


def review(**fields):
    return {"is_on": "on", "link": LINK, "hours": "3", "days": "60", "text": "", **fields}


def minutes(shop) -> list[int]:
    return [offset.minutes for offset in terms.of(shop).offsets]


@pytest.fixture
def visit(shop, haircut, ze):
    return actions.book(
        shop,
        services=[haircut],
        professional=ze,
        starts_at=days_ahead(shop, 15, days=3),
        name="Rafa",
        phone="+5511988887777",
        now=timezone.now(),
    )


def test_a_shop_that_has_chosen_nothing_sees_what_holds_and_keeps_it_word_for_word(as_owner, shop):
    page = as_owner.get(PAGE)

    assert page.context["form"].rows == [("24", "h"), ("2", "h")]
    assert "Falta pouco para o seu horário" in page.content.decode()
    assert not shop.reminder_policies.exists()
    values = page.context["form"].initial
    as_owner.post(PAGE, sent(("24", "h"), ("2", "h"), text=values["text"].replace("\n", "\r\n")))
    assert (shop.reminder_policies.get().text, minutes(shop)) == ("", [1440, 120])


def test_offsets_are_added_changed_and_removed_and_an_undo_brings_them_back(as_owner, shop):
    as_owner.post(PAGE, sent(("2", "d"), ("24", "h"), ("90", "min"), ("", "h")))
    assert minutes(shop) == [2880, 1440, 90]

    as_owner.post(PAGE, sent(("2", "d"), ("24", "h"), ("90", "min"), tirar="1"))
    assert minutes(shop) == [2880, 90]

    as_owner.post(undo_of(as_owner, PAGE))
    assert minutes(shop) == [2880, 1440, 90]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("24", "h"), ("1", "d")], "mesma antecedência"),
        ([("4", "min")], "Escolha de 5 minutos a 30 dias antes."),
        ([("31", "d")], "Escolha de 5 minutos a 30 dias antes."),
        ([("duas", "h")], "número inteiro"),
        ([("2", "semanas")], "número inteiro"),
        ([(str(hours), "h") for hours in range(1, 12)], "escolha até 10"),
        ([], "ou desligue"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_typed_is_lost(as_owner, shop, rows, says):
    answer = as_owner.post(PAGE, sent(*rows, text="{quando}, meu texto"))

    assert answer.status_code == 422
    assert says in answer.context["form"].row_error
    assert says in text_of(answer)
    assert all(f'value="{number}"' in answer.content.decode() for number, _unit in rows)
    assert "{quando}, meu texto" in answer.content.decode()
    assert not shop.reminder_policies.exists()


def test_a_text_without_its_time_or_with_an_unknown_place_is_refused(as_owner, shop):
    for text, says in (("Até já!", "Falta o campo {quando}"), ("{quando} {preco}", "Não conhecemos {preco}")):
        answer = as_owner.post(PAGE, sent(("2", "h"), text=text))
        assert answer.status_code == 422
        assert says in text_of(answer)
    assert not shop.reminder_policies.exists()


def test_the_preview_shows_the_next_visits_data_and_not_its_link(as_owner, shop, visit):
    shown = as_owner.get(f"{PAGE}previa/", {"qual": "reminder", "text": "{saudacao}\n*{quando}* {servicos} {link}"})

    said = shown.content.decode()
    assert "Olá, Rafa!" in said
    assert "às 15:00</strong>" in said
    assert "/visita/…" in said
    wrong = as_owner.get(f"{PAGE}previa/", {"qual": "reminder", "text": "<b>{oi}</b> {quando}"})
    assert "Não conhecemos {oi}" in wrong.content.decode()


def test_review_requests_are_off_until_there_is_a_link(as_owner, shop):
    assert not terms.of(shop).asks_for_reviews
    refused = as_owner.post(REVIEW, review(link=""))
    assert refused.status_code == 422
    assert "Cole o link" in text_of(refused)

    as_owner.post(REVIEW, review(link="g.page/r/barbearia/review"))

    policy = shop.reminder_policies.get()
    assert (policy.review_is_on, policy.review_link) == (True, LINK)
    assert (policy.review_hours, policy.review_days) == (3, 60)
    as_owner.post(undo_of(as_owner, PAGE))
    assert not terms.of(shop).asks_for_reviews


@pytest.mark.parametrize("link", ["http://golpe.example/a", "javascript:alert(1)", "https://sem ponto", "https://["])
def test_a_link_that_leads_nowhere_is_refused(as_owner, shop, link):
    answer = as_owner.post(REVIEW, review(link=link))

    assert answer.status_code == 422
    assert not shop.reminder_policies.filter(review_is_on=True).exists()


@pytest.mark.parametrize("name", ["Barbearia do Zé", "Studio Bela"])
def test_the_usual_words_are_those_of_the_product(name):
    for key in ("reminder", "reminder_soon", "review"):
        usual = own_words.usual(key, name)
        own_words.check(usual, key, ())
        context = dict.fromkeys(("name", "when", "services", "professional", "ask", "link"), "x") | {"shop": name}
        assert own_words.fill(usual, key, context) == own_words.fill("", key, context)


def test_the_page_of_a_visit_says_what_is_planned_and_what_became_of_it(as_owner, shop, visit):
    as_owner.post(PAGE, sent(("30", "d"), ("24", "h"), ("2", "h")))
    page = f"/agenda/{visit.pk}/"

    planned = text_of(as_owner.get(page))
    assert "Planejado 24 horas antes" in planned
    assert "Não enviado 30 dias antes" in planned
    assert "marcado depois da hora deste lembrete" in planned

    work.remind(visit.starts_at - timedelta(hours=24))
    assert "Na fila" in text_of(as_owner.get(page))
    shop.messages.filter(purpose="reminder").update(state="expired")
    assert "O horário já passou." in text_of(as_owner.get(page))
    shop.messages.filter(purpose="reminder").update(hold_code="unanswered")
    assert "ainda não respondeu às duas mensagens" in text_of(as_owner.get(page))
    shop.appointments.update(state=AppointmentState.CANCELLED)
    shop.visit_reminders.update(dropped="moved")
    assert "O horário mudou, começou ou foi cancelado" in text_of(as_owner.get(page))


def test_the_page_costs_the_same_with_one_offset_and_with_three(as_owner, shop, visit):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            as_owner.get(PAGE)
        return len(queries)

    as_owner.post(PAGE, sent(("2", "h")))
    as_owner.get(PAGE)
    one = cost()
    as_owner.post(PAGE, sent(("2", "h"), ("3", "h"), ("4", "h")))
    as_owner.get(PAGE)
    assert cost() == one
