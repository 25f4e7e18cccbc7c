"""Noting by whom a customer likes to be served."""

from datetime import datetime

from navalha.accounts.models import Shop
from navalha.customers.models import Customer

from .models import Professional
from .profiles import preferred


def prefer(shop: Shop, customer: Customer, professional: Professional | None, *, now: datetime) -> None:
    """Write it unless it is what is known already."""
    if preferred(shop, customer) != professional:
        shop.preferences.create(customer=customer, professional=professional, said_at=now)
