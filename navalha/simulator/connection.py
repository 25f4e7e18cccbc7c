"""How an instance connects, shows QRs, opens, drops and is logged out (REC 04, 11, 15, 16, 17)."""

import asyncio
import json

import segno

from navalha.simulator import inbound, outbound
from navalha.simulator.shapes import Json, pairing_code, phone_jid, qr_code, utc_text
from navalha.simulator.world import Instance, Session, World

_QR_PATIENCE = 5.0  # real seconds
_REASONS = {401: "Unauthorized", 403: "Forbidden"}


class Impossible(Exception):
    """What a phone or a test asked for cannot happen in this state; the text says why."""


def session_of(world: World, instance: Instance) -> Session:
    return world.sessions[instance.name]


def announce(world: World, instance: Instance, state: str, reason: int = 200, *, person: Json | None = None) -> None:
    """Emit `connection.update`."""
    body = {"instance": instance.name, **(person or {}), "state": state, "statusReason": reason}
    world.hooks.emit(instance, "connection.update", body)


def boot(world: World) -> None:
    """What the server does when it starts: every stored instance connects by itself (REC 11)."""
    for instance in world.instances.values():
        if instance.integration != "WHATSAPP-BAILEYS":
            world.sessions[instance.name].state = "open"
        elif instance.paired:
            world.spawn(_log_in(world, instance))
        else:
            start_socket(world, instance)


async def restart(world: World) -> None:
    """The server process dies and starts again: tasks, sessions and caches are lost, the database stays."""
    await world.stop_tasks()
    for name in world.instances:
        world.sessions[name] = Session()
    boot(world)
    world.touch()


# ---- the QR


def start_socket(world: World, instance: Instance, number: str | None = None) -> None:
    """Open one more socket in the pairing phase: connecting, then a QR every 45 s."""
    session = session_of(world, instance)
    session.socket_made = True
    session.pairing_number = number
    task = world.spawn(_pairing(world, instance, session))
    session.sockets.add(task)
    task.add_done_callback(session.sockets.discard)


async def first_qr(world: World, instance: Instance, wait: str) -> Json:
    """Wait as `create` and `connect` do, and answer with the QR part.

    The real server has shown its first QR by then; on a busy machine and at high speed that takes some real time more.
    """
    session = session_of(world, instance)
    await world.wait(wait)
    end = world.now() + _QR_PATIENCE
    while session.code is None and session.sockets and world.now() < end:
        await asyncio.sleep(0.005)
    return session.qr()


async def _pairing(world: World, instance: Instance, session: Session) -> None:
    await world.wait("socket_wait")
    _set_state(world, instance, "connecting", stored=True)
    announce(world, instance, "connecting")
    if world.switch("unreachable", instance=instance.name):
        return
    await world.wait("qr_first")
    while session.qr_count < world.switch("qr_limit"):
        _next_qr(world, instance, session)
        await world.wait("qr_rotation")
    _refuse(world, instance, session)


def _next_qr(world: World, instance: Instance, session: Session) -> None:
    session.qr_count += 1
    session.code = qr_code()
    session.pairing_code = pairing_code() if session.pairing_number else None
    session.image = segno.make(session.code, error="m", micro=False).png_data_uri(scale=5, border=3)
    session.shown_at = world.now()
    shown = {
        "instance": instance.name,
        "pairingCode": session.pairing_code,
        "code": session.code,
        "base64": session.image,
    }
    world.hooks.emit(instance, "qrcode.updated", {"qrcode": shown})
    world.touch()


def _refuse(world: World, instance: Instance, session: Session) -> None:
    """The QR limit: the live state closes, the database column stays "connecting" (REC 16)."""
    session.drop_sockets()
    session.forget_qr()
    session.qr_count = 0
    session.state = "close"
    gone = {"message": "QR code limit reached, please login again", "statusCode": 500}
    world.hooks.emit(instance, "qrcode.updated", gone)
    announce(world, instance, "refused", 428)
    world.touch()


def scan(world: World, instance: Instance, number: str | None, profile_name: str | None) -> bool:
    """The owner's phone reads the QR. Returns False when WhatsApp does not complete the pairing.

    Raises Impossible when no QR is on show.
    """
    session = session_of(world, instance)
    if session.state != "connecting" or session.code is None:
        raise Impossible("não há QR na tela desta conexão")
    if world.switch("pairing_fails", instance=instance.name):
        return False
    if world.switches.take("passkey_wall", instance=instance.name):
        session.drop_sockets()
        session.sockets.add(world.spawn(_turn_away(world, instance, session)))
        return False
    session.drop_sockets()
    session.forget_qr()
    instance.owner_number = number or world.owner_number(instance)
    instance.owner_jid = phone_jid(instance.owner_number)
    instance.profile_name = profile_name or instance.profile_name or "Barbearia"
    world.spawn(_complete_pairing(world, instance))
    return True


