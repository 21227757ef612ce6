"""Which of several replicas watches which feed: rendezvous hashing over those that give signs of life.

Shares say who *should* poll a feed, and may be out of date for some seconds; who *may* is decided by the lease.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Iterable, Sequence
from typing import Protocol

import structlog

from service.errors import StoreUnavailable
from service.rendezvous import weight

log = structlog.get_logger(__name__)

BEAT_S = 3.0
ALIVE_S = 10.0
"""A replica that gave no sign of life for so long is dead; its feeds are watched by others one beat later."""


class Roster(Protocol):
    """What the store knows of replicas. May raise StoreUnavailable."""

    async def replica_beat(self, replica: str, incarnation: str, ttl_s: float, feeds: str) -> tuple[str, list[str]]:
        """A sign of life; who gave the last one under this name, and all names alive that have the same feeds."""


def owner(feed: str, replicas: Sequence[str]) -> str:
    """The replica whose share a feed is: a replica that comes or goes moves its own share and no other.

    Args:
        feed: the feed's name.
        replicas: at least one.
    """
    return max(replicas, key=lambda replica: weight(feed, replica))


class Shares:
    """The share of one replica, kept up to date by `run`.

    Services with other feed lists have no part in it. While lists differ, as when one was changed, two may believe a
    feed to be theirs; the lease and the feed's state keep them from asking twice.

    Args:
        roster: the store.
        name: of this replica: of no other, and the same after a restart, so that it takes over from itself at once.
        beat_s: between two signs of life.
        alive_s: without one, after which the others take over.
    """

    def __init__(self, roster: Roster, name: str, beat_s: float = BEAT_S, alive_s: float = ALIVE_S) -> None:
        self.name = name
        self._roster = roster
        self._beat_s = beat_s
        self._alive_s = alive_s
        self._incarnation = secrets.token_hex(8)
        self._beaten = False
        self._feeds = ""
        self._replicas: tuple[str, ...] = ()
        self._changed = asyncio.Event()

    def watch(self, feeds: Iterable[str]) -> None:
        """These are shared, from the next sign of life on."""
        self._feeds = hashlib.sha256("\0".join(sorted(feeds)).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def is_mine(self, feed: str) -> bool:
        """Whether this replica is to watch `feed`. None is before the first sign of life."""
        return bool(self._replicas) and owner(feed, self._replicas) == self.name

    async def wait_until_shared(self) -> None:
        """Returns once it is known whose share is whose."""
        while not self._replicas:
            await self._changed.wait()

    async def wait_until_mine(self, feed: str) -> None:
        """Returns once this replica is to watch `feed`."""
        while not self.is_mine(feed):
            await self._changed.wait()

    async def run(self) -> None:
        """Gives signs of life until it is cancelled; then takes leave."""
        try:
            while True:
                try:
                    await self.beat()
                    await asyncio.sleep(self._beat_s)
                except StoreUnavailable as error:
                    log.warning("store.unavailable", replica=self.name, error=error.message)
                    await asyncio.sleep(self._beat_s / 6)
        finally:
            await self._leave()

    async def beat(self) -> None:
        """One sign of life.

        Raises:
            StoreUnavailable: the shares stay as they were.
        """
        before, alive = await self._roster.replica_beat(self.name, self._incarnation, self._alive_s, self._feeds)
        if self._beaten and before not in ("", self._incarnation):
            # Somebody who lives beats under our name: as one replica, both would poll the same feeds at once.
            log.error("replica.twin", replica=self.name)
            self.name = f"{self.name}~{self._incarnation}"
            _, alive = await self._roster.replica_beat(self.name, self._incarnation, self._alive_s, self._feeds)
        self._beaten = True
        if tuple(alive) != self._replicas:
            log.info("replicas.changed", replica=self.name, alive=alive)
            self._replicas = tuple(alive)
            self._changed.set()
            self._changed = asyncio.Event()

    async def _leave(self) -> None:
        try:
            await self._roster.replica_beat(self.name, self._incarnation, 0, self._feeds)
        except StoreUnavailable as error:
            log.warning("store.unavailable", replica=self.name, error=error.message)
