"""A watcher that is killed at any moment loses nothing, tells nothing twice and asks nobody early."""

from __future__ import annotations

from tests.faults.feed_chaos import ADMIT_S, INTERVAL_S, verdict
from tests.faults.feed_replica import Watched
from tests.servers import RealServer

FEEDS = 40


async def test_ten_kills_lose_nothing_and_repeat_nothing(valkey: RealServer) -> None:
    found = await verdict(valkey, Watched("", FEEDS, INTERVAL_S, admit_s=ADMIT_S), kills=10, every_s=0.7)

    assert found.good, found
    assert found.items > 1.5 * FEEDS, "the feeds hardly changed"


async def test_validators_before_the_articles_are_durable_lose_articles(valkey: RealServer) -> None:
    """The control: how many kills it takes is a matter of luck, and one is often enough."""
    for _ in range(4):
        found = await verdict(valkey, Watched("", FEEDS, INTERVAL_S, "hasty", ADMIT_S), kills=3, every_s=0.7)
        if found.lost:
            break

    assert found.lost
