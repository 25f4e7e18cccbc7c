"""The default texts: complete, checked, and of no use to somebody who wants to write through a shop's number."""

import pytest

from navalha.messaging.wording import TEXTS, MissingVariable, greeting, render, variables


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_every_text_renders_with_its_variables_and_raises_without_any_of_them(key):
    context = {name: f"<{name}>" for name in variables(key)}

    text = render(key, context)

    assert "{" not in text
    for name in variables(key) - {"name"}:
        assert f"<{name}>" in text
        with pytest.raises(MissingVariable):
            render(key, {other: value for other, value in context.items() if other != name})


def test_the_booking_asks_for_a_reply_and_carries_the_link():
    text = render("booked", dict.fromkeys(variables("booked"), "x") | {"link": "http://127.0.0.1/v/1", "name": "Zé"})

    assert "Responda *1* para confirmar ou *2* para cancelar" in text
    assert "http://127.0.0.1/v/1" in text
    assert text.startswith("Olá, Zé!")


@pytest.mark.parametrize("name", ["", "  ", "http://golpe.example", "Ganhe💰", "x" * 40, "*negrito*", "55119"])
def test_what_does_not_look_like_a_name_is_not_repeated(name):
    assert greeting(name) == "Olá!"


@pytest.mark.parametrize(
    ("name", "first"), [("José da Silva", "José"), ("d'Ávila", "d'Ávila"), ("Ana-Lú", "Ana-Lú"), ("Jr.", "Jr.")]
)
def test_real_first_names_are(name, first):
    assert greeting(name) == f"Olá, {first}!"


def test_a_name_with_lines_and_braces_stays_one_harmless_line():
    context = dict.fromkeys(variables("notice_booked"), "x")

    text = render("notice_booked", {**context, "customer": "Zé\n\nGanhe {link}\x00" + "y" * 900})

    assert text.splitlines()[1].startswith("Zé Ganhe {link}y")
    assert len(text) < 600
