"""`/chat/*`: look-ups, stored messages, reading (REC 07, 10)."""

import math
from typing import Any

from navalha.simulator import errors, outbound
from navalha.simulator.api import Answer, Call, route
from navalha.simulator.shapes import PICTURE, SOUND, Json, phone_jid, row_id, stored, utc_text
from navalha.simulator.world import Instance, Message

PICTURE_URL = "https://pps.whatsapp.net/v/mock.jpg?oe=dummy"
PRESENCES = ("unavailable", "available", "composing", "recording", "paused")


def _raw_closed(call: Call, instance: Instance, missing: str) -> str | None:
    """The JavaScript text of a call on a session that has no socket, or None while it is open."""
    session = call.world.sessions[instance.name]
    if session.state == "open":
        return None
    if not session.socket_made:
        return f"Cannot read properties of undefined (reading '{missing}')"
    return "Connection Closed"


@route("POST", "/chat/whatsappNumbers")
async def whatsapp_numbers(call: Call, instance: Instance) -> Answer:
    numbers = call.body.get("numbers")
    state = call.world.sessions[instance.name].state
    if not isinstance(numbers, list):
        raise errors.empty()
    _check_numbers(numbers)
    if state == "connecting" and not instance.paired:
        await call.world.wait("connecting_send_wait")
    if state != "open":
        raise errors.empty()
    asked = [(number, outbound.jid_of(number)) for number in numbers]
    # Not in the order asked: groups first, then users (REC 10).
    asked.sort(key=lambda pair: not pair[1].endswith("@g.us"))
    return 200, [_looked_up(call, instance, number, jid) for number, jid in asked]


def _check_numbers(numbers: list[Any]) -> None:
    if not numbers:
        raise errors.flat([["numbers does not meet minimum length of 1"]])
    if not all(isinstance(number, str) for number in numbers):
        raise errors.flat([['"numbers" must be an array of numeric strings']])
    if len(set(numbers)) != len(numbers):
        raise errors.flat([["numbers contains duplicate item"]])


def _looked_up(call: Call, instance: Instance, number: str, jid: str) -> Json:
    world, plain = call.world, outbound.number_of_jid(jid)
    exists = not jid.endswith("@g.us") and outbound.on_whatsapp(world, instance, jid)
    row: Json = {"jid": jid, "exists": exists, "number": number}
    wrote = (instance.name, plain) in world.wrote
    if exists and wrote:
        row["name"] = world.phones[plain].name
    if exists and world.switch("addressing", instance=instance.name, number=plain).startswith("lid") and wrote:
        row["lid"] = "lid"
    if exists:
        world.known_numbers.add(plain)
    return row


@route("POST", "/chat/findMessages")
async def find_messages(call: Call, instance: Instance) -> Answer:
    """`offset` is the page size; unknown `where` keys are ignored (REC 10)."""
    key = (call.body.get("where") or {}).get("key") or {}
    rows = [m for m in call.world.stored(instance) if _matches(m, key) and m.data]
    size, page = int(call.body.get("offset") or 50), int(call.body.get("page") or 1)
    shown = [_record(m) for m in rows[(page - 1) * size : page * size]]
    pages = math.ceil(len(rows) / size)
    return 200, {"messages": {"total": len(rows), "pages": pages, "currentPage": page, "records": shown}}


def _matches(message: Message, key: Json) -> bool:
    own = message.data["key"]
    if message.author == "customer" and not message.reached:
        return False
    if "id" in key and own["id"] != key["id"]:
        return False
    if "fromMe" in key and own["fromMe"] != key["fromMe"]:
        return False
    jids = (own["remoteJid"], own.get("remoteJidAlt"))
    return all(key[name] in jids for name in ("remoteJid", "remoteJidAlt") if name in key)


def _record(message: Message) -> Json:
    data = message.data
    return {
        "id": message.row,
        "key": data["key"],
        "pushName": data.get("pushName"),
        "messageType": data["messageType"],
        "message": stored(data["message"]),
        "messageTimestamp": data["messageTimestamp"],
        "instanceId": data["instanceId"],
        "source": data["source"],
        "contextInfo": data.get("contextInfo"),
        "MessageUpdate": [{"status": update["status"]} for update in message.updates],
    }


@route("POST", "/chat/findStatusMessage")
async def find_status_message(call: Call, instance: Instance) -> Answer:
    """Stored status rows; `where.id` is WhatsApp's message id, `where.keyId` is ignored (REC 10)."""
    where = call.body.get("where") or {}
    if not call.world.switch("save_updates", instance=instance.name):
        return 200, []
    rows = [m for m in reversed(call.world.stored(instance)) if where.get("id", m.id) == m.id]
    if "remoteJid" in where:
        rows = [m for m in rows if m.data["key"]["remoteJid"] == where["remoteJid"]]
    return 200, [_status_row(instance, m, update) for m in rows for update in m.updates]


def _status_row(instance: Instance, message: Message, update: Json) -> Json:
    return {
        "id": update["id"],
        "keyId": message.id,
        "remoteJid": update["remoteJid"],
        "fromMe": True,
        "participant": None,
        "pollUpdates": None,
        "status": update["status"],
        "messageId": message.row,
        "instanceId": instance.id,
    }


