"""Pages need a store and no server of their own: they share one that is emptied for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from service.store.store import Store
from tests.servers import RealServer


@pytest.fixture
async def store(valkey: RealServer) -> AsyncIterator[Store]:
    opened = await Store.open(valkey.url, wait_s=10)
    yield opened
    await opened.close()
