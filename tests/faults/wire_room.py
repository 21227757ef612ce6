"""Four workers under kill -9:  python -m tests.faults.wire_room [--seconds 60] [--texts 5000] [--unguarded]

Generated texts, three in ten of them copies, go through the desk twice: undisturbed with one worker, and with four real
worker processes of which one is killed every fraction of a second. Both must have written the same: outcomes, events,
wire stories with all their members, the fingerprint index, what was learned of pages, the state's token.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import random
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Any

import structlog

from service.store import keys
from service.store.store import Store
from tests.faults import wire_worker
from tests.faults.wire_texts import Texts
from tests.servers import RealServer, valkey
from workers.desk import decide
from workers.wire.match import WireStory
from workers.wire.sketch import SCHEME

STORY = wire_worker.STORY.id
WORKERS = ("one", "two", "three", "four")
_BETWEEN_KILLS_S = 0.5
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.faults.wire_worker"])


@dataclass(frozen=True, slots=True)
class Written:
    """All that a run left behind."""

    outcomes: list[dict[str, str]]
    events: list[dict[str, str]]
    wire_stories: dict[str, bytes]
    members: dict[str, frozenset[str]]
    """wire story → uris"""
    state: dict[str, Any]
    """index, furniture, token, counters"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the disturbed run did otherwise than the undisturbed one."""

    finished: bool
    lost: tuple[str, ...]
    """wire stories that are not there, or lack a member"""
    split: tuple[str, ...]
    """wire stories whose members are in more than one"""
    differing: tuple[str, ...]
    """what is not the same, byte for byte"""
    kills: int
    took_s: float

    @property
    def good(self) -> bool:
        """Whether nothing was lost, split or otherwise decided."""
        return self.finished and not (self.lost or self.split or self.differing)

    def __str__(self) -> str:
        return (
            f"finished {self.finished}, lost {len(self.lost)}, split {len(self.split)}, differing "
            f"{', '.join(self.differing) or 'nothing'}; {self.kills} kills in {self.took_s:.0f} s"
        )


async def undisturbed(texts: Texts) -> Written:
    """One desk, in this process, on a server of its own."""
    server = RealServer(valkey()).start()
    store = await Store.open(server.url)
    try:
        for article in texts.articles:
            await store.admit(STORY, article, "poll", 86_400)
        stop = asyncio.Event()
        working = asyncio.create_task(wire_worker.desk(store, "alone").run(stop))
        async with asyncio.timeout(60 + len(texts.articles) / 10):
            while (await store.state(STORY)).committed < len(texts.articles) and not working.done():
                await asyncio.sleep(0.1)
        stop.set()
        await working
        return await written(store)
    finally:
        await store.close()
        server.stop()


async def disturbed(
    texts: Texts, seconds: float, seed: int = 7, *, workers: int = 4, kills: bool = True, unguarded: bool = False
) -> tuple[Written, int, bool]:
    """Real processes, killed at any moment. What was written, how many were killed, whether all was committed.

    Articles arrive in portions over three quarters of `seconds`, and each portion finds a kill, on a slow machine too;
    killing goes on until all are committed.
    """
    server = RealServer(valkey()).start()
    store = await Store.open(server.url)
    dice = random.Random(seed)
    running = {name: _start(server, name, unguarded) for name in WORKERS[:workers]}
    killed, end_s = 0, time.monotonic() + (20 if unguarded else 10 * seconds + 60)
    left, portion = list(texts.articles), max(1, round(len(texts.articles) / (seconds * 0.75 / _BETWEEN_KILLS_S)))
    try:
        while left or not (finished := (await store.state(STORY)).committed >= len(texts.articles)):
            if time.monotonic() > end_s:
                finished = False
                break
            for article in left[:portion]:
                await store.admit(STORY, article, "poll", 86_400)
            del left[:portion]
            await asyncio.sleep(dice.uniform(0.2, 1.8) * _BETWEEN_KILLS_S)
            name = dice.choice(sorted(running))
            if kills or not running[name].is_alive():
                await asyncio.to_thread(_end, running[name])
                running[name] = _start(server, name, unguarded)
                killed += kills
        await asyncio.sleep(0.5)  # a write that comes late must change nothing
        return await written(store), killed, finished
    finally:
        for process in running.values():
            _end(process)
        await store.close()
        server.stop()


