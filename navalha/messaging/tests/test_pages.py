"""The conversations as members see them."""

import json

import pytest
from django.test import Client

from conftest import make_customer, make_member, make_number
from navalha.accounts.models import Role
from navalha.customers.actions import recognise
from navalha.messaging.actions import decide, receive
from navalha.messaging.decisions import Decision
from navalha.messaging.models import MessageState
from navalha.whatsapp.models import ConnectionState

from .helpers import a_message, queued, real_now

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
KEY = "a1b2c3d4e5f6g7h8"


@pytest.fixture
def number(shop):
    return make_number(shop, None, "ze-1")


@pytest.fixture
def asked(number, customer):
    """Rafa asks something that only a person understands."""
    message = receive(number, a_message("Dá pra levar meu filho junto?"), now=real_now())
    decide(message, decision=None, needs_person=True, now=real_now())
    return message


def failed(shop, customer, **fields):
    return queued(shop, customer, "Oi", real_now(), **{"state": MessageState.FAILED, **fields})


def test_the_list_shows_who_waits_for_a_person_first(as_owner, shop, asked):
    newer = make_customer(shop, "Duda", "+5511977770000")
    queued(shop, newer, "Olá, Duda", real_now())

    page = as_owner.get("/conversas/").content.decode()

    assert page.index("Rafa") < page.index("Duda")
    assert page.count("Precisa de você") == 1
    assert "Dá pra levar meu filho junto?" in page


def test_the_list_says_what_to_do_when_it_is_empty_and_when_nothing_is_found(as_owner, shop, asked):
    assert "Ninguém com esse nome ou telefone." in as_owner.get("/conversas/?busca=Beltrano").content.decode()
    shop.messages.all().delete()
    assert "Nenhuma conversa ainda." in as_owner.get("/conversas/").content.decode()


@pytest.mark.parametrize("search", ["raf", "98888", "(11) 98888-7777", "+55 11 98888"])
def test_people_are_found_by_parts_of_name_and_phone(as_owner, asked, search):
    assert "Dá pra levar" in as_owner.get("/conversas/", {"busca": search}).content.decode()


def test_the_list_takes_the_same_number_of_queries_for_one_and_for_many(
    as_owner, shop, asked, django_assert_max_num_queries
):
    with django_assert_max_num_queries(30) as one:
        as_owner.get("/conversas/")
    for turn in range(5):
        queued(shop, make_customer(shop, f"Cliente {turn}", f"+551197777000{turn}"), "Oi", real_now())

    with django_assert_max_num_queries(30) as many:
        as_owner.get("/conversas/")

    assert len(many) == len(one)


def test_a_long_list_has_pages(as_owner, shop):
    for turn in range(35):
        queued(shop, make_customer(shop, f"Cliente {turn:02d}", f"+55119777700{turn:02d}"), "Oi", real_now())

    first, second = (as_owner.get(f"/conversas/?pagina={page}").content.decode() for page in (1, 2))

    assert (first.count('class="talk"'), second.count('class="talk"')) == (30, 5)
    assert "1 de 2" in first


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "²"])
def test_a_page_number_that_is_none_shows_the_list(as_owner, asked, page):
    assert as_owner.get("/conversas/", {"pagina": page}).status_code == 200


def test_a_conversation_shows_ticks_reasons_decisions_and_days(as_owner, shop, customer, number):
    reply = receive(number, a_message("1"), now=real_now())
    decide(reply, decision=Decision("several"), needs_person=False, now=real_now())
    queued(shop, customer, "Li isto", real_now(), state=MessageState.READ)
    failed(shop, customer, error_message="Este número não tem WhatsApp.")

    page = as_owner.get(f"/conversas/{customer.pk}/").content.decode()

    assert "Tem mais de um horário: perguntei qual." in page
    assert 'title="Lida"' in page
    assert "Este número não tem WhatsApp." in page
    assert "Reenviar" in page
    assert 'class="thread-day"' in page


