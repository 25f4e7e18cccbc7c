"""What happens unasked with spreadsheets of customers: the worker takes them in, and back, and forgets them."""

import time
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from navalha.core.states import MovedFirst, move
from navalha.core.wake import wake, wake_now
from navalha.live import topics
from navalha.live.publish import publish

from . import import_steps, sheets
from .merging import Vanished
from .models import CustomerImport, ImportState

log = structlog.get_logger(__name__)

S = ImportState
TURN = 5.0  # seconds of one job; then it wakes itself, so that the inbox of no shop waits for a long list
MOST_ATTEMPTS = 5  # at one step
UNFINISHED_FOR = timedelta(days=1)  # a list of people that nobody took in


def work_off(import_id: int) -> None:
    """One turn of an import, or of its undo."""
    ends_at = time.monotonic() + TURN
    sheet: sheets.Sheet | None = None
    while (row := _attempt(import_id)) is not None:
        if row.state == S.RUNNING and sheet is None:
            sheet = sheets.read(bytes(row.content))
        if not _step(row, sheet):
            return
        if time.monotonic() > ends_at:
            with transaction.atomic():
                wake("customer_import", import_id=import_id)
            return


def _attempt(import_id: int) -> CustomerImport | None:
    """Count one more attempt at the next step; None when there is none to make any more.

    Counted before it is made: a step that kills its worker each time must come to an end, too.
    """
    with transaction.atomic():
        rows = CustomerImport.across_shops.filter(pk=import_id, state__in=[S.RUNNING, S.UNDOING])
        if not rows.update(attempts=F("attempts") + 1):
            return None
        row = rows.select_related("shop").get()
        if row.attempts <= MOST_ATTEMPTS:
            return row
        move(row, to=S.FAILED, now=timezone.now())
        publish(row.shop_id, topics.CUSTOMERS)
        log.error("customer import failed", customer_import=row.pk, shop=row.shop_id, position=row.position)
    return None


def _step(row: CustomerImport, sheet: sheets.Sheet | None) -> bool:
    """Whether there is more to do."""
    now = timezone.now()
    try:
        if row.state == S.UNDOING:
            return import_steps.take_back(row.shop, row.pk, now=now)
        return sheet is not None and import_steps.take_in(row.shop, row.pk, sheet, now=now)
    except (IntegrityError, OperationalError, Vanished) as error:
        # One of them wrote, or was merged or edited, between our look and our write: once more, from the same place.
        log.info("customer import step repeated", customer_import=row.pk, shop=row.shop_id, error=type(error).__name__)
        return True


def look_after_imports(now: datetime) -> int:
    """Wake for what is under way: a worker may have died, a wake-up been lost; how many there are."""
    rows = CustomerImport.across_shops.filter(state__in=[S.RUNNING, S.UNDOING]).order_by("pk")
    waiting = list(rows.values_list("pk", flat=True))
    for pk in waiting:
        wake_now("customer_import", import_id=pk)
    return len(waiting)


def forget_contents(now: datetime) -> int:
    """Forget the bytes of lists that stopped long ago: what entered stays and can be taken back; how many."""
    old = CustomerImport.across_shops.filter(state=S.FAILED, state_changed_at__lt=now - UNFINISHED_FOR).exclude(
        content=b""
    )
    count = 0
    for row in old:
        try:
            with transaction.atomic():
                move(row, to=S.CANCELLED, now=now, done_at=row.done_at or now, content=b"")
                count += 1
        except MovedFirst:
            continue
    return count
