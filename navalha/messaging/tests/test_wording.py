"""The default texts: complete, checked, and of no use to somebody who wants to write through a shop's number."""

import re

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


@pytest.mark.parametrize(
    ("shop", "said"),
    [
        ("Barbearia do Zé", "na *Barbearia do Zé*"),
        ("Navalha de Ouro", "na *Navalha de Ouro*"),
        ("Studio Bela", "no *Studio Bela*"),
        ("ESTÚDIO 27", "no *ESTÚDIO 27*"),
        ("Salão da Lu", "no *Salão da Lu*"),
        ("O Barbeiro", "no *O Barbeiro*"),
    ],
)
def test_a_shop_is_named_as_its_customers_would_say_it(shop, said):
    context = dict.fromkeys(variables("booked"), "na *x*") | {"name": "Rafa", "shop": shop}

    text = render("booked", context)

    assert text.startswith(f"Olá, Rafa! Seu horário {said} está reservado.")
    assert text.count("na *x*") == len(variables("booked") - {"name", "shop"})  # what others wrote stays as it is


@pytest.mark.parametrize("key", sorted(key for key in TEXTS if "shop" in variables(key)))
def test_no_text_has_the_other_article_before_a_masculine_name(key):
    text = render(key, dict.fromkeys(variables(key), "x") | {"shop": "Studio Bela"})

    assert not re.search(r"\b(na|da|à|a|A|pela) \*Studio", text)
