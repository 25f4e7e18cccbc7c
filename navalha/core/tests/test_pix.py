"""Pix keys as people type them."""

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st
from validate_docbr import CNPJ, CPF

from navalha.core import pix
from navalha.core.errors import Refused
from navalha.core.pix import KeyKind


@pytest.mark.parametrize(
    ("kind", "typed", "key"),
    [
        (KeyKind.CPF, " 529.982.247-25 ", "52998224725"),
        (KeyKind.CNPJ, "11.222.333/0001-81", "11222333000181"),
        (KeyKind.CNPJ, "12.abc.345/01de-35", "12ABC34501DE35"),  # the example of Receita Federal
        (KeyKind.PHONE, "(11) 99999-0001", "+5511999990001"),
        (KeyKind.PHONE, "+55 11 99999 0001", "+5511999990001"),
        (KeyKind.EMAIL, "Ze@Barbearia.Example", "ze@barbearia.example"),
        (KeyKind.RANDOM, "123E4567-E12B-12D1-A456-426655440000", "123e4567-e12b-12d1-a456-426655440000"),
        (KeyKind.RANDOM, "123e4567e12b12d1a456426655440000", "123e4567-e12b-12d1-a456-426655440000"),
    ],
)
def test_a_key_becomes_the_form_that_banks_know(kind, typed, key):
    assert pix.key_of(kind, typed) == key


@pytest.mark.parametrize(
    ("kind", "typed", "says"),
    [
        (KeyKind.CPF, "529.982.247-26", "não existe"),
        (KeyKind.CPF, "111.111.111-11", "não existe"),
        (KeyKind.CPF, "5299822472", "11 números"),
        (KeyKind.CPF, "ze@barbearia.example", "parece um e-mail"),
        (KeyKind.CNPJ, "11.222.333/0001-82", "não existe"),
        (KeyKind.CNPJ, "12.ABC.345/01DE-36", "não existe"),
        (KeyKind.CNPJ, "12ABC34501DEAB", "14 letras ou números"),
        (KeyKind.PHONE, "99999", "DDD"),
        (KeyKind.PHONE, "+1 415 555 2671", "DDD"),
        (KeyKind.EMAIL, "ze@", "não parece completo"),
        (KeyKind.EMAIL, f"{'z' * 60}@barbearia-do-ze.example", "77 letras"),
        (KeyKind.RANDOM, "123e4567", "chave aleatória"),
        (KeyKind.RANDOM, "", "Escreva a chave"),
        (KeyKind.RANDOM, "1" * 200, "longa demais"),
    ],
)
def test_a_wrong_key_is_refused_with_a_sentence_that_says_where_to_look(kind, typed, says):
    with override("pt-br"), pytest.raises(Refused, match=says):
        pix.key_of(kind, typed)


@given(st.booleans(), st.booleans())
def test_every_document_there_is_counts_with_and_without_marks(marks, letters):
    assert len(pix.key_of(KeyKind.CPF, CPF().generate(mask=marks))) == 11
    assert len(pix.key_of(KeyKind.CNPJ, CNPJ().generate(mask=marks, digits_only=not letters))) == 14


@given(st.sampled_from(KeyKind), st.text())
def test_anything_typed_is_a_key_or_a_sentence(kind, typed):
    try:
        key = pix.key_of(kind, typed)
    except Refused:
        return
    assert key.isascii()
    assert pix.key_of(kind, key) == key


def test_a_masked_key_cannot_be_paid_to():
    assert pix.masked("52998224725") == "52…25"
    assert pix.masked("a@b.co") == "…"
