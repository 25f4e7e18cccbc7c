"""Which events of a connection are still news. Pure.

Webhooks come in any order: one whose first delivery failed comes again seconds or minutes later, after its successor
(RECORDED 4). Messages and acks do not mind; but a late `connecting` must not undo an `open`.
"""

import re
from collections.abc import Mapping
from typing import Any

ORDERED = ("connection.update", "qrcode.updated")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?")


class ConnectionOrder:
    """Walks one instance's webhooks in the order of arrival.

    `newest` is the `date_time` of the newest one that was applied before. It is the server's local time with a false
    `Z`: useless as a time, but good for telling which of two events of one server came first.
    """

    def __init__(self, newest: str = "") -> None:
        self._newest = newest
        self._last: tuple[Any, Any] | None = None

    def is_news(self, payload: Mapping[str, Any]) -> bool:
        """False for one that was overtaken, and for one that says what the one before it said."""
        if payload.get("event") not in ORDERED:
            return True
        moment = told_at(payload)
        if moment and moment < self._newest:
            return False
        self._newest = max(self._newest, moment)
        said, self._last = self._last, _state(payload)
        return said is None or said != self._last


def told_at(payload: Mapping[str, Any]) -> str:
    """The server's own time of the event, as sortable text; empty when there is none."""
    moment = payload.get("date_time")
    return moment if isinstance(moment, str) and _TIME.fullmatch(moment) else ""


def _state(payload: Mapping[str, Any]) -> tuple[Any, Any] | None:
    """What a connection.update says; None for everything else, so that a code between two makes both count.

    While WhatsApp is away the server says `connecting` 563 times in ten seconds (REC 15).
    """
    data = payload.get("data")
    if payload.get("event") != "connection.update" or not isinstance(data, Mapping):
        return None
    return data.get("state"), data.get("statusReason")
