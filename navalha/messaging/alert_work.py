"""What tells of drops over WhatsApp unasked. May be called at any time, by any number of workers."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from navalha.core.claims import claim
from navalha.whatsapp.alerts import AT_ONCE
from navalha.whatsapp.models import Alert, AlertState, AlertWay

from . import drops


def tell_drops(now: datetime) -> None:
    """Hand over what is due, and follow what was handed over until it is out."""
    rows = Alert.across_shops.filter(way=AlertWay.WHATSAPP)
    with transaction.atomic():
        for alert in _claimed(rows.filter(state=AlertState.SENDING)):
            drops.follow(alert, now)
            alert.due_at = now  # the longest unseen is looked at first
            alert.save(update_fields=["due_at"])
    with transaction.atomic():
        for alert in _claimed(rows.filter(state=AlertState.QUEUED, due_at__lte=now)):
            drops.hand_over(alert, now)


def _claimed(rows: "QuerySet[Alert]") -> list[Alert]:
    return claim(rows.select_related("shop", "incident__instance").order_by("due_at", "pk"), limit=AT_ONCE)
