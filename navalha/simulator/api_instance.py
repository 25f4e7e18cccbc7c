"""`/instance/*` and the root (REC 01, 02, 03, 11)."""

import re
import uuid
from typing import Any

from navalha.simulator import connection, errors, webhooks
from navalha.simulator.api import Answer, Call, plain_route, route
from navalha.simulator.api_chat import checked_presence
from navalha.simulator.shapes import Json, row_id, utc_text
from navalha.simulator.world import DEFAULT_SETTINGS, Instance, Session

INTEGRATIONS = ("WHATSAPP-BAILEYS", "WHATSAPP-BUSINESS", "EVOLUTION")
_NUMBER = re.compile(r"^\d+[\.@\w-]+")
_DONE = {"status": "SUCCESS", "error": False}


@plain_route("GET", "/")
async def root(call: Call) -> Answer:
    return 200, {
        "status": 200,
        "message": "Welcome to the Evolution API, it is working!",
        "version": call.world.switch("server_version"),
        "clientName": "evolution",
        "documentation": "https://doc.evolution-api.com",
        "whatsappWebVersion": "2.3000.1027934701",
    }


@plain_route("POST", "/instance/create")
async def create(call: Call) -> Answer:
    name = _free_name(call)
    instance = _checked(call, name)
    _keep_webhook(call, instance)
    world = call.world
    world.instances[name] = instance
    session = world.sessions[name] = Session()
    if instance.integration != "WHATSAPP-BAILEYS":
        session.state = instance.status = "open"
    world.owner_number(instance)
    world.save_instance(instance)
    if instance.webhook:
        world.hooks.emit(instance, "instance.create", {"instanceName": name, "instanceId": instance.id})
    answer = _created(call, instance)
    if call.body.get("qrcode") and instance.integration == "WHATSAPP-BAILEYS":
        connection.start_socket(world, instance, instance.number)
        answer["qrcode"] = await connection.first_qr(world, instance, "create_wait")
        answer["instance"]["status"] = "connecting"
    return 201, answer


def _free_name(call: Call) -> str:
    """Name guard, then key guard. A missing name counts as taken once any instance exists (REC 02)."""
    body, world = call.body, call.world
    name = body.get("instanceName")
    taken = name in world.instances if "instanceName" in body else bool(world.instances)
    if taken:
        raise errors.refused(403, f'This name "{name if name is not None else "undefined"}" is already in use.')
    if not call.is_global():
        raise errors.unauthorized()
    if name is not None and not isinstance(name, str):
        raise errors.refused(500, "PrismaClientValidationError: \nInvalid `prisma.instance.findMany()` invocation")
    return name if isinstance(name, str) else ""


def _checked(call: Call, name: str) -> Instance:
    body = call.body
    number = body.get("number")
    if number is not None and not _NUMBER.match(str(number)):
        raise errors.invalid(['number does not match pattern "^\\\\d+[\\\\.@\\\\w-]+"'])
    if not isinstance(body.get("qrcode", False), bool):
        raise errors.invalid(["qrcode is not of a type(s) boolean"])
    if body.get("integration") not in INTEGRATIONS or "instanceName" not in body:
        raise errors.refused(400, "Invalid integration")
    if body["integration"] == "WHATSAPP-BUSINESS" and not body.get("token"):
        raise errors.refused(400, "token is required")
    if body.get("proxyHost"):
        raise errors.refused(400, "Invalid proxy")
    return Instance(
        name=name,
        integration=body["integration"],
        token=body.get("token") or str(uuid.uuid4()).upper(),
        number=number,
        business_id=body.get("businessId"),
        settings=DEFAULT_SETTINGS | {key: body[key] for key in DEFAULT_SETTINGS if key in body},
    )


def _keep_webhook(call: Call, instance: Instance) -> None:
    """On create the nested webhook is hardly checked: enabled is forced, event names are not looked at (REC 02)."""
    wanted = call.body.get("webhook")
    if not wanted:
        return
    if not isinstance(wanted.get("events"), list):
        raise errors.refused(400, "Cannot read properties of undefined (reading 'length')")
    now = utc_text()
    instance.webhook = {
        "id": row_id(),
        "url": wanted.get("url"),
        "headers": wanted.get("headers"),
        "enabled": True,
        "events": wanted["events"] or list(webhooks.EVENTS),
        "webhookByEvents": wanted.get("byEvents", False),
        "webhookBase64": wanted.get("base64", False),
        "createdAt": now,
        "updatedAt": now,
        "instanceId": instance.id,
    }


