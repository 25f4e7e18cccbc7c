"""`/webhook/*` and `/settings/*` (REC 05, 06)."""

from typing import Any

from navalha.simulator import errors
from navalha.simulator.api import Answer, Call, route
from navalha.simulator.shapes import Json, row_id, utc_text
from navalha.simulator.webhooks import EVENTS
from navalha.simulator.world import Instance

_SIX = ("rejectCall", "groupsIgnore", "alwaysOnline", "readMessages", "readStatus", "syncFullHistory")


@route("POST", "/webhook/set")
async def set_webhook(call: Call, instance: Instance) -> Answer:
    wanted = call.body.get("webhook")
    if not isinstance(wanted, dict):
        raise errors.invalid(['instance requires property "webhook"'])
    _check(wanted)
    if not isinstance(wanted.get("events"), list):
        raise errors.raw(500, "Cannot read properties of undefined (reading 'length')")
    instance.webhook = _merged(instance, wanted)
    call.world.save_instance(instance)
    return 201, instance.webhook


def _check(wanted: Json) -> None:
    fields: list[errors.Field] = [
        ("enabled", bool, "webhook.enabled is not of a type(s) boolean"),
        ("url", str, "webhook.url is not of a type(s) string"),
    ]
    errors.check_schema(wanted, ("enabled", "url"), fields, owner="webhook")
    events: list[Any] = wanted.get("events") or []
    for place, event in enumerate(events):
        if event not in EVENTS:
            raise errors.invalid([f"webhook.events[{place}] is not one of enum values: {','.join(EVENTS)}"])


def _merged(instance: Instance, wanted: Json) -> Json:
    """Absent headers, base64 and byEvents keep their old values; disabling empties the events; [] means all."""
    old = instance.webhook or {"id": row_id(), "headers": None, "webhookByEvents": False, "webhookBase64": False}
    now = utc_text()
    return {
        "id": old["id"],
        "url": wanted["url"],
        "headers": wanted.get("headers", old["headers"]),
        "enabled": wanted["enabled"],
        "events": (wanted["events"] or list(EVENTS)) if wanted["enabled"] else [],
        "webhookByEvents": wanted.get("byEvents", old["webhookByEvents"]),
        "webhookBase64": wanted.get("base64", old["webhookBase64"]),
        "createdAt": old.get("createdAt", now),
        "updatedAt": now,
        "instanceId": instance.id,
    }


@route("GET", "/webhook/find")
async def find_webhook(call: Call, instance: Instance) -> Answer:
    return 200, instance.webhook


@route("POST", "/settings/set")
async def set_settings(call: Call, instance: Instance) -> Answer:
    fields: list[errors.Field] = [(name, bool, f"{name} is not of a type(s) boolean") for name in _SIX]
    errors.check_schema(call.body, _SIX, fields)
    instance.settings.update({name: call.body[name] for name in instance.settings if name in call.body})
    call.world.save_instance(instance)
    return 201, {"settings": {"instanceName": instance.name, "settings": call.body}}


@route("GET", "/settings/find")
async def find_settings(call: Call, instance: Instance) -> Answer:
    return 200, instance.settings
