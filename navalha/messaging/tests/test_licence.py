"""A server that asks for its licence has sent nothing: the message waits, and says why."""

import pytest

from navalha.messaging import work
from navalha.messaging.models import MessageState

from .helpers import connected_number, queued, real_now, states, texts_on_phone

pytestmark = pytest.mark.django_db


def test_a_message_waits_with_the_reason_while_the_server_asks_for_its_licence(simulator, shop, server, customer):
    connected_number(simulator, shop, server)
    first, second = (queued(shop, customer, words, real_now()) for words in ("Seu horário: 15h", "Até lá"))
    simulator.switch(server_mode="licence")

    assert work.send_due(shop.pk, real_now()) == 0

    first.refresh_from_db()
    assert states(first) == ["queued", "sending", "queued"]
    assert first.due_at > real_now()
    assert "por falta de licença. Fale com o suporte" in first.error_message
    second.refresh_from_db()
    assert (second.state, second.attempts) == (MessageState.QUEUED, 0)
    assert texts_on_phone(simulator) == []
