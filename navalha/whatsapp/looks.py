"""Looking at servers: does each answer, take our key, and speak a version that we know? Touches no table."""

import time
from collections.abc import Container, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from navalha.core.secrets import WrongKey
from navalha.evolution.answers import is_supported
from navalha.evolution.client import EvolutionClient
from navalha.evolution.errors import EvolutionError, InvalidInput, LicenceRequired, Unauthorized, UnsupportedVersion

from . import gateway
from .models import EvolutionServer, ServerState

SERVERS_AT_ONCE = 16
PATIENCE = 6.0  # seconds for one server
SLOW_MS = 2_000


@dataclass(frozen=True, slots=True)
class Look:
    """How a server answered. `version` is empty where it was not asked for, or was not said."""

    state: ServerState
    milliseconds: int | None = None
    version: str = ""

    @property
    def answered(self) -> bool:
        """Whether anything was heard, even a refusal."""
        return self.state != ServerState.SILENT

    @property
    def is_well(self) -> bool:
        return self.state in (ServerState.WELL, ServerState.SLOW)


def look_at_all(
    servers: Iterable[EvolutionServer], *, versions_of: Container[int] = ()
) -> Iterator[tuple[EvolutionServer, Look]]:
    """A quick look at each, all at the same time, in the order in which they are done; those whose keys are in
    `versions_of` are asked for their version, too."""
    servers = list(servers)
    if not servers:
        return
    with ThreadPoolExecutor(min(SERVERS_AT_ONCE, len(servers)), thread_name_prefix="look") as pool:
        asked = {pool.submit(_look_at, server, server.pk in versions_of): server for server in servers}
        for done in as_completed(asked):
            yield asked[done], done.result()


def _look_at(server: EvolutionServer, ask_version: bool) -> Look:
    """Runs in a thread of its own, so it must not touch the database."""
    try:
        with gateway.client_for(server, read_timeout=PATIENCE) as client:
            look = _look(client)
            if ask_version and (look.is_well or look.state == ServerState.LICENCE):
                return _with_version(client, look)
    except WrongKey:
        return Look(ServerState.KEY_REFUSED)
    except InvalidInput:  # an address or a key that the admin let through: nobody can be spoken to there
        return Look(ServerState.SILENT)
    unsupported = look.is_well and server.version and not is_supported(server.version)
    return Look(ServerState.UNSUPPORTED, look.milliseconds) if unsupported else look


def _with_version(client: EvolutionClient, look: Look) -> Look:
    """The look with what the server says of itself; as it was when it does not say."""
    try:
        info = client.server_info()
    except EvolutionError:
        return look
    unsupported = look.is_well and not info.supported
    return Look(ServerState.UNSUPPORTED if unsupported else look.state, look.milliseconds, info.version[:20])


def try_out(url: str, api_key: str) -> Look:
    """A whole look at a server that is not saved yet, its version included. Raises `InvalidInput` for what is no
    address or no key."""
    with EvolutionClient(url, api_key, read_timeout=PATIENCE, connect_timeout=gateway.CONNECT_PATIENCE) as client:
        look = _look(client)
        if not look.is_well and look.state != ServerState.FAILING:
            return look
        try:
            info = client.server_info()
        except EvolutionError as error:
            return Look(ServerState.UNSUPPORTED if _is_another_program(error) else _state_of(error), look.milliseconds)
        if not look.is_well:
            return look
    return Look(look.state if info.supported else ServerState.UNSUPPORTED, look.milliseconds, info.version[:20])


def _is_another_program(error: EvolutionError) -> bool:
    """`GET /` of every Evolution API answers 200, without a key."""
    return isinstance(error, UnsupportedVersion) or (error.status is not None and error.status < 500)


def _look(client: EvolutionClient) -> Look:
    began = time.monotonic()
    try:
        client.ping()
    except InvalidInput:
        raise
    except EvolutionError as error:
        return Look(_state_of(error), _since(began) if error.status else None)
    milliseconds = _since(began)
    return Look(ServerState.SLOW if milliseconds > SLOW_MS else ServerState.WELL, milliseconds)


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _state_of(error: EvolutionError) -> ServerState:
    if isinstance(error, LicenceRequired):
        return ServerState.LICENCE
    if isinstance(error, Unauthorized):
        return ServerState.KEY_REFUSED
    if isinstance(error, UnsupportedVersion):
        return ServerState.UNSUPPORTED
    return ServerState.SILENT if error.status is None else ServerState.FAILING
