"""The loop of a subscriber: read, handle, acknowledge, take over, park.

    join     the group is made where it is missing; trimming respects it from then on
    own      what this consumer was given before it died comes first
    take     no more than can be begun at once, so that a neighbour gets the rest
    handle   each start is counted in Redis: what kills its consumer is parked in the end
    hold     a sign of life for what is open; what another took over meanwhile is dropped here
    end      done: acknowledged; again: waits its time here, open; park: a dead letter of the group

Every consumer of a group may run this loop, on any host. One at a time and without a retry, events come in the order
of their stream; else a reader that needs the order has `sequence`.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from service.errors import StoreUnavailable
from service.store.ids import EntryId
from service.store.store import Store
from service.store.subscribing import GroupGone
from service.store.values import StreamEntry
from workers.subscribers.delivery import Handle
from workers.subscribers.doorbell import RING_S, Doorbell
from workers.subscribers.handling import Backoff, How, Verdict, handled

SILENT_CONSUMER_S = 86_400.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """How a subscriber goes about its work."""

    at_once: int = 1
    """deliveries handled at the same time"""
    starts: int = 5
    """how often handling one may be begun before it is parked"""
    deadline_s: float = 60.0
    """for one start"""
    reclaim_idle_s: float = 30.0
    """after so long without a sign of life a consumer's deliveries are taken over by others"""
    backoff: Backoff = field(default_factory=Backoff)
    waiting: int = 100
    """deliveries that may wait for their next start at the same time; above it no new ones are taken"""
    grace_s: float = 10.0
    """that handlers under way are given when the subscriber is to end"""


