"""Parser processes: documents that somebody else wrote are read where a crash, a hang or a bomb hurts nobody.

Each job is bounded by CPU time (a limit on wall time alone kills innocent feeds when the machine is busy), by memory,
and by a generous wall time in the last resort. A process that dies is replaced; the feed that killed it is told. When
idle ones die, be it that the system ran out of memory, all are begun anew and no feed is told.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import structlog
from pebble import ProcessExpired, ProcessPool

from service.articles.clean import Readable, readable
from service.feeds.batches import Batches
from service.feeds.document import Document
from service.feeds.listing import FeedUnreadable, Listing, Refused
from service.feeds.page import Page, page_text
from service.feeds.parcel import Parcel, parcel, unparcelled
from service.feeds.parse import parse
from service.large_blocks import return_large_blocks
from service.model import Entry, EntryResult
from service.running import spare_collector

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

_TOGETHER = 100
"""entries made readable under one time limit"""
_WORDS_CHARS = 1_000_000
"""of a listing whose entries are made readable where it is parsed"""
_BOMBS = 3
"""entries of those that may use up a whole time limit"""
_BATCH_BYTES = 500_000
"""of documents that are parsed together"""
_TRIES = 3
"""of one job, while parsers die that had nothing to do"""
_LOOK_S = 1.0
"""how often one who waits looks whether anybody works: of those who die idle nobody tells him"""


@dataclass(frozen=True, slots=True)
class ParserLimits:
    """What one document may cost."""

    processes: int = 2
    cpu_s: float = 15.0
    """the worst of 200 real feeds took 2.3 s"""
    wall_s: float = 120.0
    memory_bytes: int = 1_000_000_000
    """address space of a parser process"""


class ParserPool:
    """Runs `parse` and `readable` in processes of their own. Started by the first document; close it."""

    def __init__(self, limits: ParserLimits | None = None) -> None:
        self._limits = limits or ParserLimits()
        context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
        if sys.platform != "win32":
            context.set_forkserver_preload([__name__])
        self._new_pool = partial(
            ProcessPool,
            max_workers=self._limits.processes,
            initializer=_confine,
            initargs=(self._limits.memory_bytes,),
            context=context,
        )
        self._pool = self._new_pool()
        # One batch more than there are parsers: whoever has read his finds the next one waiting.
        self._batches = Batches(self._together, _size, self._limits.processes + 1, _BATCH_BYTES)
        self._started: ProcessPool | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._ended = False

    async def parse(self, document: Document) -> Listing:
        """The listing of a document, with its entries' words where these are not too many.

        Raises:
            FeedUnreadable: it is not a feed, or reading it went beyond the limits.
        """
        try:
            return unparcelled(await self._batches.result(document))
        except Overran:
            # Perhaps it is but one of its items that cannot be made readable.
            return unparcelled(await self._run(_only_parsed, document))

    async def _together(self, documents: Sequence[Document]) -> Sequence[Parcel | Exception]:
        if len(documents) > 1:
            # Whoever brought a parser down is found by asking again.
            with suppress(FeedUnreadable):
                return await self._run(_each_parsed, tuple(documents))
        return await asyncio.gather(*map(self._alone, documents))

    async def _alone(self, document: Document) -> Parcel | FeedUnreadable:
        try:
            return await self._run(_parsed, document)
        except FeedUnreadable as failure:
            return failure

    async def page(self, page: Page) -> str:
        """The text of an article's page; the empty string if none is found.

        Raises:
            FeedUnreadable: reading it went beyond the limits.
        """
        return await self._run(page_text, page)

    async def words_of(self, listing: Listing) -> tuple[Readable | Refused, ...]:
        """The entries of a listing without their markup, in its order."""
        return listing.words if len(listing.words) == len(listing.entries) else await self.readable(listing.entries)

    async def readable(self, entries: Sequence[Entry]) -> tuple[Readable | Refused, ...]:
        """Each entry without its markup, in the same order; an entry that cannot be read is refused alone."""
        read: list[Readable | Refused] = []
        for start in range(0, len(entries), _TOGETHER):
            read += await self._readable(tuple(entries[start : start + _TOGETHER]))
        return tuple(read)

    async def _readable(self, entries: tuple[Entry, ...]) -> Sequence[Readable | Refused]:
        # Bare texts need no markup taken off, and so no process.
        if all(entry.markup == "plain" and not entry.headline for entry in entries):
            return _all_readable(entries)
        try:
            return await self._run(_all_readable, entries)
        except FeedUnreadable:
            return await self._each_readable(entries)

    async def _each_readable(self, entries: tuple[Entry, ...]) -> list[Readable | Refused]:
        read: list[Readable | Refused] = []
        culprits = 0
        for entry in entries:
            # A feed full of bombs must not keep a parser from the other feeds for half an hour.
            cpu_s = self._limits.cpu_s / (1 if culprits < _BOMBS else 10)
            try:
                read.append(await self._run(readable, entry, cpu_s))
            except FeedUnreadable as failure:
                culprits += 1
                read.append(Refused(entry.uri, EntryResult.UNREADABLE, failure.words))
        return read

    async def close(self) -> None:
        """End the processes, whatever they are doing."""
        self._ended = True
        await _closed(self._pool)
        await asyncio.gather(*self._closing, self._batches.ended())

    async def _run(self, function: Callable[..., Result], argument: object, cpu_s: float | None = None) -> Result:
        args = (cpu_s or self._limits.cpu_s, function, argument)
        for _ in range(_TRIES):
            if self._ended:
                break
            pool = self._pool
            try:
                return await self._result(pool, args)
            except BrokenProcessPool:
                self._begin_anew(pool)
        raise FeedUnreadable("no parser stays alive")

    def _begin_anew(self, broken: ProcessPool) -> None:
        if self._ended or self._pool is not broken:
            return  # it was closed, or another job was the first to notice
        log.warning("parsers.died")
        self._pool = self._new_pool()
        closing = asyncio.create_task(_closed(broken), name="parsers")
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _result(self, pool: ProcessPool, args: tuple[object, ...]) -> Result:
        schedule = partial(pool.schedule, _limited, args=args, timeout=self._limits.wall_s)
        try:
            # The first one starts the processes, for which everybody else would wait: seconds on a busy machine.
            job = schedule() if self._started is pool else await asyncio.to_thread(schedule)
        except RuntimeError as error:  # its word for a pool that is broken
            raise BrokenProcessPool from error
        self._started = pool
        try:
            result: Result = await _awaited(pool, asyncio.wrap_future(job))
        except (FeedUnreadable, BrokenProcessPool):
            raise
        except Exception as error:
            raise _failure_of(error) from error
        return result


class Overran(FeedUnreadable):
    """A process of ours ended over it."""


def _failure_of(error: Exception) -> FeedUnreadable:
    """What a parser raised was brought about by the document: it is the feed's failure, not ours."""
    if isinstance(error, FeedUnreadable):
        return error
    if isinstance(error, (ProcessExpired, TimeoutError, MemoryError)):
        return Overran("reading it took more time or memory than allowed")
    return FeedUnreadable(f"the parser failed on it: {type(error).__name__}")


