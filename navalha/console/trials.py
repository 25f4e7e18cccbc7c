"""Asking for a trial of a server's settings, and its end, whatever happened to the worker that ran it."""

import secrets
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from navalha.accounts.models import User
from navalha.core.secrets import WrongKey
from navalha.core.wake import wake
from navalha.evolution.trial import TrialClient
from navalha.live import topics
from navalha.live.publish import publish
from navalha.whatsapp import gateway
from navalha.whatsapp.models import EvolutionServer, ServerTrial

from . import preflight

log = structlog.get_logger(__name__)

LASTS = timedelta(minutes=3)  # longer than all its calls may take together
KEPT_FOR = timedelta(days=30)


def ask_trial(server: EvolutionServer, *, now: datetime, by: User | None) -> ServerTrial:
    """Have the worker try out the settings of `server`; the trial that is open already, if there is one."""
    open_one = server.trials.filter(ended_at__isnull=True)
    name = f"navalha-teste-{secrets.token_hex(4)}"
    try:
        with transaction.atomic():
            trial = server.trials.create(remote_name=name, asked_at=now, by=by)
            publish(topics.EVERY_SHOP, topics.SERVERS)
            wake("trial", trial_id=trial.pk)
    except IntegrityError:
        return open_one.get()
    return trial


def run_trial(trial_id: int) -> None:
    """Run one that waits; nothing for one that somebody else runs, or that is over."""
    now = timezone.now()
    if not ServerTrial.objects.filter(pk=trial_id, began_at__isnull=True, ended_at__isnull=True).update(began_at=now):
        return
    trial = ServerTrial.objects.select_related("server").get(pk=trial_id)
    try:
        preflight.examine(trial, now=timezone.now)
    finally:
        _end(trial)


def end_stale_trials(now: datetime) -> int:
    """Wake those that nobody began, end those whose worker died, and delete what any of them left on a server."""
    for trial in ServerTrial.objects.filter(began_at__isnull=True, ended_at__isnull=True, asked_at__gt=now - LASTS):
        wake("trial", trial_id=trial.pk)
    stale = ServerTrial.objects.filter(ended_at__isnull=True, asked_at__lte=now - LASTS)
    count = sum(_end(trial) for trial in stale)
    left = ServerTrial.objects.filter(ended_at__isnull=False, began_at__isnull=False, deleted_at__isnull=True)
    for trial in left.select_related("server").order_by("?")[:10]:
        try:
            with gateway.client_for(trial.server, read_timeout=preflight.PATIENCE, kind=TrialClient) as client:
                preflight.clear(trial, client, now=now)
        except WrongKey:
            log.error("trial_instances_stay", server=trial.server_id, error="no key opens the server's key")
    ServerTrial.objects.filter(asked_at__lt=now - KEPT_FOR, deleted_at__isnull=False).delete()
    return count


@transaction.atomic
def _end(trial: ServerTrial) -> int:
    ended = ServerTrial.objects.filter(pk=trial.pk, ended_at__isnull=True).update(ended_at=timezone.now())
    publish(topics.EVERY_SHOP, topics.SERVERS)
    return ended
