"""What the operator's pages read, over all shops."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from navalha.whatsapp import gateway
from navalha.whatsapp.models import ConnectionState, EvolutionServer, RetiredRemote, ServerTrial, WhatsAppInstance
from navalha.whatsapp.queries import hears_nothing, history
from navalha.whatsapp.steps import pairing_of

from . import bulk
from .filters import BADGES, HEALTH, PAGE, Filters, all_rows, shown_as
from .findings import shown
from .health import Piece, strips
from .models import BulkItem, BulkRun, Command, ItemState, StrayInstance

CHECKS_SHOWN, EVENTS_SHOWN, RUNS_SHOWN, TROUBLES_SHOWN, STRAYS_SHOWN = 20, 15, 30, 200, 200


def servers() -> QuerySet[EvolutionServer]:
    """All servers, those first that get numbers first, with `used`: how many numbers live on each; one query."""
    living = Count("numbers", filter=~Q(numbers__state=ConnectionState.REMOVED))
    return EvolutionServer.objects.annotate(used=living).order_by("-priority", "name")  # counting drops the model's


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
    shown_how = {key: Count("pk", filter=shown_as(key, now)) for key in BADGES}
    return {
        "server": server,
        "strip": strips([server], now=now)[server.pk],
        "states": [item for item in server.numbers.aggregate(**shown_how).items() if item[1]],
        "leaving": RetiredRemote.across_shops.filter(server=server, deleted_at__isnull=True).count(),
        "checks": list(server.checks.all()[:CHECKS_SHOWN]),
        "trial": trial,
        "findings": [shown(finding) for finding in trial.findings] if trial else [],
        "now": now,
    }


def instances() -> QuerySet[WhatsAppInstance]:
    """The numbers of all shops with their shop and server, the newest first."""
    return all_rows().order_by("-created_at", "-pk")


def instance_list(filters: Filters, *, now: datetime) -> dict[str, Any]:
    """One page of the numbers of all shops; three queries, however many there are."""
    rows = filters.rows(now=now)
    total = rows.order_by().count()
    pages = max(1, -(-total // PAGE))
    page = min(filters.page, pages)
    return {
        "filters": filters,
        "numbers": list(rows[(page - 1) * PAGE : page * PAGE]),
        "total": total,
        "page": page,
        "pages": pages,
        "first": (page - 1) * PAGE + 1 if total else 0,
        "last": min(page * PAGE, total),
        "before": filters.address(page=page - 1) if page > 1 else "",
        "after": filters.address(page=page + 1) if page < pages else "",
        "here": filters.address(page=page),
        "columns": columns(filters),
        "servers": list(EvolutionServer.objects.order_by("name").only("name")),
        "states": BADGES.items(),
        "healths": HEALTH.items(),
        "commands": Command.choices,
        "now": now,
    }


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list: its words, the address that sorts by it, and how the list is sorted by it now."""

    words: str
    address: str
    sorted: str


def columns(filters: Filters) -> list[Column]:
    """The columns that the list can be sorted by."""
    words = {
        "nome": _("Instância"),
        "situacao": _("Situação"),
        "loja": _("Barbearia"),
        "servidor": _("Servidor"),
        "sinal": _("Conferida"),
        "criada": _("Criada"),
    }
    found = []
    for key, name in words.items():
        now = "ascending" if filters.sort == key else "descending" if filters.sort == f"-{key}" else ""
        found.append(Column(name, filters.address(sort=f"-{key}" if now == "ascending" else key), now))
    return found


def instance_page(number: WhatsAppInstance, *, now: datetime) -> dict[str, Any]:
    """What the page of one number shows."""
    return {
        "number": number,
        "pairing": pairing_of(number, now=now),
        "history": history(number),
        "events": list(number.webhook_events.order_by("-pk")[:EVENTS_SHOWN]),
        "webhook": gateway.webhook_of(number),
        "hears_nothing": hears_nothing(number, now=now),
        "now": now,
    }


def runs() -> list[BulkRun]:
    """The latest commands for many numbers, with `total` and `settled`; one query."""
    open_states = [ItemState.WAITING, ItemState.RUNNING]
    rows = BulkRun.objects.select_related("by").annotate(
        total=Count("items"), settled=Count("items", filter=~Q(items__state__in=open_states))
    )
    return list(rows.order_by("-pk")[:RUNS_SHOWN])


def run_page(run: BulkRun, *, now: datetime) -> dict[str, Any]:
    """How far a run is: the bar, each server, and what went wrong."""
    counts = bulk.progress(run)
    total = sum(counts.values())
    settled = total - counts[ItemState.WAITING] - counts[ItemState.RUNNING]
    places = BulkItem.across_shops.filter(run=run).order_by("server__name").values("server__name")
    open_ones = Count("pk", filter=Q(state__in=[ItemState.WAITING, ItemState.RUNNING]))
    failed = Count("pk", filter=Q(state=ItemState.FAILED))
    told = BulkItem.across_shops.filter(run=run, state__in=[ItemState.FAILED, ItemState.SKIPPED])
    troubles = list(told.select_related("instance", "shop", "server").order_by("state", "pk")[:TROUBLES_SHOWN])
    return {
        "run": run,
        "counts": counts,
        "total": total,
        "settled": settled,
        "places": list(places.annotate(total=Count("pk"), left=open_ones, failed=failed)),
        "troubles": troubles,
        "more_troubles": counts[ItemState.FAILED] + counts[ItemState.SKIPPED] - len(troubles),
        "now": now,
    }


def drift_page(*, now: datetime) -> dict[str, Any]:
    """Strays of all servers, and the numbers that their server lost."""
    strays = StrayInstance.objects.select_related("server")
    lost = WhatsAppInstance.across_shops.filter(state=ConnectionState.DISCONNECTED, error_code="missing")
    return {
        "strays": list(strays.filter(ignored_at__isnull=True)[:STRAYS_SHOWN]),
        "ignored": list(strays.filter(ignored_at__isnull=False)[:STRAYS_SHOWN]),
        "lost": list(lost.select_related("shop", "server").order_by("-disconnected_at", "pk")[:STRAYS_SHOWN]),
        "now": now,
    }