def _size(document: Document) -> int:
    return len(document.body)


async def _awaited(pool: ProcessPool, job: asyncio.Future[Result]) -> Result:
    try:
        while not (await asyncio.wait((job,), timeout=_LOOK_S))[0]:
            if not pool.active:
                raise BrokenProcessPool
        return job.result()
    finally:
        job.cancel()


async def _closed(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    await asyncio.to_thread(pool.join)


def _parsed(document: Document) -> Parcel:
    listing = parse(document)
    chars = sum(len(entry.headline) + len(entry.body) for entry in listing.entries)
    if len(listing.entries) > _TOGETHER or chars > _WORDS_CHARS:
        return parcel(listing)
    return parcel(replace(listing, words=_all_readable(listing.entries)))


def _each_parsed(documents: Sequence[Document]) -> tuple[Parcel | FeedUnreadable, ...]:
    limit_s = signal.getitimer(signal.ITIMER_PROF)[0] if sys.platform != "win32" else 0.0
    return tuple(_attempted(document, limit_s) for document in documents)


def _attempted(document: Document, limit_s: float) -> Parcel | FeedUnreadable:
    if limit_s:  # each has the whole of it
        signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        return _parsed(document)
    except Exception as error:
        return _failure_of(error)


def _only_parsed(document: Document) -> Parcel:
    return parcel(parse(document))


def _all_readable(entries: tuple[Entry, ...]) -> tuple[Readable, ...]:
    return tuple(readable(entry) for entry in entries)


def _limited(cpu_s: float, function: Callable[[object], Result], argument: object) -> Result:
    # The default action of SIGPROF ends the process: no code of ours has to get a turn for the limit to hold.
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, cpu_s)
    try:
        return function(argument)
    finally:
        if sys.platform != "win32":
            signal.setitimer(signal.ITIMER_PROF, 0)


def _confine(memory_bytes: int) -> None:
    return_large_blocks()
    spare_collector()
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True, name="parser.parent").start()


def _end_with_parent(parent_pid: int) -> None:
    """A parser whose service was killed must not live on."""
    while os.getppid() == parent_pid:
        time.sleep(0.5)
    os._exit(0)
