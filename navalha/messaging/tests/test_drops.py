"""A drop is told through another number of the same shop: once, and its end once, whatever the outbox holds."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from conftest import make_member, make_number
from navalha.accounts.models import Plan, Role
from navalha.messaging import alert_work, sending, work
from navalha.messaging.models import Direction, MessageState
from navalha.whatsapp import alert_work as mails
from navalha.whatsapp import alerts
from navalha.whatsapp.models import Alert, AlertState, AlertWay, EvolutionServer
from navalha.whatsapp.tests.test_alerts import back, drop

from .helpers import connected_number, queued, real_now, states, texts_on_phone

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
CELL = "+5511977770009"
DIGITS = CELL[1:]


@pytest.fixture
def number(shop, server):
    """The principal, which will drop."""
    long_ago = real_now() - timedelta(days=9)
    return make_number(shop, server, "ze-1", name="Recepção", connected_at=long_ago, state_changed_at=long_ago)


@pytest.fixture
def second(simulator, shop, server, number):
    """Another number of the shop that really is connected."""
    simulator.connected("ze-2", number="5511999990002")
    return make_number(shop, server, "ze-2", name="Loja 2", number="+5511999990002", is_primary=False)


@pytest.fixture
def told(shop, owner):
    """The owner has given a phone."""
    alerts.set_preference(shop, owner, by_email=True, phone=CELL)
    return owner


def dropped(number, at, code="no_contact"):
    """The number drops so long before `at` that its people are told by then."""
    drop(number, at - 6 * MINUTE, code=code)
    mails.watch(at - 6 * MINUTE)
    mails.watch(at)


def held_again(number, at):
    """The number comes back, and by `at` it has held."""
    back(number, at - 6 * MINUTE)
    mails.watch(at - 6 * MINUTE)
    mails.watch(at)


def by_whatsapp(**of):
    return Alert.across_shops.filter(way=AlertWay.WHATSAPP, **of)


def all_rounds(shop, at):
    """What the worker does about it, several times over."""
    for _ in range(3):
        mails.send_alerts(at)
        alert_work.tell_drops(at)
        work.send_due(shop.pk, at)
    alert_work.tell_drops(at)


def test_the_owner_hears_of_the_drop_once_with_the_next_step_and_once_of_the_return(
    simulator, shop, number, second, told
):
    at = real_now() - 30 * MINUTE
    dropped(number, at)
    all_rounds(shop, at)

    [text] = texts_on_phone(simulator, DIGITS)
    assert "O WhatsApp “Recepção” da *Barbearia do Zé* está sem conexão desde" in text
    assert "O WhatsApp deste número está tentando reconectar." in text
    assert f"/whatsapp/{number.pk}/" in text
    message = shop.messages.get()
    assert (message.instance, message.customer, message.purpose) == (second, None, "alert_down")
    assert by_whatsapp().get().state == AlertState.SENT

    held_again(number, at + 20 * MINUTE)
    all_rounds(shop, at + 20 * MINUTE)

    [_, returned] = texts_on_phone(simulator, DIGITS)
    assert "voltou às" in returned
    assert "Ficou 20 min fora." in returned
    assert len(mail.outbox) == 2


def test_night_limits_and_the_plan_hold_back_no_alert(settings, shop, number, second, told):
    settings.MESSAGES_PACING = True
    shop.plan = Plan.objects.create(name="Pequeno", most_messages_a_day=0)
    shop.save(update_fields=["plan"])
    at_night = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)  # 23:00 in São Paulo
    shop.paces.create(phone="551199990002", began_at=at_night - timedelta(days=90), per_day=1, new_per_day=1)
    dropped(number, at_night)

    alert_work.tell_drops(at_night)

    taken = sending.take(second, at_night)
    assert (taken.purpose, taken.address) == ("alert_down", CELL)


def test_what_waits_for_the_dead_number_holds_back_no_alert_and_no_alert_holds_it_back(
    simulator, shop, number, second, told
):
    at = real_now()
    waiting = queued(shop, CELL, "Novo agendamento", at - MINUTE, purpose="notice_booked")
    dropped(number, at)
    alert_work.tell_drops(at)
    work.send_due(shop.pk, at)
    assert ["está sem conexão" in text for text in texts_on_phone(simulator, DIGITS)] == [True]

    shop.messages.filter(purpose="alert_down").update(state=MessageState.QUEUED)  # as if its number had dropped, too
    later = queued(shop, CELL, "Outro agendamento", at, purpose="notice_booked")
    shop.messages.filter(pk=waiting.pk).update(state=MessageState.CANCELLED)
    simulator.connected("ze-1", number="5511999990001")
    back(number, at)
    assert sending.take(shop.numbers.get(pk=number.pk), at + MINUTE) == later


def test_a_customer_who_is_warned_stays_the_customer_they_were(simulator, shop, number, second, told):
    customer = shop.customers.create(name="Dono", phone=CELL)
    at = real_now()
    dropped(number, at)
    all_rounds(shop, at)

    assert len(texts_on_phone(simulator, DIGITS)) == 1
    assert not customer.messages.exists()
    assert shop.customers.count() == 1


def test_without_another_number_the_mail_tells_alone_and_the_history_says_so(
    simulator, as_owner, shop, other_shop, number, told
):
    connected_number(simulator, other_shop, number.server, "bela-1", "5511999990003")  # nobody else's business
    at = real_now()
    dropped(number, at)
    all_rounds(shop, at)
    page = as_owner.get("/whatsapp/avisos/").content.decode()
    assert "por e-mail a 1 pessoa · WhatsApp ao telefone final 0009: esperando outro número conectado" in page

    all_rounds(shop, at + timedelta(hours=3))

    assert not shop.messages.exists()
    assert not other_shop.messages.exists()
    assert by_whatsapp().get().state == AlertState.FAILED
    page = as_owner.get("/whatsapp/avisos/").content.decode()
    assert "o WhatsApp ao telefone final 0009 não saiu: nenhum outro número da barbearia estava conectado" in page


def test_no_number_tells_that_is_on_the_dead_server_dropped_itself_or_connected_by_hearsay(
    simulator, shop, number, second, told
):
    at = real_now()
    dropped(number, at, code="server_down")
    alert_work.tell_drops(at)
    assert not shop.messages.exists()  # the second is on the same server, and only not found out yet

    elsewhere = EvolutionServer(name="Outro", url="http://127.0.0.1:9")
    elsewhere.api_key = "x"
    elsewhere.save()
    third = make_number(shop, elsewhere, "ze-3", name="Loja 3", number="+5511999990004", is_primary=False)
    shop.numbers.filter(pk=third.pk).update(state_changed_at=at - timedelta(hours=1))  # nobody has looked since
    alert_work.tell_drops(at + MINUTE)
    assert not shop.messages.exists()

    shop.numbers.filter(pk=third.pk).update(checked_at=at + MINUTE)
    alert_work.tell_drops(at + 2 * MINUTE)
    assert shop.messages.get().instance == third


def test_an_alert_whose_number_drops_goes_by_another_and_one_that_is_over_goes_no_more(
    shop, server, number, second, told
):
    third = make_number(shop, server, "ze-3", name="Loja 3", number="+5511999990004", is_primary=False)
    at = real_now()
    dropped(number, at)
    alert_work.tell_drops(at)
    message = shop.messages.get()
    assert message.instance == second

    drop(second, at)
    alert_work.tell_drops(at + MINUTE)
    message.refresh_from_db()
    assert message.instance == third

    held_again(number, at + 10 * MINUTE)
    alert_work.tell_drops(at + 11 * MINUTE)
    message.refresh_from_db()
    assert states(message)[-1] == MessageState.CANCELLED
    assert by_whatsapp(kind="down").get().state == AlertState.FAILED


def test_two_people_with_one_phone_hear_it_once_and_who_may_not_look_after_numbers_never(
    simulator, shop, number, second, told
):
    manager = make_member(shop, "gerente@navalha.example", Role.MANAGER)
    barber = make_member(shop, "barbeiro@navalha.example", Role.BARBER)
    alerts.set_preference(shop, manager, by_email=False, phone=CELL)
    alerts.set_preference(shop, barber, by_email=True, phone="+5511977770010")
    at = real_now()
    dropped(number, at)
    all_rounds(shop, at)

    assert [message.address for message in shop.messages.filter(direction=Direction.OUT)] == [CELL]
    assert set(by_whatsapp().values_list("user", "state")) == {(told.pk, "sent"), (manager.pk, "sent")}


def test_the_owner_says_where_to_be_warned_and_what_was_typed_is_kept(as_owner, shop, owner, number):
    page = as_owner.post("/whatsapp/avisos/", {"by_email": "on", "phone": "12"})
    assert page.status_code == 422
    assert 'value="12"' in page.content.decode()
    assert "Não reconhecemos este telefone." in page.content.decode()
    assert (
        "Este é um WhatsApp da própria barbearia"
        in as_owner.post("/whatsapp/avisos/", {"by_email": "on", "phone": "11 99999 0001"}).content.decode()
    )

    answer = as_owner.post("/whatsapp/avisos/", {"by_email": "on", "phone": "(11) 97777-0009"}, follow=True)

    assert "por e-mail e por WhatsApp" in answer.content.decode()
    assert 'value="+55 11 97777-0009"' in answer.content.decode()
    preference = shop.alert_preferences.get()
    assert (preference.user, preference.by_email, preference.phone) == (owner, True, CELL)
