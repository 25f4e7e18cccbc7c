"""The history of a number as its owner reads it: by days, in plain words, with how long each turn lasted. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.utils.timezone import localtime

from navalha.web import elapsed
from navalha.web.sentences import to_keep

from .causes import CAUSES, Cause
from .models import ConnectionChange, ConnectionState

S = ConnectionState
OUT = frozenset({S.UNSTABLE, S.DISCONNECTED, S.ERROR, S.AWAITING_QR, S.CONNECTING})


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. `badge` is a key of `web.badges`; `lasted` is how long it stayed so, empty while it does; `out` is
    how long the number had been out of service, when this change ended that."""

    change: ConnectionChange
    badge: str
    cause: Cause | None
    lasted: str
    out: str


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    entries: list[Entry]


def timeline(changes: Sequence[ConnectionChange]) -> list[Day]:
    """The changes (newest first) as days on the active clock, newest first."""
    entries = [_entry(changes, place) for place in range(len(changes))]
    days = groupby(entries, key=lambda entry: localtime(entry.change.at).date())
    return [Day(day, list(group)) for day, group in days]


def _entry(changes: Sequence[ConnectionChange], place: int) -> Entry:
    change = changes[place]
    cause = cause_of_reason(change.reason)
    badge = cause.badge if cause and cause.badge and change.to_state in (S.ERROR, S.DISCONNECTED) else change.to_state
    lasted = elapsed.lasting(changes[place - 1].at - change.at) if place else ""
    return Entry(change, badge, cause, lasted, _out(changes, place))


def _out(changes: Sequence[ConnectionChange], place: int) -> str:
    """How long it was out, when it is connected again: since it was last connected, whatever came between."""
    change = changes[place]
    if change.to_state != S.CONNECTED:
        return ""
    began: datetime | None = None
    for earlier in changes[place + 1 :]:
        if earlier.to_state == S.CONNECTED:
            return elapsed.lasting(change.at - began) if began else ""
        if earlier.to_state in OUT:
            began = earlier.at
    return ""


def cause_of_reason(reason: str) -> Cause | None:
    """The cause whose sentence a history row keeps; None for other reasons, and for words that were changed since."""
    return next((cause for cause in CAUSES.values() if reason and to_keep(cause.happened) == reason), None)
