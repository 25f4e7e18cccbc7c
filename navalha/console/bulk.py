"""Commands for many numbers: asked for in one transaction, worked off in a job for each server, seen as they go.

Each server has its own job: a dead one fails its numbers after two questions, a slow one is slow for its own numbers,
and the others are not held up by either.
"""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from navalha.accounts.models import User
from navalha.core.errors import Refused
from navalha.core.secrets import WrongKey
from navalha.core.states import MovedFirst, move
from navalha.core.wake import wake
from navalha.evolution.errors import EvolutionError, Unauthorized, Unreachable
from navalha.live import topics
from navalha.live.publish import publish
from navalha.whatsapp import actions, operating
from navalha.whatsapp.models import ConnectionState, WhatsAppInstance

from .models import BulkItem, BulkItemChange, BulkRun, Command, ItemState
from .outcomes import Outcome

log = structlog.get_logger(__name__)

S = ItemState
MOST = 5_000  # numbers in one run
TURN = 45.0  # seconds of one job; then it wakes itself, so that many runs share the worker
GIVE_UP_AFTER = 2  # numbers in a row for which a server does not answer
STALE = timedelta(minutes=3)  # longer than one command takes: its worker died
KEPT_FOR = timedelta(days=30)


@transaction.atomic
def start_run(command: Command, numbers: Iterable[WhatsAppInstance], *, by: User, now: datetime) -> BulkRun:
    """A run over `numbers`, in the worker's hands from now on. Raises `Refused` for none, and for too many."""
    rows = list(numbers)
    if not rows:
        raise Refused(_("Escolha ao menos um número."))
    if len(rows) > MOST:
        raise Refused(_("São números demais para um comando só. Use os filtros para escolher menos."))
    run = BulkRun.objects.create(command=command, by=by, created_at=now)
    items = [
        BulkItem(run=run, shop_id=row.shop_id, instance=row, server_id=row.server_id, state_changed_at=now)
        for row in rows
    ]
    BulkItem.across_shops.bulk_create(items, batch_size=500)
    for server_id in {row.server_id or 0 for row in rows}:
        wake("bulk", run_id=run.pk, server_id=server_id)
    publish(topics.EVERY_SHOP, topics.RUNS)
    log.info("bulk_run", run=run.pk, command=str(command), numbers=len(rows), by=by.pk)
    return run


@transaction.atomic
def cancel_run(run: BulkRun, *, by: User, now: datetime) -> int:
    """Stop what has not begun; how many numbers that were."""
    waiting = BulkItem.across_shops.select_for_update().filter(run=run, state=S.WAITING)
    count = 0
    for item in waiting:
        move(item, to=S.CANCELLED, now=now, by=by)
        count += 1
    _end_if_done(run.pk, now)
    publish(topics.EVERY_SHOP, topics.RUNS)
    return count


def work_off(run_id: int, server_id: int, *, now: datetime) -> int:
    """One turn of a run on one server (0: numbers without any); how many numbers were done with."""
    run = BulkRun.objects.select_related("by").filter(pk=run_id).first()
    if run is None:
        return 0
    ends_at, done, silent = time.monotonic() + TURN, 0, 0
    while (item := _take(run_id, server_id)) is not None:
        if silent >= GIVE_UP_AFTER:
            state, outcome = S.FAILED, Outcome("no_answer")
        else:
            state, outcome, answered = _do(run, item)
            silent = 0 if answered else silent + 1
        settle(item, state, outcome)
        done += 1
        if time.monotonic() > ends_at:
            with transaction.atomic():
                wake("bulk", run_id=run_id, server_id=server_id)
            break
    with transaction.atomic():
        _end_if_done(run_id, timezone.now())
    return done


def _take(run_id: int, server_id: int) -> BulkItem | None:
    """The next waiting number, now running."""
    with transaction.atomic():
        place = {"server_id": server_id} if server_id else {"server__isnull": True}
        waiting = BulkItem.across_shops.filter(run_id=run_id, state=S.WAITING, **place)
        item = waiting.select_for_update(skip_locked=True, of=("self",)).order_by("pk").first()
        if item is not None:
            move(item, to=S.RUNNING, now=timezone.now())
    return item


