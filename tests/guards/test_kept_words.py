"""What rows keep and what customers are told is Portuguese, whatever language the person speaks who caused it."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from conftest import make_number
from navalha.accounts.models import Shop
from navalha.booking.tests.helpers import days_ahead, post, sent, text_of, visit_of
from navalha.console import bulk
from navalha.console.models import Command, ItemState
from navalha.console.outcomes import Outcome
from navalha.core.states import move
from navalha.messaging import wording
from navalha.messaging.actions import decide
from navalha.messaging.decisions import Decision
from navalha.messaging.models import Direction, MessageState
from navalha.scheduling import actions, links
from navalha.scheduling.replies import actions as reply_actions

PHONE = "+5511988887777"
pytestmark = pytest.mark.usefixtures("english_of_today")


@pytest.fixture
def english(client) -> Client:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def english_owner(english, owner) -> Client:
    english.force_login(owner)
    return english


def texts(shop: Shop) -> list[str]:
    return list(shop.messages.order_by("pk").values_list("text", flat=True))


@pytest.fixture
def booked_in_english(english, shop, haircut, ze):
    shop.phone = "+5511977770001"
    shop.save()
    assert post(english, shop, sent([haircut], days_ahead(shop, 10))).status_code == 303
    return visit_of(shop)


def test_who_books_in_english_and_the_shop_get_the_portuguese_messages(shop, booked_in_english):
    to_customer, to_shop = texts(shop)

    assert to_customer.startswith("Olá, Rafael! Seu horário na *Barbearia do Zé* está reservado.")
    assert "Responda *1* para confirmar ou *2* para cancelar." in to_customer
    assert "-feira, " in to_customer or "sábado, " in to_customer or "domingo, " in to_customer
    assert to_shop.startswith("📅 Novo agendamento\nRafael Souza")


def test_who_confirms_and_cancels_in_english_gets_the_portuguese_messages(english, shop, booked_in_english):
    page = links.manage_url(booked_in_english).removeprefix(settings.SITE_URL)
    english.post(f"{page}confirmar/")
    english.post(f"{page}cancelar/")

    said = "\n".join(texts(shop)[2:])
    for words in ("✅ Rafael Souza confirmou", "❌ Rafael Souza cancelou", "foi cancelado."):
        assert words in said
    reasons = booked_in_english.changes.order_by("pk").values_list("reason", flat=True)
    assert list(reasons)[1:] == ["Pelo cliente", "Pelo cliente"]


def test_the_history_of_a_visit_says_in_english_what_a_customer_did(english_owner, booked_in_english):
    actions.confirm(booked_in_english, now=timezone.now())

    page = text_of(english_owner.get(f"/agenda/{booked_in_english.pk}/"))

    assert "By the customer" in page
    assert "Pelo cliente" not in page


def test_a_member_who_reads_english_makes_the_customer_read_portuguese(english_owner, shop, booked_in_english):
    english_owner.post(f"/agenda/{booked_in_english.pk}/confirmar/")
    english_owner.post(f"/agenda/{booked_in_english.pk}/cancelar/", {"reason": ""})

    said = texts(shop)
    assert any("Presença confirmada na *Barbearia do Zé*" in text for text in said)
    assert any("na *Barbearia do Zé* foi cancelado." in text for text in said)


@pytest.mark.parametrize("key", wording.TEXTS)
def test_every_text_for_whatsapp_is_the_same_in_english(key):
    context = dict.fromkeys(wording.variables(key), "x")
    portuguese = wording.render(key, context)
    with override("en"):
        assert wording.render(key, context) == portuguese


def test_an_answer_refused_in_an_english_process_is_portuguese(shop, haircut, ze):
    now = timezone.now()
    shop.cancel_window_minutes = 7 * 24 * 60
    shop.save()
    visit = actions.book(
        shop,
        services=[haircut],
        professional=ze,
        starts_at=days_ahead(shop, 10),
        name="Rafa",
        phone=PHONE,
        now=now,
    )
    question = shop.messages.get(purpose="booked")
    move(question, to=MessageState.SENDING, now=now)
    move(question, to=MessageState.SENT, now=now, sent_at=now, wa_id="OUT1")
    answer = shop.messages.create(
        customer=visit.customer,
        direction=Direction.IN,
        state=MessageState.RECEIVED,
        address=PHONE,
        text="2",
        kind="text",
        wa_id="IN1",
        created_at=now + timedelta(minutes=1),
    )

    with override("en"):
        assert reply_actions.handle(answer, now=now + timedelta(minutes=2))

    assert shop.messages.get(dedupe_key=f"reply:{answer.pk}").text.startswith(
        "O prazo para remarcar ou cancelar por aqui já passou."
    )


def test_a_shop_opened_in_english_offers_portuguese_services(english, db):
    form = {
        "shop_name": "Barbearia São João",
        "name": "John",
        "email": "john@navalha.example",
        "password": "tesoura afiada 27",
    }
    assert english.post("/cadastro/", form).status_code == 302

    assert list(Shop.objects.get().services.values_list("name", flat=True)) == ["Corte", "Barba", "Corte + barba"]


def test_the_history_is_kept_in_portuguese_and_read_in_the_readers_language(english_owner, shop, server, owner):
    number = make_number(shop, server, "loja")
    english_owner.post(f"/whatsapp/{number.pk}/desconectar/")

    number.refresh_from_db()
    assert number.error_message == number.changes.latest("pk").reason == "Desconectado por aqui."
    page = text_of(english_owner.get(f"/whatsapp/{number.pk}/"))
    assert "Disconnected from here." in page
    assert "Desconectado por aqui." not in page
    assert english_owner.get(f"/whatsapp/{number.pk}/status/").json()["error_message"] == "Disconnected from here."
    del english_owner.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert "Desconectado por aqui." in text_of(english_owner.get(f"/whatsapp/{number.pk}/"))


def test_what_was_made_of_an_answer_is_read_in_the_readers_language(english_owner, shop, customer, now):
    message = shop.messages.create(
        customer=customer, direction=Direction.IN, state=MessageState.RECEIVED, address=customer.phone, text="1"
    )
    decide(message, decision=Decision.of_visit("confirmed", now), needs_person=False, now=now)
    conversation = f"/conversas/{customer.pk}/"

    assert "Confirmed the appointment of Tuesday, November 24, at 10:00." in text_of(english_owner.get(conversation))
    del english_owner.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert "Confirmou o horário de terça-feira, 24/11, às 10:00." in text_of(english_owner.get(conversation))


def test_a_message_sent_again_in_english_says_why_in_portuguese(english_owner, shop, customer, now):
    message = shop.messages.create(
        customer=customer,
        direction=Direction.OUT,
        state=MessageState.FAILED,
        address=customer.phone,
        text="Oi",
        error_code="not_on_whatsapp",
        error_message="Este número não tem WhatsApp.",
    )
    conversation = f"/conversas/{customer.pk}/"
    assert "This number isn’t on WhatsApp." in text_of(english_owner.get(conversation))

    english_owner.post(f"/conversas/mensagem/{message.pk}/reenviar/")

    assert message.changes.get().reason == "Reenviada por uma pessoa."
    assert "Resent by a person." in text_of(english_owner.get(conversation))


def test_what_became_of_a_number_of_a_run_is_read_in_the_readers_language(english, operator, shop, server, now):
    settle = {
        "Recusou": (ItemState.FAILED, Outcome("server_refused", {"error": "Internal Server Error"})),
        "Não deu": (ItemState.SKIPPED, Outcome.refused("Este número já está desconectado.")),
    }
    for place, name in enumerate(settle):
        make_number(shop, server, f"numero-{place}", name=name, is_primary=False)
    run = bulk.start_run(Command.DISCONNECT, shop.numbers.all(), by=operator, now=now)
    for item in run.items.select_related("instance"):
        move(item, to=ItemState.RUNNING, now=now)
        state, outcome = settle[item.instance.name]
        bulk.settle(item, state, outcome)
    english.force_login(operator)
    page = f"/instancias/comandos/{run.pk}/"

    told = text_of(english.get(page))
    assert "The server did not do it: Internal Server Error." in told
    assert "This number is already disconnected." in told
    del english.cookies[settings.LANGUAGE_COOKIE_NAME]
    told = text_of(english.get(page))
    assert "O servidor não fez: Internal Server Error." in told
    assert "Este número já está desconectado." in told
