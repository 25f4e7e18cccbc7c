"""The control door `/simulator/…`: what tests and the phone page use to play WhatsApp. JSON, no key, loopback only.

Bodies and answers are JSON objects; a wrong request answers 400, an impossible one 409, both `{"error": sentence}`.
Numbers may be written in any form; phones are known by their canonical number (12 digits from DDD 31 on).

| call | body | what it does |
| --- | --- | --- |
| GET  state | ?since=version | instances, phones, switches, counters, version (only version if unchanged) |
| GET  switches | | the list of switches: name, default, section, label, choices, value |
| POST switches | {name: value, …, instance?, number?} | set switches for all, one instance or one number |
| POST reset | | all switches back to their start, log and counters emptied |
| POST clear | | forget everything: instances, messages, phones, switches, log |
| POST restart | | the server dies and starts again: retries and caches lost, paired ones reconnect |
| POST instances/{name}/scan | {number?, profileName?} | the owner's phone reads the QR → {ok}; false: not completed |
| POST instances/{name}/scan-code | {code, number?} | the owner types the pairing code → {ok} |
| POST instances/{name}/phone-disconnect | {code?} | 401: the phone removes the device; 403: banned |
| POST instances/{name}/drop | {seconds?} | network drop: connecting, open |
| POST instances/{name}/type | {to, text} | the owner types on the shop's phone → the message |
| POST instances/{name}/receipt | {id, status} | one receipt now, in any order |
| POST instances/{name}/emit | {event, data} | any webhook, for shapes that nothing else makes |
| GET  phones/{number}/messages | ?since=epoch seconds | what is on that customer's phone, oldest first |
| POST phones/{number}/send | {text, …} | the customer writes → the message; more keys below |
| POST phones/{number}/edit | {id, text} | the customer edits a message of theirs |
| POST phones/{number}/delete | {id} | the customer deletes a message for everyone |
| POST phones/{number}/read | {id?} | opens the conversation (or reads one message) → {read: n} |
| GET  deliveries | ?event=&instance= | {attempts, emitted, asked, reached}, see below |

More keys of `send`: `to` (an instance's name or its number; without it the shop that spoke last with this phone, or the
only connected one), `kind` (text, reaction, button, image, audio, location, ephemeral), `quoted_id`, `lid_only`,
`addressing`, `timestamp` (epoch seconds), `name` (of the customer), `id` (that of an earlier message repeats it).
`deliveries`: every webhook attempt; events emitted, by name; sendText calls received and messages that reached the
WhatsApp side, both counted by text.

The phone page (`/telefone/`) carries these marks for tests:
`[data-instance="NAME"]` a connection (its state in `data-state`), inside it `[data-action="scan"]` ("ler QR"),
`[data-action="scan-code"]` ("digitar código"), `[data-action="disconnect"]`, `[data-action="drop"]`;
`#open-number`, `#open-button` open a phone by number; `[data-phone="NUMBER"]` a phone in the list (`aria-current`);
`#link-address`, `#link-open` open a wa.me link on the open phone;
`#chat[data-phone]`, `[data-message="ID"][data-direction][data-status]` bubbles; `#reply-text`, `#reply-send`,
`#reply-lid` (without showing the phone), `[data-quick="1|2|Sim|Não"]`;
`[data-switch="NAME"]` the inputs of the switches; `#switches-reset`, `#server-restart`.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from navalha.simulator import connection, inbound, outbound
from navalha.simulator.connection import Impossible
from navalha.simulator.control_views import message_view, phone_view, state_view, switches_view
from navalha.simulator.shapes import canonical, digits
from navalha.simulator.world import Instance, Message, World

_LOOPBACK = ("127.0.0.1", "::1")
Body = dict[str, Any]
Door = Callable[[World, Request, Body], Awaitable[Any]]


class Wrong(Exception):
    """The control request makes no sense; the text says why."""


def _door(work: Door) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        if not _from_here(request):
            return JSONResponse({"error": "only from this machine"}, status_code=403)
        try:
            body = await request.json() if request.method == "POST" and await request.body() else {}
            if not isinstance(body, dict):
                raise Wrong("the body must be an object")
            return JSONResponse(await work(request.app.state.world, request, body))
        except (Wrong, ValueError, KeyError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        except Impossible as error:
            return JSONResponse({"error": str(error)}, status_code=409)

    return answer


def _from_here(request: Request) -> bool:
    """Only this machine, and no page of another site in this machine's browser."""
    origin = request.headers.get("origin")
    same = origin is None or origin.partition("://")[2] == request.headers.get("host")
    return same and request.client is not None and request.client.host in _LOOPBACK


