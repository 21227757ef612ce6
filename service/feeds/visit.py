"""One visit to a feed: what was there is admitted, and what is to be remembered of it is closed.

    take       a turn at the feed: no other replica asks its server at the same time
    look       ask the server or the disk whether anything changed, and for the listing if so
    read       markup off, in a parser process
    admit      each entry through the door of the stories that it concerns; exactly one result each
    close      remember validators, schedule and counts, only now that the articles are durable

A look that fails is a failure of that feed alone. When Redis is gone what was seen is kept, and the same poll goes on
under the same id: the feed's server is not asked again, and nothing is admitted or counted twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from service.errors import InvariantBroken
from service.feeds.aftermath import after_failure, after_look, after_push, is_pushed, memory_of, moved_to, spared
from service.feeds.config import Feed
from service.feeds.health import learned, told
from service.feeds.hubs import Hubs
from service.feeds.intake import Admitter, Intake, Poll
from service.feeds.listing import FeedUnreadable, Listing
from service.feeds.look import Look, Looker
from service.feeds.neighbours import Place
from service.feeds.order import in_order
from service.feeds.outage import Outage
from service.feeds.parser_pool import ParserPool
from service.feeds.slow_hosts import SlowHosts
from service.feeds.turns import TurnLost, Turns
from service.model import EntryResult
from service.store.values import FeedState

log = structlog.get_logger(__name__)

_PUSH_TRIES = 10
"""at a feed that others have; each waits for a second at most, and a hub does not wait much longer"""
_CLOSE_EVERY_S = 60.0
"""how long looks at a file or folder that found nothing go untold: its numbers must not grow old while it is well"""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one poll saw, kept until it is closed."""

    revision: int
    """of the state that the poll began with"""
    at: datetime
    what: Look | FeedUnreadable


