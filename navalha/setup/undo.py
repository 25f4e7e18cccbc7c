"""Taking back: the bar of the next page sends the earlier values to an ordinary address of the product."""

from collections.abc import Iterable

from django.http import HttpRequest

KEY = "undo"
Pairs = Iterable[tuple[str, str]]


def offer(request: HttpRequest, words: str, path: str, pairs: Pairs = ()) -> None:
    """Show `words` with a button "Desfazer" once; it posts `pairs` to `path`."""
    request.session[KEY] = {"words": words, "path": path, "pairs": [list(pair) for pair in pairs]}


def take(request: HttpRequest) -> dict[str, object] | None:
    """What the next page offers; only once."""
    found: dict[str, object] | None = request.session.pop(KEY, None)
    return found