async def written(store: Store) -> Written:
    """Everything that the desk wrote to the story."""
    run = store._connection.run
    outcomes = [dict(entry.fields) for entry in await store.range(keys.outcomes(STORY), count=1_000_000)]
    events = [dict(entry.fields) for entry in await store.range(keys.events(STORY), count=1_000_000)]
    ids = sorted({outcome["wireStory"] for outcome in outcomes if outcome["wireStory"]})
    records = await store.wire_records(STORY, ids, SCHEME)
    members = {
        wire_id: frozenset(member.uri for member in WireStory.from_bytes(raw).members)
        for wire_id, raw in records.items()
    }
    opened = await run("HGETALL", keys.wire_opened(STORY))
    generations = [name.decode().rsplit(":", 1) for name in sorted(opened[::2])]
    index = {
        name: await run("XRANGE", keys.wire_generation(STORY, *name), "-", "+") for name in map(tuple, generations)
    }
    state = {
        "index": index,
        "opened": dict(zip(opened[::2], opened[1::2], strict=True)),
        "furniture": await store.furniture(STORY),
        "token": (await store.state(STORY)).token,
        "counters": await store.counts(STORY),
    }
    return Written(outcomes, events, records, members, state)


def compared(expected: Written, found: Written, kills: int, finished: bool, took_s: float) -> Verdict:
    """The undisturbed run against the other."""
    homes: dict[str, set[str]] = defaultdict(set)
    for outcome in found.outcomes:
        homes[outcome["uri"]].add(outcome["wireStory"])
    lost = [name for name, uris in expected.members.items() if not uris <= found.members.get(name, frozenset())]
    split = [name for name, uris in expected.members.items() if len(set().union(*(homes[uri] for uri in uris))) > 1]
    parts = {"outcomes": (expected.outcomes, found.outcomes), "events": (expected.events, found.events)}
    parts["records"] = (expected.wire_stories, found.wire_stories)  # type: ignore[assignment]
    parts |= {name: (expected.state[name], found.state[name]) for name in expected.state}
    differing = tuple(name for name, (one, other) in parts.items() if one != other)
    return Verdict(finished, tuple(lost), tuple(split), differing, kills, took_s)


async def verdict(texts: Texts, seconds: float, **how: Any) -> Verdict:
    """Both runs, compared."""
    expected = await undisturbed(texts)
    began_s = time.monotonic()
    found, kills, finished = await disturbed(texts, seconds, **how)
    return compared(expected, found, kills, finished, time.monotonic() - began_s)


def _start(server: RealServer, name: str, unguarded: bool) -> BaseProcess:
    process = _PROCESSES.Process(target=wire_worker.main, args=(server.url, name, unguarded), daemon=True)
    process.start()
    return process


def _end(process: BaseProcess) -> None:
    process.kill()
    process.join()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--texts", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--unguarded", action="store_true", help="the negative control: it must end badly")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    decide.compare = wire_worker.compare_nothing  # type: ignore[attr-defined]
    texts = Texts(asked.seed, asked.texts)
    copies = sum(number != original for number, original in enumerate(texts.originals, 1))
    print(f"{asked.texts} texts, {copies} of them copies, four workers, guard {'off' if asked.unguarded else 'on'}")
    found = asyncio.run(verdict(texts, asked.seconds, seed=asked.seed, unguarded=asked.unguarded))
    print(found)
    return 0 if found.good else 1


if __name__ == "__main__":
    sys.exit(main())
