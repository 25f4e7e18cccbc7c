"""`/message/*`: sending (REC 07, 08)."""

import base64
import binascii
import json
import re
from typing import Any

from navalha.simulator import api_evolution as channel
from navalha.simulator import errors, outbound
from navalha.simulator.api import Answer, Call, route
from navalha.simulator.shapes import Json, context_info, long64, octets
from navalha.simulator.world import Instance, Message

_COMMON: list[errors.Field] = [
    ("number", str, "Invalid format"),
    ("delay", int, "Enter a value in milliseconds"),
]
_MEDIA_TYPES = ("image", "document", "video", "audio")
_URL = re.compile(r"https?://")


@route("POST", "/message/sendText")
async def send_text(call: Call, instance: Instance) -> Answer:
    text = call.body.get("text")
    if isinstance(text, str):
        call.world.asked[text] += 1
    errors.check_schema(call.body, ("number", "text"), [*_COMMON, ("text", str, "text is not of a type(s) string")])
    if not call.body["text"].strip():
        raise errors.refused(400, "Text is required")
    if instance.integration == channel.NAME:
        return channel.send(call, instance, "conversation", {"conversation": text})
    context = context_info(int(call.world.now())) | _quote(call, instance)
    parts = {"message": {"conversation": text}, "contextInfo": context, "messageType": "conversation"}
    return await _send(call, instance, parts, call.body["text"])


def _quote(call: Call, instance: Instance) -> Json:
    quoted = call.body.get("quoted") or {}
    message_id = (quoted.get("key") or {}).get("id")
    stored = call.world.messages.get(f"{instance.name}/{message_id}")
    if quoted.get("message"):
        return {"participant": "", "stanzaId": message_id, "quotedMessage": quoted["message"]}
    if stored is not None:
        return {"participant": instance.owner_jid, "stanzaId": message_id, "quotedMessage": stored.data["message"]}
    return {}


async def _send(call: Call, instance: Instance, parts: Json, text: str, kind: str = "text") -> Answer:
    """The way of every send: state, number, faults, the message itself, its echo and receipts, the answer."""
    world = call.world
    jid = outbound.jid_of(call.body["number"])
    await _check_session(call, instance, jid)
    scope = {"instance": instance.name, "number": outbound.number_of_jid(jid)}
    await _faults_before(call, scope)
    _check_number(call, instance, jid)
    await world.sleep(call.body.get("delay", 0) / 1000)
    message = outbound.accepted(world, instance, jid, parts, text, kind)
    outbound.start_receipts(world, instance, message)
    await _answer_late(call, instance, message, scope)
    return 201, message.data


async def _answer_late(call: Call, instance: Instance, message: Message, scope: dict[str, str]) -> None:
    world = call.world
    hangs = world.switches.take("send_hang_after", **scope)
    if not hangs or world.switch("hang_echo", **scope):
        outbound.echo(world, instance, message)
    if hangs:
        await world.hold(world.switch("hang_seconds", **scope))


async def _check_session(call: Call, instance: Instance, jid: str) -> None:
    """What a session that is not open answers: never the same twice (REC 07, 11, 15)."""
    session = call.world.sessions[instance.name]
    if session.state == "open":
        return
    if not session.socket_made:
        raise errors.raw(500, "Cannot read properties of undefined (reading 'onWhatsApp')")
    if session.state == "connecting" and not instance.paired:
        await call.world.wait("connecting_send_wait")
        raise errors.raw(500, "Cannot read properties of undefined (reading 'find')")
    raise _closed(call, jid)


def _closed(call: Call, jid: str) -> errors.ApiError:
    if outbound.known(call.world, jid):
        return errors.refused(400, "Error: Connection Closed")
    return errors.raw(500, "Connection Closed")


async def _faults_before(call: Call, scope: dict[str, str]) -> None:
    """Faults in which the message does not go out."""
    switches = call.world.switches
    if switches.take("send_500", **scope):
        raise errors.raw(500, "Connection Closed")
    if switches.take("send_400", **scope):
        raise errors.refused(400, "Error: Connection Closed")
    if switches.take("send_hang_before", **scope):
        await call.world.hold(switches.get("hang_seconds", **scope))
        raise errors.raw(500, "Timed Out")


def _check_number(call: Call, instance: Instance, jid: str) -> None:
    if jid.endswith(("@g.us", "@broadcast")):
        raise errors.refused(400, "[object Object]")
    if not outbound.on_whatsapp(call.world, instance, jid):
        raise errors.refused(400, {"jid": jid, "exists": False, "number": call.body["number"]})


# ---- other kinds


@route("POST", "/message/sendMedia")
async def send_media(call: Call, instance: Instance) -> Answer:
    body = call.body
    if body.get("mediatype") not in _MEDIA_TYPES:
        raise errors.invalid([f"mediatype is not one of enum values: {','.join(_MEDIA_TYPES)}"])
    errors.check_schema(body, ("number", "mediatype"), _COMMON)
    size = _media_size(body.get("media"))
    if instance.integration == channel.NAME:
        return channel.send(call, instance, f"{body['mediatype']}Message", {"mediaUrl": body["media"]})
    if not call.world.sessions[instance.name].socket_made:
        raise errors.refused(500, "TypeError: Cannot read properties of undefined (reading 'waUploadToServer')")
    name, part = _media(call, size)
    context = context_info(int(call.world.now()))
    message: Json = {name: part | {"contextInfo": context}}
    if not _URL.match(body["media"]):
        message["base64"] = body["media"]
    parts = {"message": message, "contextInfo": context, "messageType": name}
    return await _send(call, instance, parts, body.get("caption") or body.get("fileName") or "", body["mediatype"])


