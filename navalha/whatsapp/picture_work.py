"""Fetching the photos of numbers that have just connected: once for each connection, and never again."""

from datetime import datetime

import structlog
from django.db.models import Q

from . import pictures
from .models import WhatsAppInstance

log = structlog.get_logger(__name__)

AT_ONCE = 20


def fetch_picture(instance_id: int, now: datetime) -> None:
    """The photo of one number, when it is due."""
    _fetch_due(Q(pk=instance_id), now)


def fetch_pictures(now: datetime) -> int:
    """The photos whose wake-up was lost; how many were due."""
    return _fetch_due(Q(), now)


def _fetch_due(which: Q, now: datetime) -> int:
    rows = WhatsAppInstance.across_shops.filter(which, picture_due_at__lte=now, server__isnull=False)
    due = list(rows.select_related("server", "shop").order_by("picture_due_at", "pk")[:AT_ONCE])
    for number in due:
        pictures.keep(number, _fetch(number), now=now)
    return len(due)


def _fetch(number: WhatsAppInstance) -> tuple[bytes, pictures.Kind] | None:
    server_url = number.server.url if number.server else ""
    try:
        return pictures.fetch(number.profile_picture_url, server_url=server_url)
    except pictures.NoPicture as reason:
        log.info("no_profile_picture", shop=number.shop_id, number=number.pk, reason=str(reason))
        return None
