from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from service.feeds.parser_pool import ParserPool
from service.net.client import Client, Limits
from service.store.embedded import EmbeddedServer
from service.store.store import Store


@pytest.fixture(scope="session")
def parsers() -> Iterator[ParserPool]:
    pool = ParserPool()
    yield pool
    asyncio.run(pool.close())


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client(Limits(total_s=1.5, max_wire_bytes=200_000, max_bytes=500_000, spacing_s=0.0)) as client:
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
