"""A service replica that watches feeds and nothing else, until it is killed. Its User-Agent is its name.

Two controls: one that is `alone` believes every feed to be its own and takes no lease; a `hasty` one stores the
validators before the articles are durable.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal, cast

import structlog

from service.feeds.config import Feed
from service.feeds.intake import Followed, Intake, Poll
from service.feeds.listing import Listing
from service.feeds.look import Look, Looker
from service.feeds.parser_pool import ParserLimits, ParserPool
from service.feeds.shares import Shares
from service.feeds.turns import Turns
from service.feeds.visit import Visits
from service.feeds.watch import Watcher
from service.model import EntryResult
from service.net.client import Client, Limits
from service.store import keys
from service.store.store import Store
from service.store.values import FeedState

STORY = Followed("harbour", lambda headline, text: True)
BEAT_S, ALIVE_S, LEASE_S = 0.2, 1.0, 2.0


@dataclass(frozen=True, slots=True)
class Watched:
    """What replicas are told to watch: `<origin>/<number>` for each number."""

    origin: str
    feeds: int
    interval_s: float
    how: Literal["rightly", "alone", "hasty"] = "rightly"
    admit_s: float = 0.0
    """what the way to the store takes: so much time there is to be killed in"""
    parsers: int = 0
    """processes; 0 reads documents in the replica's own"""
    lease_s: float = LEASE_S

    def list(self) -> list[Feed]:
        return [
            Feed(f"feed-{number}", "url", f"{self.origin}/{number}", self.interval_s, allow_private=True)
            for number in range(self.feeds)
        ]


class Alone(Turns):
    """Takes no lease."""

    @asynccontextmanager
    async def take(self, feed: str, revision: int) -> AsyncIterator[bool]:
        yield True

    async def is_kept(self, feed: str) -> bool:
        return True


class Everything(Shares):
    def is_mine(self, feed: str) -> bool:
        return True


class HastyVisits(Visits):
    """Closes first."""

    async def _admit(self, feed: Feed, listing: Listing | None, poll: Poll) -> None:
        look = cast(Look, self._seen[feed.name].what)
        state = await self._admitter.feed_state(feed.name) or FeedState()
        kept = {"etag": look.memory.etag, "fingerprint": look.memory.fingerprint}
        await cast(Store, self._admitter)._connection.run(
            "HSET",
            keys.feed(feed.name),
            *(part for item in kept.items() for part in item),
            "last_checked",
            state.last_asked,
        )
        await super()._admit(feed, listing, poll)


class Hasty(Watcher):
    _visiting = HastyVisits


class Slow(Store):
    """Takes its time for every admission."""

    admit_s = 0.0

    async def admit(self, *what: Any) -> EntryResult:
        await asyncio.sleep(self.admit_s)
        return await super().admit(*what)


class Here(ParserPool):
    """Reads documents in this process: a start costs nothing."""

    async def _run(self, function: Any, argument: Any, *limits: Any) -> Any:
        return function(argument)


def main(url: str, name: str, watched: Watched) -> None:
    """Watches until it is killed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(_watch(url, name, watched))


async def _watch(url: str, name: str, watched: Watched) -> None:
    store = cast(Slow, await Slow.open(url, wait_s=20))
    store.admit_s = watched.admit_s
    parsers = ParserPool(ParserLimits(processes=watched.parsers)) if watched.parsers else Here()
    limits = Limits(connections_per_host=50, spacing_s=0.0)
    shares = (Everything if watched.how == "alone" else Shares)(store, name, BEAT_S, ALIVE_S)
    turns = (Alone if watched.how == "alone" else Turns)(store, shares, watched.lease_s)
    watching = Hasty if watched.how == "hasty" else Watcher
    try:
        async with Client(limits, user_agent=name) as client:
            intake = Intake(store, [STORY], doc_ttl_s=3_600, backlog_cap=1_000_000, traced=False)
            looker = Looker(client, parsers, "v1")
            await watching(watched.list(), store, intake, looker, parsers, turns=turns).run(asyncio.Event())
    finally:
        await parsers.close()
        await store.close()