def _media_size(media: Any) -> int:
    if isinstance(media, str) and _URL.match(media):
        return 10_000
    try:
        return len(base64.b64decode(media or "", validate=True)) or _no_media()
    except (binascii.Error, TypeError):
        return _no_media()


def _no_media() -> int:
    raise errors.refused(400, "Owned media must be a url or base64")


def _media(call: Call, size: int) -> tuple[str, Json]:
    kind, body = call.body["mediatype"], call.body
    mimetypes = {
        "image": "image/jpeg",
        "document": "application/octet-stream",
        "video": "video/mp4",
        "audio": "audio/ogg",
    }
    part: Json = {"url": "https://mmg.whatsapp.net/v/94e03a57ba65d8b1c0da9717"}
    part |= {"mimetype": body.get("mimetype") or mimetypes[kind], "fileSha256": octets(32)}
    part |= {"fileLength": long64(size, unsigned=True), "mediaKey": octets(32), "fileEncSha256": octets(32)}
    part |= {"directPath": "/v/94e03a57ba65d8b1c0da9717", "mediaKeyTimestamp": long64(int(call.world.now()))}
    if body.get("caption"):
        part["caption"] = body["caption"]
    if kind == "document":
        part["fileName"] = body.get("fileName", "")
    if kind == "image":
        part |= {"interactiveAnnotations": [], "scanLengths": [], "annotations": [], "height": 64, "width": 64}
        part["jpegThumbnail"] = octets(329)
    return f"{kind}Message", part


@route("POST", "/message/sendLocation")
async def send_location(call: Call, instance: Instance) -> Answer:
    body = call.body
    errors.check_schema(body, ("number", "latitude", "longitude", "name", "address"), _COMMON)
    context = context_info(int(call.world.now()))
    place = {"degreesLatitude": body["latitude"], "degreesLongitude": body["longitude"]}
    place |= {"name": body["name"], "address": body["address"], "contextInfo": context}
    parts = {"message": {"locationMessage": place}, "contextInfo": context, "messageType": "locationMessage"}
    return await _send(call, instance, parts, body["name"], "location")


@route("POST", "/message/sendReaction")
async def send_reaction(call: Call, instance: Instance) -> Answer:
    errors.check_schema(call.body, ("key", "reaction"), [])
    key = call.body["key"]
    call.body["number"] = key["remoteJid"]
    moment = int(call.world.now() * 1000)
    reaction = {"text": call.body["reaction"], "key": key, "senderTimestampMs": moment}
    parts = {"message": {"reactionMessage": reaction}, "messageType": "reactionMessage"}
    return await _send(call, instance, parts, call.body["reaction"], "reaction")


@route("POST", "/message/sendButtons")
async def send_buttons(call: Call, instance: Instance) -> Answer:
    body = call.body
    errors.check_schema(body, ("number", "title", "buttons"), _COMMON)
    if len([button for button in body["buttons"] if button.get("type") == "reply"]) > 3:
        raise errors.refused(400, "Maximum of 3 reply buttons allowed")
    if instance.integration == channel.NAME:
        kept = channel.parts_of(body, "title", "description", "footer", "buttons")
        return channel.send(call, instance, "buttonMessage", kept)
    text = f"*{body['title']}*\n\n{body.get('description', '')}\n"
    flow = {"buttons": [_button(button) for button in body["buttons"]], "messageParamsJson": '{"from":"api"}'}
    inner = {"body": {"text": text}, "footer": {"text": body.get("footer", "")}, "nativeFlowMessage": flow}
    parts: Json = {"message": {"viewOnceMessage": {"message": {"interactiveMessage": inner}}}}
    parts |= {"messageType": "viewOnceMessage", "key": {"participant": outbound.jid_of(body["number"])}}
    return await _send(call, instance, parts, text, "buttons")


def _button(button: Json) -> Json:
    params = json.dumps({"display_text": button.get("displayText"), "id": button.get("id")}, separators=(",", ":"))
    return {"name": "quick_reply", "buttonParamsJson": params}


@route("POST", "/message/sendList")
async def send_list(call: Call, instance: Instance) -> Answer:
    """Never works on Baileys: a known defect of the real server (REC 08)."""
    if instance.integration == channel.NAME:
        raise errors.refused(400, channel.NO_LISTS)
    if call.body.get("sections") == []:
        missing = [] if "footerText" in call.body else ['instance requires property "footerText"']
        raise errors.invalid(["sections does not meet minimum length of 1", *missing])
    errors.check_schema(call.body, ("number", "title", "buttonText", "footerText", "sections"), _COMMON)
    raise errors.refused(400, "TypeError: this.isZero is not a function")


@route("POST", "/message/sendTemplate")
async def send_template(call: Call, instance: Instance) -> Answer:
    raise errors.raw(500, "Method not available in the Baileys service")
