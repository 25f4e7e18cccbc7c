"""Reads the recorded exchanges and webhooks, and compares structures: keys and types, recursively."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[3] / "tests" / "recorded"
RECORDED_RECEIVER = "http://127.0.0.1:8099"
# Null or a text by circumstances that do not matter here: has the person a picture; does the server expose its keys.
NULLABLE = ("profilePicUrl", "profilePictureUrl", "apikey")
BAILEYS_FILES = ("02", "04", "05", "08", "09", "11", "15", "16", "17", "18", "20", "22", "23")


@cache
def topic(prefix: str) -> tuple[dict[str, Any], ...]:
    """Everything recorded in the file whose name starts with `prefix`_."""
    path = next(FOLDER.glob(f"{prefix}_*.json"))
    return tuple(json.loads(path.read_text())["recorded"])


def exchanges(prefix: str) -> list[tuple[int, dict[str, Any]]]:
    return [(place, entry) for place, entry in enumerate(topic(prefix)) if entry["kind"] == "exchange"]


def shape(value: Any) -> Any:
    """Keys and types only. Bytes written as numbered objects are one type; so are whole and broken numbers."""
    if isinstance(value, dict):
        if value and all(key.isdigit() for key in value):
            return "octets"
        return {key: shape(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return sorted({json.dumps(shape(item)) for item in value})
    if isinstance(value, bool) or value is None:
        return type(value).__name__
    return "number" if isinstance(value, int | float) else type(value).__name__


def differences(recorded: Any, ours: Any, at: str = "$") -> list[str]:
    """Where two bodies differ in keys or types. An empty list may stand for a list of anything."""
    if isinstance(recorded, dict) and isinstance(ours, dict):
        if shape(recorded) == shape(ours) == "octets":
            return []
        found = [f"{at}: key {key!r} only recorded" for key in recorded.keys() - ours.keys()]
        found += [f"{at}: key {key!r} only ours" for key in ours.keys() - recorded.keys()]
        either_null = {key for key in NULLABLE if ours.get(key) is None or recorded.get(key) is None}
        for key in (recorded.keys() & ours.keys()) - either_null:
            found += differences(recorded[key], ours[key], f"{at}.{key}")
        return found
    if isinstance(recorded, list) and isinstance(ours, list):
        return _list_differences(recorded, ours, at)
    return [] if shape(recorded) == shape(ours) else [f"{at}: {shape(recorded)} recorded, {shape(ours)} ours"]


def _list_differences(recorded: list[Any], ours: list[Any], at: str) -> list[str]:
    found: list[str] = []
    for place, item in enumerate(ours if recorded else []):
        tries = [differences(example, item, f"{at}[{place}]") for example in recorded]
        found += min(tries, key=len)
    return found


@cache
def recorded_webhooks() -> tuple[dict[str, Any], ...]:
    """The bodies of all webhooks recorded on Baileys instances."""
    return tuple(
        entry["body"]
        for prefix in BAILEYS_FILES
        for entry in topic(prefix)
        if entry["kind"] == "webhook" and isinstance(entry["body"], dict)
    )


def webhook_differences(ours: dict[str, Any]) -> list[str]:
    """How far a webhook is from the nearest recorded one of its event; empty when one has the same structure."""
    same = [body for body in recorded_webhooks() if body["event"] == ours["event"]]
    if not same:
        return [f"no recording of {ours['event']}"]
    return min((differences(body, ours) for body in same), key=len)
