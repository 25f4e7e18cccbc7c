"""Every write of a shop's deposit policy. What it asks of a visit is in `rules`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from navalha.accounts.models import Shop, User
from navalha.core import brcode, pix
from navalha.core.errors import Refused

from ..models import DepositPolicy, Service, WhoPays

log = structlog.get_logger(__name__)

HIGHEST_CENTS = 1_000_000  # ten thousand reais: more is a slip of the finger


@dataclass(frozen=True, slots=True)
class Terms:
    """What an owner chose. `pix_key` as `core.pix.key_of` gives it; `holder` and `city` as people write them."""

    who: str
    new_customers: bool
    missed_from: int | None
    price_from_cents: int | None
    fixed_cents: int | None
    percent: int | None
    minutes_to_pay: int
    refund_minutes: int
    key_kind: str
    pix_key: str
    holder: str
    city: str


@transaction.atomic
def save(shop: Shop, terms: Terms, services: Sequence[Service], *, by: User, now: datetime) -> DepositPolicy:
    """Keep the policy for the bookings to come; those that have a deposit keep theirs. Raises Refused."""
    if terms.who == WhoPays.SOME and not (
        terms.new_customers or terms.missed_from or terms.price_from_cents or services
    ):
        raise Refused(_("Escolha pelo menos um caso em que se paga sinal."))
    if terms.who != WhoPays.NOBODY and not terms.pix_key:
        raise Refused(_("Sem chave Pix não dá para cobrar sinal."))
    fields = {**asdict(terms), **receiver(terms.holder, terms.city)}
    policy, _is_new = shop.deposit_policies.update_or_create(shop=shop, defaults=fields)
    policy.services.set(services)
    key = pix.masked(terms.pix_key) if terms.pix_key else ""
    log.info("deposit policy saved", shop=shop.pk, who=terms.who, key=key, by=by.pk, at=now.isoformat())
    return policy


def receiver(holder: str, city: str) -> dict[str, str]:
    """Both as the code says them: capital letters without accents."""
    return {
        "holder": brcode.plain(holder, brcode.LONGEST_NAME),
        "city": brcode.plain(city, brcode.LONGEST_CITY),
    }
