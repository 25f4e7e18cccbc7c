"""What is said when the product starts with a list of allowed numbers in which somebody mistyped."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning

from navalha.core.phones import masked

from .allowed import name_of


def allowed_numbers_are_numbers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """One warning for each entry of ALLOWED_PHONE_NUMBERS that names nobody. The entry itself is not repeated."""
    return [
        Warning(
            f"ALLOWED_PHONE_NUMBERS: entry {place} ({masked(entry)}) is no phone number and allows nobody.",
            hint="Write 558399330465@s.whatsapp.net or a phone with country and area code, separated by commas.",
            id="customers.W001",
        )
        for place, entry in enumerate(settings.ALLOWED_PHONE_NUMBERS, start=1)
        if name_of(entry) is None
    ]
