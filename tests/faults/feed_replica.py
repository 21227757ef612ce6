"""A service replica that watches feeds and nothing else, until it is killed. Its User-Agent is its name.

`alone` is the control: it believes every feed to be its own and takes no lease.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from service.feeds.config import Feed
from service.feeds.intake import Followed, Intake
from service.feeds.look import Looker
from service.feeds.parser_pool import ParserLimits, ParserPool
from service.feeds.shares import Shares
from service.feeds.turns import Turns
from service.feeds.watch import Watcher
from service.net.client import Client, Limits
from service.store.store import Store

STORY = Followed("harbour", lambda headline, text: True)
BEAT_S, ALIVE_S, LEASE_S = 0.2, 1.0, 2.0


@dataclass(frozen=True, slots=True)
class Watched:
    """What replicas are told to watch: `<origin>/<number>` for each number."""

    origin: str
    feeds: int
    interval_s: float

    def list(self) -> list[Feed]:
        return [
            Feed(f"feed-{number}", "url", f"{self.origin}/{number}", self.interval_s, allow_private=True)
            for number in range(self.feeds)
        ]


class Alone(Turns):
    """Takes no lease."""

    @asynccontextmanager
    async def take(self, feed: str, revision: int, asked_at: float) -> AsyncIterator[bool]:
        yield True

    async def is_kept(self, feed: str) -> bool:
        return True


class Everything(Shares):
    def is_mine(self, feed: str) -> bool:
        return True


def main(url: str, name: str, watched: Watched, alone: bool) -> None:
    """Watches until it is killed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(_watch(url, name, watched, alone))


async def _watch(url: str, name: str, watched: Watched, alone: bool) -> None:
    store = await Store.open(url, wait_s=20)
    parsers = ParserPool(ParserLimits(processes=1))
    limits = Limits(connections_per_host=50, spacing_s=0.0)
    shares = (Everything if alone else Shares)(store, name, BEAT_S, ALIVE_S)
    turns = (Alone if alone else Turns)(store, shares, LEASE_S)
    try:
        async with Client(limits, user_agent=name) as client:
            intake = Intake(store, [STORY], doc_ttl_s=3_600, backlog_cap=1_000_000, traced=False)
            looker = Looker(client, parsers, "v1")
            await Watcher(watched.list(), store, intake, looker, parsers, turns=turns).run(asyncio.Event())
    finally:
        await parsers.close()
        await store.close()
