"""One reader for each stream, however many follow it. A follower costs its place in the stream and what its
connection has not yet taken.

    read a page → keep it in the window → wake the followers → each sends what lies behind its own position
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import structlog

from service.numbers.snapshot import FollowerNumbers
from service.web.broadcast import Broadcast, Follower, StreamStore

DRAIN_S = 1.0
"""for answers to end when the service does"""
HEARTBEAT_S = 15.0
"""A comment is sent where nothing else was for so long: proxies close what is silent for 30 to 60 s."""
LOOK_S = 1.0
"""how often connections are looked at: those that are gone, and those that nothing was sent to for long"""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Numbers:
    """Since this process began."""

    followers: int = 0
    """now"""
    sent: int = 0
    cut_off: int = 0
    """connections that took nothing for too long"""
    gaps: int = 0

    def at_once(self) -> FollowerNumbers:
        """As they stand."""
        return FollowerNumbers(self.followers, self.sent, self.cut_off, self.gaps)


@dataclass(slots=True)
class Fanout:
    """All streams that somebody follows."""

    store: StreamStore
    numbers: Numbers = field(default_factory=Numbers)
    closing: bool = False
    _broadcasts: dict[str, Broadcast] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _looking: asyncio.Task[None] | None = None
    _empty: asyncio.Event = field(default_factory=asyncio.Event)
    """nobody follows"""

    def __post_init__(self) -> None:
        self._empty.set()

    @asynccontextmanager
    async def following(self, stream: str, follower: Follower) -> AsyncIterator[Broadcast]:
        """The broadcast of a stream, for as long as the block runs. It may still be opening: wait for `opened`."""
        broadcast = self._broadcasts.get(stream)
        if broadcast is None:
            broadcast = self._broadcasts[stream] = Broadcast(self.store, stream)
            self._begin(broadcast)
        broadcast.followers.add(follower)
        self.numbers.followers += 1
        self._empty.clear()
        try:
            yield broadcast
        finally:
            broadcast.followers.discard(follower)
            self.numbers.followers -= 1
            if not self.numbers.followers:
                self._empty.set()

    async def close(self) -> None:
        """Lets every follower end its answer; then the readers end."""
        self.closing = True
        for broadcast in self._broadcasts.values():
            broadcast.end()
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                await self._empty.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, broadcast: Broadcast) -> None:
        async def read() -> None:
            await asyncio.sleep(0)  # whoever asked is in it by now
            try:
                await broadcast.run()
            finally:
                self._broadcasts.pop(broadcast.stream, None)
                broadcast.end()

        self._own(asyncio.create_task(read(), name=f"sse.read {broadcast.stream}"))
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), name="sse.look")
            self._own(self._looking)

    def _own(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("sse.reader_failed", task=task.get_name(), error=repr(error))

    async def _look(self) -> None:
        """Wakes those whose connection is gone, and those that wait for a sign of life."""
        try:
            while self._broadcasts and not self.closing:
                await asyncio.sleep(LOOK_S)
                now_s = asyncio.get_running_loop().time()
                for broadcast in list(self._broadcasts.values()):
                    for follower in list(broadcast.followers):
                        follower.look(now_s, now_s - HEARTBEAT_S)
        finally:
            self._looking = None
