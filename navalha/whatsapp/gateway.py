"""The one place where a server's key is opened."""

from typing import TypeVar, overload

from django.conf import settings

from navalha.evolution.client import EvolutionClient

from .models import EvolutionServer, WhatsAppInstance

SECRET_HEADER = "X-API-Key"  # noqa: S105 - the header's name
# A person waits for these calls; none of them takes Evolution more than about two seconds (RECORDED 3).
PATIENCE = 8.0
CONNECT_PATIENCE = 3.0


Client = TypeVar("Client", bound=EvolutionClient)


@overload
def client_for(server: EvolutionServer, *, read_timeout: float | None = None) -> EvolutionClient: ...
@overload
def client_for(server: EvolutionServer, *, read_timeout: float | None = None, kind: type[Client]) -> Client: ...
def client_for(
    server: EvolutionServer, *, read_timeout: float | None = None, kind: type[EvolutionClient] = EvolutionClient
) -> EvolutionClient:
    """A client (of another `kind`, if asked) that speaks to `server` with its key; a context manager.

    Raises `core.secrets.WrongKey` when no configured key opens the stored one.
    """
    patience = settings.EVOLUTION_READ_TIMEOUT if read_timeout is None else read_timeout
    return kind(server.url, server.api_key, read_timeout=patience, connect_timeout=CONNECT_PATIENCE)


def webhook_address() -> str:
    """Where an Evolution server reports to us."""
    return f"{settings.WEBHOOK_BASE_URL}/whatsapp/webhook/update/"


def webhook_of(number: WhatsAppInstance) -> str:
    """Where the server of `number` reports to us: the address that an operator gave it, or everybody's."""
    return number.webhook_url or webhook_address()


def webhook_headers(secret: str) -> dict[str, str]:
    """What makes a report believable: a secret that only this one instance was told."""
    return {SECRET_HEADER: secret}
