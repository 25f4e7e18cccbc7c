"""What owners type: money, clock times, stretches of a day."""

import re
from collections.abc import Iterable, Sequence
from datetime import time
from itertools import pairwise
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from navalha.scheduling.slots import Wall

MOST_CENTS = 1_000_000_00
AMOUNT = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d+)(?:[.,](\d{1,2}))?")
CLOCK = re.compile(r"([01]?\d|2[0-4])(?:[:hH.]?([0-5]\d)?)?(?:min|m)?")
LATEST_NIGHT = time(6)  # hours that end later on the next morning are a slip of the finger


class MoneyField(forms.CharField):
    """An amount in reais as people write it; cleaned to cents. `45`, `45,00`, `R$ 1.045,50`, `45.5`."""

    default_error_messages = {"money": gettext_lazy("Escreva o valor em reais, assim: 45,00.")}

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "data-behaviour": "money-mask"})
        super().__init__(max_length=20, widget=widget, **kwargs)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value).replace("R$", "").replace("\u00a0", "").replace(" ", "")
        if not text:
            return None
        found = AMOUNT.fullmatch(text)
        cents = int(found[1].replace(".", "")) * 100 + int((found[2] or "0").ljust(2, "0")) if found else MOST_CENTS + 1
        if cents > MOST_CENTS:
            raise forms.ValidationError(self.error_messages["money"], code="money")
        return cents


def shown_money(cents: int | None) -> str:
    """`4500` -> `45,00`, as the field shows it."""
    return "" if cents is None else f"{cents // 100},{cents % 100:02}"


def shown_clock(at: time) -> str:
    return f"{at:%H:%M}"


def clock(text: str) -> time | None:
    """`9`, `9h`, `09:00`, `9h30`, `930`, `24:00` -> the time; None for what is none."""
    digits = text.strip()
    if re.fullmatch(r"\d{3,4}", digits):
        digits = f"{digits[:-2]}:{digits[-2:]}"
    found = CLOCK.fullmatch(digits)
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if hour == 24:
        return time(0) if minute == 0 else None
    return time(hour, minute)


class BadStretches(Exception):
    """`str()` is the sentence that says what is wrong with a day's stretches."""


def walls(typed: Iterable[tuple[str, str]]) -> list[Wall]:
    """The stretches of one day from what was typed in pairs; empty pairs count for nothing. Raises BadStretches."""
    found = [_wall(starts, ends) for starts, ends in typed if starts.strip() or ends.strip()]
    found.sort()
    _check_apart(found)
    return found


def _wall(starts: str, ends: str) -> Wall:
    if not starts.strip() or not ends.strip():
        raise BadStretches(_("Diga o começo e o fim de cada período, ou deixe os dois vazios."))
    pair = clock(starts), clock(ends)
    if pair[0] is None or pair[1] is None:
        raise BadStretches(_("Escreva as horas assim: 09:00."))
    if pair[0] == pair[1] or (pair[1] < pair[0] and pair[1] > LATEST_NIGHT):
        raise BadStretches(_("O período das %(from)s termina antes de começar.") % {"from": shown_clock(pair[0])})
    return pair[0], pair[1]


def _check_apart(found: Sequence[Wall]) -> None:
    for one, other in pairwise(found):
        if one[1] <= one[0] or other[0] < one[1]:
            raise BadStretches(
                _("Os períodos das %(one)s e das %(other)s se sobrepõem.")
                % {"one": shown_clock(one[0]), "other": shown_clock(other[0])}
            )