def _instance(world: World, request: Request) -> Instance:
    name = request.path_params["name"]
    if name not in world.instances:
        raise Wrong(f"there is no instance {name!r}")
    return world.instances[name]


# ---- the server


async def state(world: World, request: Request, body: Body) -> Any:
    if request.query_params.get("since") == str(world.version):
        return {"version": world.version, "unchanged": True}
    return state_view(world)


async def list_switches(world: World, request: Request, body: Body) -> Any:
    return switches_view(world)


async def set_switches(world: World, request: Request, body: Body) -> Any:
    instance, number = str(body.pop("instance", "")), str(body.pop("number", ""))
    before = world.switch("server_mode")
    world.switches.set(body, instance=instance, number=number)
    if "unreachable" in body:
        connection.weather_changed(world)
    if before == "down" and world.switch("server_mode") != "down":
        connection.back_up(world)
    world.touch()
    return world.switches.as_dict()


async def reset(world: World, request: Request, body: Body) -> Any:
    before = world.switch("server_mode")
    world.switches.reset()
    world.hooks.forget()
    world.asked.clear()
    world.reached.clear()
    connection.weather_changed(world)
    if before == "down":
        connection.back_up(world)
    world.touch()
    return world.switches.as_dict()


async def clear(world: World, request: Request, body: Body) -> Any:
    await world.stop_tasks()
    world.switches.reset()
    world.hooks.forget()
    world.store.clear()
    world.clear_memory()
    world.touch()
    return {"ok": True}


async def restart(world: World, request: Request, body: Body) -> Any:
    await connection.restart(world)
    return {"ok": True}


async def deliveries(world: World, request: Request, body: Body) -> Any:
    wanted = {name: request.query_params[name] for name in ("event", "instance") if name in request.query_params}
    attempts = [entry for entry in world.hooks.log if all(entry[name] == value for name, value in wanted.items())]
    counts = {"emitted": dict(world.hooks.emitted), "asked": dict(world.asked), "reached": dict(world.reached)}
    return {"attempts": attempts, **counts}


# ---- the shop's own phone


async def scan(world: World, request: Request, body: Body) -> Any:
    number = digits(body["number"]) if body.get("number") else None
    done = connection.scan(world, _instance(world, request), number, body.get("profileName"))
    return {"ok": done}


async def scan_code(world: World, request: Request, body: Body) -> Any:
    number = digits(body["number"]) if body.get("number") else None
    return {"ok": connection.scan_code(world, _instance(world, request), str(body["code"]), number)}


async def phone_disconnect(world: World, request: Request, body: Body) -> Any:
    connection.phone_disconnects(world, _instance(world, request), int(body.get("code", 401)))
    return {"ok": True}


async def drop(world: World, request: Request, body: Body) -> Any:
    connection.drop(world, _instance(world, request), float(body.get("seconds", 0)))
    return {"ok": True}


async def owner_types(world: World, request: Request, body: Body) -> Any:
    message = inbound.owner_typed(world, _instance(world, request), str(body["to"]), str(body["text"]))
    return message_view(world, message)


async def one_receipt(world: World, request: Request, body: Body) -> Any:
    instance = _instance(world, request)
    message = world.messages[f"{instance.name}/{body['id']}"]
    outbound.receipt(world, instance, message, str(body["status"]))
    return message_view(world, message)


async def emit(world: World, request: Request, body: Body) -> Any:
    world.hooks.emit(_instance(world, request), str(body["event"]), body.get("data"))
    return {"ok": True}