class Visits:
    """Visits to feeds, one after another or many at once.

    Args:
        admitter: the store.
        intake: the door, over the same store.
        looker: how feeds are looked at.
        parsers: where entries are made readable.
        now: the wall clock.
        turns: of this replica at the feeds.
        slow_hosts: told of hosts that want to be left alone.
        outage: told whether hosts are reached.
        hubs: which send what is new before anybody looks; None: nobody is asked to.
    """

    def __init__(
        self,
        admitter: Admitter,
        intake: Intake,
        looker: Looker,
        parsers: ParserPool,
        now: Callable[[], datetime],
        turns: Turns,
        slow_hosts: SlowHosts,
        outage: Outage,
        hubs: Hubs | None = None,
    ) -> None:
        self._admitter = admitter
        self._intake = intake
        self._looker = looker
        self._parsers = parsers
        self._now = now
        self._turns = turns
        self._slow_hosts = slow_hosts
        self._outage = outage
        self._hubs = hubs
        self._seen: dict[str, _Seen] = {}
        self.places: Mapping[str, Place] = {}
        """of the feeds that are watched, by their names"""

    def forget(self, feed: str) -> None:
        """Forget what was seen of a feed and not closed."""
        self._seen.pop(feed, None)

    async def stored(self, feed: Feed, state: FeedState | None) -> FeedState:
        """What is remembered of a feed: `state`, where nobody moved or emptied the store behind it.

        Raises:
            StoreUnavailable: it cannot be asked.
        """
        stored = await self._admitter.feed_state(feed.name) or FeedState()
        # A server that came back older may have come to the same revision by another look since, or by a push.
        if state is None or (state.revision, state.last_checked) == (stored.revision, stored.last_checked):
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
        rhythm, tally = self.places[feed.name].rhythm, dict[str, int]()
        seen = await self._see(feed, state)
        now_s = seen.at.timestamp()
        if isinstance(seen.what, FeedUnreadable):
            after = await self._after_failure(feed, state, now_s, seen.what)
        elif seen.what.listing is not None and not await self._is_ours(feed, state):
            return None  # what is admitted by a poll that cannot be closed is counted nowhere
        else:
            if feed.kind == "url":
                self._outage.reached()
            await self._admit(feed, seen.what.listing, poll)
            since_s = await self._hubs.live_since(feed.name) if state.hub and self._hubs is not None else None
            # What came since the last look, all of which lies in the subscription's time, the hub should have sent.
            missed = _new_in(poll) if since_s is not None and since_s <= state.last_checked else 0
            look, pushed = seen.what, since_s is not None and is_pushed(state) and not missed
            after = learned(after_look(state, rhythm, now_s, look, feed.address, pushed), look.listing, now_s)
            if missed:
                after, tally = replace(after, missed_at=now_s), {"push_missed": missed}
        closed = await self._close(feed, state, after, poll, tally)
        del self._seen[feed.name]
        if self._hubs is not None and closed is not None:
            self._hubs.heard(feed, closed)
        return closed

    async def take_in(self, feed: Feed, body: bytes, content_type: str) -> bool:
        """Admit what a feed's hub sent, as if it had been found by a look. What is not a feed is counted and left.

        Returns:
            False if others had the feed all the time: it is to be sent again.

        Raises:
            StoreUnavailable: likewise.
        """
        for _ in range(_PUSH_TRIES):
            state = await self.stored(feed, None)
            try:
                async with self._turns.take(feed.name, state.revision) as ours:
                    if ours and await self._push(feed, state, body, content_type):
                        return True
            except TurnLost:
                continue
        return False

    async def _push(self, feed: Feed, state: FeedState, body: bytes, content_type: str) -> bool:
        poll, now_s = Poll(f"{feed.name}/{state.revision + 1}"), self._now().timestamp()
        try:
            listing = await self._looker.pushed(feed, body, content_type, state.topic or feed.address, self._now())
        except FeedUnreadable as failure:
            log.warning("push.unreadable", feed=feed.name, error=failure.words)
            listing = Listing()
        if not await self._is_ours(feed, state):
            return False
        await self._admit(feed, listing, poll)
        new = _new_in(poll)
        after = learned(after_push(state, now_s, news=bool(new)), listing, now_s)
        return await self._close(feed, state, after, poll, {"pushed": new}) is not None

    async def _after_failure(self, feed: Feed, state: FeedState, now_s: float, failure: FeedUnreadable) -> FeedState:
        place = self.places[feed.name]
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
                what = _bare(failure)
            # The clock after the answer: a look may wait long for its turn at the host, and the next counts from it.
            seen = self._seen[feed.name] = _Seen(state.revision, self._now(), what)
        return seen

    async def _is_ours(self, feed: Feed, state: FeedState) -> bool:
        if feed.kind == "url":
            return await self._turns.is_kept(feed.name)
        return await self.stored(feed, state) is state

    async def _look(self, feed: Feed, state: FeedState) -> Look:
        now = self._now()
        moved = moved_to(state, feed.address, feed.interval_s, now.timestamp())
        return await self._looker.look(feed, memory_of(state), now, moved_to=moved)

    async def _admit(self, feed: Feed, listing: Listing | None, poll: Poll) -> None:
        if listing is None:
            return
        # Most feeds list the newest first; an original goes before what repeats it.
        words = await self._parsers.words_of(listing)
        self._intake.refuse(listing, poll, feed.name)
        for timed in in_order([listing.entries]):
            await self._intake.admit(timed.entry, words[timed.place], self._now(), poll)
        counted, given = poll.results.total(), listing.given
        if counted != given:
            raise InvariantBroken(f"{feed.name}: {given} entries were given and {counted} counted")

    async def _close(
        self, feed: Feed, before: FeedState, after: FeedState, poll: Poll, tally: Mapping[str, int]
    ) -> FeedState | None:
        # A folder that nobody touched is looked at twice a second: there is nothing to remember of most of that.
        if feed.kind != "url" and not poll.results and _nothing_to_tell(before, after):
            return replace(
                after, revision=before.revision, last_checked=before.last_checked, last_success=before.last_success
            )
        after, event = told(feed, before, after, self._now())
        replica = self._turns.replica
        self._turns.is_closing(feed.name)
        if not await self._admitter.close_poll(
            feed.name, before.revision, after, poll.results, poll.id, replica, event, before, tally
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


def _bare(failure: FeedUnreadable) -> FeedUnreadable:
    """What is told of a failure, without where it came from: that holds the body, and itself, until somebody looks
    for cycles; a few dozen bombs are a hundred megabytes by then."""
    failure.__cause__ = failure.__context__ = None
    return failure.with_traceback(None)


def _new_in(poll: Poll) -> int:
    return poll.results[EntryResult.ADMITTED] + poll.results[EntryResult.REVISION]


def _nothing_to_tell(closed: FeedState, after: FeedState) -> bool:
    """Whether a look brought no news since `closed`, whose times are those of the last look that was told."""
    same = (closed.fingerprint, closed.error) == (after.fingerprint, after.error)
    return same and 0 <= after.last_checked - closed.last_checked < _CLOSE_EVERY_S
