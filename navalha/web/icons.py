"""Drawings of bootstrap-icons, inline: a page carries the dozen it shows instead of a 130 kB font."""

import re
from functools import cache
from pathlib import Path

SPRITE = Path(__file__).parent / "vendor" / "bootstrap-icons.svg"
SYMBOL = re.compile(r'<symbol class="[^"]*" viewBox="([^"]+)" id="([^"]+)">(.*?)</symbol>', re.DOTALL)


class UnknownIcon(Exception):
    """A template names an icon that bootstrap-icons does not have."""


@cache
def _drawings() -> dict[str, tuple[str, str]]:
    """name -> (viewBox, paths) of the whole sprite, read once for each process."""
    found = SYMBOL.finditer(SPRITE.read_text())
    return {name: (box, paths) for box, name, paths in (match.groups() for match in found)}


@cache
def svg(name: str, css: str = "") -> str:
    """The `<svg>` of one icon, hidden from screen readers: words stand beside it. Raises `UnknownIcon`."""
    try:
        box, paths = _drawings()[name]
    except KeyError:
        raise UnknownIcon(name) from None
    classes = f"icon {css}".strip()
    return (
        f'<svg class="{classes}" width="16" height="16" viewBox="{box}" fill="currentColor"'
        f' aria-hidden="true" focusable="false">{paths}</svg>'
    )


@cache
def symbol(name: str) -> str:
    """The drawing as a `<symbol>` that `use` repeats: for a page that shows the same few icons hundreds of times."""
    try:
        box, paths = _drawings()[name]
    except KeyError:
        raise UnknownIcon(name) from None
    return f'<symbol id="i-{name}" viewBox="{box}">{paths}</symbol>'


def use(name: str) -> str:
    """The icon `name` where its `symbol` stands in the page; hidden from screen readers."""
    look = 'class="icon" width="16" height="16" fill="currentColor" aria-hidden="true"'
    return f'<svg {look}><use href="#i-{name}"></use></svg>'