# ---- customers' phones


async def phone_messages(world: World, request: Request, body: Body) -> Any:
    number = canonical(request.path_params["number"])
    since = float(request.query_params.get("since", 0))
    mine = [m for m in world.messages.values() if m.number == number and m.at > since]
    seen = [m for m in mine if m.author == "customer" or m.reached]
    return {**phone_view(world, world.phone(number)), "messages": [message_view(world, m) for m in _in_order(seen)]}


def _in_order(messages: list[Message]) -> list[Message]:
    return sorted(messages, key=lambda m: m.at)


def shop_for(world: World, number: str, to: str) -> Instance:
    """The instance a customer writes to. Raises Wrong when it cannot be told."""
    for instance in world.instances.values():
        if to and (instance.name == to or (digits(to) and digits(to) == instance.owner_number)):
            return instance
    if to:
        raise Wrong(f"there is no shop {to!r}")
    spoke = [m for m in world.messages.values() if m.number == canonical(number) and m.instance in world.instances]
    if spoke:
        return world.instances[max(spoke, key=lambda m: m.at).instance]
    paired = [instance for instance in world.instances.values() if instance.paired]
    if len(paired) != 1:
        raise Wrong("say in `to` which shop this goes to")
    return paired[0]


async def phone_sends(world: World, request: Request, body: Body) -> Any:
    number, text = request.path_params["number"], str(body.pop("text", ""))
    instance = shop_for(world, number, str(body.pop("to", "")))
    if body.get("kind", "text") not in inbound.KINDS:
        raise Wrong(f"kind is one of {', '.join(inbound.KINDS)}")
    return message_view(world, inbound.from_customer(world, instance, number, text, **body))


def _own_message(world: World, request: Request, body: Body) -> Message:
    number = canonical(request.path_params["number"])
    for message in world.messages.values():
        if message.number == number and message.author == "customer" and message.id == body["id"]:
            return message
    raise Wrong("this phone has sent no such message")


async def phone_edits(world: World, request: Request, body: Body) -> Any:
    message = _own_message(world, request, body)
    inbound.edited(world, world.instances[message.instance], message, str(body["text"]))
    return message_view(world, message)


async def phone_deletes(world: World, request: Request, body: Body) -> Any:
    message = _own_message(world, request, body)
    inbound.deleted(world, world.instances[message.instance], message)
    return message_view(world, message)


async def phone_reads(world: World, request: Request, body: Body) -> Any:
    number = canonical(request.path_params["number"])
    return {"read": len(outbound.conversation_opened(world, number, body.get("id")))}


ROUTES = [
    Route("/state", _door(state)),
    Route("/switches", _door(list_switches), methods=["GET"]),
    Route("/switches", _door(set_switches), methods=["POST"]),
    Route("/reset", _door(reset), methods=["POST"]),
    Route("/clear", _door(clear), methods=["POST"]),
    Route("/restart", _door(restart), methods=["POST"]),
    Route("/deliveries", _door(deliveries)),
    Route("/instances/{name:path}/scan", _door(scan), methods=["POST"]),
    Route("/instances/{name:path}/scan-code", _door(scan_code), methods=["POST"]),
    Route("/instances/{name:path}/phone-disconnect", _door(phone_disconnect), methods=["POST"]),
    Route("/instances/{name:path}/drop", _door(drop), methods=["POST"]),
    Route("/instances/{name:path}/type", _door(owner_types), methods=["POST"]),
    Route("/instances/{name:path}/receipt", _door(one_receipt), methods=["POST"]),
    Route("/instances/{name:path}/emit", _door(emit), methods=["POST"]),
    Route("/phones/{number}/messages", _door(phone_messages)),
    Route("/phones/{number}/send", _door(phone_sends), methods=["POST"]),
    Route("/phones/{number}/edit", _door(phone_edits), methods=["POST"]),
    Route("/phones/{number}/delete", _door(phone_deletes), methods=["POST"]),
    Route("/phones/{number}/read", _door(phone_reads), methods=["POST"]),
]
