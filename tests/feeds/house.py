"""A watcher over a real store with a clock of its own, for the tests of what it does."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from service.errors import StoreUnavailable
from service.feeds.config import Feed
from service.feeds.intake import Followed, Intake
from service.feeds.look import Looker, LookLimits
from service.feeds.parser_pool import ParserPool
from service.feeds.watch import Watcher, wall_clock
from service.model import Article, EntryResult
from service.net.client import Client
from service.store.store import Store
from service.store.values import FeedState

START = datetime(2031, 5, 4, 12, tzinfo=UTC)
STORY = Followed("harbour", lambda headline, text: "pier" in (headline + text).lower())


def rss(*items: tuple[str, str]) -> bytes:
    listed = "".join(
        f"<item><guid>{guid}</guid><title>{guid}</title><link>https://x.example/{guid}</link>"
        f"<description>{words}</description></item>"
        for guid, words in items
    )
    return f"<rss version='2.0'><channel><title>Harbour</title>{listed}</channel></rss>".encode()


class Breaking:
    """The real store, gone for the calls it was told to lose."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.lose_admit: set[int] = set()
        self.lose_close = 0
        self.admits = 0
        self.closes: list[tuple[str, Mapping[EntryResult, int]]] = []

    async def admit(self, story: str, article: Article, poll: str, doc_ttl_s: int) -> EntryResult:
        self.admits += 1
        if self.admits in self.lose_admit:
            raise StoreUnavailable("gone")
        return await self._store.admit(story, article, poll, doc_ttl_s)

    async def backlog(self, story: str) -> int:
        return await self._store.backlog(story)

    async def feed_state(self, feed: str) -> FeedState | None:
        return await self._store.feed_state(feed)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def close_poll(
        self, feed: str, expected_revision: int, state: FeedState, results: Any, poll: str, *more: Any
    ) -> bool:
        if self.lose_close:
            self.lose_close -= 1
            raise StoreUnavailable("gone")
        self.closes.append((feed, dict(results)))
        return await self._store.close_poll(feed, expected_revision, state, results, poll, *more)


@dataclass
class House:
    """A watcher over a real store, with a clock that stands still until it is moved."""

    store: Store
    client: Client
    parsers: ParserPool
    now: datetime = START
    scope: str = "v1"
    story: Followed = STORY
    limits: LookLimits = field(default_factory=LookLimits)

    def watcher(self, *feeds: Feed, admitter: Any = None, backlog_cap: int = 1_000, live: bool = False) -> Watcher:
        admitter = admitter or self.store
        intake = Intake(admitter, [self.story], doc_ttl_s=60, backlog_cap=backlog_cap, traced=True)
        looker = Looker(self.client, self.parsers, self.scope, self.limits)
        clock = wall_clock if live else lambda: self.now
        return Watcher(feeds, admitter, intake, looker, self.parsers, clock)

    async def poll(self, feed: Feed) -> FeedState:
        """One look, as the watcher would take it if the feed were due."""
        state = await self.store.feed_state(feed.name) or FeedState()
        after = await self.watcher(feed).poll(feed, state)
        assert after is not None
        return after

    async def follow(self, *feeds: Feed, over: timedelta, watcher: Watcher | None = None) -> list[tuple[str, float]]:
        """What the watcher would do in that time, without waiting for it.

        Returns:
            Which feed was looked at and how many seconds after `START`, in order.
        """
        watcher, ends, looks = watcher or self.watcher(*feeds), self.now + over, []
        by_name = {feed.name: feed for feed in feeds}
        states = {name: await self.store.feed_state(name) or FeedState() for name in by_name}
        while True:
            now_s = self.now.timestamp()
            dues = {name: await watcher._due_s(feed, states[name], now_s) for name, feed in by_name.items()}
            name = min(dues, key=lambda name: dues[name])
            if dues[name] > ends.timestamp():
                self.now = ends
                return looks
            self.now = max(self.now, datetime.fromtimestamp(dues[name] + 1e-5, UTC))
            looks.append((name, (self.now - START).total_seconds()))
            await watcher.poll(by_name[name], states[name])
            states[name] = await self.store.feed_state(name) or FeedState()

    async def counts(self, feed: Feed) -> Counter[str]:
        counted = Counter((await self.store.feed_counts([feed.name]))[feed.name])
        del counted["polls"]
        return +counted

    async def admitted(self) -> int:
        return (await self.store.state("harbour")).admitted


def url_feed(url: str, **changes: Any) -> Feed:
    return replace(Feed("gazette", "url", url, 300.0, allow_private=True), **changes)


async def until(condition: Callable[[], Awaitable[bool]], within_s: float = 90) -> float:
    """Seconds until `condition` came true."""
    started = asyncio.get_running_loop().time()
    while not await condition():
        assert asyncio.get_running_loop().time() - started < within_s, "it never came true"
        await asyncio.sleep(0.02)
    return asyncio.get_running_loop().time() - started


class Running:
    """A watcher at work for as long as the block runs."""

    def __init__(self, watcher: Watcher) -> None:
        self._stop = asyncio.Event()
        self._watcher = watcher

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._watcher.run(self._stop))

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await self._task
