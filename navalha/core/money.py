"""Money is integer cents; only pages show reais."""

from functools import lru_cache

from babel.numbers import format_currency


@lru_cache(maxsize=4096)  # a shop has few prices, and its agenda shows each a hundred times
def reais(cents: int, language: str = "pt_BR") -> str:
    """`4500` -> `R$ 45,00`, with the no-break space that keeps the sign beside the number."""
    return format_currency(cents / 100, "BRL", locale=language)
