"""Asking servers how their instances stand: the network half of reconciliation. Touches no table."""

import enum
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import structlog

from navalha.core.secrets import WrongKey
from navalha.evolution.client import EvolutionClient
from navalha.evolution.errors import EvolutionError, InstanceMissing, LicenceRequired, Unauthorized
from navalha.evolution.types import ConnectionState as Remote
from navalha.evolution.types import RemoteInstance

from . import gateway
from .models import EvolutionServer

log = structlog.get_logger(__name__)

SERVERS_AT_ONCE = 8
BUDGET = 20.0  # seconds for all the questions to one server
PATIENCE = 5.0  # seconds for one


class Said(enum.Enum):
    """What a server says of an instance. The first three words are Evolution's own."""

    OPEN = "open"
    CONNECTING = "connecting"
    CLOSED = "close"
    MISSING = "missing"
    NO_ANSWER = "no answer"
    REFUSED_US = "refused us"
    NO_LICENCE = "no licence"


@dataclass(frozen=True, slots=True)
class Question:
    """An instance to ask about; `who` when we need to know whose phone it is, should it be open."""

    name: str
    who: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """`code` is why it is closed; the rest is of whoever is connected. All only where they are known."""

    name: str
    said: Said
    code: int | None = None
    owner_phone: str | None = None
    profile_name: str | None = None
    picture_url: str | None = None


Questions = Mapping[EvolutionServer, list[Question]]


def ask_servers(questions: Questions) -> Iterator[tuple[EvolutionServer, list[Answer]]]:
    """The answers of each server, in the order in which the servers are done."""
    if not questions:
        return
    with ThreadPoolExecutor(max_workers=min(SERVERS_AT_ONCE, len(questions)), thread_name_prefix="enquiry") as pool:
        asked = {pool.submit(_ask_server, server, wanted): server for server, wanted in questions.items()}
        for done in as_completed(asked):
            yield asked[done], done.result()


def _ask_server(server: EvolutionServer, questions: list[Question]) -> list[Answer]:
    """Runs in a thread of its own, so it must not touch the database."""
    try:
        with gateway.client_for(server, read_timeout=PATIENCE) as client:
            return _ask_all(client, questions)
    except (Unauthorized, WrongKey) as error:
        said, detail = Said.REFUSED_US, str(error)
    except LicenceRequired as error:
        said, detail = Said.NO_LICENCE, str(error)
    except EvolutionError as error:
        said, detail = Said.NO_ANSWER, str(error)
    log.error("server_does_not_answer", server=server.pk, said=said.value, error=detail)
    return [Answer(question.name, said) for question in questions]


def _ask_all(client: EvolutionClient, questions: list[Question]) -> list[Answer]:
    """Raises the error of the first question that the server itself fails; who is not reached in time waits."""
    ends_at, states = time.monotonic() + BUDGET, {}
    for question in questions:
        if time.monotonic() > ends_at:
            break
        states[question.name] = _state(client, question.name)
    wants_more = {question.name for question in questions if question.who}
    unclear = [name for name, said in states.items() if _needs_row(said, name in wants_more)]
    rows = _rows(client) if unclear else {}
    return [_answer(name, said, rows.get(name)) for name, said in states.items() if said is not None]


def _rows(client: EvolutionClient) -> dict[str, RemoteInstance]:
    """What more there is to know, by name. The server counts every message for it, which may take too long: then we go
    on with the states alone, or one slow list would stop the numbers of every shop."""
    try:
        return {row.name: row for row in client.instances()}
    except EvolutionError as error:
        log.warning("instances_are_not_listed", error=str(error))
        return {}


def _state(client: EvolutionClient, name: str) -> Said | None:
    """None while the server boots and does not know yet."""
    try:
        state = client.connection_state(name)
    except InstanceMissing:
        return Said.MISSING
    return {Remote.OPEN: Said.OPEN, Remote.CONNECTING: Said.CONNECTING, Remote.CLOSE: Said.CLOSED}.get(state)


def _needs_row(said: Said | None, who: bool) -> bool:
    return said is Said.CLOSED or (said is Said.OPEN and who)


def _answer(name: str, said: Said, row: RemoteInstance | None) -> Answer:
    """The row's own state lags behind and is not used; a code counts only where the row, too, is closed (REC 15)."""
    if row is None:
        return Answer(name, said)
    closed = said is Said.CLOSED and row.state is Remote.CLOSE
    return Answer(
        name,
        said,
        row.disconnection_code if closed else None,
        row.owner_phone,
        row.profile_name,
        row.profile_picture_url,
    )
