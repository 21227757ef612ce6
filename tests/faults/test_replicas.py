"""Several services share the feeds: real processes, killed, stopped and added, and an origin that notes who asks."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable

from service.feeds.shares import owner
from tests.faults.feed_origin import FeedOrigin, Replicas, feed_origin
from tests.faults.feed_replica import ALIVE_S, BEAT_S, LEASE_S, Watched
from tests.servers import RealServer

FEEDS = 24
INTERVAL_S = 0.8
EARLY_S = INTERVAL_S / 2
"""a busy machine may send a request a while after its time was noted, and be killed then"""
TAKEN_OVER_S = ALIVE_S + BEAT_S + LEASE_S + 3.0
"""with these beats and leases; with those of the service, ten times as long are less than 30 s"""


async def until(condition: Callable[[], bool], within_s: float = 90) -> None:
    end_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end_s, "it never came true"
        await asyncio.sleep(0.05)


def shares(*names: str) -> dict[str, set[str]]:
    """Who is to ask for each feed."""
    return {str(number): {owner(f"feed-{number}", names)} for number in range(FEEDS)}


async def until_shared(origin: FeedOrigin, *names: str, within_s: float = 90) -> None:
    """Until each feed is asked for by the one whose share it is, and by no other for two rounds."""
    settled_s = time.monotonic()

    def settled() -> bool:
        nonlocal settled_s
        seen = origin.replicas_since(settled_s)
        if any(by - shares(*names)[feed] for feed, by in seen.items()):
            settled_s = time.monotonic()
        return time.monotonic() - settled_s > 2 * INTERVAL_S and seen == shares(*names)

    await until(settled, within_s)


async def test_replicas_that_die_sleep_and_come_share_the_feeds_and_never_ask_twice(valkey: RealServer) -> None:
    async with feed_origin() as origin:
        with Replicas(valkey.url, Watched(origin.url, FEEDS, INTERVAL_S)) as replicas:
            replicas.start("one", "two", "three")
            await until_shared(origin, "one", "two", "three")

            replicas.kill(["two"])
            await until_shared(origin, "one", "three", within_s=TAKEN_OVER_S)

            replicas.signal("three", signal.SIGSTOP)
            await until_shared(origin, "one", within_s=TAKEN_OVER_S)
            replicas.signal("three", signal.SIGCONT)
            await until_shared(origin, "one", "three")

            replicas.start("four")
            await until_shared(origin, "one", "three", "four")
        assert origin.at_once(but="three") == []
        assert origin.early(EARLY_S) == []


async def test_replicas_without_leases_ask_twice_at_once(valkey: RealServer) -> None:
    """The control."""
    async with feed_origin() as origin:
        with Replicas(valkey.url, Watched(origin.url, FEEDS, INTERVAL_S, "alone")) as replicas:
            replicas.start("one", "two")
            await until(lambda: bool(origin.at_once()) and bool(origin.early(EARLY_S)))


async def test_a_replica_that_starts_again_under_its_name_goes_on_at_once(valkey: RealServer) -> None:
    async with feed_origin(takes_s=0.5) as origin:
        with Replicas(valkey.url, Watched(origin.url, 2, 0.1, lease_s=120)) as replicas:
            replicas.start("one")
            await until(lambda: len(origin.asked) == 2)
            replicas.kill(["one"])  # in the middle of a poll
            killed_s = time.monotonic()
            replicas.start("one")
            await until(lambda: all(origin.replicas_since(killed_s).values()))  # long before the lease ends
