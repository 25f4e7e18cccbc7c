"""Messages from customers' phones, and from the owner's own phone, to the instance (REC 09, 11, 20)."""

from typing import Any

from navalha.simulator.shapes import (
    PICTURE,
    SOUND,
    Json,
    canonical,
    lid_of,
    long64,
    octets,
    owner_message_id,
    phone_jid,
    phone_message_id,
)
from navalha.simulator.world import Instance, Message, World

REMEMBERED = 300.0  # seconds for which a repeated message id is dropped

_MEDIA = {"image": ("imageMessage", "image/jpeg"), "audio": ("audioMessage", "audio/ogg; codecs=opus")}
KINDS = ("text", "reaction", "button", "image", "audio", "location", "ephemeral")


def contact(instance: Instance, jid: str, name: str) -> Json:
    return {"remoteJid": jid, "pushName": name, "profilePicUrl": None, "instanceId": instance.id}


def key_of(number: str, message_id: str, addressing: str) -> Json:
    """The key of a customer's message, by how WhatsApp addresses the customer (switch `addressing`)."""
    number_jid, lid = phone_jid(number), lid_of(number)
    first, second = (lid, number_jid) if addressing.startswith("lid") else (number_jid, lid)
    key: Json = {"remoteJid": first}
    if not addressing.endswith("_only"):
        key["remoteJidAlt"] = second
    mode = "lid" if addressing.startswith("lid") else "pn"
    return key | {"fromMe": False, "id": message_id, "participant": "", "addressingMode": mode}


def _media(kind: str, text: str, at: int) -> tuple[str, Json]:
    name, mimetype = _MEDIA[kind]
    body: Json = {"url": "https://mmg.whatsapp.net/v/2b1867ccb94e0a757dbbafff", "mimetype": mimetype}
    if kind == "image":
        body = {"interactiveAnnotations": [], "scanLengths": [], "annotations": [], **body, "caption": text}
        body |= {"height": 64, "width": 64}
    else:
        body |= {"seconds": 3, "ptt": True}
    body |= {"fileSha256": octets(32), "fileLength": long64(7860, unsigned=True), "mediaKey": octets(32)}
    body |= {"fileEncSha256": octets(32), "directPath": "/v/2b1867ccb94e0a757dbbafff"}
    return name, {name: body | {"mediaKeyTimestamp": long64(at)}}


def _content(kind: str, text: str, at: int, number: str, quoted: Message | None) -> tuple[str, Json]:
    """`messageType` and `message` of one kind."""
    if kind in _MEDIA:
        return _media(kind, text, at)
    if kind == "reaction":
        about = {
            "remoteJid": phone_jid(number),
            "fromMe": True,
            "id": quoted.id if quoted else "3EB0",
            "participant": "",
        }
        return "reactionMessage", {"reactionMessage": {"key": about, "text": text}}
    if kind == "button":
        pressed = {"selectedButtonId": text.lower(), "selectedDisplayText": text, "type": 1}
        return "buttonsResponseMessage", {"buttonsResponseMessage": pressed}
    if kind == "location":
        place = {"degreesLatitude": -23.5, "degreesLongitude": -46.6, "name": text or "Casa"}
        return "locationMessage", {"locationMessage": place}
    if kind == "ephemeral":
        wrapped = {"message": {"extendedTextMessage": {"text": text}}}
        return "ephemeralMessage", {"ephemeralMessage": wrapped}
    return "conversation", {"conversation": text}


def _context(kind: str, instance: Instance, quoted: Message | None) -> Json:
    """The optional field `contextInfo`: absent for plain text and reactions, null or filled otherwise (REC 09)."""
    if quoted is not None and kind != "reaction":
        quoting: Json = {"mentionedJid": [], "groupMentions": [], "stanzaId": quoted.id}
        quoting |= {"participant": instance.owner_jid, "quotedMessage": quoted.data["message"]}
        return {"contextInfo": quoting}
    return {} if kind in ("text", "reaction", "ephemeral") else {"contextInfo": None}


def from_customer(world: World, instance: Instance, number: str, text: str, **how: Any) -> Message:
    """A customer writes to the shop. `how`: kind, quoted_id, lid_only, addressing, timestamp (epoch s), id, name."""
    phone = world.phone(number, how.get("name"))
    message_id = how.get("id") or phone_message_id()
    again = world.messages.get(f"{instance.name}/{message_id}")
    if again is None:
        again = _new_message(world, instance, phone.number, text, message_id, how)
        world.save_message(again)
    _hand_over(world, instance, again)
    return again


def _new_message(
    world: World, instance: Instance, number: str, text: str, message_id: str, how: dict[str, Any]
) -> Message:
    kind, at = how.get("kind") or "text", float(how.get("timestamp") or world.now())
    addressing = how.get("addressing") or world.switch("addressing", instance=instance.name, number=number)
    key = key_of(number, message_id, "lid_only" if how.get("lid_only") else addressing)
    quoted = world.messages.get(f"{instance.name}/{how.get('quoted_id')}")
    name, body = _content(kind, text, int(at), number, quoted)
    data = {"key": key, "pushName": world.phone(number).name, "status": "DELIVERY_ACK", "message": body}
    data |= _context(kind, instance, quoted) | {"messageType": name, "messageTimestamp": int(at)}
    data |= {"instanceId": instance.id, "source": "android"}
    quoted_id = quoted.id if quoted else None
    return Message(
        message_id, instance.name, number, "customer", text, at, data, kind, "PENDING", reached=False, quoted=quoted_id
    )