class Subscriber:
    """One consumer of a group, following one or more streams.

    Args:
        streams: keys (service.store.keys), such as those of `events` and `new_claims`.
        group: its consumers share the events among them; another group gets all of them too.
        handle: see `Handle`.
        types: full names; what is of none of them is acknowledged unseen. Empty: all.
        consumer: unique among those alive. The same after a restart means that it goes on at once with what it held;
            without a name others take that over after `reclaim_idle_s`.
        after: where the group begins if it is made now: `0` for all that is kept, `$` for what comes.
    """

    def __init__(
        self,
        store: Store,
        streams: Sequence[str],
        group: str,
        handle: Handle,
        *,
        types: Collection[str] = (),
        consumer: str = "",
        after: str = "0",
        limits: Limits | None = None,
    ) -> None:
        self._store = store
        self._streams = list(streams)
        self._group = group
        self._handle = handle
        self._types = frozenset(types)
        self._consumer = consumer or f"{socket.gethostname()}-{os.getpid()}"
        self._after = after
        self._limits = limits or Limits()
        self._open: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._running = asyncio.Semaphore(self._limits.at_once)
        self._begun = 0
        self._last: dict[str, str] = {}
        """stream → the newest entry that this consumer was handed"""
        self._reclaim_at_s: dict[str, float] = {}
        self._bell = Doorbell(store, self._streams)
        self._ends = asyncio.Event()
        self.stopped = ""
        """why the handler asked for the end; the empty string if it did not"""

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop`, or until the handler raises Stop; then lets what is under way end.

        Raises:
            ExceptionGroup: of InvariantBroken, raised by the handler, or what is stored is not what we store.
        """
        async with asyncio.TaskGroup() as group, self._beside(group, stop):
            resumed = False
            while not self._ends.is_set():
                rings = self._bell.rings
                try:
                    if not resumed:
                        await self._resume(group)
                        resumed = True
                    took = await self._take(group)
                except (StoreUnavailable, GroupGone) as error:
                    log.warning("subscriber.waits", group=self._group, error=str(error))
                    resumed, took = False, False
                    await asyncio.sleep(RING_S / 2)
                if not took:
                    await self._bell.wait(rings, min(RING_S, self._limits.reclaim_idle_s / 3))

    @asynccontextmanager
    async def _beside(self, group: asyncio.TaskGroup, stop: asyncio.Event) -> AsyncIterator[None]:
        """The tasks beside the loop: they end with it; handlers under way are given their grace."""

        async def watch() -> None:
            await stop.wait()
            self._ends.set()
            await self._bell.ring()

        beside = [
            group.create_task(watch(), name="subscriber.stop"),
            group.create_task(self._bell.run(), name="subscriber.bell"),
            group.create_task(self._keep_alive(), name="subscriber.hold"),
        ]
        try:
            yield
            if self._open:
                await asyncio.wait(self._open.values(), timeout=self._limits.grace_s)
        finally:
            for task in (*self._open.values(), *beside):
                task.cancel()

    async def _resume(self, group: asyncio.TaskGroup) -> None:
        """Joins, and begins again what this consumer held before."""
        for stream in self._streams:
            await self._store.join(stream, self._group, self._position(stream))
            await self._store.tidy(stream, self._group, SILENT_CONSUMER_S)
            after = "0-0"
            while held := await self._store.held(stream, self._group, self._consumer, after):
                await self._begin(group, held)
                after = held[-1].id

    def _position(self, stream: str) -> str:
        """Where a group is to begin that is missing: if it was deleted under us, before what is open here."""
        open_here = [entry_id for name, entry_id in self._open if name == stream]
        if not open_here:
            return self._last.get(stream, self._after)
        return str(min(map(EntryId.of, open_here)).before())

    async def _take(self, group: asyncio.TaskGroup) -> bool:
        """Takes what can be begun now; False if there was nothing, or no room."""
        took = False
        for stream in self._streams:
            if (room := self._room()) < 1:
                return False
            entries = await self._stale(stream, room)
            if len(entries) < room:
                fresh = await self._store.hand_out(stream, self._group, self._consumer, room - len(entries))
                entries += fresh
                if fresh:
                    self._last[stream] = fresh[-1].id
            await self._begin(group, entries)
            took = took or bool(entries)
        return took

    async def _stale(self, stream: str, count: int) -> list[StreamEntry]:
        """What others left behind; looked for now and then."""
        now_s, idle_s = asyncio.get_running_loop().time(), self._limits.reclaim_idle_s
        if now_s < self._reclaim_at_s.get(stream, 0.0):
            return []
        taken = await self._store.take_over(stream, self._group, self._consumer, idle_s, count)
        if len(taken) < count:
            self._reclaim_at_s[stream] = now_s + idle_s / 3
        return taken

    def _room(self) -> int:
        waiting = len(self._open) - self._begun
        return 0 if waiting >= self._limits.waiting else self._limits.at_once - self._begun

    async def _begin(self, group: asyncio.TaskGroup, entries: Sequence[StreamEntry]) -> None:
        unwanted = dict[str, list[str]]()
        for entry in entries:
            key = (entry.stream, entry.id)
            if self._types and entry.fields.get("type") not in self._types:
                unwanted.setdefault(entry.stream, []).append(entry.id)
            elif key not in self._open:
                self._begun += 1
                self._open[key] = group.create_task(self._deliver(entry), name=f"deliver {entry.id}")
        for stream, ids in unwanted.items():
            await self._store.settle(stream, self._group, ids, "unwanted")

    async def _deliver(self, entry: StreamEntry) -> None:
        """One delivery until it is ended, or is somebody else's, or we end."""
        begun = True
        try:
            while True:
                async with self._running:
                    after_s = await self._start(entry)
                self._begun, begun = self._begun - 1, False
                await self._bell.ring()
                if after_s is None or await self._ended_within(after_s):
                    return
                self._begun, begun = self._begun + 1, True
        finally:
            self._begun -= begun
            del self._open[entry.stream, entry.id]

    async def _start(self, entry: StreamEntry) -> float | None:
        """One start; returns the seconds until the next one, None if there is none to come from here."""
        limits = self._limits
        try:
            start = await self._store.start(entry.stream, self._group, self._consumer, entry.id)
        except (StoreUnavailable, GroupGone):
            return RING_S
        if start == 0:
            return None
        # A consumer that dies of it comes to no verdict: the start after the last one parks unseen.
        if start > limits.starts:
            verdict = Verdict(How.PARK, f"begun {start - 1} times and never ended: its consumers died of it")
        else:
            verdict = await handled(self._handle, entry, start, limits.starts, limits.deadline_s)
        told = log.bind(group=self._group, event=entry.fields.get("id"), start=start, reason=verdict.reason)
        if verdict.how is How.AGAIN:
            after_s = limits.backoff.after_s(start) if verdict.after_s is None else verdict.after_s
            told.info("delivery.retried", after_s=round(after_s, 1))
            return after_s
        if verdict.how is How.STOP:
            told.warning("subscriber.stopped")
            self.stopped = verdict.reason
            self._ends.set()
        elif verdict.how is How.PARK:
            told.warning("delivery.parked")
        await self._end(entry, verdict)
        return None

    async def _end(self, entry: StreamEntry, verdict: Verdict) -> None:
        """What was handled is not handled again because the server is away for a moment."""
        while True:
            try:
                if verdict.how is How.DONE:
                    await self._store.settle(entry.stream, self._group, [entry.id])
                elif verdict.how is How.PARK:
                    reasons = (verdict.reason, verdict.detail)
                    await self._store.park(entry.stream, self._group, self._consumer, entry, *reasons)
                return
            except StoreUnavailable:
                await asyncio.sleep(RING_S / 2)
            except GroupGone:
                return

    async def _ended_within(self, wait_s: float) -> bool:
        try:
            await asyncio.wait_for(self._ends.wait(), wait_s)
        except TimeoutError:
            return False
        return True

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(self._limits.reclaim_idle_s / 3)
            for stream in self._streams:
                ids = [entry_id for name, entry_id in self._open if name == stream]
                try:
                    lost = await self._store.hold(stream, self._group, self._consumer, ids)
                except (StoreUnavailable, GroupGone):
                    continue
                for entry_id in lost:
                    if (task := self._open.get((stream, entry_id))) is not None:
                        log.warning("delivery.lost", group=self._group, entry=entry_id)
                        task.cancel()
