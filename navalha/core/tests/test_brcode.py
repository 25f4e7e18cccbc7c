"""The Pix BR Code, held to what the Central Bank and EMVCo print in their manuals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navalha.core import brcode
from navalha.core.brcode import BadCode, StaticCode

# Banco Central do Brasil, "Manual de Padrões para Iniciação do Pix": the example of a static code.
OF_THE_MANUAL = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR"
    "5913Fulano de Tal6008BRASILIA62070503***63041D3D"
)
# Banco Central do Brasil, "Manual do BR Code": the example with an amount, a txid and a second arrangement.
OF_THE_BR_CODE = (
    "00020104141234567890123426660014BR.GOV.BCB.PIX014466756C616E6F32303139406578616D706C652E636F6D27300012BR.COM.OUTRO"
    "011001234567895204000053039865406123.455802BR5915NOMEDORECEBEDOR6008BRASILIA61087007490062530515RP12345678-2019"
    "50300017BR.GOV.BCB.BRCODE01051.0.080450014BR.GOV.BCB.PIX0123PADRAO.URL.PIX/0123ABCD81390012BR.COM.OUTRO0119"
    "0123.ABCD.3456.WXYZ6304EB76"
)
# The same bank's "Anexo I: Padrões para Iniciação do Pix" of 2020, when the arrangement had another name.
OF_THE_ANNEX = (
    "00020101021126440014br.gov.bcb.spi0122fulano2019@example.com5204000053039865802BR5913FULANO DE TAL"
    "6008BRASILIA6304DFE3"
)
# EMVCo, "QR Code Specification for Payment Systems: Merchant-Presented Mode", annex A: not Pix, and not ASCII.
OF_EMVCO = (
    "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT"
    "6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME"
    "91320016A0112233449988770708123456786304A13A"
)
words = st.text(min_size=1).map(lambda text: brcode.plain(text, 25)).filter(bool)
codes = st.builds(
    StaticCode,
    key=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=77),
    name=words,
    city=words.map(lambda text: text[:15].strip()),
    amount_cents=st.none() | st.integers(1, brcode.HIGHEST_CENTS),
    txid=st.just("***") | st.from_regex(brcode.TXID, fullmatch=True).map(str),
)


def test_the_example_of_the_manual_is_what_we_write():
    code = StaticCode("123e4567-e12b-12d1-a456-426655440000", "Fulano de Tal", "BRASILIA")

    assert brcode.payload(code) == OF_THE_MANUAL
    assert brcode.parse(OF_THE_MANUAL) == code


@pytest.mark.parametrize(
    "text",
    [OF_THE_MANUAL, OF_THE_BR_CODE, OF_THE_ANNEX, OF_EMVCO],
    ids=["manual", "br", "annex", "emv"],
)
def test_the_crc_of_every_published_example_fits_and_no_other_does(text):
    assert brcode.crc(text[:-4]) == text[-4:]
    assert brcode.read(text)["63"] == text[-4:]
    with pytest.raises(BadCode, match="CRC"):
        brcode.read(text.replace("6008BRASILIA", "6008BRASILIO").replace("BEIJING", "BEIJINH"))


def test_crc_16_ccitt_false_has_its_usual_check_value():
    assert brcode.crc("123456789") == "29B1"


def test_amount_and_txid_are_read_where_the_manuals_put_them():
    printed = brcode.parse(OF_THE_BR_CODE)
    assert (printed.amount_cents, printed.txid) == (123_45, "RP12345678-2019")
    assert (printed.name, printed.city) == ("NOMEDORECEBEDOR", "BRASILIA")


def test_another_arrangement_than_pix_is_no_code_of_ours():
    for text in (OF_THE_ANNEX, OF_EMVCO):
        with pytest.raises(BadCode, match="no Pix key"):
            brcode.parse(text)


def test_the_amount_is_written_with_a_point_and_two_places():
    code = StaticCode("a@b.example", "ZE", "RECIFE", amount_cents=150_05, txid="NAV1")

    assert "5406150.05" in brcode.payload(code)
    assert "62080504NAV1" in brcode.payload(code)


@given(codes)
def test_what_is_written_is_read_back(code):
    text = brcode.payload(code)

    assert brcode.parse(text) == code
    assert text.isascii()


@given(codes, st.data())
def test_one_wrong_character_is_found(code, data):
    text = brcode.payload(code)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(min_codepoint=32, max_codepoint=126).filter(lambda one: one != text[at]))
    changed = text[:at] + other + text[at + 1 :]
    if changed[:-4] == text[:-4] and changed.upper() == text.upper():
        return  # the CRC in small letters is the same CRC

    with pytest.raises(BadCode):
        brcode.parse(changed)


@given(st.text())
def test_any_text_is_read_or_refused_and_nothing_else(text):
    for tried in (text, text + "6304" + brcode.crc(text + "6304")):
        try:
            brcode.parse(tried)
        except BadCode:
            continue


@given(st.text())
def test_names_are_made_of_what_every_bank_reads(text):
    name = brcode.plain(text, 25)

    assert len(name) <= 25
    assert all(brcode.ALLOWED.fullmatch(letter) for letter in name)
    assert brcode.plain(name, 25) == name


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("Barbearia do Zé", "BARBEARIA DO ZE"),
        ("João & Filhos — Cabelo/Barba Ltda.", "JOAO E FILHOS CABELO/BARB"),
        ("São José dos Campos", "SAO JOSE DOS CA"),
        ("Santa Bárbara d'Oeste", "SANTA BARBARA D"),
        ("💈", ""),
    ],
)
def test_accents_go_and_what_is_too_long_is_cut(typed, written):
    assert brcode.plain(typed, 25 if "&" in typed else 15) == written


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "A" * 26},
        {"city": "Brasília"},
        {"key": "k" * 78},
        {"txid": "com espaço"},
        {"txid": "X" * 26},
        {"amount_cents": 0},
    ],
)
def test_what_a_field_cannot_hold_is_never_written(wrong):
    with pytest.raises(ValueError, match=r"field|txid|amount"):
        brcode.payload(StaticCode(**{"key": "k", "name": "ZE", "city": "RECIFE", **wrong}))
