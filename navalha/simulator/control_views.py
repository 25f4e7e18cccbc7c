"""What the control door shows: plain JSON views of the world, with no webhook headers and no keys."""

from typing import Any

from navalha.simulator.shapes import Json
from navalha.simulator.switches import SWITCHES
from navalha.simulator.world import Instance, Message, Phone, World


def message_view(world: World, message: Message) -> Json:
    """A message as the customer's phone sees it: direction "received" (from the shop) or "sent"."""
    instance = world.instances.get(message.instance)
    shop = instance.owner_number if instance else ""
    sent = message.author == "customer"
    return {
        "id": message.id,
        "text": message.text,
        "kind": message.kind,
        "at": message.at,
        "status": message.status,
        "direction": "sent" if sent else "received",
        "author": message.author,
        "instance": message.instance,
        "from": message.number if sent else shop,
        "to": shop if sent else message.number,
        "reached": message.reached,
        "quoted_id": message.quoted,
    }


def phone_view(world: World, phone: Phone) -> Json:
    return {"number": phone.number, "name": phone.name, "team": phone.number in world.team}


def _phone_row(world: World, phone: Phone, mine: list[Message]) -> Json:
    last = max(mine, key=lambda m: m.at, default=None)
    unread = sum(1 for m in mine if m.author != "customer" and m.status not in ("READ", "ERROR"))
    row = phone_view(world, phone) | {"unread": unread, "messages": len(mine)}
    return row | {"last_text": last.text if last else "", "last_at": last.at if last else 0.0}


def _phones(world: World) -> list[Json]:
    by_number: dict[str, list[Message]] = {number: [] for number in world.phones}
    for message in world.messages.values():
        if message.reached or message.author == "customer":
            by_number.setdefault(message.number, []).append(message)
    rows = [_phone_row(world, phone, by_number[number]) for number, phone in world.phones.items()]
    # Customers first: a notice to the team comes after the message to the customer and must not take its place.
    return sorted(rows, key=lambda row: (row["team"], -row["last_at"]))


def _instance(world: World, instance: Instance) -> Json:
    session = world.sessions[instance.name]
    hook = instance.webhook or {}
    return {
        "name": instance.name,
        "integration": instance.integration,
        "state": session.state,
        "paired": instance.paired,
        "muted": session.muted,
        "qr": {
            "code": session.code,
            "base64": session.image,
            "pairing_code": session.pairing_code,
            "count": session.qr_count,
            "shown_at": session.shown_at if session.code else None,
        },
        "owner_number": instance.owner_number or world.owner_number(instance),
        "profile_name": instance.profile_name,
        "webhook_url": hook.get("url"),
        "webhook_events": hook.get("events", []),
        "reason_code": instance.reason_code,
    }


def state_view(world: World) -> Json:
    """Everything at once."""
    return {
        "version": world.version,
        "base_url": world.base_url,
        "instances": [_instance(world, instance) for instance in world.instances.values()],
        "phones": _phones(world),
        "switches": world.switches.as_dict(),
        "counters": {
            "asked": dict(world.asked),
            "reached": dict(world.reached),
            "emitted": dict(world.hooks.emitted),
            "attempts": len(world.hooks.log),
        },
    }


def switches_view(world: World) -> list[Json]:
    return [_switch(world, name) for name in SWITCHES]


def _switch(world: World, name: str) -> Json:
    switch = SWITCHES[name]
    row: dict[str, Any] = {"name": name, "section": switch.section, "label": switch.label}
    row |= {"default": switch.default, "choices": list(switch.choices), "counting": switch.counting}
    return row | {"value": world.switch(name)}
