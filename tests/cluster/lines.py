"""Many stories that get the same articles, real desks in processes of their own, and what they wrote.

The clauses of the articles are read once, before: the desks decide with claims and load no parser.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import pickle
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import structlog

from service.errors import StoreUnavailable
from service.model import Article
from service.store import keys
from service.store.store import Durability, Store
from service.stories.story import Story
from tests.desk.builders import EXTRACTOR, STORY, article
from tests.faults.wire_worker import compare_nothing
from workers.claims.extract import Extractor
from workers.claims.model import Clause
from workers.desk import decide
from workers.desk.take import Desk, Limits

Found = Mapping[str, tuple[Clause, ...]]
"""article id → its clauses"""

TTL_S = 3_600
IDLE_S = 1.5
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.cluster.lines"])

_WHO = ("Ada Brandt", "Fjordlys", "The council of Skerry", "The mayor of Skerry", "A spokesman of Fjordlys")
_SAYS = ("said", "denied", "announced", "confirmed", "warned", "insisted")
_WHAT = (
    "that Fjordlys would buy the lighthouse of Skerry for {n} million crowns",
    "that the tower of Skerry needs {n} new windows, which Fjordlys will pay for",
    "that Skerry had refused the offer of Fjordlys {n} days ago",
    "that Fjordlys would build a hotel with {n} rooms on Skerry",
    "that Ada Brandt had signed a letter to Fjordlys about {n} jobs",
)


def articles(count: int) -> list[Article]:
    """The same ones every time: claims, who repeats and denies them, and every fifth a copy of the one before."""
    made: list[Article] = []
    for number in range(1, count + 1):
        told = "\n\n".join(
            f"{_WHO[(number * 3 + at) % 5]} {_SAYS[(number + at * 5) % 6]} on Thursday "
            f"{_WHAT[(number + at) % 5].format(n=11 + 7 * ((number + at) // 5))}."
            for at in range(2)
        )
        text = made[-1].text if number % 5 == 0 else told
        made.append(article(number, text, f"Skerry and Fjordlys, part {number}", f"Outlet {number % 4}"))
    return made


def stories(count: int) -> dict[str, Story]:
    return {f"line-{n}": STORY.model_copy(update={"id": f"line-{n}"}) for n in range(1, count + 1)}


class Canned(Extractor):
    """Knows what is in the articles."""

    def __init__(self, found: Found, slow_s: float = 0.0) -> None:
        super().__init__()
        self._found = found
        self._slow_s = slow_s

    def warm(self) -> None:
        return None

    def extract(self, article: Article, story: Story) -> tuple[Clause, ...]:
        time.sleep(self._slow_s)
        return self._found[article.id]


def read(of: Sequence[Article]) -> Found:
    return {each.id: EXTRACTOR.extract(each, STORY) for each in of}


def desk(store: Store, name: str, count: int, found: Found, each: int = 250, slow_s: float = 0.0) -> Desk:
    limits = Limits(reclaim_idle_s=IDLE_S, deadline_s=30, starts=100, block_s=0.2, stories_each=each)
    return Desk(store, stories(count), name, limits, Canned(found, slow_s))


def work(url: str, name: str, count: int, found: Path, each: int, slow_s: float) -> None:
    """A worker of its own process: works until it is killed. Where no article has a clause, nothing is compared."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    canned = pickle.loads(found.read_bytes())
    if not any(canned.values()):
        decide.compare = compare_nothing  # type: ignore[attr-defined]

    async def forever() -> None:
        store = await Store.open(url, wait_s=20)
        await desk(store, name, count, canned, each, slow_s).run(asyncio.Event())

    asyncio.run(forever())


class Workers:
    """Processes, by name."""

    def __init__(self, url: str, count: int, found: Path, each: int = 250, slow_s: float = 0.0) -> None:
        self._args = (count, found, each, slow_s)
        self._url = url
        self.running: dict[str, BaseProcess] = {}

    def start(self, *names: str) -> Workers:
        for name in names:
            process = _PROCESSES.Process(target=work, args=(self._url, name, *self._args), daemon=True)
            process.start()
            self.running[name] = process
        return self

    def kill(self, name: str) -> None:
        process = self.running.pop(name)
        process.kill()
        process.join()

    def stop(self) -> None:
        for name in list(self.running):
            self.kill(name)


@dataclass(frozen=True, slots=True)
class Written:
    """All of a story that a reader can see."""

    events: list[dict[str, str]]
    new_claims: list[dict[str, str]]
    outcomes: list[dict[str, str]]
    token: str


async def written(store: Store, story: str) -> Written:
    async def of(stream: str) -> list[dict[str, str]]:
        return [dict(entry.fields) for entry in await store.range(stream, count=100_000)]

    token = (await store.state(story)).token
    return Written(
        await of(keys.events(story)), await of(keys.new_claims(story)), await of(keys.outcomes(story)), token
    )


async def alone(url: str, count: int, of: Sequence[Article], found: Found) -> dict[str, Written]:
    """One desk, undisturbed."""
    async with opened(url) as store:
        await admit(store, count, of)
        stop = asyncio.Event()
        working = asyncio.create_task(desk(store, "alone", count, found).run(stop))
        await committed(store, count, len(of))
        stop.set()
        await working
        return {story: await written(store, story) for story in stories(count)}


@asynccontextmanager
async def opened(url: str, replicas: int = 0) -> AsyncIterator[Store]:
    store = await Store.open(url, wait_s=20, durability=Durability(replicas, 0.5))
    try:
        yield store
    finally:
        await store.close()


async def admit(store: Store, count: int, of: Sequence[Article], pause_s: float = 0.0) -> int:
    """As the ingester does it: again and again until an article is admitted. Returns how often it was not."""
    refused = 0
    for each in of:
        for story in stories(count):
            while True:
                try:
                    await store.admit(story, each, f"poll-{each.uri}", TTL_S)
                    break
                except StoreUnavailable:
                    refused += 1
                    await asyncio.sleep(0.05)
            if pause_s:
                await asyncio.sleep(pause_s)
    return refused


async def committed(store: Store, count: int, number: int, within_s: float = 60) -> None:
    """Waits until so many articles of every story are."""
    end_s = time.monotonic() + within_s
    left = set(stories(count))
    while left:
        assert time.monotonic() < end_s, f"{len(left)} stories stand still, {sorted(left)[:5]} among them"
        try:
            for story in sorted(left):
                if (await store.state(story)).committed < number:
                    break
                left.discard(story)
        except StoreUnavailable:
            pass
        await asyncio.sleep(0.05)