def settle(item: BulkItem, state: ItemState, outcome: Outcome) -> None:
    with transaction.atomic():
        try:
            move(item, to=state, now=timezone.now(), outcome=outcome.code, outcome_values=dict(outcome.values))
        except MovedFirst:
            log.warning("bulk_item_moved_first", item=item.pk, run=item.run_id)
        publish(topics.EVERY_SHOP, topics.RUNS)


def _do(run: BulkRun, item: BulkItem) -> tuple[ItemState, Outcome, bool]:
    """What became of one number, and whether its server answered."""
    number = WhatsAppInstance.across_shops.select_related("server", "shop").get(pk=item.instance_id)
    try:
        return S.DONE, _command(run, number), True
    except Refused as refusal:
        return S.SKIPPED, Outcome.refused(str(refusal)), True
    except operating.NoAnswer:
        return S.FAILED, Outcome("no_answer"), False
    except (Unauthorized, WrongKey):
        return S.FAILED, Outcome("key_refused"), False
    except EvolutionError as error:
        log.warning("bulk_item_failed", item=item.pk, run=run.pk, server=number.server_id, error=str(error))
        silent = isinstance(error, Unreachable) and error.status is None
        return S.FAILED, Outcome("server_refused", {"error": (error.detail or str(error.status))[:200]}), not silent


def _command(run: BulkRun, number: WhatsAppInstance) -> Outcome:
    now = timezone.now()
    if number.state == ConnectionState.REMOVED:
        raise Refused(_("Este número foi removido."))
    match Command(run.command):
        case Command.SYNC:
            return Outcome("synced_mended" if operating.sync(number, now=now) else "synced")
        case Command.RESTART:
            operating.restart(number)
            return Outcome("restarting")
        case Command.WEBHOOK:
            return Outcome("webhook_mended" if operating.mend_webhook(number) else "webhook_right")
        case Command.DISCONNECT:
            actions.disconnect(number, now=now, by=run.by)
            return Outcome("disconnected")


def _end_if_done(run_id: int, now: datetime) -> None:
    """Two servers that end in the same moment look one after the other: the run is locked."""
    run = BulkRun.objects.select_for_update().filter(pk=run_id, ended_at__isnull=True).first()
    to_do = BulkItem.across_shops.filter(run_id=run_id, state__in=[S.WAITING, S.RUNNING])
    if run is not None and not to_do.exists():
        run.ended_at = now
        run.save(update_fields=["ended_at"])
        publish(topics.EVERY_SHOP, topics.RUNS)
        log.info("bulk_run_ended", run=run.pk, command=run.command, **progress(run))


def look_after_runs(now: datetime) -> int:
    """Give back what dead workers had, and wake for what waits; how many numbers were given back."""
    stale = BulkItem.across_shops.filter(state=S.RUNNING, state_changed_at__lt=now - STALE)
    given_back = 0
    for item in stale:
        with transaction.atomic():
            try:
                move(item, to=S.WAITING, now=now, reason=_("O trabalho foi interrompido e recomeça."))
                given_back += 1
            except MovedFirst:
                continue
    waiting = BulkItem.across_shops.filter(state=S.WAITING).order_by().values_list("run_id", "server_id").distinct()
    for run_id, server_id in waiting:
        with transaction.atomic():
            wake("bulk", run_id=run_id, server_id=server_id or 0)
    for run_id in BulkRun.objects.filter(ended_at__isnull=True).values_list("pk", flat=True):
        with transaction.atomic():
            _end_if_done(run_id, now)
    return given_back


def progress(run: BulkRun) -> dict[str, int]:
    """How many numbers are in each state; one query."""
    counts = dict.fromkeys((str(state) for state in S), 0)
    rows = BulkItem.across_shops.filter(run=run).order_by().values_list("state").annotate(count=Count("pk"))
    return {**counts, **dict(rows)}


def old_runs(now: datetime) -> "tuple[QuerySet, ...]":
    """What nobody needs any more, the parts first."""
    old = now - KEPT_FOR
    return (
        BulkItemChange.across_shops.filter(item__run__created_at__lt=old).order_by("pk"),
        BulkItem.across_shops.filter(run__created_at__lt=old).order_by("pk"),
        BulkRun.objects.filter(created_at__lt=old).order_by("pk"),
    )
