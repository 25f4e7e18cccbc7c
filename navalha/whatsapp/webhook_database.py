"""The three statements of the webhook door on one connection of its own. Plain psycopg: this path is hot."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import psycopg
from django.db import connections

from .models import (
    ConnectionState,
    EventState,
    RetiredRemote,
    ServerTrial,
    TrialReport,
    WebhookEvent,
    WhatsAppInstance,
)
from .webhook_rows import TRIAL, KnownInstance, Report, Row

CONNECT_SECONDS = 3
_EVENTS = WebhookEvent._meta.db_table
_RETIRED = RetiredRemote._meta.db_table
_INSTANCES = WhatsAppInstance._meta.db_table
_TRIALS = ServerTrial._meta.db_table
_REPORTS = TrialReport._meta.db_table

# The last words of a remote instance that is over count as those of a removed number.
_FIND = f"""
SELECT remote_name, 0 AS id, shop_id, webhook_secret_hash, '{ConnectionState.REMOVED}' AS state
FROM {_RETIRED} WHERE remote_name = ANY(%(names)s)
UNION ALL
SELECT remote_name, id, shop_id, webhook_secret_hash, state
FROM {_INSTANCES} WHERE remote_name = ANY(%(names)s)
UNION ALL
SELECT remote_name, id, 0, webhook_secret_hash, '{TRIAL}'
FROM {_TRIALS} WHERE remote_name = ANY(%(names)s)
"""  # noqa: S608 - the tables' own names, here and below
# In the order of arrival, so that the ids are too.
_STORE = f"""
INSERT INTO {_EVENTS}
    (shop_id, instance_id, event, dedupe_key, payload, received_at, due_at, state, attempts, error)
SELECT shop_id, instance_id, event, dedupe_key, payload::jsonb, received_at, received_at, '{EventState.STORED}', 0, ''
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
    WITH ORDINALITY AS row (shop_id, instance_id, event, dedupe_key, payload, received_at, position)
ORDER BY position
ON CONFLICT (instance_id, dedupe_key) DO NOTHING
RETURNING instance_id
"""  # noqa: S608
_REPORT = f"""
INSERT INTO {_REPORTS} (trial_id, event, said_at, sent_at, has_key, received_at)
VALUES (%s, %s, %s, %s, %s, %s)
"""  # noqa: S608
# The rows of `core.wake.wake_now`, many at once: a wake-up that is still waiting is enough.
_WAKE = """
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args)
SELECT 'rows', 'navalha.inbox', 0, 'inbox:' || id, 'inbox:' || id, jsonb_build_object('instance_id', id)
FROM unnest(%s::bigint[]) AS id
ON CONFLICT DO NOTHING
"""


class WebhookDatabase:
    """One connection, opened when it is needed and again after it broke. Every method raises psycopg.Error."""

    def __init__(self) -> None:
        # Read when the door opens and not at import: a test has its own database by then.
        self._parameters = _parameters()
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def instances(self, names: Collection[str]) -> dict[str, KnownInstance]:
        """Those of the remote names that exist."""
        cursor = await (await self._open()).execute(_FIND, {"names": list(names)})
        return {name: KnownInstance(*rest) for name, *rest in await cursor.fetchall()}

    async def store(self, rows: Sequence[Row]) -> set[int]:
        """Insert what is not there yet, committed on return; the instances that have something new."""
        columns = [
            [row.shop_id for row in rows],
            [row.instance_id for row in rows],
            [row.event for row in rows],
            [row.dedupe_key for row in rows],
            [row.payload for row in rows],
            [row.received_at for row in rows],
        ]
        cursor = await (await self._open()).execute(_STORE, columns)
        return {instance_id for (instance_id,) in await cursor.fetchall()}

    async def report(self, reports: Sequence[Report]) -> None:
        """Keep what the throw-away instances of trials reported; they are few."""
        connection = await self._open()
        for row in reports:
            values = [row.trial_id, row.event, row.said_at, row.sent_at, row.has_key, row.received_at]
            await connection.execute(_REPORT, values)

    async def wake(self, instance_ids: Sequence[int]) -> None:
        """One waiting wake-up for each; after the rows' commit, or a quick worker would look too early."""
        await (await self._open()).execute(_WAKE, [list(instance_ids)])

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _open(self) -> psycopg.AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(**self._parameters)
        return self._connection


def _parameters() -> Mapping[str, Any]:
    """Where Django's own connection goes."""
    parameters = connections["default"].get_connection_params()
    for name in ("cursor_factory", "context"):
        parameters.pop(name, None)
    return {**parameters, "autocommit": True, "connect_timeout": CONNECT_SECONDS, "prepare_threshold": 2}
