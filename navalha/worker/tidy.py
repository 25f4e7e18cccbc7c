"""Deleting what nobody needs any more, in steps that lock nothing for long."""

from datetime import datetime, timedelta

import structlog
from django.db import connection
from django.db.models import QuerySet

from navalha.console import bulk
from navalha.customers import import_work
from navalha.customers.models import CustomerImport, ImportState
from navalha.scheduling.models import SlotHold
from navalha.web.limits import forget_old_counts
from navalha.whatsapp import events
from navalha.whatsapp.models import EventState, ServerCheck, WebhookEvent

log = structlog.get_logger(__name__)

STEP = 5_000
SERVER_CHECKS_FOR = timedelta(days=7)  # two a minute for each server; the pages show one day
FAILED_JOBS_FOR = timedelta(days=1)


def forget_old_rows(now: datetime) -> int:
    """Old webhooks, holds that ran out, counters of strangers and ended jobs; how many rows."""
    rows = WebhookEvent.across_shops.order_by("pk")
    processed = rows.filter(state=EventState.PROCESSED)
    count = _delete(processed.filter(received_at__lt=now - events.processed_for()))
    count += _delete(processed.filter(event__in=events.CHATTER, received_at__lt=now - events.chatter_for()))
    count += _delete(rows.filter(state=EventState.QUARANTINED, received_at__lt=now - events.quarantined_for()))
    count += _delete(ServerCheck.objects.filter(at__lt=now - SERVER_CHECKS_FOR).order_by("pk"))
    count += sum(_delete(rows) for rows in bulk.old_runs(now))
    count += _delete(SlotHold.across_shops.filter(expires_at__lt=now).order_by("pk"))
    unfinished = CustomerImport.across_shops.filter(state=ImportState.UPLOADED, at__lt=now - import_work.UNFINISHED_FOR)
    count += _delete(unfinished.order_by("pk")) + import_work.forget_contents(now)
    count += forget_old_counts(now) + _delete_jobs(now)
    log.info("old rows forgotten", count=count)
    return count


def _delete(rows: "QuerySet") -> int:
    total = 0
    while pks := list(rows.values_list("pk", flat=True)[:STEP]):
        total += rows.model._base_manager.filter(pk__in=pks).delete()[0]
    return total


def _delete_jobs(now: datetime) -> int:
    """Jobs that ended badly: those that succeeded go at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs job WHERE status IN ('failed', 'cancelled', 'aborted') AND NOT EXISTS"
            " (SELECT FROM procrastinate_events event WHERE event.job_id = job.id AND event.at >= %s)",
            [now - FAILED_JOBS_FOR],
        )
        return int(cursor.rowcount)
