"""Feed lists that change under a service at work: feeds are added, removed and changed without a restart.

A list that cannot be used changes nothing: the feeds of the last good one are watched on, and what is wrong is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import structlog

from service.errors import FeedListError
from service.feeds.config import Feed, load_feed_lists

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 1.0

Signature = tuple[tuple[int, int, int] | None, ...]
"""inode, size in bytes and time of modification in ns of each list; None where there is none"""


class FeedLists:
    """The lists of a service.

    Args:
        paths: of the lists.
        look_every_s: how often the files are looked at.

    Raises:
        FeedListError: one of them cannot be used.
    """

    def __init__(self, paths: Sequence[Path], look_every_s: float = _LOOK_EVERY_S) -> None:
        self._paths = tuple(paths)
        self._look_every_s = look_every_s
        self._asked = asyncio.Event()
        self._signature = _signature(self._paths)
        self.feeds = load_feed_lists(self._paths)
        """of the last lists that could be used"""
        self.problem = ""
        """why the lists as they are now cannot be used; the empty string if they can"""

    def ask(self) -> None:
        """Read the lists again soon, changed or not: their logins may have."""
        self._asked.set()

    async def run(self, change: Callable[[Sequence[Feed]], Awaitable[None]]) -> None:
        """Look at the lists until cancelled.

        Args:
            change: given all feeds whenever they are others than before.
        """
        while True:
            try:
                await asyncio.wait_for(self._asked.wait(), self._look_every_s)
            except TimeoutError:
                if await asyncio.to_thread(_signature, self._paths) == self._signature:
                    continue
            self._asked.clear()
            await self._read(change)

    async def _read(self, change: Callable[[Sequence[Feed]], Awaitable[None]]) -> None:
        # Before the lists themselves: what is written while they are read is read next time.
        self._signature = await asyncio.to_thread(_signature, self._paths)
        try:
            feeds = await asyncio.to_thread(load_feed_lists, self._paths)
        except FeedListError as error:
            self.problem = error.message
            log.error("feed_lists.unusable", error=error.message, kept=len(self.feeds))
            return
        self.problem = ""
        before, self.feeds = self.feeds, feeds
        if feeds != before:
            await change(feeds)
        log.info("feed_lists.read", feeds=len(feeds), changed=feeds != before)


def _signature(paths: Sequence[Path]) -> Signature:
    return tuple(map(_stamp, paths))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