@pytest.mark.parametrize(("state", "said"), [(ConnectionState.UNSTABLE, True), (ConnectionState.CONNECTED, False)])
def test_what_waits_for_a_number_that_is_out_says_so(as_owner, shop, customer, number, state, said):
    shop.numbers.update(state=state, checked_at=real_now())
    queued(shop, customer, "Olá, Rafa", real_now())
    queued(shop, customer, "Lida", real_now(), state=MessageState.READ)

    page = as_owner.get(f"/conversas/{customer.pk}/").content.decode()

    assert page.count("Esta mensagem sai sozinha quando ele voltar.") == int(said)


def test_what_people_write_is_shown_as_text_and_never_as_markup(as_owner, number, customer):
    receive(number, a_message("<script>alert(1)</script> *negrito*"), now=real_now())

    page = as_owner.get(f"/conversas/{customer.pk}/").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; <strong>negrito</strong>" in page


def test_opening_a_conversation_sees_it(as_owner, shop, asked):
    assert "mensagem não vista" in as_owner.get("/conversas/").content.decode()

    as_owner.get(f"/conversas/{asked.customer_id}/")

    assert "mensagem não vista" not in as_owner.get("/conversas/").content.decode()


def test_htmx_gets_the_part_and_a_browser_the_page(as_owner, asked):
    part = as_owner.get(f"/conversas/{asked.customer_id}/", headers=HTMX).content.decode()
    page = as_owner.get(f"/conversas/{asked.customer_id}/").content.decode()

    assert part.lstrip().startswith('<section id="thread"')
    assert "<html" in page


def test_a_reply_is_queued_signed_and_answers_the_need(as_owner, owner, shop, asked):
    answer = as_owner.post(f"/conversas/{asked.customer_id}/responder/", {"text": " Pode sim! ", "key": KEY})

    assert answer.status_code == 302
    queued_reply = shop.messages.get(direction="out")
    assert (queued_reply.text, queued_reply.state, queued_reply.written_by) == ("Pode sim!", "queued", owner)
    asked.refresh_from_db()
    assert not asked.needs_person


def test_the_same_form_sent_twice_is_one_message(as_owner, shop, asked):
    for _ in range(2):
        as_owner.post(f"/conversas/{asked.customer_id}/responder/", {"text": "Pode sim!", "key": KEY})

    assert shop.messages.filter(direction="out").count() == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [("   ", "Escreva a mensagem antes de enviar."), ("x" * 4001, "A mensagem é longa demais"), ("a\x00b", "nulo")],
)
def test_a_reply_that_cannot_be_sent_keeps_what_was_typed_and_says_why(as_owner, shop, asked, text, says):
    for headers in ({}, HTMX):
        answer = as_owner.post(
            f"/conversas/{asked.customer_id}/responder/", {"text": text, "key": KEY}, headers=headers
        )
        page = answer.content.decode()
        assert answer.status_code == 422
        assert says in page
        assert text.strip("\x00 ")[:40] in page
    assert not shop.messages.filter(direction="out").exists()


def test_somebody_who_is_known_only_by_a_lid_can_be_answered(as_owner, shop, number):
    customer = recognise(shop, phone=None, lid="249876543210987@lid", now=real_now())

    as_owner.post(f"/conversas/{customer.pk}/responder/", {"text": "Oi!", "key": KEY})

    assert shop.messages.get().address == "249876543210987@lid"


def test_buttons_of_a_failed_and_of_an_unconfirmed_message_do_what_they_say(as_owner, shop, customer):
    broken = failed(shop, customer)
    doubtful = queued(shop, customer, "Oi", real_now(), state=MessageState.UNCONFIRMED)

    as_owner.post(f"/conversas/mensagem/{broken.pk}/reenviar/")
    as_owner.post(f"/conversas/mensagem/{doubtful.pk}/ja-chegou/")

    broken.refresh_from_db()
    doubtful.refresh_from_db()
    assert (broken.state, doubtful.state) == (MessageState.QUEUED, MessageState.SENT)


def test_a_button_pressed_too_late_says_so_and_changes_nothing(as_owner, shop, customer):
    message = queued(shop, customer, "Oi", real_now(), state=MessageState.DELIVERED)

    answer = as_owner.post(f"/conversas/mensagem/{message.pk}/reenviar/", headers=HTMX)

    message.refresh_from_db()
    assert message.state == MessageState.DELIVERED
    assert "já mudou de situação" in json.loads(answer.headers["HX-Trigger"])["toast"]["text"]


