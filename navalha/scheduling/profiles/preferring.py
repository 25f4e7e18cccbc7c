"""Noting by whom a customer likes to be served."""

from datetime import datetime

from django.db import transaction

from navalha.accounts.models import Shop, User
from navalha.customers import history
from navalha.customers.models import Customer, CustomerAct

from ..models import Professional
from .queries import preferred


@transaction.atomic
def prefer(shop: Shop, customer: Customer, professional: Professional | None, *, by: User, now: datetime) -> None:
    """Write it, and into the history of the customer, unless it is what is known already."""
    before = preferred(shop, customer)
    if before == professional:
        return
    shop.preferences.create(customer=customer, professional=professional, said_at=now)
    fields = {"professional": [str(before or ""), str(professional or "")]}
    history.change(customer, CustomerAct.EDITED, fields, by=by, now=now).save()
