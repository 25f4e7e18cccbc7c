"""Evolution 2.4 refuses everything with 503 LICENSE_REQUIRED until it is activated: said as such, never as "down"."""

from datetime import timedelta

import pytest

from navalha.whatsapp import actions, work
from navalha.whatsapp.causes import trouble_of
from navalha.whatsapp.models import ConnectionState as S

pytestmark = pytest.mark.django_db


def test_a_pairing_on_a_server_without_a_licence_tells_the_owner_to_call_support(number, ear, simulator, now):
    simulator.switch(server_mode="licence")

    number = actions.start_pairing(number, now=now)

    cause = trouble_of(number)
    assert (number.state, number.error_code) == (S.ERROR, "server_licence")
    assert cause is not None
    assert str(cause.happened) == "O servidor do WhatsApp está parado: falta ativar a licença dele."
    assert str(cause.next_step).startswith("Fale com o suporte")


def test_a_connected_number_whose_server_lost_its_licence_says_so_and_comes_back(paired, simulator, now):
    simulator.switch(server_mode="licence")
    for minutes in (0, 1, 2):
        work.check_connections(now + timedelta(minutes=minutes))

    paired.refresh_from_db()
    assert (paired.state, paired.error_code) == (S.UNSTABLE, "server_licence")
    simulator.switch(server_mode="up")
    work.check_connections(now + timedelta(minutes=3))
    paired.refresh_from_db()
    assert paired.state == S.CONNECTED
