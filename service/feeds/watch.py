"""Watching feeds: the one place that knows the order.

For each feed, in a task of its own:

    share      wait until the feed is this replica's to watch
    schedule   wait until the feed is due (its state lives in Redis: a restart looks at nothing early), its host wants
               to be asked, and our own network is there
    take       a turn at the feed: no other replica asks its server at the same time
    look       ask the server or the disk whether anything changed, and for the listing if so
    read       markup off, in a parser process
    admit      each entry through the door of the stories that it concerns; exactly one result each
    close      remember validators, schedule and counts, only now that the articles are durable

A look that fails is a failure of that feed alone. When Redis is gone what was seen is kept, and the same poll goes on
under the same id: the feed's server is not asked again, and nothing is admitted or counted twice.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from service.errors import InvariantBroken, StoreUnavailable
from service.feeds.aftermath import after_failure, after_look, memory_of, moved_to, spared
from service.feeds.config import Feed
from service.feeds.health import learned, told
from service.feeds.intake import Admitter, Intake, Poll
from service.feeds.listing import FeedUnreadable
from service.feeds.look import Look, Looker
from service.feeds.neighbours import neighbourhood
from service.feeds.order import in_order
from service.feeds.outage import Outage
from service.feeds.parser_pool import ParserPool
from service.feeds.schedule import due_s, pause_s, share_of, unclosed_due_s
from service.feeds.shares import Shares
from service.feeds.slow_hosts import SlowHosts
from service.feeds.turns import TurnLost, Turns
from service.net.hosts import Hosts
from service.store.values import FeedState

log = structlog.get_logger(__name__)

_BEGIN_TOGETHER = 100
"""feeds whose watching begins at once"""
_LOOKS, _LOOKS_PER_HOST = 256, 2
"""under way at once"""
_PAUSE_S = 0.5
"""between two attempts to reach Redis"""
_READ_EVERY_S = 5.0
"""how long the state of a feed is believed unread: somebody may empty the store, or poll the feed too"""
_CLOSE_EVERY_S = 60.0
"""how long looks at a file or folder that found nothing go untold: its numbers must not grow old while it is well"""


def wall_clock() -> datetime:
    """The clock of the running mode."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one poll saw, kept until it is closed."""

    revision: int
    """of the state that the poll began with"""
    at: datetime
    what: Look | FeedUnreadable


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
    """

    def __init__(
        self,
        feeds: Sequence[Feed],
        admitter: Admitter,
        intake: Intake,
        looker: Looker,
        parsers: ParserPool,
        now: Callable[[], datetime] = wall_clock,
        turns: Turns | None = None,
    ) -> None:
        self._admitter = admitter
        self._intake = intake
        self._looker = looker
        self._parsers = parsers
        self._now = now
        self._turns = turns or Turns(admitter, Shares(admitter, "alone"), now_s=lambda: now().timestamp())
        self._slow_hosts = SlowHosts(admitter)
        self._outage = Outage()
        self._hosts = Hosts(_LOOKS_PER_HOST, spacing_s=0.0)
        self._looks = asyncio.Semaphore(_LOOKS)
        self._seen: dict[str, _Seen] = {}
        self._following: dict[str, tuple[Feed, asyncio.Task[None]]] = {}
        self._follower: Callable[[Feed, FeedState | None], asyncio.Task[None]]
        self._changing = asyncio.Lock()
        self._settle(feeds)

    async def run(self, stop: asyncio.Event) -> None:
        """Watch until `stop` is set; what is under way then is left where a repetition finds it.

        Raises:
            InvariantBroken: never caught.
        """
        async with asyncio.TaskGroup() as group:
            keeping = [
                group.create_task(self._turns.shares.run(), name="shares"),
                group.create_task(self._turns.keep(), name="turns"),
            ]

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
                self._following |= {feed.name: (feed, self._follower(feed, states.get(feed.name))) for feed in some}

    async def _end(self, names: Sequence[str]) -> None:
        tasks = [self._following.pop(name)[1] for name in names]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for name in names:
            self._seen.pop(name, None)

    async def _remembered(self, feeds: Sequence[Feed]) -> Mapping[str, FeedState | None]:
        try:
            return await self._admitter.feed_states([feed.name for feed in feeds])
        except StoreUnavailable:  # each asks again for itself
            return {}

    def _settle(self, feeds: Sequence[Feed]) -> None:
        self._turns.shares.watch(feed.name for feed in feeds)
        self._feeds = tuple(feeds)
        self._neighbours = neighbourhood(feeds)
        self._outage.watch(len({place.host for place in self._neighbours.values() if place.host}))

    async def _follow(self, feed: Feed, stop: asyncio.Event, state: FeedState | None) -> None:
        read_at = time.monotonic() if state is not None else -_READ_EVERY_S
        # A cancellation that meets a finished read is lost on its way through some libraries: look for the reason too.
        while not stop.is_set():
            try:
                await self._turns.shares.wait_until_mine(feed.name)
                if state is None or time.monotonic() - read_at >= _READ_EVERY_S:
                    state, read_at = await self._stored(feed, state), time.monotonic()
                pause = await self._pause_s(feed, state)
                if pause > 0:
                    await asyncio.sleep(pause)
                    continue
                async with self._turn(feed):
                    if await self._pause_s(feed, state) > 0:
                        continue  # while it waited, its host asked for rest
                    state = await self.poll(feed, state)
            except StoreUnavailable as error:
                log.warning("store.unavailable", feed=feed.name, error=error.message)
                await asyncio.sleep(_PAUSE_S)

    @asynccontextmanager
    async def _turn(self, feed: Feed) -> AsyncIterator[None]:
        """Waits until a look is possible, before the feed is taken: what waits long holds no lease."""
        if feed.kind != "url":  # what is on this machine can be read without a network
            yield
            return
        host = self._neighbours[feed.name].host
        async with self._outage.turn(share_of(feed.name)), self._hosts.turn(host), self._looks:
            yield

    async def _pause_s(self, feed: Feed, state: FeedState) -> float:
        last_s, now_s = max(state.last_checked, state.last_asked), self._now().timestamp()
        due = await self._due_s(feed, state, now_s)
        return pause_s(feed.interval_s, next_due_s=due, last_checked_s=last_s, now_s=now_s)

    async def _due_s(self, feed: Feed, state: FeedState, now_s: float) -> float:
        place = self._neighbours[feed.name]
        held_s = await self._slow_hosts.until(place.host, now_s) if place.host else 0.0
        checked_s, asked_s = state.last_checked, state.last_asked
        due = due_s(place.rhythm, next_due_s=state.next_due, last_checked_s=checked_s, held_until_s=held_s)
        return max(due, unclosed_due_s(feed.interval_s, asked_s, checked_s))

    async def _stored(self, feed: Feed, state: FeedState | None) -> FeedState:
        """What is remembered of a feed: `state`, where nobody moved or emptied the store behind it."""
        stored = await self._admitter.feed_state(feed.name) or FeedState()
        if state is None or state.revision == stored.revision:
            return state or stored
        log.info("feed.overtaken", feed=feed.name, revision=stored.revision)
        return stored

    async def poll(self, feed: Feed, state: FeedState) -> FeedState | None:
        """Look at a feed once, admit what is new, and remember.

        Returns:
            The feed's state after this poll; None if somebody else polled the feed meanwhile: read it again.

        Raises:
            StoreUnavailable: the poll may be repeated with the same state.
        """
        if feed.kind != "url":  # nobody to be polite to: the compare-and-set of the closing is enough
            return await self._poll(feed, state)
        try:
            async with self._turns.take(feed.name, state.revision) as ours:
                return await self._poll(feed, state) if ours else None
        except TurnLost:
            return None

    async def _poll(self, feed: Feed, state: FeedState) -> FeedState | None:
        poll = Poll(f"{feed.name}/{state.revision + 1}")
        rhythm = self._neighbours[feed.name].rhythm
        seen = await self._see(feed, state)
        now_s = seen.at.timestamp()
        if isinstance(seen.what, FeedUnreadable):
            after = await self._after_failure(feed, state, now_s, seen.what)
        elif seen.what.listing is not None and not await self._is_ours(feed, state):
            return None  # what is admitted by a poll that cannot be closed is counted nowhere
        else:
            if feed.kind == "url":
                self._outage.reached()
            await self._admit(feed, seen.what, poll)
            after = learned(after_look(state, rhythm, now_s, seen.what, feed.address), seen.what.listing, now_s)
        closed = await self._close(feed, state, after, poll)
        del self._seen[feed.name]
        return closed

    async def _after_failure(self, feed: Feed, state: FeedState, now_s: float, failure: FeedUnreadable) -> FeedState:
        place = self._neighbours[feed.name]
        if failure.reached:
            self._outage.reached()
        elif failure.reached is False and await self._outage.is_to_blame(place.host):
            return spared(state, now_s)
        after = after_failure(state, place.rhythm, now_s, failure)
        if failure.crowded:
            await self._slow_hosts.slow(failure.crowded, after.next_due, now_s)
        return after

    async def _see(self, feed: Feed, state: FeedState) -> _Seen:
        """What is there to see; what was seen before by this same poll, if it was broken off since."""
        seen = self._seen.get(feed.name)
        if seen is None or seen.revision != state.revision:
            what: Look | FeedUnreadable
            try:
                what = await self._look(feed, state)
            except FeedUnreadable as failure:
                what = failure
            # The clock after the answer: a look may wait long for its turn at the host, and the next counts from it.
            seen = self._seen[feed.name] = _Seen(state.revision, self._now(), what)
        return seen

    async def _is_ours(self, feed: Feed, state: FeedState) -> bool:
        if feed.kind == "url":
            return await self._turns.is_kept(feed.name)
        return await self._stored(feed, state) is state

    async def _look(self, feed: Feed, state: FeedState) -> Look:
        now = self._now()
        moved = moved_to(state, feed.address, feed.interval_s, now.timestamp())
        return await self._looker.look(feed, memory_of(state), now, moved_to=moved)

    async def _admit(self, feed: Feed, look: Look, poll: Poll) -> None:
        if look.listing is None:
            return
        # Most feeds list the newest first; an original goes before what repeats it.
        words = await self._parsers.words_of(look.listing)
        self._intake.refuse(look.listing, poll, feed.name)
        for timed in in_order([look.listing.entries]):
            await self._intake.admit(timed.entry, words[timed.place], self._now(), poll)
        counted, given = poll.results.total(), look.listing.given
        if counted != given:
            raise InvariantBroken(f"{feed.name}: {given} entries were given and {counted} counted")

    async def _close(self, feed: Feed, before: FeedState, after: FeedState, poll: Poll) -> FeedState | None:
        # A folder that nobody touched is looked at twice a second: there is nothing to remember of most of that.
        if feed.kind != "url" and not poll.results and _nothing_to_tell(before, after):
            return replace(
                after, revision=before.revision, last_checked=before.last_checked, last_success=before.last_success
            )
        after, event = told(feed, before, after, self._now())
        replica = self._turns.replica
        self._turns.is_closing(feed.name)
        if not await self._admitter.close_poll(
            feed.name, before.revision, after, poll.results, poll.id, replica, event, before
        ):
            log.info("feed.overtaken", feed=feed.name, poll=poll.id)
            return None
        if after.failures or poll.results:  # most looks find nothing: a line for each would be noise
            status = "failed" if after.failures else "read"
            counts = {str(result): count for result, count in sorted(poll.results.items())}
            error = {"error": after.error} if after.error else {}
            log.info("feed.polled", feed=feed.name, status=status, poll=poll.id, **error, **counts)
        if event is not None:
            log.warning("feed.told", feed=feed.name, type=event.attributes["type"])
        return after


def _nothing_to_tell(closed: FeedState, after: FeedState) -> bool:
    """Whether a look brought no news since `closed`, whose times are those of the last look that was told."""
    same = (closed.fingerprint, closed.error) == (after.fingerprint, after.error)
    return same and 0 <= after.last_checked - closed.last_checked < _CLOSE_EVERY_S
