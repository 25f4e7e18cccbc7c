"""Every write of an Evolution server. Its key goes in and never comes out again.

What an operator does with one leaves a line in the audit: who sent a shop's messages through which address.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from navalha.accounts.actions import note
from navalha.accounts.models import OperatorAct, User
from navalha.core.errors import Refused
from navalha.evolution.answers import is_supported
from navalha.live import topics
from navalha.live.publish import publish
from navalha.web.limits import Limit, allow

from .looks import Look, look_at_all
from .models import ConnectionState, EvolutionServer, ServerCheck, ServerState

log = structlog.get_logger(__name__)

# Apart from what pairings read (`versions`): a server calls out to web.whatsapp.com each time it is asked (RECORDED 3).
VERSION_LOOKS = Limit("server version looked at", most=1, seconds=3600)


@transaction.atomic
def add_server(fields: Mapping[str, Any], *, api_key: str, look: Look, by: User, now: datetime) -> EvolutionServer:
    """A new server, and how it answered when it was tried out. `fields` are columns that a form has checked."""
    server = EvolutionServer(created_at=now, **fields)
    server.api_key = api_key
    server.save()
    note(OperatorAct.SERVER_ADDED, by=by, now=now, subject=_subject(server))
    record_look(server, look, now=now)
    return server


@transaction.atomic
def change_server(
    server: EvolutionServer, fields: Mapping[str, Any], *, api_key: str, look: Look, by: User, now: datetime
) -> None:
    """Other `fields` for a server; an empty `api_key` keeps the one it has."""
    row = EvolutionServer.objects.select_for_update(no_key=True).get(pk=server.pk)
    for name, value in fields.items():
        setattr(row, name, value)
    names = [*fields, "version"]
    row.version = ""  # another address, or another server behind it: ask anew
    if api_key:
        row.api_key = api_key
        names.append("encrypted_api_key")
    row.save(update_fields=names)
    note(OperatorAct.SERVER_CHANGED, by=by, now=now, subject=_subject(row))
    record_look(row, look, now=now)


@transaction.atomic
def set_drain(server: EvolutionServer, *, drained: bool, by: User, now: datetime) -> None:
    """Whether new numbers go there. Those that live there stay."""
    if not EvolutionServer.objects.filter(pk=server.pk, accepts_new=drained).update(accepts_new=not drained):
        return
    act = OperatorAct.SERVER_DRAINED if drained else OperatorAct.SERVER_OPENED
    note(act, by=by, now=now, subject=_subject(server))
    publish(topics.EVERY_SHOP, topics.SERVERS)
    log.info("server_drained" if drained else "server_takes_new", server=server.pk)


@transaction.atomic
def remove_server(server: EvolutionServer, *, by: User, now: datetime) -> None:
    """Forget a server on which nobody lives any more. Raises `Refused` while somebody does."""
    row = EvolutionServer.objects.select_for_update().get(pk=server.pk)
    living = row.numbers.exclude(state=ConnectionState.REMOVED).count()
    if living:
        sentence = _(
            "Ainda há números neste servidor: %(count)d. Drene-o, apague ou conecte de novo em outro servidor os"
            " números que estão nele, e só então o remova."
        )
        raise Refused(sentence % {"count": living})
    row.numbers.update(server=None)  # what was removed is history, and keeps everything but the place
    note(OperatorAct.SERVER_REMOVED, by=by, now=now, subject=_subject(row))
    row.delete()
    publish(topics.EVERY_SHOP, topics.SERVERS)
    log.info("server_removed", server=server.pk)


def _subject(server: EvolutionServer) -> str:
    return f"{server.name} · {server.url}"


def check_servers(servers: Iterable[EvolutionServer], *, now: datetime, whole: bool = False) -> int:
    """Look at each server and keep what was seen; how many answered. Speaks with them: not inside a transaction.

    Their versions are read where they are not known, once an hour, and in a `whole` look.
    """
    rows, answered = list(servers), 0
    due = {row.pk for row in rows if whole or not row.version or allow(VERSION_LOOKS, str(row.pk), now=now)}
    for server, look in look_at_all(rows, versions_of=due):
        with transaction.atomic():
            record_look(server, look, now=now)
        answered += look.answered
    return answered


def record_look(server: EvolutionServer, look: Look, *, now: datetime) -> None:
    """Keep one look: a row of its history, and the newest state on the server."""
    ServerCheck.objects.create(server=server, at=now, state=look.state, milliseconds=look.milliseconds)
    known = EvolutionServer.objects.select_for_update(no_key=True).get(pk=server.pk)
    fields: dict[str, Any] = {"response_ms": look.milliseconds}
    if known.state != look.state:
        fields |= {"state": look.state, "state_changed_at": now}
        log.info("server_state", server=server.pk, before=known.state, after=str(look.state))
    if look.answered:
        fields["seen_at"] = now
    if look.version:
        fields["version"] = look.version
    elif look.state == ServerState.LICENCE and is_supported(known.version):
        fields["version"] = ""  # no version that we take asks for a licence: read it anew
    EvolutionServer.objects.filter(pk=server.pk).update(**fields)
    publish(topics.EVERY_SHOP, topics.SERVERS)