def test_resolved_without_an_answer(as_owner, asked):
    as_owner.post(f"/conversas/{asked.customer_id}/resolver/")

    asked.refresh_from_db()
    assert not asked.needs_person


def test_a_barber_reads_and_does_not_write(client: Client, barber, shop, asked):
    client.force_login(barber)
    broken = failed(shop, asked.customer)

    page = client.get(f"/conversas/{asked.customer_id}/")

    assert page.status_code == 200
    assert "<textarea" not in page.content.decode()
    for path in (
        f"{asked.customer_id}/responder/",
        f"{asked.customer_id}/resolver/",
        f"mensagem/{broken.pk}/reenviar/",
    ):
        assert client.post(f"/conversas/{path}", {"text": "Oi", "key": KEY}).status_code == 404
    broken.refresh_from_db()
    assert broken.state == MessageState.FAILED


def test_the_reception_writes(client: Client, shop, asked):
    client.force_login(make_member(shop, "recepcao@navalha.example", Role.RECEPTION))

    client.post(f"/conversas/{asked.customer_id}/responder/", {"text": "Oi", "key": KEY})

    assert shop.messages.filter(direction="out").exists()


def test_nothing_of_another_shop_is_shown_or_touched(client: Client, stranger, shop, number, asked):
    client.force_login(stranger)
    broken = failed(shop, asked.customer)

    assert client.get(f"/conversas/{asked.customer_id}/").status_code == 404
    assert "Rafa" not in client.get("/conversas/").content.decode()
    for path in (
        f"{asked.customer_id}/responder/",
        f"{asked.customer_id}/resolver/",
        f"mensagem/{broken.pk}/reenviar/",
        f"mensagem/{broken.pk}/ja-chegou/",
        f"teste/{number.pk}/",
    ):
        assert client.post(f"/conversas/{path}", {"text": "Oi", "key": KEY}).status_code == 404
    asked.refresh_from_db()
    assert (asked.needs_person, asked.read_at) == (True, None)


def test_notices_to_the_team_have_a_page_with_their_ticks(as_owner, shop):
    queued(shop, "+5511999990009", "Novo agendamento", real_now(), state=MessageState.FAILED, error_message="Caiu")

    page = as_owner.get("/conversas/equipe/").content.decode()

    assert "Novo agendamento" in page
    assert "+55 11 99999-0009" in page
    assert "Caiu" in page


def test_a_test_goes_to_the_shops_phone_from_that_number_alone(as_owner, shop, number):
    other = make_number(shop, None, "ze-2", is_primary=False, name="Segundo", number="+5511999990003")

    answer = as_owner.post(f"/conversas/teste/{other.pk}/", headers=HTMX)
    as_owner.post(f"/conversas/teste/{other.pk}/", headers=HTMX)

    message = shop.messages.get()
    assert (message.instance, message.address, message.purpose) == (other, "+5511999990003", "test")
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["level"] == "success"


def test_a_test_of_a_number_that_is_not_connected_says_what_to_do(as_owner, shop, number):
    number.state = ConnectionState.DISCONNECTED
    number.save(update_fields=["state"])

    answer = as_owner.post(f"/conversas/teste/{number.pk}/", headers=HTMX)

    assert answer.status_code == 409
    assert "não está conectado" in answer.content.decode()
    assert not shop.messages.exists()


def test_the_admin_lists_messages_without_what_they_say(client: Client, operator, shop, customer):
    message = queued(shop, customer, "Segredo do cliente", real_now())
    client.force_login(operator)

    page = client.get("/admin/messaging/whatsappmessage/").content.decode()
    one = client.get(f"/admin/messaging/whatsappmessage/{message.pk}/change/").content.decode()

    for shown in (page, one):
        assert "Segredo" not in shown
        assert "…7777" in shown
        assert "98888" not in shown
    for model in ("messagechange", "pendingdelivery"):
        assert client.get(f"/admin/messaging/{model}/").status_code == 200