def _created(call: Call, instance: Instance) -> Json:
    business = instance.integration == "WHATSAPP-BUSINESS"
    about = {
        "instanceName": instance.name,
        "instanceId": instance.id,
        "integration": instance.integration,
        "webhookWaBusiness": f"{call.world.base_url}/webhook/meta" if business else None,
        "accessTokenWaBusiness": "simulator" if business else "",
        "status": instance.status,
    }
    answer: Json = {"instance": about, "hash": instance.token, "webhook": _webhook_echo(call.body.get("webhook"))}
    answer |= {"websocket": {}, "rabbitmq": {}, "nats": {}, "sqs": {}}
    return answer | {"settings": instance.settings}


def _webhook_echo(wanted: Any) -> Json:
    names = {"url": "webhookUrl", "headers": "webhookHeaders", "byEvents": "webhookByEvents", "base64": "webhookBase64"}
    return {echo: wanted[name] for name, echo in names.items() if name in wanted} if wanted else {}


@plain_route("GET", "/instance/fetchInstances")
async def fetch_instances(call: Call) -> Answer:
    if call.world.switches.take("list_500"):
        raise errors.raw(500, "Cannot read properties of undefined (reading 'count')")
    rows = list(call.world.instances.values())
    if not call.is_global():
        rows = [row for row in rows if row.token == call.key]
        if not rows:
            raise errors.unauthorized()
    for name, attribute in (("instanceName", "name"), ("instanceId", "id"), ("number", "number")):
        wanted = call.query.get(name)
        if wanted is None:
            continue
        rows = [row for row in rows if getattr(row, attribute) == wanted]
        if not rows and not call.is_global():
            raise errors.unauthorized()
        if not rows:
            raise errors.refused(404, f'Instance "{wanted}" not found')
    return 200, [_row(call, row) for row in rows]


def _row(call: Call, row: Instance) -> Json:
    empty = dict.fromkeys(("Chatwoot", "Proxy", "Rabbitmq", "Nats", "Sqs", "Websocket"))
    times = {"createdAt": row.created_at, "updatedAt": row.updated_at}
    contacts = len(call.world.contact_jids(row.name))
    messages = len(call.world.rows(row.name))
    return {
        "id": row.id,
        "name": row.name,
        "connectionStatus": row.status,
        "ownerJid": row.owner_jid,
        "profileName": row.profile_name,
        "profilePicUrl": connection.picture_url(call.world, row) if row.owner_jid else None,
        "integration": row.integration,
        "number": row.number,
        "businessId": row.business_id,
        "token": row.token,
        "clientName": "evolution",
        "disconnectionReasonCode": row.reason_code,
        "disconnectionObject": row.reason_object,
        "disconnectionAt": row.disconnected_at,
        **times,
        **empty,
        "Setting": {"id": row.settings_id, **row.settings, **times, "instanceId": row.id},
        "_count": {"Message": messages, "Contact": contacts, "Chat": contacts},
    }


def _state(call: Call, instance: Instance) -> Json:
    state = call.world.sessions[instance.name].state
    return {"instance": {"instanceName": instance.name, "state": state}}


@route("GET", "/instance/connectionState")
async def connection_state(call: Call, instance: Instance) -> Answer:
    return 200, _state(call, instance)


@route("GET", "/instance/connect")
async def connect(call: Call, instance: Instance) -> Answer:
    world, session = call.world, call.world.sessions[instance.name]
    if session.state == "open":
        return 200, _state(call, instance)
    if session.state == "close":
        if not world.switch("save_sessions", instance=instance.name):
            return 200, {"error": True, "message": "[object Object]"}  # it has nowhere to keep the keys (FACTS D 3)
        if not instance.paired:
            connection.start_socket(world, instance, call.query.get("number"))
        return 200, await connection.first_qr(world, instance, "connect_wait")
    return 200, session.qr()


@route("POST", "/instance/restart")
async def restart(call: Call, instance: Instance) -> Answer:
    session = call.world.sessions[instance.name]
    if session.state == "close":
        return 200, {"error": True, "message": "[object Object]"}
    if session.state == "open":
        connection.drop(call.world, instance)
        return 200, _state(call, instance)
    return 200, session.qr()


@route("DELETE", "/instance/logout")
async def logout(call: Call, instance: Instance) -> Answer:
    if call.world.sessions[instance.name].state != "open":
        raise errors.refused(400, f'The "{instance.name}" instance is not connected')
    call.world.spawn(connection.api_logout(call.world, instance))
    return 200, {**_DONE, "response": {"message": "Instance logged out"}}


@route("DELETE", "/instance/delete")
async def delete(call: Call, instance: Instance) -> Answer:
    connection.delete(call.world, instance)
    return 200, {**_DONE, "response": {"message": "Instance deleted"}}


@route("POST", "/instance/setPresence")
async def set_presence(call: Call, instance: Instance) -> Answer:
    return 201, {"presence": checked_presence(call.body)}
