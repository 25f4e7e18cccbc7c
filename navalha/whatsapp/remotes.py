"""Remote instances: their names, and the end of those that nobody uses any more.

A remote instance is never logged out: after that it would send and never receive again (RECORDED 8, 1). It is
deleted, and the next pairing gets a new one.
"""

import re
import secrets
import string
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from navalha.core.errors import Refused
from navalha.core.secrets import WrongKey
from navalha.evolution.errors import EvolutionError
from navalha.evolution.types import instance_name

from . import gateway
from .models import ConnectionState, EvolutionServer, RetiredRemote, WhatsAppInstance
from .states import Fields

log = structlog.get_logger(__name__)

LETTERS = string.ascii_lowercase + string.digits
# A create may still be on its way when its instance is given up: until then "there is none" proves nothing.
SETTLE = timedelta(minutes=2)
DELETE_PATIENCE = 5.0  # seconds


def new_remote_name(slug: str) -> str:
    """`barbearia-do-ze-x7k2m9qa`: readable for an operator, unguessable for everybody else."""
    readable = re.sub(r"[^a-z0-9]+", "-", slug.lower()).strip("-")[:48] or "loja"
    return instance_name(f"{readable}-{''.join(secrets.choice(LETTERS) for _place in range(8))}")


@transaction.atomic
def server_with_room() -> EvolutionServer:
    """The server that gets the next number: one that answers, then the highest priority, then the emptiest.

    The candidates stay locked until the caller's transaction ends, so that two shops do not take one last place.
    Raises `Refused`.
    """
    candidates = EvolutionServer.objects.select_for_update(no_key=True).filter(accepts_new=True).order_by("pk")
    load = {server: server.numbers.exclude(state=ConnectionState.REMOVED).count() for server in candidates}
    with_room = [server for server, numbers in load.items() if numbers < server.capacity]
    if not with_room:
        log.error("no_server_has_room", servers=len(load), full=[server.pk for server in load])
        raise Refused(
            _("Não há vaga para mais um número agora. Fale com o suporte: assim que abrir espaço, é só tentar de novo.")
        )
    return min(with_room, key=lambda server: (not server.is_able, -server.priority, load[server], server.name))


def server_for(row: WhatsAppInstance) -> EvolutionServer:
    """Where a locked row is paired: on its own server, unless that is drained or out of order and another one that
    answers has room. Raises `Refused` for a row without a server when none has room."""
    own = row.server
    if own is None:
        return server_with_room()
    if own.accepts_new and own.is_able:
        return own
    try:
        other = server_with_room()
    except Refused:
        return own
    return other if other.is_able else own


def retire(row: WhatsAppInstance, *, now: datetime) -> RetiredRemote | None:
    """Note the remote instance of a locked row for deletion, and take it from the row (in memory: the caller saves)."""
    server = row.server
    if not row.remote_name or server is None:
        return None
    return row.shop.retired_remotes.create(
        server=server,
        remote_name=row.remote_name,
        webhook_secret_hash=row.webhook_secret_hash,
        retired_at=now,
    )


GONE: Fields = {
    "remote_name": None,
    "webhook_secret_hash": "",
    "session_id": "",
    "raw_status": "",
    "raw_status_at": None,
}


def delete_retired(rows: Iterable[RetiredRemote], *, now: datetime) -> int:
    """Delete the remote instances of `rows` on their servers; how many are gone. Safe to repeat.

    A server that does not answer is left alone for the rest of this round.
    """
    gone, silent = 0, set()
    for row in rows:
        if row.server_id in silent:
            continue
        try:
            gone += _delete(row, now=now)
        except (EvolutionError, WrongKey) as error:
            silent.add(row.server_id)
            log.warning("retired_remote_stays", server=row.server_id, shop=row.shop_id, error=str(error))
    return gone


def _delete(row: RetiredRemote, *, now: datetime) -> bool:
    with gateway.client_for(row.server, read_timeout=DELETE_PATIENCE) as client:
        existed = client.delete(row.remote_name)
    if existed or now - row.retired_at >= SETTLE:
        row.deleted_at = now
        row.save(update_fields=["deleted_at"])
        return True
    return False