def scan_code(world: World, instance: Instance, code: str, number: str | None) -> bool:
    """The owner types the pairing code. Raises Impossible when it is not the one on show."""
    session = session_of(world, instance)
    if session.pairing_code is None or code.replace("-", "").strip().upper() != session.pairing_code:
        raise Impossible("este código não vale; peça outro")
    if world.switch("code_refused", instance=instance.name):
        return False
    return scan(world, instance, number or session.pairing_number, None)


async def _turn_away(world: World, instance: Instance, session: Session) -> None:
    """WhatsApp wants a passkey, which the server does not know of: it connects, then shows the next QR (FACTS D 1)."""
    await world.wait("scan_wait")
    announce(world, instance, "connecting")
    await world.wait("open_wait")
    while session.qr_count < world.switch("qr_limit"):
        _next_qr(world, instance, session)
        await world.wait("qr_rotation")
    _refuse(world, instance, session)


async def _complete_pairing(world: World, instance: Instance) -> None:
    await world.wait("scan_wait")
    announce(world, instance, "connecting")
    await world.wait("open_wait")
    while world.switch("pairing_loops", instance=instance.name):
        announce(world, instance, "connecting")
        await world.wait("open_wait")
    closes = world.switch("pairing_closes", instance=instance.name)
    if closes != "off":
        logged_out(world, instance, int(closes))
        return
    instance.paired = True
    instance.reason_code = instance.reason_object = instance.disconnected_at = None
    _open(world, instance)
    if world.switches.take("logout_after_open", instance=instance.name):
        await world.wait("logout_after")
        logged_out(world, instance, 401)
        return
    await world.wait("history_wait")
    _sync_history(world, instance)


# ---- open


def picture_url(world: World, instance: Instance) -> str | None:
    """Where the photo of the connected WhatsApp lies; the real one is at WhatsApp's own place."""
    if not instance.owner_number or not world.switch("profile_picture", instance=instance.name):
        return None
    return f"{world.base_url}/fotos/{instance.owner_number}.png"


def _set_state(world: World, instance: Instance, state: str, *, stored: bool) -> None:
    session_of(world, instance).state = state
    if stored:
        instance.status = state
        world.save_instance(instance)
    world.touch()


def _open(world: World, instance: Instance) -> None:
    session = session_of(world, instance)
    session.socket_made = True
    session.wuid = instance.owner_jid
    session.with_media = bool(instance.webhook and instance.webhook["webhookBase64"])
    _set_state(world, instance, "open", stored=True)
    person = {"wuid": instance.owner_jid, "profileName": instance.profile_name}
    announce(world, instance, "open", person={**person, "profilePictureUrl": picture_url(world, instance)})
    inbound.deliver_waiting(world, instance)
    outbound.resume_receipts(world, instance)


def _sync_history(world: World, instance: Instance) -> None:
    note: Json = dict.fromkeys(("fileSha256", "mediaKey", "fileEncSha256"), "A" * 43 + "=")
    note |= {"fileLength": "153", "directPath": "/v/1c9fdd27980b1b81ebf016db"}
    note |= {"syncType": "INITIAL_BOOTSTRAP", "chunkOrder": 1, "progress": 100}
    if not session_of(world, instance).muted:
        edited = {"type": "HISTORY_SYNC_NOTIFICATION", "historySyncNotification": note}
        world.hooks.emit(instance, "messages.edited", edited)
    people = [world.phone(m.number) for m in world.rows(instance.name)]
    known = {person.number: person for person in people}.values()
    chats = [{"remoteJid": phone_jid(p.number), "instanceId": instance.id, "name": p.name} for p in known]
    world.hooks.emit(instance, "chats.set", chats)
    world.hooks.emit(instance, "messages.set", [])
    contacts = [inbound.contact(instance, phone_jid(p.number), p.name) for p in known]
    if contacts:
        world.hooks.emit(instance, "contacts.upsert", contacts)
        world.hooks.emit(instance, "contacts.update", contacts)


async def _log_in(world: World, instance: Instance) -> None:
    """A paired session comes (back) on line: connecting, open, never a close between (REC 11)."""
    session_of(world, instance).socket_made = True
    if world.switch("unreachable", instance=instance.name):
        await _storm(world, instance)
    announce(world, instance, "connecting")
    await world.wait("reconnect_wait")
    if instance.paired:
        _open(world, instance)


def drop(world: World, instance: Instance, seconds: float = 0.0) -> None:
    """The network drops. For zero seconds the state never stops saying "open" (REC 11). Raises Impossible."""
    if not instance.paired:
        raise Impossible("esta conexão não está pareada")
    world.spawn(_drop(world, instance, seconds))


