"""Asking WhatsApp itself for a sign of life: the network half of `health_work`. Touches no table.

The question is for the profile picture of the number's own account: it goes over the session to WhatsApp each time,
reaches nobody, and concerns no stranger. Looking up whether a number is on WhatsApp would not do: Evolution answers
that from a cache of seven days (FACTS B), and asking much of it gets numbers banned (FACTS D 18).
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import structlog

from navalha.core.secrets import WrongKey
from navalha.evolution.errors import EvolutionError

from . import gateway
from .health import Life
from .models import EvolutionServer

log = structlog.get_logger(__name__)

AT_ONCE = 8
# WhatsApp answers in well under a second; a dead session waits for a minute and then says "no picture".
PATIENCE = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Suspect:
    """A number to ask about: `pk` of its row, and its own phone (E.164)."""

    pk: int
    server: EvolutionServer
    remote_name: str
    number: str


def probe_all(suspects: list[Suspect]) -> Iterator[tuple[Suspect, Life]]:
    """What came back for each, in the order in which it came."""
    if not suspects:
        return
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(suspects)), thread_name_prefix="probe") as pool:
        asked = {pool.submit(_probe, suspect): suspect for suspect in suspects}
        for done in as_completed(asked):
            yield asked[done], done.result()


def _probe(suspect: Suspect) -> Life:
    """Runs in a thread of its own, so it must not touch the database."""
    try:
        with gateway.client_for(suspect.server, read_timeout=PATIENCE) as client:
            found = client.has_picture(suspect.remote_name, suspect.number)
    except (EvolutionError, WrongKey) as error:
        log.warning("probe_is_silent", number=suspect.pk, server=suspect.server.pk, error=str(error))
        return Life.SILENT
    return Life.ALIVE if found else Life.UNCLEAR


def restart(suspect: Suspect) -> bool:
    """Have the session connect anew; whether the server took it. Never a logout: after one it would hear nothing."""
    try:
        with gateway.client_for(suspect.server, read_timeout=PATIENCE) as client:
            client.restart(suspect.remote_name)
    except (EvolutionError, WrongKey) as error:
        log.warning("restart_failed", number=suspect.pk, server=suspect.server.pk, error=str(error))
        return False
    return True
