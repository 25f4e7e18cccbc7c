"""Only servers whose answers we know get a remote instance: the version of each is read at most once an hour."""

from datetime import datetime

import structlog

from navalha.evolution.answers import is_supported
from navalha.evolution.client import EvolutionClient
from navalha.evolution.errors import UnsupportedVersion
from navalha.web.limits import Limit, allow

from .models import EvolutionServer

log = structlog.get_logger(__name__)

# The server calls out to web.whatsapp.com each time it is asked (RECORDED 3). Counted apart from `seen_at`, which every
# check of the connections renews.
READINGS = Limit("server version", most=1, seconds=3600)


def require_supported(server: EvolutionServer, client: EvolutionClient, *, now: datetime) -> None:
    """Make sure that `server` is of a supported version (2.3.x). May speak with it: not inside a transaction.

    Raises `UnsupportedVersion`, and the other errors of `evolution` when the server does not say.
    """
    if allow(READINGS, str(server.pk), now=now) or not server.version:
        server.version = client.server_info().version[:20]
        server.seen_at = now
        server.save(update_fields=["version", "seen_at"])
    if not is_supported(server.version):
        log.error("server_version_is_not_supported", server=server.pk, version=server.version)
        raise UnsupportedVersion(server.version)
