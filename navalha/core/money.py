"""Money is integer cents; only pages show reais."""

from babel.numbers import format_currency


def reais(cents: int, language: str = "pt_BR") -> str:
    """`4500` -> `R$ 45,00`, with the no-break space that keeps the sign beside the number."""
    return format_currency(cents / 100, "BRL", locale=language)
