"""What the operator's pages read, over all shops."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from navalha.whatsapp.models import ConnectionState, EvolutionServer, RetiredRemote, ServerTrial, WhatsAppInstance

from .findings import shown
from .health import Piece, strips

CHECKS_SHOWN = 20


def servers() -> QuerySet[EvolutionServer]:
    """All servers, with `used`: how many numbers live on each; one query."""
    living = Count("numbers", filter=~Q(numbers__state=ConnectionState.REMOVED))
    return EvolutionServer.objects.annotate(used=living)


@dataclass(frozen=True, slots=True)
class ServerRow:
    """A server as the list shows it."""

    server: EvolutionServer
    strip: list[Piece]


def server_rows(*, now: datetime) -> list[ServerRow]:
    """All servers with their last day; two queries."""
    rows = list(servers())
    days = strips(rows, now=now)
    return [ServerRow(server, days[server.pk]) for server in rows]


def server_page(server: EvolutionServer, *, now: datetime) -> dict[str, Any]:
    """What the page of one server shows."""
    trial = ServerTrial.objects.filter(server=server).select_related("by").first()
    states = server.numbers.exclude(state=ConnectionState.REMOVED).order_by("state").values("state")
    return {
        "server": server,
        "strip": strips([server], now=now)[server.pk],
        "states": list(states.annotate(count=Count("pk"))),
        "leaving": RetiredRemote.across_shops.filter(server=server, deleted_at__isnull=True).count(),
        "checks": list(server.checks.all()[:CHECKS_SHOWN]),
        "trial": trial,
        "findings": [shown(finding) for finding in trial.findings] if trial else [],
        "now": now,
    }


def instances() -> QuerySet[WhatsAppInstance]:
    """The numbers of all shops with their shop and server, the newest first."""
    rows = WhatsAppInstance.across_shops.exclude(state=ConnectionState.REMOVED).select_related("shop", "server")
    return rows.defer("qr_code", "webhook_secret_hash").order_by("-created_at", "-pk")
