"""What the shell of every page shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone


def shell(request: HttpRequest) -> dict[str, Any]:
    """The shop at whose pages the person is and their other shops, and whether they are an operator inside it (all
    set by `@shop_view`); how to reach support; and the time.

    `is_operators` (set by the console's `@operator_view`) says that the page is about all shops.

    A view's own `now` wins over this one, as every name of a view does.
    """
    return {
        "is_operators": getattr(request, "is_operators", False),
        "shop": getattr(request, "shop", None),
        "membership": getattr(request, "membership", None),
        "memberships": getattr(request, "memberships", []),
        "acting": getattr(request, "acting", None),
        "support_contact": settings.SUPPORT_CONTACT,
        "now": timezone.now(),
    }
