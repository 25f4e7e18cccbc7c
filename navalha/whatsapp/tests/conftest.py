"""What the stories of a connection need: an ear for webhooks, and a number that nobody has paired yet."""

from collections.abc import Iterator

import pytest

from navalha.whatsapp import actions
from navalha.whatsapp.models import WhatsAppInstance

from .ear import Ear, listening


@pytest.fixture
def ear(settings, simulator) -> Iterator[Ear]:
    """Webhooks of the simulator arrive here."""
    with listening() as ear:
        settings.WEBHOOK_BASE_URL = ear.url
        yield ear


@pytest.fixture
def rotating(simulator) -> None:
    """A code that nobody reads is followed by the next after 1.5 s. To be used before the pairing begins."""
    simulator.switch(qr_rotation=75)


@pytest.fixture
def number(shop, server, now) -> WhatsAppInstance:
    """A number just added: nobody has asked for a QR yet."""
    return actions.add_number(shop, name="Recepção", now=now)


@pytest.fixture
def paired(number, ear, simulator, now) -> WhatsAppInstance:
    """A number that was connected by QR."""
    return pair(number, ear, simulator, now)


def pair(number, ear, simulator, now, *, phone="5511999990001", profile="Barbearia do Zé") -> WhatsAppInstance:
    """Gerar QR, read it on the phone, and hear about it."""
    number = actions.start_pairing(number, now=now)
    ear.then("qrcode.updated", now)
    simulator.scan(number.remote_name, number=phone, profileName=profile)
    ear.then("connection.update", now, state="open")
    number.refresh_from_db()
    return number