async def _drop(world: World, instance: Instance, seconds: float) -> None:
    if seconds:
        _set_state(world, instance, "connecting", stored=False)
        await world.sleep(seconds)
    await _log_in(world, instance)


# ---- closed


def logged_out(world: World, instance: Instance, code: int, *, by_api: bool = False) -> None:
    """The session is gone (401 by phone or API, 403 ban): status.instance, connection.update close, logout.instance."""
    session = session_of(world, instance)
    session.drop_sockets()
    session.forget_qr()
    instance.paired = False
    instance.reason_code = code
    instance.reason_object = _reason_text(instance, code, by_api)
    instance.disconnected_at = utc_text()
    _set_state(world, instance, "close", stored=True)
    world.hooks.emit(instance, "status.instance", closed_status(instance))
    announce(world, instance, "close", code)
    world.hooks.emit(instance, "logout.instance", None)


def closed_status(instance: Instance) -> Json:
    return {
        "instance": instance.name,
        "status": "closed",
        "disconnectionAt": instance.disconnected_at,
        "disconnectionReasonCode": instance.reason_code,
        "disconnectionObject": instance.reason_object,
    }


def _reason_text(instance: Instance, code: int, by_api: bool) -> str:
    message = "Stream Errored (conflict)" if code == 401 else "Connection Failure"
    data: object = {"reason": str(code), "location": "cln"}
    if by_api:
        message, data = f"Log out instance: {instance.name}", None
    payload = {"statusCode": code, "error": _REASONS.get(code, "Error"), "message": message}
    output = {"statusCode": code, "payload": payload, "headers": {}}
    error = {"data": data, "isBoom": True, "isServer": False, "output": output}
    return json.dumps({"error": error, "date": utc_text()}, separators=(",", ":"))


def phone_disconnects(world: World, instance: Instance, code: int) -> None:
    """The owner removes the linked device (401) or WhatsApp bans the number (403). Raises Impossible."""
    if not instance.paired:
        raise Impossible("esta conexão não está pareada")
    if code == 403:
        announce(world, instance, "connecting")
    logged_out(world, instance, code)


async def api_logout(world: World, instance: Instance) -> None:
    """Logout by the API: a moment later the session is gone, and its message processor with it (REC 11).

    A later pairing sends but never emits messages.upsert, until the server restarts.
    """
    await world.wait("logout_wait")
    session_of(world, instance).muted = True
    logged_out(world, instance, 401, by_api=True)


def delete(world: World, instance: Instance) -> None:
    """Delete in any state; what is emitted depends on it (REC 11)."""
    session = session_of(world, instance)
    gone = {"instanceName": instance.name, "instanceId": instance.id}
    world.hooks.emit(instance, "instance.delete", gone)
    world.hooks.emit(instance, "remove.instance", None)
    if session.state == "connecting":
        logged_out(world, instance, 401, by_api=True)
    elif session.state == "open" and instance.integration == "WHATSAPP-BAILEYS":
        instance.reason_code, instance.disconnected_at = 401, utc_text()
        instance.reason_object = _reason_text(instance, 401, True)
        world.hooks.emit(instance, "status.instance", closed_status(instance))
    session.drop_sockets()
    world.remove_instance(instance)


# ---- WhatsApp unreachable


def weather_changed(world: World) -> None:
    """The switch `unreachable` may have changed: start a storm of `connecting`, or come back on line (REC 15)."""
    for instance in world.instances.values():
        session = session_of(world, instance)
        away = world.switch("unreachable", instance=instance.name)
        if away and session.state == "open" and not session.storming:
            world.spawn(_log_in(world, instance))
        elif not away and session.state == "connecting" and not instance.paired and not session.sockets:
            start_socket(world, instance, session.pairing_number)


async def _storm(world: World, instance: Instance) -> None:
    """`connecting` again and again, until WhatsApp is back or the session is gone; the database says nothing of it."""
    session = session_of(world, instance)
    session.storming, session.state = True, "close"
    while world.switch("unreachable", instance=instance.name) and instance.paired:
        session.state = "connecting" if session.state == "close" else "close"
        announce(world, instance, "connecting")
        # Real seconds: however fast the pretend time runs, a receiver can take only so many in a second.
        await asyncio.sleep(world.switch("storm_interval"))
    session.storming = False


def back_up(world: World) -> None:
    """The server answers again after it was down: what waited at WhatsApp comes in."""
    for instance in world.instances.values():
        if session_of(world, instance).state == "open":
            inbound.deliver_waiting(world, instance)
            outbound.resume_receipts(world, instance)
