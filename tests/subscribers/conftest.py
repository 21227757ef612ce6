from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest

from service.store import keys
from service.store.store import Store
from tests.servers import RealServer
from tests.subscribers.builders import STORY
from tests.subscribers.target import Target
from workers.subscribers.handling import Backoff
from workers.subscribers.subscriber import Limits, Subscriber

STREAM = keys.new_claims(STORY)
QUICK = Limits(backoff=Backoff(0.02, 0.1), deadline_s=5, grace_s=0.5)
HEIR = replace(QUICK, reclaim_idle_s=0.6)
"""takes over soon: for tests in which nobody is alive who could be taken for dead on a busy machine"""

Begin = Callable[..., Awaitable["Consumer"]]


class Consumer:
    """A subscriber that runs, and what becomes of it."""

    def __init__(self, subscriber: Subscriber) -> None:
        self.subscriber = subscriber
        self.stop = asyncio.Event()
        self.task = asyncio.create_task(subscriber.run(self.stop))

    async def end(self) -> None:
        self.stop.set()
        await self.task

    async def die(self) -> None:
        """As a crash: nothing is tidied up."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@pytest.fixture
async def store(valkey: RealServer) -> AsyncIterator[Store]:
    opened = await Store.open(valkey.url)
    yield opened
    await opened.close()


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    target = Target()
    await target.server.start_server()
    yield target
    await target.server.close()


@pytest.fixture
async def begin(store: Store) -> AsyncIterator[Begin]:
    """Starts consumers of one group; those that still run at the end are ended."""
    async with AsyncExitStack() as stack:

        async def start(handle: Any, consumer: str = "one", limits: Limits = QUICK, **more: Any) -> Consumer:
            running = Consumer(Subscriber(store, [STREAM], "readers", handle, consumer=consumer, limits=limits, **more))
            stack.push_async_callback(running.die)
            return running

        yield start


async def until(condition: Callable[[], Any], within_s: float = 90) -> None:
    """Waits for a condition, which may be a coroutine function's."""
    deadline_s = time.monotonic() + within_s
    while True:
        value = condition()
        if await value if asyncio.iscoroutine(value) else value:
            return
        assert time.monotonic() < deadline_s, "the condition never came true"
        await asyncio.sleep(0.01)
