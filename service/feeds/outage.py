"""An outage of our own network, told from feeds that fail: many hosts cannot be reached, and not one can.

While it lasts no feed is blamed; one feed after another is tried, and as soon as a host answers, all that waited are
looked at, a little apart from each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OutageLimits:
    """When an outage is one."""

    least_hosts: int = 3
    most_hosts: int = 10
    """Of the hosts watched a quarter must fail, within these bounds, and none be reached meanwhile. One host in twenty
    is gone at any time: ten of them in a row happen once in 10^13."""
    verdict_s: float = 20.0
    """for how long a failure waits for others to fail before it is its feed's own"""
    first_try_s: float = 5.0
    longest_try_s: float = 60.0
    """between two tries while it lasts; each wait is twice the last"""
    spread_s: float = 30.0
    """over which those that waited come back"""


class Outage:
    """What one process knows of its way to the world.

    Args:
        hosts: how many are watched.
        limits: when an outage is one.
    """

    def __init__(self, hosts: int = 0, limits: OutageLimits | None = None) -> None:
        self._limits = limits or OutageLimits()
        self._unreached: set[str] = set()
        self._decided = asyncio.Event()
        """set when somebody was reached, or enough were not; whoever waits holds the one of its time"""
        self._over = asyncio.Event()
        self._trying = asyncio.Lock()
        self._try_s = self._limits.first_try_s
        self.watch(hosts)

    def watch(self, hosts: int) -> None:
        """So many hosts are watched from now on."""
        self._possible = hosts >= self._limits.least_hosts
        self._enough = min(max(hosts // 4, self._limits.least_hosts), self._limits.most_hosts)

    @property
    def is_on(self) -> bool:
        """Whether nobody can be reached."""
        return self._possible and len(self._unreached) >= self._enough

    def reached(self) -> None:
        """A host answered."""
        if self.is_on:
            log.info("network.returned")
            self._over.set()
            self._over = asyncio.Event()
        self._try_s = self._limits.first_try_s
        self._unreached.clear()
        self._decide()

    async def is_to_blame(self, host: str) -> bool:
        """Whether our network is why a host could not be reached; waits for what others find, if need be."""
        if not self._possible:
            return False
        was_on = self.is_on
        self._unreached.add(host)
        if self.is_on:
            if not was_on:
                log.warning("network.lost", hosts=sorted(self._unreached))
            self._decide()
            return True
        decided = self._decided
        try:
            await asyncio.wait_for(decided.wait(), self._limits.verdict_s)
        except TimeoutError:
            self._unreached.discard(host)
        return self.is_on

    @asynccontextmanager
    async def turn(self, share: float) -> AsyncIterator[None]:
        """Time for a look: at once; in an outage when it is this one's turn to try, or when it is over.

        Args:
            share: from 0 to below 1: when to come back among those that waited.
        """
        if not self.is_on:
            yield
            return
        async with self._trying:
            if not await self._ends_within(self._try_s):
                self._try_s = min(2 * self._try_s, self._limits.longest_try_s)
                yield
                return
        await asyncio.sleep(share * self._limits.spread_s)
        yield

    async def _ends_within(self, seconds: float) -> bool:
        if not self.is_on:
            return True
        try:
            await asyncio.wait_for(self._over.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def _decide(self) -> None:
        self._decided.set()
        self._decided = asyncio.Event()
