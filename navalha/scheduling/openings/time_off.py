"""Stretches in which nobody is booked: made and ended from the grid."""

from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from navalha.accounts.models import Membership, Role, Shop
from navalha.core.errors import Refused
from navalha.core.wake import wake
from navalha.live import topics
from navalha.live.publish import publish

from .. import queries
from ..models import Professional, TimeOff

log = structlog.get_logger(__name__)


@transaction.atomic
def block_time(
    shop: Shop,
    *,
    professional: Professional | None,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    now: datetime,
) -> TimeOff:
    """Keep a professional, with None the whole shop, free of new bookings. Raises Refused.

    What is booked already stays booked: it is the shop's to move or to cancel, with a message to each customer.
    """
    if ends_at <= starts_at:
        raise Refused(_("O fim deve vir depois do início."))
    if ends_at <= now:
        raise Refused(_("Este período já passou."))
    row = shop.times_off.create(professional=professional, starts_at=starts_at, ends_at=ends_at, reason=reason)
    publish(shop.pk, topics.AGENDA)
    log.info("blocked", id=row.pk, shop=shop.pk)
    return row


@transaction.atomic
def free_time(row: TimeOff) -> None:
    """End a block: its time can be booked again."""
    publish(row.shop_id, topics.AGENDA)
    wake("waitlist", shop_id=row.shop_id)
    log.info("unblocked", id=row.pk, shop=row.shop_id)
    row.delete()


def visits_within(row: TimeOff) -> int:
    """How many visits stand in the blocked time."""
    visits = row.shop.appointments.exclude(state__in=queries.FREED)
    if row.professional_id is not None:
        visits = visits.filter(professional=row.professional_id)
    return visits.filter(starts_at__lt=row.ends_at, ends_at__gt=row.starts_at).count()


def may_block(member: Membership, professional: Professional | None) -> bool:
    """A barber blocks their own time; the reception and above everybody's and the shop's."""
    own = professional is not None and professional.user_id == member.user_id
    return member.role >= Role.RECEPTION or own
