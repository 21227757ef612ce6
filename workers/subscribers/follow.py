"""A subscriber as a whole program: opens the store, runs the loop until a signal or Stop, and closes."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Literal

from service.running import run
from service.store import keys
from service.store.store import Store
from workers.subscribers.delivery import Handle
from workers.subscribers.subscriber import Limits, Subscriber

Stream = Literal["new-claims", "events"]

_KEYS = {"new-claims": keys.new_claims, "events": keys.events}


def follow(
    url: str,
    stories: Sequence[str],
    group: str,
    handle: Handle,
    *,
    stream: Stream = "new-claims",
    types: Collection[str] = (),
    consumer: str = "",
    after: str = "0",
    limits: Limits | None = None,
    wait_s: float = 30.0,
) -> str:
    """Lets `handle` have every event of the stories until SIGTERM, SIGINT or a handler's Stop.

    Args:
        url: as REDIS_URL.
        stream: `new-claims` has the new claims alone, `events` everything in one order.
        wait_s: how long to wait for the server at the start.

    Returns:
        Why a handler asked for the end; the empty string after a signal.

    Raises:
        ServerUnusable: no server that can be used answers.
        The rest: as `Subscriber`.
    """

    async def main(stop: asyncio.Event) -> str:
        store = await Store.open(url, wait_s=wait_s, read_only=True)
        try:
            streams = [_KEYS[stream](story) for story in stories]
            subscriber = Subscriber(
                store, streams, group, handle, types=types, consumer=consumer, after=after, limits=limits
            )
            await subscriber.run(stop)
            return subscriber.stopped
        finally:
            await store.close()

    return run(main)
