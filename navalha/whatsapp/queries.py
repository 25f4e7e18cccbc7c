"""Every read of numbers that is not trivial."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from django.db.models import Exists, OuterRef, Q, QuerySet

from navalha.accounts.models import Membership, Role, Shop, User

from .health import SERVER_CODES, shown
from .models import ConnectionChange, ConnectionIncident, ConnectionState, WhatsAppInstance
from .pairing import FIRST_QR_TAKES, began_at

S = ConnectionState
HISTORY_LENGTH = 50
RETURN_SHOWN = timedelta(hours=6)  # that it is back is news for a morning
MOST_SHOWN = 3
RECENT = 20


def numbers(shop: Shop) -> QuerySet[WhatsAppInstance]:
    """The shop's numbers, the principal first; what was removed is history."""
    return shop.numbers.exclude(state=S.REMOVED).order_by("-is_primary", "created_at", "pk")


def cards(shop: Shop) -> list[WhatsAppInstance]:
    """The numbers as the dashboard shows them; one query."""
    return list(numbers(shop).defer("webhook_secret_hash"))


def principal(shop: Shop) -> WhatsAppInstance | None:
    """The number that messages go out from, whatever its state; None when the shop has chosen none."""
    return shop.numbers.filter(is_primary=True).first()


def history(number: WhatsAppInstance) -> list[ConnectionChange]:
    """The last changes of a number, newest first, with who made them; one query."""
    return list(number.changes.select_related("by")[:HISTORY_LENGTH])


def to_tell(shop: Shop, user: User, *, now: datetime) -> list[ConnectionIncident]:
    """The drops that `user` should see on every page: those that last, and the returns of the last hours; a server
    takes several numbers at once and is shown once. One query."""
    rows = shop.incidents.filter(told_at__isnull=False).filter(Q(ended_at=None) | Q(ended_at__gt=now - RETURN_SHOWN))
    rows = rows.exclude(
        Exists(
            ConnectionIncident.dismissed_by.through.objects.filter(
                connectionincident_id=OuterRef("pk"), user_id=user.pk
            )
        )
    )
    found = {_group(incident): incident for incident in rows.select_related("instance").order_by("told_at", "pk")}
    return list(reversed(found.values()))[:MOST_SHOWN]


def _group(incident: ConnectionIncident) -> tuple[object, ...]:
    if incident.code not in SERVER_CODES:
        return (incident.pk,)
    return ("server", incident.instance.server_id, incident.returned_at is None)


def recent_incidents(shop: Shop) -> list[ConnectionIncident]:
    """The drops that were told, newest first; one query."""
    return list(shop.incidents.filter(told_at__isnull=False).select_related("instance")[:RECENT])


def wants_mails(shop: Shop, member: Membership) -> bool:
    """Whether the member gets mails about drops; who never said so: owners do."""
    said = shop.alert_preferences.filter(user_id=member.user_id).first()
    return said.by_email if said else member.role == Role.OWNER


def hears_nothing(number: WhatsAppInstance, *, now: datetime) -> bool:
    """A code came when we asked, and not one report since: the server cannot reach us (WEBHOOK_BASE_URL is wrong).

    Said while somebody looks at the QR, because reading it would look like failing.
    """
    if not (number.is_pairing_at(now) and number.qr_code) or now - began_at(number) < FIRST_QR_TAKES:
        return False
    return not number.webhook_events.filter(received_at__gte=began_at(number)).exists()


@dataclass(frozen=True, slots=True)
class Counters:
    """The five figures of the dashboard; the last four add up to the first."""

    total: int
    connected: int
    disconnected: int
    pending: int
    failing: int

    @classmethod
    def of(cls, numbers: Sequence[WhatsAppInstance], *, now: datetime) -> Self:
        """By what is shown: unstable, and a connection nobody vouches for, count as failing: they need a look."""
        keys = [shown(number, now).key for number in numbers]
        connected, disconnected = keys.count(S.CONNECTED), keys.count(S.DISCONNECTED)
        pending = sum(key in (S.CREATED, S.AWAITING_QR, S.CONNECTING) for key in keys)
        failing = len(keys) - connected - disconnected - pending
        return cls(len(keys), connected, disconnected, pending, failing)
