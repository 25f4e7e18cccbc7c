"""What settles a doubt unasked: a probe for numbers of which nothing comes back, and one restart for the dead ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest

from . import health
from .health import Life
from .models import ConnectionState, WhatsAppInstance
from .probe import Suspect, probe_all, restart
from .records import NO_DOUBT, doubt, revive
from .states import note

log = structlog.get_logger(__name__)

S = ConnectionState
AT_ONCE = 40  # probes of one round


@dataclass(frozen=True, slots=True)
class Unacked:
    """Sends of a number that nobody confirmed since its last sign of life; told by the floor above, which has them."""

    since: datetime
    count: int
    people: int


def record_unacked(found: Mapping[int, Unacked]) -> None:
    """Write down what each number (by key) waits for; the others wait for nothing. What is mute stays so until there
    is a sign: its queue is held, so that nothing new goes unanswered."""
    rows = WhatsAppInstance.across_shops.filter(Q(pk__in=found) | Q(unacked_since__isnull=False))
    for row in rows.exclude(state=S.UNSTABLE).only("pk", "unacked_since", "unacked_count", "unacked_people"):
        now_waits = found.get(row.pk)
        new = (now_waits.since, now_waits.count, now_waits.people) if now_waits else (None, 0, 0)
        if new != (row.unacked_since, row.unacked_count, row.unacked_people):
            fields = dict(zip(("unacked_since", "unacked_count", "unacked_people"), new, strict=True))
            WhatsAppInstance.across_shops.filter(pk=row.pk).exclude(state=S.UNSTABLE).update(**fields)


def prove_life(now: datetime) -> int:
    """Ask about every number in doubt; how many were asked. At most one question for each in `health.PROBE_EVERY`."""
    suspects = [suspect for row in _doubted(now) if (suspect := _claim(row, now))]
    for suspect, life in probe_all(suspects):
        if _record_probe(suspect, life, now):
            _restart(suspect, now)
    return len(suspects)


def _doubted(now: datetime) -> "QuerySet[WhatsAppInstance]":
    rows = WhatsAppInstance.across_shops.filter(server__isnull=False, remote_name__isnull=False).exclude(number="")
    proof = Greatest("last_ack_at", "last_inbound_at", "proved_at", "connected_at")
    waits = Q(unacked_since__lte=now - health.SUSPECT_AFTER) | Q(proof__lte=now - health.STALE_AFTER)
    doubted = Q(state=S.CONNECTED) & waits | Q(state=S.UNSTABLE, error_code=health.MUTE)
    rows = rows.annotate(proof=proof).filter(doubted, unanswered_since__isnull=True).select_related("server")
    return rows.order_by(F("probed_at").asc(nulls_first=True), "pk")[:AT_ONCE]


def _claim(row: WhatsAppInstance, now: datetime) -> Suspect | None:
    """Write that we ask, before we do: two workers, or one that dies, must not ask twice."""
    if not health.wants_probe(row, now) or row.server is None:
        return None
    rows = WhatsAppInstance.across_shops.filter(pk=row.pk, probed_at=row.probed_at)
    if not rows.update(probed_at=now):
        return None
    return Suspect(row.pk, row.server, str(row.remote_name), row.number)


@transaction.atomic
def _record_probe(suspect: Suspect, life: Life, now: datetime) -> bool:
    """Judge the number by what came back; whether it is to be restarted now."""
    row = WhatsAppInstance.across_shops.select_related("shop").get(pk=suspect.pk).locked()
    if row.remote_name != suspect.remote_name:
        return False
    if life is Life.ALIVE or (life is Life.UNCLEAR and health.restart_helped(row)):
        _is_alive(row, now)
        return False
    note(row, {"silent_probes": min(row.silent_probes + 1, 1000) if life is Life.SILENT else 0})
    if row.state == S.CONNECTED and health.is_mute(row, now):
        log.warning("number_is_mute", shop=row.shop_id, number=row.pk, unacked=row.unacked_count)
        doubt(row, health.MUTE, now=now)
    if not health.may_restart(row, now):
        return False
    note(row, {"restarted_at": now})
    return True


def _is_alive(row: WhatsAppInstance, now: datetime) -> None:
    note(row, {**NO_DOUBT, "proved_at": now})
    revive(row, now)


def _restart(suspect: Suspect, now: datetime) -> None:
    log.warning("number_is_restarted", number=suspect.pk, server=suspect.server.pk)
    restart(suspect)
