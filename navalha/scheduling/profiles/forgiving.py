"""Letting a customer book alone again whom the shop's limit on misses leaves to the shop, and taking that back."""

from datetime import datetime

import structlog
from django.db import transaction

from navalha.accounts.models import Shop, User
from navalha.customers import history
from navalha.customers.models import Customer, CustomerAct
from navalha.live import topics
from navalha.live.publish import publish

log = structlog.get_logger(__name__)


@transaction.atomic
def forgive(shop: Shop, customer: Customer, until: datetime | None, *, by: User, now: datetime) -> None:
    """What the customer missed up to `until` does not count toward the limit; None: all of it counts again."""
    if customer.misses_forgiven_at == until:
        return
    is_more = until is not None and (customer.misses_forgiven_at is None or until > customer.misses_forgiven_at)
    customer.misses_forgiven_at = until
    customer.save(update_fields=["misses_forgiven_at"])
    act = CustomerAct.FORGIVEN if is_more else CustomerAct.UNFORGIVEN
    history.change(customer, act, {}, by=by, now=now).save()
    publish(shop.pk, topics.CUSTOMERS)
    log.info("misses forgiven", customer=customer.pk, shop=shop.pk, by=by.pk, more=is_more)
