"""The service's HTTP side: health, metrics, the stories and their claims, the contract, and an index of these."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from aiohttp import web

from service.contract.schemas import ASYNCAPI, FOLDER, OPENAPI
from service.errors import ClaimwireError
from service.web.access import Access, Rates
from service.web.board.hooks import WebhookPages
from service.web.board.pages import Board
from service.web.board.rendering import Rendering
from service.web.cors import Cors
from service.web.edits import Editor, Edits
from service.web.health import Health
from service.web.problems import add_headers, problems
from service.web.reference import Reference
from service.web.refusing import Connection, is_ours
from service.web.room import Room, places
from service.web.sse import Events
from service.web.state import State
from service.web.stories import Stories
from service.web.webhooks import Webhooks, WebhookStore

_PAGES = {
    "/": "the board: stories, claims, timelines and feeds, for people",
    "/livez": "alive: the process turns; /healthz is the same",
    "/startupz": "started: everything is open",
    "/readyz": "ready: Redis answers, workers are there and keep up, each feed was looked at; with reasons",
    "/metrics": "every number, for Prometheus",
    "/v1/stories": "the stories, where each stands, and its streams",
    "/v1/feeds": "how each feed is",
    "/docs/api": "this API, for people",
    "/asyncapi": "the streams and their events, for people",
    "/asyncapi.json": "the streams as an AsyncAPI 3 document",
    "/openapi.json": "this API as an OpenAPI 3.1 document",
}
_NO_SCHEMAS = (ASYNCAPI, OPENAPI)
LARGEST_BODY_BYTES = 256 * 1024

BACKLOG = 128
"""connections that the kernel keeps until we come to them"""
DRAIN_S = 2.0
"""what a request in hand gets when the service ends"""


def make_app(
    state: State,
    editor: Editor | None = None,
    access: Access | None = None,
    cors: Cors | None = None,
    webhooks: WebhookStore | None = None,
) -> web.Application:
    """The application.

    Args:
        state: answers what the pages ask.
        editor: writes what persons decide; None: nothing can be changed.
        access: who may ask; None: everybody, for what can be read.
        webhooks: keeps webhooks that are asked for; None: none can be.
        cors: whose pages may read in a browser; None: our own alone.
    """
    gate = access or Access(None, reads_need_token=False, rates=Rates(0, 1))
    cors = cors or Cors()
    app = web.Application(middlewares=[cors.middleware, problems, gate.middleware], client_max_size=LARGEST_BODY_BYTES)
    app.on_response_prepare.append(add_headers)
    app.on_response_prepare.append(cors.add_headers)
    app.add_routes(Health(state).routes())
    app.add_routes(Stories(state).routes())
    app.add_routes(Board(state, writable=editor is not None and gate.tokens is not None).routes())
    app.add_routes(Events(state, most_of_one=gate.follows).routes())
    app.add_routes(Edits(state, editor).routes())
    hooks, rendering = Webhooks(state, webhooks), Rendering()
    app.add_routes(hooks.routes())
    app.add_routes(WebhookPages(hooks, rendering, guarded=gate.tokens is not None and webhooks is not None).routes())
    app.add_routes(Reference().routes())
    app.on_shutdown.append(lambda _: state.fanout.close())
    contract = _Contract(state, rendering)
    app.add_routes(
        [
            web.get("/v1", contract.index),
            web.get("/asyncapi.json", contract.asyncapi),
            web.get("/openapi.json", contract.openapi),
            web.get("/schemas/", contract.index),
            web.get("/schemas/{name}", contract.schema),
        ]
    )
    return app


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int, room: Room | None = None) -> AsyncIterator[str]:
    """Serves for as long as the block runs; yields the address, with the real port where 0 was asked for.

    Args:
        room: for how many connections; None: by how many files the process may have.

    Raises:
        ClaimwireError: the address cannot be bound.
    """
    logging.getLogger("aiohttp.server").addFilter(is_ours)
    listener, room = _bound(host, port), room or Room(places())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=DRAIN_S)
    await runner.setup()
    server, loop = cast(web.Server, runner.server), asyncio.get_running_loop()
    listening = await loop.create_server(lambda: Connection(server, loop, room), sock=listener, backlog=BACKLOG)
    try:
        yield f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    finally:
        listening.close()
        await runner.cleanup()


def _bound(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise ClaimwireError(
            f"{host}:{port} cannot be listened on: {error.strerror or error}",
            "Another program has the port, or the address is not this host's: "
            "give --http-port (0 takes a free one), or set CLAIMWIRE_HTTP_PORT or CLAIMWIRE_HTTP_HOST.",
        ) from error


class _Contract:
    """The index, and the generated documents as they were committed."""

    def __init__(self, state: State, rendering: Rendering) -> None:
        self._state = state
        self._rendering = rendering
        self._documents = {path.name: path.read_bytes() for path in sorted(FOLDER.glob("*.json"))}

    async def index(self, _: web.Request) -> web.Response:
        pages = dict(_PAGES)
        for story in self._state.stories.values():
            pages[f"/v1/stories/{story.id}/claims"] = f"what is known of: {story.title}"
        pages |= {f"/schemas/{name}": "data of this event" for name in self._documents if name not in _NO_SCHEMAS}
        return self._rendering.page("addresses.html", addresses=pages)

    async def asyncapi(self, _: web.Request) -> web.Response:
        return web.Response(body=self._documents[ASYNCAPI], content_type="application/json")

    async def openapi(self, _: web.Request) -> web.Response:
        return web.Response(body=self._documents[OPENAPI], content_type="application/json")

    async def schema(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._documents or name in _NO_SCHEMAS:
            raise web.HTTPNotFound(text="there is no such schema; /schemas/ lists them")
        return web.Response(body=self._documents[name], content_type="application/schema+json")
