"""The end torn off a server's log, at any of its records, while the workers remember what the server forgot.

One log, cut shorter and shorter: after each cut the server comes back, two desks that know of none of it go on with
what they remember, and what was lost is admitted again, now all of it and now only some, so that the next cut finds
desks that are ahead of the server by much or by little.

    python -m tests.faults.cuts [--every 1]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import structlog

from service.model import Article
from service.store.binaries import Binary, repair
from service.store.store import Store
from tests.cluster.lines import Found, Written, admit, articles, committed, desk, opened, read, written
from tests.faults.arena import Durable
from tests.servers import EACH_WRITE, families, family_id
from workers.desk.take import Desk

STORY = "line-1"
OF: Sequence[Article] = articles(8)


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the log is to end."""

    offset: int
    torn: bool
    """within a record"""


def cuts(log: bytes) -> Iterator[Cut]:
    """Before each record and within it, the last one first."""
    starts, at = list[int](), 0
    while at < len(log):
        starts.append(at)
        end = log.index(b"\r\n", at)
        words, at = int(log[at + 1 : end]), end + 2
        for _ in range(words):
            end = log.index(b"\r\n", at)
            at = end + 2 + int(log[at + 1 : end]) + 2
    assert at == len(log)
    for start, end in zip(reversed(starts), [len(log), *reversed(starts)], strict=False):
        yield Cut((start + end) // 2, True)
        yield Cut(start, False)


class Stage:
    """A server with its log, and two desks that work without an end."""

    def __init__(self, server: Durable, store: Store, expected: Written) -> None:
        self.lost = 0
        """commits in all that desks remembered and the server had forgotten"""
        self._server = server
        self._store = store
        self._expected = expected

    @property
    def log(self) -> Path:
        (file,) = self._server.folder.glob("appendonlydir/*.incr.aof")
        return file

    async def cut(self, cut: Cut) -> None:
        before = (await self._store.state(STORY)).committed
        self._server.kill()
        os.truncate(self.log, cut.offset)
        assert repair(self._server.binary, self._server.folder / "appendonlydir")
        await asyncio.to_thread(self._server.start)
        self.lost += before - (await self._store.state(STORY)).committed

    async def goes_on(self, number: int) -> None:
        """Everything up to that number is admitted anew, and decided as it was.

        Raises:
            AssertionError: it stands still, or is not what it was.
        """
        await admit(self._store, 1, OF[:number])
        await committed(self._store, 1, number, within_s=90)
        found, ought = await written(self._store, STORY), self._expected
        told = [*accumulate(int(one["events"]) for one in ought.outcomes)][number - 1]
        assert found.outcomes == ought.outcomes[:number]
        assert found.events == ought.events[:told]
        assert found.new_claims == [one for one in ought.new_claims if int(one["sequence"]) <= told]
        assert number < len(OF) or found.token == ought.token

    async def admitted(self) -> int:
        return (await self._store.state(STORY)).admitted


@asynccontextmanager
async def stage(binary: Binary, found: Found) -> AsyncIterator[Stage]:
    """After an undisturbed run."""
    server = Durable(binary, EACH_WRITE)
    try:
        server.start()
        async with opened(server.url) as store, opened(server.url) as one, opened(server.url) as other:
            stop = asyncio.Event()
            desks: list[Desk] = [desk(one, "one", 1, found), desk(other, "other", 1, found)]
            working = [asyncio.create_task(each.run(stop)) for each in desks]
            try:
                await admit(store, 1, OF)
                await committed(store, 1, len(OF))
                yield Stage(server, store, await written(store, STORY))
            finally:
                stop.set()
                await asyncio.gather(*working)
    finally:
        server.stop()


async def play(binary: Binary, found: Found, every: int, told: Callable[[str], None] = lambda words: None) -> Stage:
    """Cuts the log at one of so many places, from its end to its beginning."""
    async with stage(binary, found) as on:
        await on.goes_on(len(OF))
        chosen = [*cuts(on.log.read_bytes())][::every]
        for at, cut in enumerate(chosen):
            await on.cut(cut)
            some = min(len(OF), await on.admitted() + 1 + at // 3)
            await on.goes_on(len(OF) if at % 3 == 0 else some)
            if at % 20 == 0:
                told(f"{family_id(binary)}: {at} of {len(chosen)}, {on.lost} commits lost and made again")
        await on.goes_on(len(OF))
    return on


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    found, began_s = read(OF), time.monotonic()
    for binary in families():
        on = asyncio.run(play(binary, found, asked.every, lambda words: print(words, flush=True)))
        print(f"{family_id(binary)}: {on.lost} commits lost and made again, in {time.monotonic() - began_s:.0f} s")


if __name__ == "__main__":
    main()
