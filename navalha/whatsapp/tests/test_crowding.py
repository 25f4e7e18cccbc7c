"""At most so many pairings at once for one server."""

from datetime import timedelta

import pytest
from django.utils import timezone

from navalha.whatsapp import actions
from navalha.whatsapp.crowding import TooManyPairings
from navalha.whatsapp.models import ConnectionState as S

from .test_races import at_once
from .test_scripts import AS_HTMX


@pytest.fixture
def two(settings, number, other_shop, now):
    """Two numbers, and a server that takes one pairing."""
    settings.PAIRINGS_AT_ONCE = 1
    return number, actions.add_number(other_shop, name="Recepção", now=now)


@pytest.mark.django_db
def test_one_more_is_told_when_to_try_again_and_then_gets_its_code(two, ear, simulator, now):
    first, second = two
    actions.start_pairing(first, now=now)

    with pytest.raises(TooManyPairings, match="até 5 minutos") as refusal:
        actions.start_pairing(second, now=now)

    assert refusal.value.seconds == 300
    assert len(simulator.state()["instances"]) == 1
    actions.cancel_pairing(first, now=now)
    assert actions.start_pairing(second, now=now).state == S.AWAITING_QR


@pytest.mark.django_db
def test_who_has_a_place_keeps_it_for_another_try(two, ear, now):
    first, _second = two
    actions.start_pairing(first, now=now)

    assert actions.start_pairing(first, now=now + timedelta(seconds=70)).state == S.AWAITING_QR


@pytest.mark.django_db
def test_the_window_and_a_script_say_it_with_a_time(client, stranger, two, ear):
    first, second = two
    actions.start_pairing(first, now=timezone.now())
    client.force_login(stranger)

    script = client.post(f"/whatsapp/{second.pk}/gerar-qrcode/")
    window = client.post(f"/whatsapp/{second.pk}/gerar-qrcode/", **AS_HTMX)

    assert (script.status_code, window.status_code) == (429, 429)
    assert 290 <= int(script["Retry-After"]) <= 300
    assert "Outras barbearias estão conectando agora." in script.json()["error"]
    assert "Tentar de novo" in window.content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_that_come_at_once_do_not_take_the_same_last_place(two, ear, simulator, now):
    first, second = two

    results = at_once(lambda: actions.start_pairing(first, now=now), lambda: actions.start_pairing(second, now=now))

    assert [isinstance(result, TooManyPairings) for result in results].count(True) == 1
    assert len(simulator.state()["instances"]) == 1
