"""Messages from the API to customers' phones: accepted, echoed, delivered, read (REC 08, 23)."""

import asyncio
import random

from navalha.simulator.shapes import Json, api_message_id, api_number, digits, lid_of, number_of_jid, phone_jid, row_id
from navalha.simulator.world import Instance, Message, World

_RANK = {"PENDING": 0, "SERVER_ACK": 1, "DELIVERY_ACK": 2, "READ": 3, "PLAYED": 4}


def accepted(world: World, instance: Instance, jid: str, parts: Json, text: str, kind: str) -> Message:
    """Make the message that a send call answers with, and put it on the customer's phone unless the session is dead.

    `parts` are the fields between `key` and `messageType` that differ by kind, and `messageType` itself.
    """
    at = world.now()
    key = {"remoteJid": jid, "fromMe": True, "id": api_message_id()} | parts.pop("key", {})
    data = {"key": key, "pushName": "Você", "status": "PENDING", **parts}
    data |= {"messageTimestamp": int(at), "instanceId": instance.id, "source": "web"}
    dead = world.switch("dead", instance=instance.name)
    message = Message(key["id"], instance.name, number_of_jid(jid), "api", text, at, data, kind, reached=not dead)
    world.known_numbers.add(message.number)
    world.phone(message.number)
    world.save_message(message)
    if message.reached:
        world.reached[text] += 1
    return message


def echo(world: World, instance: Instance, message: Message) -> None:
    """Emit send.message within milliseconds of the answer, in either order (REC 23)."""
    world.spawn(_echo(world, instance, message))


async def _echo(world: World, instance: Instance, message: Message) -> None:
    await asyncio.sleep(random.uniform(0, 0.006))  # noqa: S311 — either order is the point
    world.hooks.emit(instance, "send.message", message.data)


def start_receipts(world: World, instance: Instance, message: Message) -> None:
    if message.reached and message.author == "api":
        world.spawn(_receipts(world, instance, message))


def resume_receipts(world: World, instance: Instance) -> None:
    """After a reconnect WhatsApp hands over the receipts that were still to come."""
    for message in world.rows(instance.name):
        if message.author == "api" and message.status in ("PENDING", "SERVER_ACK", "DELIVERY_ACK"):
            start_receipts(world, instance, message)


async def _receipts(world: World, instance: Instance, message: Message) -> None:
    scope = {"instance": instance.name, "number": message.number}
    if message.status == "PENDING":
        if world.switches.take("ack_error", **scope):
            await world.sleep(0.03)
            return receipt(world, instance, message, "ERROR")
        if random.random() < world.switch("server_ack_fraction", **scope):  # noqa: S311 — pretend chance
            await world.sleep(0.1)
            receipt(world, instance, message, "SERVER_ACK")
        await world.wait("delivered_after", **scope)
        receipt(world, instance, message, "DELIVERY_ACK")
    if world.switch("auto_read", **scope):
        await world.wait("read_after", **scope)
        receipt(world, instance, message, "READ")
    return None


def receipt(world: World, instance: Instance, message: Message, status: str) -> None:
    """Store a status and emit messages.update. The same status twice is dropped; acks switched off never come."""
    scope = {"instance": instance.name, "number": message.number}
    silent = not world.switch("acks", **scope) or world.switch("dead", instance=instance.name)
    # An update whose message the server did not store is skipped for good (FACTS A6).
    silent = silent or not world.switch("save_messages", instance=instance.name)
    repeated = any(update["status"] == status for update in message.updates)
    if world.instances.get(instance.name) is not instance or silent or repeated or not instance.paired:
        return
    remote = message.data["key"]["remoteJid"]
    if world.switch("addressing", **scope).startswith("lid"):
        remote = lid_of(message.number)
    message.updates.append({"id": row_id(), "status": status, "remoteJid": remote})
    if status == "ERROR" or _RANK[status] > _RANK.get(message.status, 9):
        message.status = status
    world.save_message(message)
    body = {"keyId": message.id, "remoteJid": remote, "fromMe": True, "status": status, "instanceId": instance.id}
    world.hooks.emit(instance, "messages.update", body | {"messageId": message.row})


def conversation_opened(world: World, number: str, only: str | None = None) -> list[Message]:
    """The customer opens the conversation: everything delivered turns read. Returns what was read now."""
    read = []
    for message in list(world.messages.values()):
        mine = message.number == number and message.author == "api" and message.reached
        if not mine or message.status == "READ" or message.status == "ERROR" or only not in (None, message.id):
            continue
        instance = world.instances.get(message.instance)
        if instance is None:
            continue
        receipt(world, instance, message, "DELIVERY_ACK")
        receipt(world, instance, message, "READ")
        read.append(message)
    return read


def known(world: World, jid: str) -> bool:
    """Has Evolution already cached that this number is on WhatsApp?"""
    return number_of_jid(jid) in world.known_numbers


def on_whatsapp(world: World, instance: Instance, jid: str) -> bool:
    number = number_of_jid(jid)
    return bool(number) and not world.switch("not_on_whatsapp", instance=instance.name, number=number)


def jid_of(number: str) -> str:
    """Evolution's jid of what a caller put in `number` (createJid)."""
    if "@g.us" in number or "@lid" in number or "@broadcast" in number:
        return number
    return phone_jid(api_number(digits(number.split("@")[0].split(":")[0])))
