"""The operator's first page: how all numbers stand, what is sent and received, what happened last. The number of
queries depends on nothing, and no query looks at more than the last day's messages."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncHour

from navalha.accounts.models import Shop
from navalha.messaging.models import Direction, MessageState, WhatsAppMessage
from navalha.web.badges import CONNECTION, Badge
from navalha.whatsapp import health
from navalha.whatsapp.models import (
    ConnectionChange,
    ConnectionState,
    EventState,
    EvolutionServer,
    WebhookEvent,
    WhatsAppInstance,
)

from . import queries

HOUR = timedelta(hours=1)
HOURS = 24
SHOWN = 8
M = MessageState
HANDED_OVER = (M.SENT, M.DELIVERED, M.READ, M.PLAYED)


@dataclass(frozen=True, slots=True)
class Tile:
    """How many numbers are shown with one badge."""

    key: str
    badge: Badge
    count: int

    @property
    def query(self) -> str:
        """Which numbers `/instancias/` shows for this badge."""
        return f"situacao={self.key}"


@dataclass(frozen=True, slots=True)
class Hour:
    """The messages that came to be in one hour."""

    starts_at: datetime
    received: int = 0
    sent: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class ServerLine:
    """A server with how many of its numbers are shown as connected."""

    server: EvolutionServer
    numbers: int
    connected: int


@dataclass(frozen=True, slots=True)
class Home:
    """Everything on the page."""

    tiles: Sequence[Tile]
    total: int
    hours: Sequence[Hour]
    created: Sequence[WhatsAppInstance]
    messages: Sequence[WhatsAppMessage]
    changes: Sequence[ConnectionChange]
    servers: Sequence[ServerLine]
    quarantined: int
    late_events: int
    shops: dict[str, int]
    worker_seen_at: datetime | None

    @property
    def received(self) -> int:
        return sum(hour.received for hour in self.hours)

    @property
    def sent(self) -> int:
        return sum(hour.sent for hour in self.hours)

    @property
    def failed(self) -> int:
        return sum(hour.failed for hour in self.hours)


def home(*, now: datetime) -> Home:
    """The page as of `now`."""
    rows = list(_all_numbers())
    shown = {row.pk: health.shown(row, now).key for row in rows}
    return Home(
        tiles=tiles(Counter(shown.values())),
        total=len(rows),
        hours=hours(now=now),
        created=list(queries.instances()[:SHOWN]),
        messages=last_messages(),
        changes=last_changes(),
        servers=server_lines(rows, shown),
        quarantined=WebhookEvent.across_shops.filter(state=EventState.QUARANTINED).count(),
        late_events=_late_events(now),
        shops=dict(Shop.objects.order_by().values_list("state").annotate(Count("pk"))),
        worker_seen_at=_worker_seen_at(),
    )


def _all_numbers() -> "QuerySet[WhatsAppInstance]":
    """Every number with what its badge is judged by; a thousand of them are read each time, so nothing more."""
    rows = WhatsAppInstance.across_shops.exclude(state=ConnectionState.REMOVED).order_by()
    return rows.defer(
        "qr_code", "webhook_secret_hash", "profile_picture_url", "profile_name", "error_message", "session_id", "name"
    )


def tiles(counts: Counter[str]) -> list[Tile]:
    """One tile for each badge, also for those that nobody has: a nought is an answer. `removed` is history."""
    return [Tile(key, look, counts[key]) for key, look in CONNECTION.items() if key != "removed"]


def hours(*, now: datetime) -> list[Hour]:
    """The running hour and the 23 before it, oldest first; one query, by the index of all messages in time."""
    first = now.replace(minute=0, second=0, microsecond=0) - HOUR * (HOURS - 1)
    out = Q(direction=Direction.OUT)
    rows = (
        WhatsAppMessage.across_shops.filter(created_at__gte=first)
        .order_by()
        .annotate(hour=TruncHour("created_at", tzinfo=UTC))
        .values("hour")
        .annotate(
            received=Count("pk", filter=Q(direction=Direction.IN)),
            sent=Count("pk", filter=out & Q(state__in=HANDED_OVER)),
            failed=Count("pk", filter=out & Q(state=M.FAILED)),
        )
    )
    known = {row["hour"]: Hour(row["hour"], row["received"], row["sent"], row["failed"]) for row in rows}
    moments = [first + HOUR * place for place in range(HOURS)]
    return [known.get(moment) or Hour(moment) for moment in moments]


def last_messages() -> list[WhatsAppMessage]:
    """What came into the table last, of any shop. Its words stay where they are: the page masks them."""
    rows = WhatsAppMessage.across_shops.select_related("shop", "customer")
    return list(rows.order_by("-pk")[:SHOWN])


def last_changes() -> list[ConnectionChange]:
    rows = ConnectionChange.across_shops.select_related("shop", "instance", "by")
    return list(rows.order_by("-pk")[:SHOWN])


def server_lines(numbers: Sequence[WhatsAppInstance], shown: dict[int, str]) -> list[ServerLine]:
    """The servers with what is known of their numbers; one query."""
    on: Counter[int | None] = Counter(number.server_id for number in numbers)
    connected = Counter(number.server_id for number in numbers if shown[number.pk] == ConnectionState.CONNECTED)
    return [ServerLine(server, on[server.pk], connected[server.pk]) for server in EvolutionServer.objects.all()]


def _late_events(now: datetime) -> int:
    """Events that should have been applied: the worker is away, or cannot follow."""
    return WebhookEvent.across_shops.filter(state=EventState.STORED, received_at__lt=now - timedelta(minutes=1)).count()


def _worker_seen_at() -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(last_heartbeat) FROM procrastinate_workers")
        return cursor.fetchone()[0]