def _hand_over(world: World, instance: Instance, message: Message) -> None:
    """Give a message to the session, or let it wait until the session is on line."""
    session = world.sessions[instance.name]
    on_line = session.state == "open" and world.switch("server_mode") != "down"
    if world.switch("dead", instance=instance.name) or not on_line:
        return
    message.reached = True
    message.status = "DELIVERY_ACK" if message.status == "PENDING" else message.status
    world.save_message(message)
    if not session.muted and _is_news(world, session.recent, message.id):
        _upsert(world, instance, message)
    else:
        _tell_contacts(world, instance, message)


def _is_news(world: World, recent: dict[str, float], message_id: str) -> bool:
    """Evolution drops a repeated message id for five minutes, in its memory only (REC 22)."""
    now = world.now()
    if now - recent.get(message_id, 0.0) < REMEMBERED:
        return False
    recent[message_id] = now
    return True


def _tell_contacts(world: World, instance: Instance, message: Message) -> None:
    jid = message.data["key"]["remoteJid"]
    world.hooks.emit(instance, "chats.update", [{"remoteJid": jid, "instanceId": instance.id}])
    picture = {"remoteJid": jid, "profilePicUrl": None, "instanceId": instance.id}
    world.hooks.emit(instance, "contacts.update", [picture])


def _upsert(world: World, instance: Instance, message: Message) -> None:
    """One incoming text causes four webhooks (REC 09)."""
    world.known_numbers.add(message.number)
    _tell_contacts(world, instance, message)
    world.hooks.emit(instance, "messages.upsert", _with_media(world, instance, message))
    first = (instance.name, message.number) not in world.wrote
    world.wrote.add((instance.name, message.number))
    person = contact(instance, message.data["key"]["remoteJid"], message.data["pushName"])
    world.hooks.emit(instance, "contacts.upsert" if first else "contacts.update", person)


def _with_media(world: World, instance: Instance, message: Message) -> Json:
    """The webhook's data: photos and sounds carry their bytes if the instance connected with `base64` on."""
    if message.kind not in _MEDIA or not world.sessions[instance.name].with_media:
        return message.data
    content = SOUND if message.kind == "audio" else PICTURE
    return message.data | {"message": message.data["message"] | {"base64": content}}


def deliver_waiting(world: World, instance: Instance) -> None:
    """The session is on line again: what waited comes now, with its old timestamp (REC 09, "append")."""
    for message in reversed(world.rows(instance.name)):
        if message.author == "customer" and not message.reached:
            _hand_over(world, instance, message)


def owner_typed(world: World, instance: Instance, to: str, text: str) -> Message:
    """The owner answers on the shop's own phone: messages.upsert with fromMe (REC 09)."""
    number, at, message_id = canonical(to), world.now(), owner_message_id()
    world.phone(number)
    key = {"remoteJid": phone_jid(number), "fromMe": True, "id": message_id, "participant": "", "addressingMode": "pn"}
    data: Json = {
        "key": key,
        "pushName": instance.profile_name,
        "status": "SERVER_ACK",
        "message": {"conversation": text},
    }
    data |= {"messageType": "conversation", "messageTimestamp": int(at), "instanceId": instance.id, "source": "ios"}
    message = Message(message_id, instance.name, number, "owner", text, at, data, status="DELIVERY_ACK")
    world.save_message(message)
    session = world.sessions[instance.name]
    if session.state == "open" and not session.muted and not world.switch("dead", instance=instance.name):
        world.hooks.emit(instance, "messages.upsert", data)
    return message


def _protocol_key(instance: Instance, message: Message) -> Json:
    """The author's view of the key: fromMe true, and our own number as remoteJid (REC 09)."""
    return {"remoteJid": instance.owner_jid, "fromMe": True, "id": message.id}


def edited(world: World, instance: Instance, message: Message, text: str) -> None:
    """The customer edits a message: messages.edited carries a raw protocolMessage."""
    message.text = text
    world.save_message(message)
    change = {"key": _protocol_key(instance, message), "type": "MESSAGE_EDIT"}
    change |= {"editedMessage": {"conversation": text}, "timestampMs": str(int(world.now() * 1000))}
    world.hooks.emit(instance, "messages.edited", change)


def deleted(world: World, instance: Instance, message: Message) -> None:
    """The customer deletes a message for everyone: messages.edited REVOKE and messages.delete with a bare key."""
    message.text = "Mensagem apagada"
    message.kind = "deleted"
    world.save_message(message)
    world.hooks.emit(instance, "messages.edited", {"key": _protocol_key(instance, message), "type": "REVOKE"})
    world.hooks.emit(instance, "messages.delete", message.data["key"])
