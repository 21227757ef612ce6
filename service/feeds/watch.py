"""Watching feeds: the one place that knows the order.

For each feed, in a task of its own:

    share      wait until the feed is this replica's to watch
    schedule   wait until the feed is due (its state lives in Redis: a restart looks at nothing early), its host wants
               to be asked, and our own network is there
    visit      take the feed, look, read, admit, close: service/feeds/visit.py has that order
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog

from service.errors import StoreUnavailable
from service.feeds.config import Feed
from service.feeds.hubs import Hubs
from service.feeds.intake import Admitter, Intake
from service.feeds.look import Looker
from service.feeds.neighbours import neighbourhood
from service.feeds.outage import Outage
from service.feeds.parser_pool import ParserPool
from service.feeds.schedule import due_s, pause_s, share_of, unclosed_due_s
from service.feeds.shares import Shares
from service.feeds.slow_hosts import SlowHosts
from service.feeds.turns import Turns
from service.feeds.visit import Visits
from service.large_blocks import return_large_blocks
from service.net.hosts import Hosts
from service.running import spare_collector
from service.store.values import FeedState

log = structlog.get_logger(__name__)

_BEGIN_TOGETHER = 100
"""feeds whose watching begins at once"""
_MANY = 1_000
"""feeds that were added at once and stay"""
_LOOKS, _LOOKS_PER_HOST = 256, 2
"""under way at once"""
_PAUSE_S = 0.5
"""between two attempts to reach Redis"""
_READ_EVERY_S = 5.0
"""how long the state of a feed is believed unread: somebody may empty the store, or poll the feed too"""


def wall_clock() -> datetime:
    """The clock of the running mode."""
    return datetime.now(UTC)


class Watcher:
    """Watches feeds until it is stopped. One per process.

    Args:
        feeds: with names of their own.
        admitter: the store.
        intake: the door, over the same store.
        looker: how feeds are looked at.
        parsers: where entries are made readable.
        now: the wall clock.
        turns: of this replica at the feeds; None: it is alone.
        hubs: at which feeds that have one are subscribed to; None: nowhere.
    """

    _visiting = Visits

    def __init__(
        self,
        feeds: Sequence[Feed],
        admitter: Admitter,
        intake: Intake,
        looker: Looker,
        parsers: ParserPool,
        now: Callable[[], datetime] = wall_clock,
        turns: Turns | None = None,
        hubs: Hubs | None = None,
    ) -> None:
        self._admitter = admitter
        self._now = now
        self._turns = turns or Turns(admitter, Shares(admitter, "alone"), now_s=lambda: now().timestamp())
        self._slow_hosts = SlowHosts(admitter)
        self._outage = Outage()
        self._hosts = Hosts(_LOOKS_PER_HOST, spacing_s=0.0)
        self._looks = asyncio.Semaphore(_LOOKS)
        self._visits = self._visiting(
            admitter, intake, looker, parsers, now, self._turns, self._slow_hosts, self._outage, hubs
        )
        self._pushing = hubs
        if hubs is not None:
            hubs.join(self._turns.shares.is_mine, self._visits.take_in)
        self.poll = self._visits.poll
        self._following: dict[str, tuple[Feed, asyncio.Task[None]]] = {}
        self._follower: Callable[[Feed, FeedState | None], asyncio.Task[None]]
        self._changing = asyncio.Lock()
        self._settle(feeds)

    async def run(self, stop: asyncio.Event) -> None:
        """Watch until `stop` is set; what is under way then is left where a repetition finds it.

        Raises:
            InvariantBroken: never caught.
        """
        return_large_blocks()
        async with asyncio.TaskGroup() as group:
            keeping = [
                group.create_task(self._turns.shares.run(), name="shares"),
                group.create_task(self._turns.keep(), name="turns"),
            ]

            if self._pushing is not None:
                keeping.append(group.create_task(self._pushing.run(), name="hubs"))

            def follow(feed: Feed, state: FeedState | None) -> asyncio.Task[None]:
                return group.create_task(self._follow(feed, stop, state), name=f"feed {feed.name}")

            self._follower = follow
            keeping.append(group.create_task(self.change(self._feeds), name="feeds"))
            await stop.wait()
            for task in [*keeping, *(task for _, task in self._following.values())]:
                task.cancel()

    async def change(self, feeds: Sequence[Feed]) -> None:
        """Watch these feeds from now on, with names of their own; those that stay as they are go on undisturbed.

        What was remembered of a feed stays: one that comes back, or is told to be looked at differently, is not looked
        at early. To be called while `run` is at work.
        """
        async with self._changing:
            wanted = {feed.name: feed for feed in feeds}
            await self._end([name for name, (feed, _) in self._following.items() if wanted.get(name) != feed])
            if tuple(feeds) != self._feeds:
                self._settle(feeds)
            starting = [feed for name, feed in wanted.items() if name not in self._following]
            # Some at a time: ten thousand that begin at once would hold the loop for a second.
            await self._turns.shares.wait_until_shared()
            for start in range(0, len(starting), _BEGIN_TOGETHER):
                some = starting[start : start + _BEGIN_TOGETHER]
                states = await self._remembered(some)
                for feed in some:
                    if self._pushing is not None and (known := states.get(feed.name)) is not None:
                        self._pushing.heard(feed, known)
                self._following |= {feed.name: (feed, self._follower(feed, states.get(feed.name))) for feed in some}
            if len(starting) >= _MANY:
                spare_collector()

    async def _end(self, names: Sequence[str]) -> None:
        tasks = [self._following.pop(name)[1] for name in names]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for name in names:
            self._visits.forget(name)

    async def _remembered(self, feeds: Sequence[Feed]) -> Mapping[str, FeedState | None]:
        try:
            return await self._admitter.feed_states([feed.name for feed in feeds])
        except StoreUnavailable:  # each asks again for itself
            return {}

    def _settle(self, feeds: Sequence[Feed]) -> None:
        self._turns.shares.watch(feed.name for feed in feeds)
        self._feeds = tuple(feeds)
        self._visits.places = neighbourhood(feeds)
        if self._pushing is not None:
            self._pushing.watch({feed.name: feed for feed in feeds})
        self._outage.watch(len({place.host for place in self._visits.places.values() if place.host}))

    async def _follow(self, feed: Feed, stop: asyncio.Event, state: FeedState | None) -> None:
        read_at = time.monotonic() if state is not None else -_READ_EVERY_S
        # A cancellation that meets a finished read is lost on its way through some libraries: look for the reason too.
        while not stop.is_set():
            try:
                await self._turns.shares.wait_until_mine(feed.name)
                if state is None or time.monotonic() - read_at >= _READ_EVERY_S:
                    state, read_at = await self._visits.stored(feed, state), time.monotonic()
                pause = await self._pause_s(feed, state)
                if pause > 0:
                    if pause >= _READ_EVERY_S:
                        state = None  # it would be read again; ten thousand that sleep hold ten megabytes
                    await asyncio.sleep(pause)
                    continue
                async with self._turn(feed):
                    if await self._pause_s(feed, state) > 0:
                        continue  # while it waited, its host asked for rest
                    state = await self._visits.poll(feed, state)
            except StoreUnavailable as error:
                log.warning("store.unavailable", feed=feed.name, error=error.message)
                await asyncio.sleep(_PAUSE_S)

    @asynccontextmanager
    async def _turn(self, feed: Feed) -> AsyncIterator[None]:
        """Waits until a look is possible, before the feed is taken: what waits long holds no lease."""
        if feed.kind != "url":  # what is on this machine can be read without a network
            yield
            return
        host = self._visits.places[feed.name].host
        async with self._outage.turn(share_of(feed.name)), self._hosts.turn(host), self._looks:
            yield

    async def _pause_s(self, feed: Feed, state: FeedState) -> float:
        last_s, now_s = max(state.last_checked, state.last_asked), self._now().timestamp()
        due = await self._due_s(feed, state, now_s)
        return pause_s(feed.interval_s, next_due_s=due, last_checked_s=last_s, now_s=now_s)

    async def _due_s(self, feed: Feed, state: FeedState, now_s: float) -> float:
        place = self._visits.places[feed.name]
        held_s = await self._slow_hosts.until(place.host, now_s) if place.host else 0.0
        checked_s, asked_s = state.last_checked, state.last_asked
        due = due_s(place.rhythm, next_due_s=state.next_due, last_checked_s=checked_s, held_until_s=held_s)
        return max(due, unclosed_due_s(feed.interval_s, asked_s, checked_s))
