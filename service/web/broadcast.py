"""What was read of one stream of late, kept for whoever follows it, each at its own pace."""

from __future__ import annotations

import asyncio
import json
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from service.contract.choice import height
from service.contract.envelope import to_structured
from service.errors import StoreUnavailable
from service.store.ids import EntryId
from service.store.values import StreamEdges, StreamEntry

WINDOW = 1_000
"""entries kept of a stream; who is further behind reads the stream itself, a page at a time"""
WINDOW_BYTES = 4_000_000
BURST_BYTES = 65_536
"""handed to a connection at once: also what a slow one may have in hand"""
_BURSTS = 16
"""kept, since most followers stand at the same place and want the same"""
SLOW_S = 20.0
"""A connection that takes nothing for so long is cut off: it comes back with its Last-Event-ID and loses nothing."""
READ = 200
"""entries in one answer of the store"""
BLOCK_S = 2.0
PAUSE_S = 0.5
"""before a store is asked again that did not answer"""

log = structlog.get_logger(__name__)


class StreamStore(Protocol):
    """What following needs of the store. Every call may raise StoreUnavailable."""

    async def read(self, streams: Mapping[str, str], block_s: float, count: int) -> list[StreamEntry]:
        """Entries behind a position; waits for the first."""

    async def range(
        self, stream: str, start: str = "-", end: str = "+", count: int = 1000, *, newest_first: bool = False
    ) -> list[StreamEntry]:
        """Entries of a stream."""

    async def last_id(self, stream: str) -> str:
        """Of the newest entry."""

    async def edges(self, stream: str) -> StreamEdges:
        """From where to where a stream goes."""

    async def stood_at(self, story: str, event: str) -> str | None:
        """Where an event stood in its story's stream before its document was taken down."""


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which events a follower wants; nothing said is everything."""

    types: frozenset[str] = frozenset()
    least: tuple[tuple[str, int], ...] = ()
    """(rung of the support, at least); what has no support (documents, retractions, feeds) passes"""

    @property
    def holds_back(self) -> bool:
        """Whether there is anything that does not pass."""
        return bool(self.types or self.least)

    def passes(self, entry: Framed) -> bool:
        """Whether an event is wanted."""
        if self.types and entry.type not in self.types:
            return False
        return not self.least or all(entry.rung(name, least) >= least for name, least in self.least)


class Framed:
    """One entry as it is sent."""

    __slots__ = ("_support", "frame", "position", "type")

    def __init__(self, entry: StreamEntry) -> None:
        """Raises ValueError: it is no event."""
        event = to_structured(entry.fields)
        self.position = EntryId.of(entry.id)
        self.type: str = event["type"]
        if not self.type.isprintable():
            raise ValueError("the type holds control characters")
        text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        self.frame = f"id: {entry.id}\nevent: {self.type}\ndata: {text}\n\n".encode("utf-8", "replace")
        support = event.get("data", {}).get("support")
        self._support: Mapping[str, Any] | None = support

    def rung(self, name: str, otherwise: int) -> int:
        """How high the ladder stands there."""
        return otherwise if self._support is None else height(self._support, name)


@dataclass(slots=True, eq=False)
class Follower:
    """One connection as the broadcast sees it."""

    is_gone: Callable[[], bool]
    cut: Callable[[], None]
    """ends the connection at once"""
    slow_s: float = SLOW_S
    sent_s: float = 0.0
    """when something was last written, by the loop's clock"""
    sending: bool = False
    was_cut: bool = False
    waiter: asyncio.Future[None] | None = None

    async def wait(self) -> None:
        """Until there is something to send or to look at."""
        self.waiter = asyncio.get_running_loop().create_future()
        try:
            await self.waiter
        finally:
            self.waiter = None

    def look(self, now_s: float, quiet_s: float) -> None:
        """Wakes it if it has left, or nothing was sent to it since `quiet_s`; cuts it off if it takes nothing."""
        if self.sending and now_s - self.sent_s > self.slow_s:
            self.was_cut = True
            self.cut()
        elif self.sent_s <= quiet_s or self.is_gone():
            self.wake()

    def wake(self) -> None:
        """Lets it look."""
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)


class Broadcast:
    """What was read of one stream of late."""

    def __init__(self, store: StreamStore, stream: str) -> None:
        self._store = store
        self.stream = stream
        self.followers: set[Follower] = set()
        self._entries: list[Framed] = []
        self._bytes = 0
        self.floor = EntryId(0)
        """the window holds everything behind it"""
        self.last = EntryId(0)
        self._bursts: dict[tuple[EntryId, Sieve], tuple[bytes, EntryId, int]] = {}
        self.opened = asyncio.Event()
        self.ended = False

    async def run(self) -> None:
        """Reads for as long as somebody follows."""
        while self.followers:
            try:
                if not self.opened.is_set():
                    self.floor = self.last = EntryId.of(await self._store.last_id(self.stream))
                    self.opened.set()
                entries = await self._store.read({self.stream: str(self.last)}, BLOCK_S, READ)
            except StoreUnavailable as error:
                log.warning("store.unavailable", stream=self.stream, error=error.message)
                await asyncio.sleep(PAUSE_S)
                continue
            if entries:
                self._keep(entries)

    def end(self) -> None:
        """Lets every follower end its answer."""
        self.ended = True
        self.opened.set()
        for follower in self.followers:
            follower.wake()

    def burst(self, after: EntryId, sieve: Sieve) -> tuple[bytes, EntryId, int]:
        """What lies behind a position of the window, up to `BURST_BYTES`; where it ends; how many events it has."""
        key = (after, sieve)
        if key not in self._bursts:
            if len(self._bursts) >= _BURSTS:
                self._bursts.clear()
            self._bursts[key] = joined(self._entries[self._place(after) :], after, sieve)
        return self._bursts[key]

    def _place(self, after: EntryId) -> int:
        return bisect_right(self._entries, after, key=lambda entry: entry.position)

    def _keep(self, entries: list[StreamEntry]) -> None:
        fresh = [one for entry in entries if (one := framed(entry)) is not None]
        self._entries += fresh
        self._bytes += sum(len(one.frame) for one in fresh)
        self.last = EntryId.of(entries[-1].id)
        while len(self._entries) > WINDOW or (self._bytes > WINDOW_BYTES and len(self._entries) > 1):
            dropped = self._entries.pop(0)
            self._bytes -= len(dropped.frame)
            self.floor = dropped.position
        self._bursts.clear()
        for follower in self.followers:
            follower.wake()


def joined(entries: list[Framed], after: EntryId, sieve: Sieve) -> tuple[bytes, EntryId, int]:
    """Frames of the entries that pass, up to `BURST_BYTES`; the position reached; how many."""
    frames: list[bytes] = []
    size = 0
    for entry in entries:
        after = entry.position
        if sieve.passes(entry):
            frames.append(entry.frame)
            size += len(entry.frame)
            if size >= BURST_BYTES:
                break
    return b"".join(frames), after, len(frames)


def framed(entry: StreamEntry) -> Framed | None:
    """The entry as it is sent; None, and a line in the log, if it is no event."""
    try:
        return Framed(entry)
    except (ValueError, AttributeError) as error:
        log.warning("event.unreadable", stream=entry.stream, id=entry.id, error=str(error))
        return None
