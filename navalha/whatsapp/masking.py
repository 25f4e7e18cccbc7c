"""A webhook's content without what people wrote and who they are: enough to see what kind of thing came. Pure."""

from collections.abc import Mapping
from typing import Any

# Words of the protocol, ids and times. Everything else may be somebody's.
PLAIN = frozenset(
    {"event", "instance", "date_time", "state", "statusReason", "status", "messageType", "messageTimestamp", "source"}
    | {"fromMe", "id", "keyId", "messageId", "instanceId", "addressingMode", "server_url"}
)


def masked(value: Any, name: str = "") -> Any:
    """The same shape; texts say only how long they are, numbers that they are some."""
    if isinstance(value, Mapping):
        return {key: masked(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner, name) for inner in value]
    if value is None or isinstance(value, bool) or name in PLAIN:
        return value
    return f"… ({len(value)})" if isinstance(value, str) else "…"
