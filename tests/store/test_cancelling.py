"""A task that is cancelled while it asks the server ends, wherever the cancellation finds it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from service.store import keys
from service.store.store import Store
from tests.store.builders import STORY

STREAM = keys.events(STORY)

CALLS: dict[str, Callable[[Store], Awaitable[object]]] = {
    "blocking": lambda store: store.hand_out(STREAM, "readers", "one", 1),
    "plain": lambda store: store.held(STREAM, "readers", "one"),
    "script": lambda store: store.join(STREAM, "readers"),
}


@pytest.mark.parametrize("call", CALLS)
async def test_a_cancelled_task_ends(store: Store, call: str) -> None:
    await store.join(STREAM, "readers")

    async def ask_for_ever() -> None:
        while True:
            await CALLS[call](store)

    for turn in range(60):
        asking = asyncio.create_task(ask_for_ever())
        await asyncio.sleep(turn / 10_000)
        asking.cancel()
        done, _ = await asyncio.wait([asking], timeout=60)
        assert done, "the cancellation was lost"
        assert asking.cancelled()
