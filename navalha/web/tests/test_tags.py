from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation

from navalha.messaging.models import MessageState
from navalha.scheduling.models import AppointmentState
from navalha.web.badges import BADGES
from navalha.web.icons import UnknownIcon, svg
from navalha.whatsapp.models import ConnectionState

NOW = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)  # 10:00 in São Paulo


def render(source: str, **context) -> str:
    return Template("{% load navalha %}" + source).render(Context({"now": NOW, **context}))


@pytest.mark.parametrize("state", [*ConnectionState, *MessageState, *AppointmentState])
def test_every_state_has_a_badge_with_colour_icon_and_words(state):
    html = render("{% badge state %}", state=state.value)
    assert "tone-" in html
    assert "<svg" in html
    assert str(BADGES[state.value].words) in html


def test_a_badge_says_since_when():
    html = render("{% badge 'connected' since=at %}", at=NOW - timedelta(minutes=6))
    assert "Conectado" in html
    assert "há 6 min" in html


def test_words_of_a_badge_are_escaped():
    assert "<b>" not in render("{% badge 'unstable' words %}", words="<b>sem retorno")


def test_a_tick_says_its_state_and_reason_to_a_screen_reader():
    assert "Falhou: número sem WhatsApp" in render("{% tick 'failed' 'número sem WhatsApp' %}")


def test_an_icon_is_inline_and_hidden_from_screen_readers():
    html = render('{% icon "whatsapp" %}')
    assert html.startswith("<svg")
    assert 'aria-hidden="true"' in html


def test_an_unknown_icon_is_our_fault_and_says_so():
    with pytest.raises(UnknownIcon, match="navalha-de-ouro"):
        svg("navalha-de-ouro")


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=-5), "agora"),
        (timedelta(seconds=59), "agora"),
        (timedelta(minutes=3), "há 3 min"),
        (timedelta(hours=2, minutes=10), "há 2 h"),
        (timedelta(hours=19, minutes=40), "ontem às 14:20"),
        (timedelta(days=2), "22/11 às 10:00"),
        (timedelta(days=400), "20/10/2025 às 10:00"),
    ],
)
def test_how_long_ago_in_the_words_people_use(ago, words):
    assert render("{{ at|since:now }}", at=NOW - ago) == words


def test_nothing_is_shown_for_nothing():
    assert render("{{ none|since:now }}|{{ none|phone }}|{{ none|reais }}", none=None).endswith("||R$\xa00,00")


def test_phones_and_money_look_brazilian():
    assert render("{{ '+5511999990001'|phone }}") == "+55 11 99999-0001"
    assert render("{{ 123450|reais }}") == "R$\xa01.234,50"
    with translation.override("en"):
        assert render("{{ 123450|reais }}") == "R$1,234.50"
