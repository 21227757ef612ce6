"""A replica's turn at a feed: a lease that ends itself on our side before it ends on the server's.

    take     the feed is lent to this replica, if its state is the expected one and nobody else has it
    keep     leases of polls under way are prolonged; who finds one lost, or cannot ask in time, ends the poll
    close    of the poll ends the lease, in the same step that moves the state; a poll that broke off gives it back

A process that was stopped and goes on again finds its time over before it sends anything: the loop's timers come first.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Protocol

import structlog

from service.errors import StoreUnavailable
from service.feeds.shares import Shares
from service.net.recording import asked_for
from service.store.feed_values import PollOpening

log = structlog.get_logger(__name__)

LEASE_S = 15.0
_OURS = 0.8
"""of a lease, counted from before it was asked for: the rest is for a poll that is being broken off"""
_BUSY_S = 1.0
"""the longest wait before a feed that another replica polls is asked for again"""


class Lender(Protocol):
    """What lends feeds to replicas. May raise StoreUnavailable."""

    async def open_poll(
        self, feed: str, expected_revision: int, replica: str, lease_s: float, asked_at: float
    ) -> PollOpening:
        """Lends a feed for one poll."""

    async def keep_leases(self, feeds: Sequence[str], replica: str, lease_s: float, asked_at: float) -> list[bool]:
        """Prolongs leases; for each feed, whether it is still ours."""

    async def give_back(self, feeds: Sequence[str], replica: str) -> None:
        """Ends leases before their time."""


class Turns:
    """The turns of one replica.

    Args:
        lender: the store.
        shares: whose `name` is the replica's.
        lease_s: how long a feed stays ours when we fall silent.
        now_s: the wall clock, in seconds since 1970.
    """

    def __init__(
        self, lender: Lender, shares: Shares, lease_s: float = LEASE_S, now_s: Callable[[], float] = time.time
    ) -> None:
        self._lender = lender
        self.shares = shares
        self._lease_s = lease_s
        self._now_s = now_s
        self._held: dict[str, asyncio.Timeout] = {}

    @property
    def replica(self) -> str:
        """The name under which leases are taken."""
        return self.shares.name

    @asynccontextmanager
    async def take(self, feed: str, revision: int) -> AsyncIterator[bool]:
        """A turn at a feed for as long as the block runs; False: it is not ours, after a little wait.

        Args:
            feed: the feed's name.
            revision: of the state that the poll begins with.

        Raises:
            TurnLost: in the block's place, when the lease could not be kept: what it did so far is not to be closed.
            StoreUnavailable: the server cannot be asked.
        """
        asked_for.set(feed)
        until_s = self._end_s()
        replica = self.replica
        opened = await self._lender.open_poll(feed, revision, replica, self._lease_s, self._now_s())
        if not opened.lent:
            await asyncio.sleep(min(opened.taken_s, _BUSY_S))
            yield False
            return
        try:
            async with asyncio.timeout_at(until_s) as timeout:
                self._held[feed] = timeout
                yield True
        except BaseException as error:
            with suppress(StoreUnavailable):
                await self._lender.give_back([feed], replica)
            if isinstance(error, TimeoutError) and timeout.expired():
                raise TurnLost(feed) from error
            raise
        finally:
            self._held.pop(feed, None)

    async def keep(self) -> None:
        """Prolongs what is held, for ever."""
        while True:
            await asyncio.sleep(self._lease_s / 4)
            try:
                await self._prolong()
            except StoreUnavailable as error:
                log.warning("store.unavailable", replica=self.replica, error=error.message)

    def is_closing(self, feed: str) -> None:
        """Prolong no more: the closing ends the lease, and who asked meanwhile would take it for lost."""
        self._held.pop(feed, None)

    async def is_kept(self, feed: str) -> bool:
        """Whether a feed is still ours, asked of the server; prolongs the lease.

        Raises:
            StoreUnavailable: it cannot be asked.
        """
        return (await self._lender.keep_leases([feed], self.replica, self._lease_s, self._now_s()))[0]

    async def _prolong(self) -> None:
        held = dict(self._held)
        until_s = self._end_s()
        kept = await self._lender.keep_leases(list(held), self.replica, self._lease_s, self._now_s())
        for (feed, timeout), ours in zip(held.items(), kept, strict=True):
            if self._held.get(feed) is timeout and not timeout.expired():
                timeout.reschedule(until_s if ours else 0)
                if not ours:
                    log.warning("turn.lost", feed=feed, replica=self.replica)

    def _end_s(self) -> float:
        return asyncio.get_running_loop().time() + _OURS * self._lease_s


class TurnLost(Exception):
    """Another replica may poll this feed now: the poll under way is broken off, and nothing of it is closed."""
