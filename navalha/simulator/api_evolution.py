"""The channel EVOLUTION: an instance without a WhatsApp, spoken to by `POST /webhook/evolution` (REC 13).

It stores its messages whatever the server's settings are, as the real channel service does.
"""

import uuid
from typing import Any

from navalha.simulator.api import NOTHING, Answer, Call, plain_route
from navalha.simulator.shapes import Json, number_of_jid
from navalha.simulator.world import Instance, Message, World

NAME = "EVOLUTION"
NO_LISTS = "Method not available on Evolution Channel"


@plain_route("POST", "/webhook/evolution")
async def hand_in(call: Call) -> Answer:
    """A message that comes in; needs no key. For a number that no instance has the answer is empty."""
    world, body = call.world, call.body
    found = (row for row in world.instances.values() if row.integration == NAME and row.number == body.get("numberId"))
    instance = next(found, None)
    if instance is None:
        return 200, NOTHING
    if body.get("message"):
        _received(world, instance, body)
    return 200, {"status": "success"}


def _received(world: World, instance: Instance, body: Json) -> None:
    key = body["key"]
    jid = key["remoteJid"]
    known = any(message.data["key"]["remoteJid"] == jid for message in world.rows(instance.name))
    data: Json = {"key": {"id": key.get("id") or str(uuid.uuid4()), "remoteJid": jid, "fromMe": key["fromMe"]}}
    data |= {"pushName": body.get("pushName"), "message": body["message"], "messageType": body.get("messageType")}
    data |= {"messageTimestamp": world.server_seconds(), "source": "unknown", "instanceId": instance.id}
    _store(world, instance, data, author="customer")
    world.hooks.emit(instance, "messages.upsert", data)
    person = {"remoteJid": jid, "pushName": body.get("pushName"), "instanceId": instance.id}
    world.hooks.emit(instance, "contacts.upsert", person)
    chat = {"remoteJid": jid, "instanceId": instance.id}
    if known:
        world.hooks.emit(instance, "chats.update", chat)
    world.hooks.emit(instance, "chats.upsert", chat)


def send(call: Call, instance: Instance, kind: str, message: Json) -> Answer:
    """Nothing goes anywhere: the message is stored and reported as sent."""
    key = {"fromMe": True, "id": str(uuid.uuid4()), "remoteJid": call.body["number"]}
    data: Json = {"key": key, "message": message, "messageType": kind}
    data |= {"messageTimestamp": call.world.server_seconds(), "source": "unknown", "instanceId": instance.id}
    _store(call.world, instance, data, author="api")
    call.world.hooks.emit(instance, "send.message", data)
    return 201, data


def _store(world: World, instance: Instance, data: Json, *, author: str) -> None:
    number = number_of_jid(data["key"]["remoteJid"])
    text: Any = data["message"].get("conversation", "")
    world.save_message(Message(data["key"]["id"], instance.name, number, author, text, world.now(), data))


def parts_of(body: Json, *names: str) -> Json:
    """Those of the request's fields that a message of this channel keeps."""
    return {name: body[name] for name in names if name in body}
