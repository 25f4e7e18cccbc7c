"""Whatever colour a shop takes, words stay readable and controls visible."""

import re

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from navalha.core import tones

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(COLOURS, st.sampled_from(list(tones.THEMES)))
def test_every_colour_keeps_its_contrast_in_both_themes(colour, name):
    found, theme = tones.tones(colour, name), tones.THEMES[name]

    for surface in theme.surfaces:
        assert tones.contrast(found.fill, surface) >= tones.CONTROLS
        assert tones.contrast(found.text, surface) >= tones.WORDS
    for words, ground in (
        (found.on, found.fill),
        (found.on, found.hover),
        (found.text, found.soft),
        (theme.text, found.soft),
    ):
        assert tones.contrast(words, ground) >= tones.WORDS


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#ff0000", "#ffffff", 4.0), ("#123456", "#123456", 1)],
)
def test_the_ratio_is_the_one_that_others_compute(one, other, ratio):
    """As the contrast checkers of the web say, to two places."""
    assert tones.contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert tones.contrast(other, one) == tones.contrast(one, other)


def test_a_colour_that_stands_out_is_left_alone_and_another_is_said_to_change():
    assert tones.tones("#b0261e", "light").fill == "#b0261e"
    assert set(tones.changed("#b0261e")) == {"dark"}
    assert set(tones.changed("#ffee58")) == {"light"}
    assert tones.contrast(tones.tones("#000000", "dark").fill, "#182334") >= tones.CONTROLS


@pytest.mark.parametrize(
    ("typed", "read"), [("#B0261E", "#b0261e"), (" b0261e ", "#b0261e"), ("#b02", ""), ("red", ""), ("", "")]
)
def test_a_colour_is_six_digits(typed, read):
    assert tones.read(typed) == read


def test_the_surfaces_are_those_of_the_product():
    css = (settings.BASE_DIR / "navalha/static/css/tokens.css").read_text()
    for name, theme in tones.THEMES.items():
        rules = re.search(rf'\[data-bs-theme="{name}"\] {{(.*?)}}', css, re.S)[1]
        said = [re.search(rf"--{one}: (#\w+);", rules)[1] for one in ("paper", "surface", "sunken", "text")]
        assert said == [*theme.surfaces, theme.text]


def test_the_stylesheet_names_only_colours():
    css = tones.stylesheet("#b0261e")

    assert "--brass:#b0261e" in css
    assert re.findall(r"[^\w\s#.,:;{}()\[\]\"=-]", css) == []
