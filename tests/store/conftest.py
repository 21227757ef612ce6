from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from service.store.store import Store
from tests.servers import RealServer


@pytest.fixture
async def store(server: RealServer) -> AsyncIterator[Store]:
    opened = await Store.open(server.url)
    yield opened
    await opened.close()
