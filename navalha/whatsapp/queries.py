"""Every read of numbers that is not trivial."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from navalha.accounts.models import Membership, Role, Shop, User
from navalha.core.phones import phone_key

from .health import SERVER_CODES, shown
from .models import ConnectionChange, ConnectionIncident, ConnectionState, WhatsAppInstance
from .pairing import FIRST_QR_TAKES, began_at
from .uptime import DAY, MONTH, WEEK, Strip, Turn, strip

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
    return shop.numbers.filter(is_primary=True).select_related("shop").first()


def foremost(shop: Shop) -> WhatsAppInstance | None:
    """The number of which every page tells: the principal, or the oldest of a shop that has none; None without any."""
    return numbers(shop).first()


def history(number: WhatsAppInstance) -> list[ConnectionChange]:
    """The last changes of a number, newest first, with who made them; one query."""
    return list(number.changes.select_related("by")[:HISTORY_LENGTH])


def turns(shop: Shop, numbers: Sequence[WhatsAppInstance], *, since: datetime) -> dict[int, list[Turn]]:
    """What `uptime` needs of each number for the time from `since` on: the changes since, where it stood before them,
    and its first connection. Two queries, however many numbers."""
    keys = [number.pk for number in numbers]
    changes = ConnectionChange.of_shop(shop)
    before = changes.filter(instance=OuterRef("pk"), at__lt=since)
    first_up = before.filter(to_state=S.CONNECTED).order_by("at", "pk").values("at")[:1]
    last = before.order_by("-at", "-pk")
    found: dict[int, list[Turn]] = {}
    stood = shop.numbers.filter(pk__in=keys).order_by("pk")
    rows = stood.values_list(
        "pk", Subquery(first_up), Subquery(last.values("at")[:1]), Subquery(last.values("to_state")[:1])
    )
    for pk, up_at, at, state in rows:
        found[pk] = [Turn(up_at, S.CONNECTED)] if up_at else []
        found[pk] += [Turn(at, state)] if at and at != up_at else []
    inside = changes.filter(instance__in=keys, at__gte=since).order_by("at", "pk")
    for pk, at, state in inside.values_list("instance_id", "at", "to_state"):
        found[pk].append(Turn(at, state))
    return found


def day_strips(shop: Shop, numbers: Sequence[WhatsAppInstance], *, now: datetime) -> dict[int, Strip]:
    """The last 24 hours of each number, for its card; two queries."""
    return {pk: strip(DAY, known, now=now) for pk, known in turns(shop, numbers, since=now - DAY.length).items()}


def strips(number: WhatsAppInstance, *, now: datetime) -> list[Strip]:
    """The last 24 hours, 7 days and 30 days of a number; two queries."""
    known = turns(number.shop, [number], since=now - MONTH.length)[number.pk]
    return [strip(window, known, now=now) for window in (DAY, WEEK, MONTH)]


def to_tell(shop: Shop, user: User, *, now: datetime) -> list[ConnectionIncident]:
    """The drops that `user` should see on every page: those that last, then the returns of the last hours; a server
    takes several numbers at once and is shown once. That a number is back is no news while it is out again. One query.
    """
    rows = shop.incidents.filter(told_at__isnull=False).filter(Q(ended_at=None) | Q(ended_at__gt=now - RETURN_SHOWN))
    rows = rows.exclude(
        Exists(
            ConnectionIncident.dismissed_by.through.objects.filter(
                connectionincident_id=OuterRef("pk"), user_id=user.pk
            )
        )
    )
    out_again = shop.incidents.filter(
        instance=OuterRef("instance"), told_at__isnull=False, returned_at=None, ended_at=None
    )
    rows = rows.exclude(Q(returned_at__isnull=False) & Exists(out_again)).select_related("instance")
    found: dict[tuple[object, ...], ConnectionIncident] = {}
    for incident in rows.order_by(F("returned_at").desc(nulls_first=True), "-told_at", "-pk"):
        found.setdefault(_group(incident), incident)
    return list(found.values())[:MOST_SHOWN]


def _group(incident: ConnectionIncident) -> tuple[object, ...]:
    by_server = incident.code in SERVER_CODES
    return ("server", incident.instance.server_id) if by_server else ("number", incident.instance_id)


def recent_incidents(shop: Shop) -> list[ConnectionIncident]:
    """The drops that were told, newest first, with how (`told.ways`); three queries."""
    told = shop.incidents.filter(told_at__isnull=False).select_related("instance")
    return list(told.prefetch_related("alerts__changes")[:RECENT])


def own_phones(shop: Shop) -> set[str]:
    """The phones of the shop's numbers (`core.phones.phone_key`); one query."""
    return {phone_key(number) for number in numbers(shop).values_list("number", flat=True) if number}


def alert_phone(shop: Shop, member: Membership) -> str:
    """Where the member is told of drops over WhatsApp, E.164; empty for not at all."""
    said = shop.alert_preferences.filter(user_id=member.user_id).first()
    return said.phone if said else ""


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
