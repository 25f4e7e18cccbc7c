"""Phone numbers: what a person types, what we store (E.164 with plus), and what WhatsApp calls the same person.

Brazil added a ninth digit to mobiles (2012 to 2016). WhatsApp keeps accounts made before that without it, so one
person may come as 5531 8888-7777 and as 5531 98888-7777. `phone_key` is the form in which the two are equal.
"""

import re
from functools import lru_cache

import phonenumbers

# Only numbers that existed before the ninth digit have the short form: they began with 6 to 9. 11 93333-4444 is a
# newer mobile, and 11 3333-4444 is somebody's landline.
WITH_NINTH = re.compile(r"^(55[1-9][1-9])9([6-9]\d{7})$")
WITHOUT_NINTH = re.compile(r"^(55[1-9][1-9])([6-9]\d{7})$")


def digits(text: str) -> str:
    """Only the digits 0-9 of `text`."""
    return re.sub(r"[^0-9]", "", text)


@lru_cache(maxsize=4096)  # the same people write again and again, and the library takes its time
def to_e164(text: str, *, region: str = "BR") -> str | None:
    """`(11) 99999-0001`, `011 99999 0001`, `+55 11 9...` -> `+5511999990001`; None when it is no phone number.

    A Brazilian mobile that was typed without its ninth digit gets it.
    """
    if len(text) > 40:
        return None
    for candidate in (text, f"+{digits(text)}"):
        parsed = _parsed(candidate, region)
        if parsed is not None:
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return None


def _parsed(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if number.country_code == 55:
        with_ninth = WITHOUT_NINTH.sub(r"\g<1>9\2", f"55{number.national_number}")
        number = phonenumbers.parse(f"+{with_ninth}")
    return number if phonenumbers.is_valid_number(number) else None


def phone_key(phone: str) -> str:
    """The form in which the old and the new name of one phone are equal: digits, without the ninth."""
    return WITH_NINTH.sub(r"\1\2", digits(phone))


def display(phone: str) -> str:
    """`+5511999990001` -> `+55 11 99999-0001`."""
    try:
        parsed = phonenumbers.parse(phone if phone.startswith("+") else f"+{phone}")
    except phonenumbers.NumberParseException:
        return phone
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def masked(phone: str) -> str:
    """For logs: the last four digits at most."""
    known = digits(phone)
    return f"…{known[-4:]}" if len(known) >= 8 else "…"
