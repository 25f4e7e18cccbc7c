"""Assembles the pretend server: API, control door, phone page, and the gate that plays a broken server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from navalha.simulator import api_chat, api_config, api_evolution, api_instance, api_message, connection, control
from navalha.simulator.api import answer_json, api
from navalha.simulator.portrait import portrait
from navalha.simulator.webhooks import Webhooks
from navalha.simulator.world import World

STATIC = Path(__file__).parent / "static"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
ALWAYS_REACHABLE = ("/simulator/", "/telefone")
API_MODULES = (api_chat, api_config, api_evolution, api_instance, api_message)  # imported for their routes

_LICENCE = {"status": 503, "error": "LICENSE_REQUIRED", "response": {"message": ["License activation required"]}}
_BUSY = {"status": 503, "error": "Service Unavailable", "response": {"message": ["Service Unavailable"]}}


def build_app(world: World) -> ASGIApp:
    """The whole server as one ASGI app. Starting it boots the world: stored instances connect by themselves."""
    Webhooks(world)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        connection.boot(world)
        yield
        await world.stop_tasks()
        await world.hooks.close()

    routes = [
        Mount("/simulator", routes=control.ROUTES),
        Mount("/telefone/static", StaticFiles(directory=STATIC)),
        Route("/telefone/", phone_page),
        Route("/telefone", lambda request: RedirectResponse("/telefone/")),
        Route("/fotos/{number:int}.png", picture),
        Route("/", front, methods=METHODS),
        Route("/{path:path}", api, methods=METHODS),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.world = world
    return Gate(app, world)


async def phone_page(request: Request) -> Response:
    headers = {"cache-control": "no-store", "content-security-policy": "default-src 'self'; img-src 'self' data:"}
    return FileResponse(STATIC / "phone.html", headers=headers)


async def picture(request: Request) -> Response:
    return Response(portrait(str(request.path_params["number"])), media_type="image/png")


async def front(request: Request) -> Response:
    """People who open the root in a browser get the phones; programs get the recorded answer."""
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse("/telefone/")
    return await api(request)


class Gate:
    """Stands before everything and plays a server that is down, overloaded, silent or without a licence."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self.app = app
        self.world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        mode = self.world.switch("server_mode")
        if scope["type"] != "http" or scope["path"].startswith(ALWAYS_REACHABLE):
            return await self.app(scope, receive, send)
        if self.world.switch("answer_wait"):
            await self.world.hold(self.world.switch("answer_wait"))
        if mode == "up":
            return await self.app(scope, receive, send)
        if mode == "down":
            return await _hang_up(scope, receive)
        if mode == "hang":
            return await self._say_nothing(receive)
        if mode == "licence" and scope["path"] == "/":
            return await self.app(scope, receive, send)
        return await answer_json(503, _LICENCE if mode == "licence" else _BUSY)(scope, receive, send)

    async def _say_nothing(self, receive: Receive) -> None:
        """Hold the request until the caller gives up."""
        message: Any = {}
        while message.get("type") != "http.disconnect":
            message = await receive()


async def _hang_up(scope: Scope, receive: Receive) -> None:
    """Close the connection without a word; `simulator.transport` is put there by `server.Protocol`."""
    scope["simulator.transport"].abort()
    message: Any = {}
    while message.get("type") != "http.disconnect":
        message = await receive()
