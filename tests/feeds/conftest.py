from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from service.feeds.parser_pool import ParserPool
from service.net.client import Client, Limits
from service.store.embedded import EmbeddedServer
from service.store.store import Store

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Origin:
    """A scripted server on loopback: a handler per path, and what was asked of it."""

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self._handlers: dict[str, Handler] = {}
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self.server = TestServer(app, host="127.0.0.1")

    def on(self, path: str, handler: Handler) -> str:
        self._handlers[path] = handler
        return self.url(path)

    def gives(self, path: str, body: bytes = b"", status: int = 200, **headers: str) -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def answer(_: web.Request) -> web.Response:
            return web.Response(body=body, status=status, headers=named)

        return self.on(path, answer)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.port}{path}"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        return await self._handlers[request.path](request)


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    origin = Origin()
    await origin.server.start_server()
    yield origin
    await origin.server.close()


@pytest.fixture(scope="session")
def parsers() -> Iterator[ParserPool]:
    pool = ParserPool()
    yield pool
    asyncio.run(pool.close())


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client(Limits(total_s=0.5, max_wire_bytes=200_000, max_bytes=500_000, spacing_s=0.0)) as client:
        yield client


@pytest.fixture
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServer]:
    async with EmbeddedServer(Path(tmp_path_factory.mktemp("server"))) as embedded:
        yield embedded


@pytest.fixture
async def store(server: EmbeddedServer) -> AsyncIterator[Store]:
    store = await Store.open(server.url, wait_s=5)
    yield store
    await store.close()
