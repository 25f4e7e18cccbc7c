"""Drift: what a server has and we do not know. What we have and a server lost, the worker mends by itself every minute
(`whatsapp.work`), and its number says so."""

from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from navalha.core.errors import Refused
from navalha.core.secrets import WrongKey
from navalha.core.wake import wake_now
from navalha.evolution.errors import EvolutionError, InvalidInput
from navalha.evolution.types import RemoteInstance
from navalha.live import topics
from navalha.live.publish import publish
from navalha.whatsapp import gateway, operating
from navalha.whatsapp.models import ConnectionState, EvolutionServer, RetiredRemote, ServerTrial, WhatsAppInstance

from .models import StrayInstance
from .preflight import pairing_name

log = structlog.get_logger(__name__)

PATIENCE = 20.0  # seconds: the server counts every message of every instance for its list
IN_SERVICE = (ConnectionState.CONNECTED, ConnectionState.UNSTABLE)


def survey_all() -> None:
    """Have each server surveyed in a job of its own, so that one that hangs holds up nobody."""
    for pk in EvolutionServer.objects.values_list("pk", flat=True):
        wake_now("survey", server_id=pk)


def survey(server_id: int, *, now: datetime) -> int:
    """Compare one server with what we know of it: note strays, and mend where its instances report to.

    Returns how many strays there are. A server that does not answer changes nothing.
    """
    server = EvolutionServer.objects.filter(pk=server_id).first()
    if server is None:
        return 0
    try:
        with gateway.client_for(server, read_timeout=PATIENCE) as client:
            listed = client.instances()
        count = record_listing(server, listed, now=now)
        _mend_webhooks(server)
    except (EvolutionError, WrongKey) as error:
        log.warning("survey_failed", server=server_id, error=str(error))
        return 0
    return count


@transaction.atomic
def record_listing(server: EvolutionServer, listed: list[RemoteInstance], *, now: datetime) -> int:
    """Keep the strays among `listed` and forget those that are gone; how many there are."""
    known = known_names(server)
    strays = [row for row in listed if row.name not in known]
    for row in strays:
        fields = {
            "raw_status": row.state.value[:40],
            "profile_name": (row.profile_name or "")[:120],
            "seen_at": now,
        }
        StrayInstance.objects.update_or_create(
            server=server, remote_name=row.name[:200], defaults=fields, create_defaults={**fields, "first_seen_at": now}
        )
    server.strays.exclude(seen_at=now).delete()
    publish(topics.EVERY_SHOP, topics.SERVERS)
    return len(strays)


def known_names(server: EvolutionServer) -> set[str]:
    """The remote names that are ours, those that are to be deleted and those of trials included."""
    ours = WhatsAppInstance.across_shops.filter(remote_name__isnull=False).values_list("remote_name", flat=True)
    retired = RetiredRemote.across_shops.filter(server=server).values_list("remote_name", flat=True)
    trials = ServerTrial.objects.filter(server=server)
    of_trials = (name for trial in trials for name in (trial.remote_name, pairing_name(trial)))
    return {name for name in (*ours, *retired, *of_trials) if name}


def _mend_webhooks(server: EvolutionServer) -> None:
    """After a change of WEBHOOK_BASE_URL the servers go on reporting to the old address until they are told."""
    rows = WhatsAppInstance.across_shops.filter(server=server, state__in=IN_SERVICE, remote_name__isnull=False)
    for row in rows.select_related("server"):
        try:
            operating.mend_webhook(row)
        except Refused:
            continue  # gone on the server: the check of the connections says so


def delete_stray(stray: StrayInstance) -> None:
    """Delete it on its server, its WhatsApp session included. Raises `Refused` when it is ours after all, or when the
    server does not do it."""
    if stray.remote_name in known_names(stray.server):
        raise Refused(_("Esta instância já é de uma barbearia. Atualize a página."))
    try:
        with gateway.client_for(stray.server, read_timeout=gateway.PATIENCE) as client:
            client.delete(stray.remote_name)
    except InvalidInput:
        raise Refused(
            _("O nome desta instância tem sinais que não enviamos a um servidor. Apague-a na tela do próprio servidor.")
        ) from None
    except (EvolutionError, WrongKey) as error:
        log.warning("stray_stays", server=stray.server_id, error=str(error))
        raise Refused(_("O servidor não apagou a instância agora. Tente de novo em um minuto.")) from error
    log.warning("stray_deleted", server=stray.server_id, stray=stray.pk)
    with transaction.atomic():
        stray.delete()
        publish(topics.EVERY_SHOP, topics.SERVERS)


def ignore_stray(stray: StrayInstance, *, ignored: bool, now: datetime) -> None:
    """It is known, and nobody's business here; or it is looked at again."""
    with transaction.atomic():
        StrayInstance.objects.filter(pk=stray.pk).update(ignored_at=now if ignored else None)
        publish(topics.EVERY_SHOP, topics.SERVERS)
