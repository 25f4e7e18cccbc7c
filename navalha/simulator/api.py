"""The API's front door: finds the route, runs the guards in the real order (exists, then key), answers JSON.

Routes are `METHOD /group/action[/{instance}]`; handlers register themselves with `@route`.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from navalha.simulator import errors
from navalha.simulator.world import Instance, World


@dataclass
class Call:
    """One API call: the world, the decoded body (an object), the query and the key given."""

    world: World
    body: dict[str, Any]
    query: dict[str, str]
    key: str | None
    request: Request

    def is_global(self) -> bool:
        return self.key == self.world.key


Answer = tuple[int, Any]
NOTHING = object()  # an answer with an empty body
InstanceHandler = Callable[[Call, Instance], Awaitable[Answer]]
PlainHandler = Callable[[Call], Awaitable[Answer]]
_INSTANCE_ROUTES: dict[tuple[str, str], InstanceHandler] = {}
_PLAIN_ROUTES: dict[tuple[str, str], PlainHandler] = {}


def route(method: str, path: str) -> Callable[[InstanceHandler], InstanceHandler]:
    """Register a handler for `METHOD path/{instance}`."""

    def register(handler: InstanceHandler) -> InstanceHandler:
        _INSTANCE_ROUTES[(method, path)] = handler
        return handler

    return register


def plain_route(method: str, path: str) -> Callable[[PlainHandler], PlainHandler]:
    """Register a handler for `METHOD path`, which does its own guarding."""

    def register(handler: PlainHandler) -> PlainHandler:
        _PLAIN_ROUTES[(method, path)] = handler
        return handler

    return register


def answer_json(status: int, body: Any) -> Response:
    text = "" if body is NOTHING else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status_code=status, media_type="application/json; charset=utf-8")


async def api(request: Request) -> Response:
    """Any request that is neither the phone page nor the control door."""
    try:
        status, body = await _run(request)
    except errors.ApiError as error:
        status, body = error.status, error.body
    return answer_json(status, body)


async def _run(request: Request) -> Answer:
    call = Call(
        world=request.app.state.world,
        body=await _body(request),
        query=dict(request.query_params),
        key=request.headers.get("apikey"),
        request=request,
    )
    path = request.scope["raw_path"].decode("ascii").partition("?")[0]
    plain = _PLAIN_ROUTES.get((request.method, path.rstrip("/") or "/"))
    if plain is not None:
        return await plain(call)
    parts = path.split("/")
    handler = _INSTANCE_ROUTES.get((request.method, "/".join(parts[:3]))) if len(parts) == 4 else None
    if handler is None:
        asked = path + (f"?{request.url.query}" if request.url.query else "")
        raise errors.refused(404, f"Cannot {request.method} {asked}")
    return await handler(call, _guarded(call, unquote(parts[3])))


def _guarded(call: Call, name: str) -> Instance:
    """Exists (404), then key (401). Then `?instanceName=` overrides the path unchecked: a recorded hole (REC 18)."""
    instance = call.world.instances.get(name)
    if instance is None:
        raise errors.no_instance(name)
    if call.key is None or call.key not in (call.world.key, instance.token):
        raise errors.unauthorized()
    other = call.query.get("instanceName", name)
    if other not in call.world.instances:
        raise errors.raw(500, "Cannot read properties of undefined (reading 'connectionStatus')")
    return call.world.instances[other]


async def _body(request: Request) -> dict[str, Any]:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return {}
    text = await request.body()
    if not text.strip():
        return {}
    try:
        body = json.loads(text)
    except ValueError:
        broken = {"status": 400, "error": "Internal Server Error"}
        broken["response"] = {"message": "Unexpected end of JSON input"}
        raise errors.ApiError(400, broken) from None
    return body if isinstance(body, dict) else {}
