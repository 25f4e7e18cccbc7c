"""What the shell of every page shows."""

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """The shop at whose pages the person is (set by `@shop_view`), or None."""
    return {"shop": getattr(request, "shop", None), "membership": getattr(request, "membership", None)}