@route("POST", "/chat/markMessageAsRead")
async def mark_as_read(call: Call, instance: Instance) -> Answer:
    """The customer's phone sees blue ticks. Keys with a @lid jid are silently dropped (REC 10)."""
    keys = call.body.get("readMessages")
    if keys is None:
        raise errors.invalid(['instance requires property "readMessages"'])
    if not keys:
        raise errors.invalid(["readMessages does not meet minimum length of 1"])
    closed = _raw_closed(call, instance, "readMessages")
    if closed is not None:
        raise errors.refused(500, "Read messages fail", f"TypeError: {closed}")
    for key in keys:
        message = call.world.messages.get(f"{instance.name}/{key.get('id')}")
        if message is not None and message.author == "customer" and not str(key.get("remoteJid")).endswith("@lid"):
            message.status = "READ"
            call.world.save_message(message)
    return 201, {"message": "Read messages", "read": "success"}


def _contacts(call: Call, instance: Instance) -> list[Json]:
    rows = []
    for jid in call.world.contact_jids(instance.name):
        phone = call.world.phone(outbound.number_of_jid(jid))
        row: Json = {"id": row_id(), "remoteJid": jid, "pushName": phone.name, "profilePicUrl": None}
        row |= {"createdAt": utc_text(), "updatedAt": utc_text(), "instanceId": instance.id}
        rows.append(row | {"isGroup": False, "isSaved": True, "type": "contact"})
    return rows


@route("POST", "/chat/findContacts")
async def find_contacts(call: Call, instance: Instance) -> Answer:
    where = call.body.get("where") or {}
    return 200, [
        row for row in _contacts(call, instance) if where.get("remoteJid", row["remoteJid"]) == row["remoteJid"]
    ]


@route("POST", "/chat/findChats")
async def find_chats(call: Call, instance: Instance) -> Answer:
    where = call.body.get("where") or {}
    jids = [jid for jid in call.world.contact_jids(instance.name) if where.get("remoteJid", jid) == jid]
    return 200, [_chat(call, instance, jid) for jid in jids]


def _chat(call: Call, instance: Instance, jid: str) -> Json:
    last = next(m for m in call.world.rows(instance.name) if phone_jid(m.number) == jid)
    about = _record(last)
    about.pop("MessageUpdate")
    about |= {"participant": None, "sessionId": None, "status": last.status}
    row: Json = {"id": row_id(), "remoteJid": jid, "pushName": None, "profilePicUrl": None, "updatedAt": utc_text()}
    row |= {"windowStart": None, "windowExpires": None, "windowActive": False, "lastMessage": about}
    return row | {"unreadCount": None, "isSaved": True}


@route("POST", "/chat/getBase64FromMediaMessage")
async def media(call: Call, instance: Instance) -> Answer:
    if "message" not in call.body:
        raise errors.refused(400, "TypeError: Cannot read properties of undefined (reading 'key')")
    message_id = call.body["message"]["key"]["id"]
    message = call.world.messages.get(f"{instance.name}/{message_id}")
    if message is None:
        raise errors.refused(400, "Message not found")
    kind = message.data["messageType"]
    part = message.data["message"].get(kind)
    if not isinstance(part, dict) or "mediaKey" not in part:
        raise errors.refused(400, "The message is not of the media type")
    size = {"fileLength": part["fileLength"], "height": part.get("height"), "width": part.get("width")}
    content = message.data["message"].get("base64") or (SOUND if kind == "audioMessage" else PICTURE)
    answer: Json = {"mediaType": kind, "fileName": f"{message_id}.{part['mimetype'].split('/')[1].split(';')[0]}"}
    answer |= {"caption": part.get("caption"), "size": size, "mimetype": part["mimetype"]}
    return 201, answer | {"base64": content, "buffer": None}


def checked_presence(body: Json) -> str:
    if body.get("presence") not in PRESENCES:
        raise errors.invalid([f"presence is not one of enum values: {','.join(PRESENCES)}"])
    return str(body["presence"])


@route("POST", "/chat/sendPresence")
async def send_presence(call: Call, instance: Instance) -> Answer:
    presence = checked_presence(call.body)
    errors.check_schema(call.body, ("number", "delay"), [])
    closed = _raw_closed(call, instance, "onWhatsApp")
    if closed is not None:
        raise errors.refused(400, f"TypeError: {closed}")
    await call.world.sleep(call.body["delay"] / 1000)
    return 201, {"presence": presence}


@route("POST", "/chat/fetchProfilePictureUrl")
async def profile_picture(call: Call, instance: Instance) -> Answer:
    """Shops have a picture, customers have none (REC 10). Asked of a dead session it waits for a minute, then none."""
    world, jid = call.world, outbound.jid_of(str(call.body.get("number", "")))
    if world.switch("dead", instance=instance.name):
        await world.wait("connecting_send_wait")
    alive = world.sessions[instance.name].state == "open" and not world.switch("dead", instance=instance.name)
    shown = alive and jid == instance.owner_jid and world.switch("profile_picture", instance=instance.name)
    return 200, {"wuid": jid, "profilePictureUrl": PICTURE_URL if shown else None}
