import pytest

from navalha.core import phones


@pytest.mark.parametrize(
    "typed",
    ["(11) 99999-0001", "11999990001", "+55 11 99999-0001", "5511999990001", "011 99999 0001", "11 9999-0001"],
)
def test_what_people_type_becomes_one_number(typed):
    assert phones.to_e164(typed) == "+5511999990001"


@pytest.mark.parametrize("typed", ["", "abc", "123", "99999-0001", "0" * 60, "(00) 99999-0001"])
def test_what_is_no_phone_is_none(typed):
    assert phones.to_e164(typed) is None


def test_a_foreign_number_is_kept():
    assert phones.to_e164("+351 912 345 678") == "+351912345678"


def test_the_ninth_digit_makes_no_second_person():
    assert phones.phone_key("+5531988887777") == phones.phone_key("553188887777") == "553188887777"


def test_a_new_mobile_is_not_taken_for_a_landline():
    assert phones.phone_key("+5511933334444") != phones.phone_key("+551133334444")


def test_display_is_how_brazilians_read_it():
    assert phones.display("+5511999990001") == "+55 11 99999-0001"


def test_masked_shows_four_digits_at_most():
    assert phones.masked("+5511999990001") == "…0001"
    assert phones.masked("12") == "…"
