"""What the pages ask, answered from Redis. The composition root makes one and hands it to `make_app`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from service.errors import ServerUnusable, StoreUnavailable
from service.feeds.health import condition
from service.model import StoryState
from service.numbers.metrics import MOST_FEEDS
from service.numbers.snapshot import FeedNumbers, GroupNumbers, Snapshot, StoryNumbers, WebhookNumbers
from service.store import keys
from service.store.committing import LATENCY_BOUNDS_MS
from service.store.values import FeedState, GroupState, Head
from service.store.webhooks import group_of
from service.store.wire_index import WireSize
from service.stories.story import Story
from service.web.broadcast import StreamStore
from service.web.fanout import Fanout
from service.web.library import Library, LibraryStore
from service.web.readiness import Check, Line, answered, unanswered


class StoreReader(LibraryStore, StreamStore, Protocol):
    """What the pages need of the store. Every call may raise StoreUnavailable."""

    async def head(self, story: str) -> Head:
        """Where a story stands; runs a script."""

    async def counts(self, story: str) -> dict[str, int]:
        """Counters of a story."""

    async def latency(self, story: str) -> dict[str, int]:
        """Latency buckets of a story."""

    async def lengths(self, story: str) -> dict[str, int]:
        """Entries of each stream."""

    async def groups(self, stream: str) -> list[GroupState]:
        """Consumer groups of a stream."""

    async def wire_size(self, story: str) -> WireSize:
        """What the fingerprint index takes."""

    async def feed_counts(self, feed_names: Sequence[str]) -> dict[str, dict[str, int]]:
        """Entry results and looks of feeds."""

    async def far_behind(self, story: str, head: Head) -> list[tuple[str, str, str]]:
        """Stream and name of groups of subscribers that slow the story or have lapsed, and which of both."""

    async def memory(self) -> list[tuple[int, int]]:
        """Of each server, bytes in use and allowed."""

    async def workers(self) -> dict[str, float]:
        """The workers alive."""

    async def webhook(self, name: str) -> dict[str, str]:
        """What is remembered of a webhook."""


class State(Protocol):
    """What `make_app` is given."""

    @property
    def stories(self) -> Mapping[str, Story]:
        """The stories followed, by id."""

    @property
    def started(self) -> bool:
        """Whether the service has opened all its parts."""

    async def readiness(self) -> dict[str, Check]:
        """Every condition of readiness. What cannot be asked is a condition that does not hold, and nothing is raised
        but a broken invariant."""

    async def numbers(self) -> Snapshot:
        """All numbers. Raises nothing: without Redis there are none."""

    async def story_states(self, stories: Iterable[str] | None = None) -> dict[str, StoryState]:
        """Where stories stand; None: all. May raise StoreUnavailable."""

    @property
    def library(self) -> Library:
        """Claims, appearances, timelines, feeds."""

    @property
    def fanout(self) -> Fanout:
        """The streams as they happen."""


PATIENCE_S = 2.0
"""A probe waits about so long before it calls us dead; we answer before."""


@dataclass(slots=True)
class ServiceState:
    """The state of a service process."""

    store: StoreReader
    stories: Mapping[str, Story]
    feeds: Sequence[str]
    """names of the feeds that this process watches; the composition root changes them with the lists"""
    backlog_cap: int
    started: bool = field(default=False)
    """set by the composition root once everything is open"""
    lists_problem: Callable[[], str] = field(default=lambda: "")
    """why the feed lists cannot be used as they are now; the empty string if they can"""
    library: Library = field(init=False)
    fanout: Fanout = field(init=False)
    _looks_read: dict[str, FeedState | None] = field(default_factory=dict)
    _looks_until_s: float = 0.0

    def __post_init__(self) -> None:
        self.library = Library(self.store, lambda: self.feeds)
        self.fanout = Fanout(self.store)

    async def readiness(self) -> dict[str, Check]:
        """As `State`."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                lines = {story: await self._line(story) for story in self.stories}
                workers = len(await self.store.workers())
                looks = await self._looks()
                memory = await self.store.memory()
        except TimeoutError:
            return unanswered(f"no answer within {PATIENCE_S:g} s")
        except (StoreUnavailable, ServerUnusable) as error:
            return unanswered(error.message)
        return answered(lines, self.backlog_cap, workers, looks, self.lists_problem(), memory)

    async def numbers(self) -> Snapshot:
        """As `State`."""
        try:
            async with asyncio.timeout(2 * PATIENCE_S):
                stories = {story: await self._story(story) for story in self.stories}
                return Snapshot(
                    redis_up=True,
                    stories=stories,
                    webhooks=await self._webhooks(stories.values()),
                    feeds=await self._feeds(),
                    workers=len(await self.store.workers()),
                    lists_usable=not self.lists_problem(),
                    followers=self.fanout.numbers.at_once(),
                    latency_bounds_ms=LATENCY_BOUNDS_MS,
                )
        except (StoreUnavailable, ServerUnusable, TimeoutError):
            return Snapshot(redis_up=False)

    async def story_states(self, stories: Iterable[str] | None = None) -> dict[str, StoryState]:
        """As `State`."""
        return {story: (await self.store.head(story)).state for story in (self.stories if stories is None else stories)}

    async def _line(self, story: str) -> Line:
        head = await self.store.head(story)
        state = head.state
        following = await self.store.range(keys.articles(story), f"{state.committed + 1}-0", count=1)
        waits_s = max(0.0, time.time() - int(following[0].fields["at"]) / 1000) if following else 0.0
        return Line(state.admitted - state.committed, waits_s, head.paused, head.slowed)

    async def _story(self, story: str) -> StoryNumbers:
        head = await self.store.head(story)
        groups = [
            GroupNumbers(stream, group.name, group.pending, group.lag, group.counts)
            for stream, key in _KEYS.items()
            for group in await self.store.groups(key(story))
        ]
        wire = await self.store.wire_size(story)
        return StoryNumbers(
            counts=await self.store.counts(story),
            latency=await self.store.latency(story),
            lengths=await self.store.lengths(story),
            backlog=head.state.admitted - head.state.committed,
            paused=head.paused != "",
            far_behind=await self.store.far_behind(story, head),
            groups=groups,
            wire_stories=wire.wire_stories,
            wire_index_bytes=wire.size_bytes,
        )

    async def _webhooks(self, stories: Iterable[StoryNumbers]) -> dict[str, WebhookNumbers]:
        groups = {group.group for of in stories for group in of.groups if group.group.startswith(group_of(""))}
        names = sorted(group.removeprefix(group_of("")) for group in groups)
        states = {name: await self.store.webhook(name) for name in names}
        return {
            name: WebhookNumbers(int(state.get("failures", "0")), bool(state.get("disabled")))
            for name, state in states.items()
        }

    async def _feeds(self) -> dict[str, FeedNumbers]:
        counts = await self.store.feed_counts(self.feeds)
        looks = await self.store.feed_states(self.feeds)
        return {feed: _feed_numbers(counts[feed], look) for feed, look in looks.items()}

    async def _looks(self) -> dict[str, FeedState | None]:
        """The states of all feeds; of thousands, which take their time to read, not anew for every probe."""
        began_s = time.monotonic()
        if began_s >= self._looks_until_s:
            self._looks_read = await self.store.feed_states(self.feeds)
            took_s = time.monotonic() - began_s
            self._looks_until_s = began_s + (20 * took_s if len(self.feeds) > MOST_FEEDS else 0)
        return self._looks_read


_KEYS = {"articles": keys.articles, "events": keys.events, "new-claims": keys.new_claims}


def _feed_numbers(counts: Mapping[str, int], look: FeedState | None) -> FeedNumbers:
    ever = look is not None and look.last_success > 0
    since = max(0.0, time.time() - look.last_success) if look is not None and ever else None
    failures, lag_s = (0, 0.0) if look is None else (look.failures, look.lag_s)
    return FeedNumbers(counts, since, failures, condition(look), lag_s)
