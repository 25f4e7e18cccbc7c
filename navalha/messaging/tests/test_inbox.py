"""Messages that come in: stored once, with whoever wrote them, and nothing that is nobody's business."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from conftest import make_number
from navalha.customers.allow import allow
from navalha.evolution.types import MessageKind
from navalha.messaging.actions import decide, receive
from navalha.messaging.decisions import Decision, words
from navalha.messaging.models import Direction, MessageState, WhatsAppMessage

from .helpers import a_message, real_now

pytestmark = pytest.mark.django_db
LID = "249876543210987@lid"


@pytest.fixture
def number(shop):
    return make_number(shop, None, "ze-1")


def test_a_text_is_stored_with_the_customer_whatsapps_time_and_its_arrival(number, customer):
    now = real_now()
    written = now - timedelta(hours=3)

    message = receive(number, a_message("Tem vaga hoje?", sent_at=written), now=now)

    assert message is not None
    stored = WhatsAppMessage.across_shops.get(pk=message.pk)
    assert (stored.text, stored.customer, stored.direction) == ("Tem vaga hoje?", customer, Direction.IN)
    assert (stored.created_at, stored.state_changed_at) == (written, now)
    assert (stored.address, stored.state, stored.kind) == ("+5511988887777", MessageState.RECEIVED, "text")


def test_the_same_message_again_is_stored_once_for_each_number(number, other_shop):
    again = make_number(other_shop, None, "bela-1")

    first = receive(number, a_message(), now=real_now())
    second = receive(number, a_message(), now=real_now())
    elsewhere = receive(again, a_message(), now=real_now())

    assert first is not None
    assert second is None
    assert elsewhere is not None
    assert elsewhere.customer != first.customer  # never shared between shops


def test_a_stranger_becomes_a_customer_with_the_name_whatsapp_shows(number, shop):
    message = receive(number, a_message(phone="5531888877777"[:12], push_name="Duda"), now=real_now())

    assert message is not None
    assert message.customer is not None
    assert message.customer.name == "Duda"
    assert message.customer.shop == shop


def test_somebody_who_shows_only_a_lid_is_a_customer_too(number):
    message = receive(number, a_message(remote_jid=LID, phone=None, lid=LID), now=real_now())

    assert message is not None
    assert message.address == LID
    assert message.customer is not None


def test_groups_status_and_newsletters_are_nobodys(number):
    for jid, group in (("1203630@g.us", True), ("status@broadcast", False), ("12036@newsletter", False)):
        ignored = a_message(remote_jid=jid, phone=None, lid=None, is_group=group)
        assert receive(number, ignored, now=real_now()) is None
        assert receive(number, a_message(remote_jid=jid, from_me=True, is_group=group), now=real_now()) is None

    assert not WhatsAppMessage.across_shops.exists()


def test_what_the_shop_types_on_its_phone_is_stored_as_sent(number, customer):
    typed = a_message("Pode vir!", key_id="3EB0F0", from_me=True, push_name="Você")

    message = receive(number, typed, now=real_now())

    assert message is not None
    assert (message.direction, message.state, message.customer) == (Direction.OUT, MessageState.SENT, customer)
    customer.refresh_from_db()
    assert customer.name == "Rafa"  # not "Você"


def test_a_time_in_the_future_does_not_stay_last_for_ever(number):
    now = real_now()

    message = receive(number, a_message(sent_at=now + timedelta(days=400)), now=now)

    assert message is not None
    assert message.created_at == now


@pytest.mark.parametrize("kind", [kind for kind in MessageKind if kind is not MessageKind.TEXT])
def test_every_other_kind_is_kept_with_its_caption(number, kind):
    message = receive(number, a_message("legenda", kind=kind, key_id=kind.value), now=real_now())

    assert message is not None
    assert (message.kind, message.text) == (kind.value, "legenda")


def test_a_reaction_knows_what_it_answers(number):
    reaction = a_message("👍", kind=MessageKind.REACTION, reacted_id="3EB0AA")

    message = receive(number, reaction, now=real_now())

    assert message is not None
    assert message.quoted_wa_id == "3EB0AA"


def test_a_decision_is_written_into_the_thread(number):
    message = receive(number, a_message("1"), now=real_now())
    assert message is not None

    starts_at = datetime(2026, 11, 25, 18, tzinfo=UTC)
    decide(message, decision=Decision.of_visit("confirmed", starts_at), needs_person=False, now=real_now())

    message.refresh_from_db()
    with timezone.override("America/Sao_Paulo"):
        assert words(message) == "Confirmou o horário de quarta-feira, 25/11, às 15:00."
    with timezone.override("America/Manaus"):
        assert words(message) == "Confirmou o horário de quarta-feira, 25/11, às 14:00."


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"count": 1}, "Quer outro horário: ofereci 1 horário livre."),
        ({"count": 3}, "Quer outro horário: ofereci 3 horários livres."),
    ],
)
def test_a_decision_counts_in_words(values, sentence):
    assert words(WhatsAppMessage(decision_code="other_time", decision_values=values)) == sentence


def test_a_decision_from_before_there_were_codes_is_read_as_it_was_written():
    old = WhatsAppMessage(decision="Confirmou o horário de quarta-feira, 25/11, às 15:00.")
    assert words(old) == old.decision


def test_old_decisions_that_name_no_moment_get_their_code(number):
    migration = import_module("navalha.messaging.migrations.0009_codes_of_decisions")
    said = {
        "Reagiu com 👍: nada mudou.": ("reacted", {"emoji": "👍"}),
        "Quer outro horário: ofereci 2 horários livres.": ("other_time", {"count": 2}),
        "Não ficou claro se confirma ou cancela.": ("unclear", {}),
        "Cancelou o horário de quarta-feira, 25/11, às 15:00.": ("", {}),
    }
    for at, sentence in enumerate(said):
        message = receive(number, a_message(sentence, key_id=f"OLD{at}"), now=real_now())
        number.shop.messages.filter(pk=message.pk).update(decision=sentence)

    migration.tell(apps, None)

    for message in number.shop.messages.all():
        code, values = said[message.text]
        assert (message.decision_code, message.decision_values) == (code, values)
        assert words(message) == message.text


PICTURE = {"kind": MessageKind.IMAGE, "text": ""}


@pytest.mark.parametrize("kind", [MessageKind.IMAGE, MessageKind.DOCUMENT])
def test_of_a_picture_it_is_written_down_whether_its_sender_may_have_it_processed(number, shop, owner, caplog, kind):
    blocked = receive(number, a_message("", kind=kind), now=real_now())
    allow(shop, phone="+5511988887777", name="", by=owner, now=real_now())
    allowed = receive(number, a_message("", kind=kind, key_id="3A0002"), now=real_now())

    assert (blocked.sender_allowed, allowed.sender_allowed) == (False, True)
    said = [record.msg for record in caplog.records if "número" in str(record.msg)]
    assert [line["event"] for line in said] == ["número bloqueado", "número autorizado"]
    assert all(line["who"] == "…7777" and "988887777" not in str(line) for line in said)


def test_a_picture_from_somebody_who_shows_only_a_lid_is_judged_by_the_phone_behind_it(number, shop, owner):
    allow(shop, phone="+5511988887777", name="", by=owner, now=real_now())
    receive(number, a_message(lid=LID), now=real_now())

    picture = receive(
        number, a_message(key_id="3A0002", remote_jid=LID, phone=None, lid=LID, **PICTURE), now=real_now()
    )

    assert picture.sender_allowed is True


def test_of_a_text_nothing_is_decided_about_its_sender(number):
    assert receive(number, a_message("Oi"), now=real_now()).sender_allowed is None


def test_the_thread_says_what_became_of_a_picture(number, as_owner):
    blocked = receive(number, a_message(**PICTURE), now=real_now())
    page = as_owner.get(f"/conversas/{blocked.customer_id}/").content.decode()
    assert "Número fora da lista de autorizados: fica só na conversa." in page
