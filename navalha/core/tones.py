"""One colour that a shop chose, made into the few that its page needs, so that everything stays readable.

Contrast is WCAG 2.2's: at least 4.5 to 1 for words (1.4.3), 3 to 1 for what marks a control (1.4.11). A colour that
is too pale for the light theme is darkened until it holds, one too dark for the dark theme is lightened: its tint
stays. The tones replace those of the same names in `tokens.css`, whose surfaces stand here once more (a test holds
the two to each other).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

VERSION = 1  # of this arithmetic: stands in the address of the stylesheet, which browsers keep for a year
WORDS, CONTROLS = 4.5, 3.0
SHAPE = re.compile(r"#[0-9a-f]{6}")
BLACK, WHITE, INK = (0, 0, 0), (255, 255, 255), (0x1A, 0x24, 0x36)
STEP = 0.02  # of the way to black or white

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Theme:
    """The surfaces of one theme, its words, and to which end a colour moves when it does not stand out."""

    surfaces: tuple[str, ...]  # paper, surface, sunken
    text: str
    end: Colour


THEMES = {
    "light": Theme(("#faf6ef", "#fffefb", "#f2ece1"), "#1c2635", BLACK),
    "dark": Theme(("#101927", "#182334", "#131d2c"), "#ece6d9", WHITE),
}


@dataclass(frozen=True, slots=True)
class Tones:
    """`fill` and `hover` of buttons with the words `on` them, `text` for links, `soft` behind ordinary words."""

    fill: str
    hover: str
    on: str
    text: str
    soft: str


def read(text: str) -> str:
    """`#B3261E` or `b3261e` as `#b3261e`; empty for what is no colour."""
    colour = f"#{text.strip().lower().removeprefix('#')}"
    return colour if SHAPE.fullmatch(colour) else ""


def contrast(one: str, other: str) -> float:
    """WCAG's ratio, from 1 to 21."""
    lighter, darker = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def tones(accent: str, theme: str) -> Tones:
    """The tones of `accent` (`#rrggbb`) in the theme "light" or "dark"."""
    ground = THEMES[theme]
    fill = _until(accent, ground.surfaces, CONTROLS, ground.end)
    on = max((_hex(one) for one in (WHITE, INK)), key=lambda one: contrast(one, fill))
    if contrast(on, fill) < WORDS:
        on = max((_hex(one) for one in (WHITE, BLACK)), key=lambda one: contrast(one, fill))
    hover = _mixed(fill, BLACK if on == _hex(WHITE) else WHITE, 0.12)
    soft = _soft(accent, ground)
    return Tones(fill, hover, on, _until(accent, (*ground.surfaces, soft), WORDS, ground.end), soft)


def changed(accent: str) -> Mapping[str, Tones]:
    """The themes whose buttons do not have the very colour that was chosen, with what they have instead."""
    return {name: found for name in THEMES if (found := tones(accent, name)).fill != accent}


def stylesheet(accent: str) -> str:
    """For the element `.own-look` and everything in it. One that names its own theme wins over the page's."""
    light, dark = (_rules(tones(accent, name)) for name in THEMES)
    return (
        f'.own-look,.own-look[data-bs-theme="light"]{{{light}}}\n'
        f'[data-bs-theme="dark"] .own-look:not([data-bs-theme="light"]),.own-look[data-bs-theme="dark"]{{{dark}}}\n'
    )


def _rules(found: Tones) -> str:
    names = {
        "--brass": found.fill,
        "--brass-hover": found.hover,
        "--on-brass": found.on,
        "--brass-text": found.text,
        "--brass-soft": found.soft,
        "--bs-link-color": found.text,
        "--focus": f"0 0 0 2px var(--surface),0 0 0 4px {found.text}",
    }
    return ";".join(f"{name}:{value}" for name, value in names.items())


def _soft(accent: str, ground: Theme) -> str:
    """A breath of the colour on the surface, as strong as words on it bear."""
    surface, share = ground.surfaces[1], 0.14
    while contrast(soft := _mixed(surface, _rgb(accent), share), ground.text) < WORDS + 2.5 and share > STEP:
        share -= STEP
    return soft


def _until(colour: str, surfaces: tuple[str, ...], least: float, end: Colour) -> str:
    """`colour`, moved towards `end` until it stands out from each of `surfaces`."""
    share, found = 0.0, colour
    while share < 1 and min(contrast(found, one) for one in surfaces) < least:
        share += STEP
        found = _mixed(colour, end, min(share, 1))
    return found


def _mixed(colour: str, other: Colour, share: float) -> str:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(_rgb(colour), other, strict=True))
    return _hex((red, green, blue))


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _rgb(colour: str) -> Colour:
    number = int(colour[1:], 16)
    return number >> 16, number >> 8 & 255, number & 255


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
