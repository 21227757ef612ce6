"""The desk on a real server: poison is parked and harms no neighbour, and nothing waits for the dead."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.errors import InvariantBroken
from service.model import Article, StoryState
from service.store import keys
from service.store.store import Store
from service.stories.story import Story
from tests.desk.builders import EXTRACTOR, NEW_SENTENCE, STORY, WIRE, article
from tests.servers import RealServer
from workers.claims.extract import Extractor
from workers.claims.model import Clause
from workers.desk.decide import Decided
from workers.desk.draining import Draining
from workers.desk.take import OVERRAN, Desk, Limits

LIMITS = Limits(reclaim_idle_s=0.3, deadline_s=20, starts=3, block_s=0.05)
TEXTS = [WIRE, WIRE + NEW_SENTENCE, "Fjordlys and Ada Brandt of Skerry signed a letter of intent on Friday, she said."]


class Poisoned(Extractor):
    """Fails on one article, as a bug in reading would."""

    def __init__(self, poison: str, error: Exception) -> None:
        super().__init__()
        self._poison, self._error = poison, error

    def extract(self, article: Article, story: Story) -> tuple[Clause, ...]:
        if article.uri.endswith(self._poison):
            raise self._error
        return EXTRACTOR.extract(article, story)


@pytest.fixture
async def store(valkey: RealServer) -> AsyncIterator[Store]:
    opened = await Store.open(valkey.url)
    yield opened
    await opened.close()


async def admit(store: Store, *texts: str) -> None:
    for number, text in enumerate(texts, start=1):
        await store.admit(STORY.id, article(number, text), "poll", 3600)


async def work(store: Store, desk: Desk, until: int, within_s: float = 90) -> None:
    """Runs a desk until so many articles are committed."""
    stop = asyncio.Event()
    running = asyncio.create_task(desk.run(stop))
    deadline_s = asyncio.get_running_loop().time() + within_s
    while (await store.state(STORY.id)).committed < until and not running.done():
        assert asyncio.get_running_loop().time() < deadline_s
        await asyncio.sleep(0.02)
    stop.set()
    await running


def desk(store: Store, name: str = "w", extractor: Extractor | None = None, limits: Limits = LIMITS) -> Desk:
    return Desk(store, {STORY.id: STORY}, name, limits, extractor or EXTRACTOR)


async def outcomes(store: Store) -> list[str]:
    return [entry.fields["outcome"] for entry in await store.range(keys.outcomes(STORY.id))]


async def events(store: Store) -> list[dict[str, str]]:
    return [dict(entry.fields) for entry in await store.range(keys.events(STORY.id))]


async def test_each_article_gets_one_outcome_in_admission_order(store: Store) -> None:
    await admit(store, *TEXTS)
    await work(store, desk(store), until=3)
    assert (await outcomes(store))[:2] == ["announced", "announced"]
    counts = await store.counts(STORY.id)
    assert sum(count for name, count in counts.items() if name.startswith("outcome:")) == 3


async def test_an_article_that_cannot_be_read_is_parked_and_the_line_goes_on(store: Store) -> None:
    await admit(store, *TEXTS)
    await work(store, desk(store, extractor=Poisoned("/2", RuntimeError("a bug"))), until=3)
    assert (await outcomes(store))[1] == "parked"
    (dead,) = await store.range(keys.dead(STORY.id))
    assert "a bug" in dead.fields["reason"]
    assert "RuntimeError" in dead.fields["detail"]
    assert {event["subject"] for event in await events(store)}, "the neighbours' claims are there"


async def test_a_broken_invariant_is_never_parked(store: Store) -> None:
    await admit(store, *TEXTS)
    with pytest.raises(InvariantBroken):
        await work(store, desk(store, extractor=Poisoned("/1", InvariantBroken("ours"))), until=3)
    assert await outcomes(store) == []


async def test_what_a_dead_worker_held_is_read_by_another(store: Store) -> None:
    await admit(store, *TEXTS)
    await store.ensure_group(STORY.id)
    held = await store.take([STORY.id], "dead", count=2, block_s=0.1)
    assert len(held) == 2
    await work(store, desk(store), until=3)
    assert len(await outcomes(store)) == 3


async def test_what_was_acknowledged_and_never_read_is_read(store: Store) -> None:
    """As when the server comes back older than it was between a worker's look at a finding and his acknowledgement."""
    await store.ensure_group(STORY.id)
    await admit(store, *TEXTS)
    await store.take([STORY.id], "dead", count=3, block_s=0)
    await store._connection.run("XACK", keys.articles(STORY.id), keys.GROUP, "1-0")
    await work(store, desk(store), until=3)
    assert len(await outcomes(store)) == 3


async def test_a_restarted_worker_finds_what_it_held_at_once(store: Store) -> None:
    await admit(store, *TEXTS)
    await store.ensure_group(STORY.id)
    await store.take([STORY.id], "w", count=3, block_s=0.1)
    patient = Limits(reclaim_idle_s=60, deadline_s=20, starts=3, block_s=0.05)
    await work(store, desk(store, limits=patient), until=3, within_s=90)
    assert len(await outcomes(store)) == 3


async def test_workers_at_once_write_what_one_writes_alone(store: Store, valkey: RealServer) -> None:
    await admit(store, *TEXTS)
    await work(store, desk(store), until=3)
    alone = await events(store)
    valkey.tell("FLUSHALL")

    await admit(store, *TEXTS)
    others = [await Store.open(valkey.url) for _ in range(3)]
    await asyncio.gather(*(work(other, desk(other, f"w{n}"), until=3) for n, other in enumerate(others)))
    for other in others:
        await other.close()

    assert await events(store) == alone


async def test_what_one_worker_decides_no_other_decides_too(store: Store) -> None:
    decided = list[int]()

    class Counting(Draining):
        async def _decide(
            self, story: str, state: StoryState, found: bytes, *, ahead: bool = False
        ) -> tuple[Article, Decided | None]:
            decided.append(state.committed + 1)
            await asyncio.sleep(0.01)
            return await super()._decide(story, state, found, ahead=ahead)

    class Counted(Desk):
        drains_by = Counting

    count = 30
    await admit(store, *(f"{NEW_SENTENCE.strip()} That was number {number}." for number in range(count)))
    patient = replace(LIMITS, reclaim_idle_s=3.0)
    desks = [Counted(store, {STORY.id: STORY}, f"w{number}", patient, EXTRACTOR) for number in range(3)]
    await asyncio.gather(*(work(store, each, until=count) for each in desks))

    assert sorted(set(decided)) == [*range(1, count + 1)]
    assert len(decided) < 1.5 * count, decided


@pytest.mark.parametrize(("how", "status"), [("politely", OVERRAN), ("alone", -signal.SIGALRM)])
async def test_an_article_that_never_ends_is_parked_after_so_many_starts(
    store: Store, valkey: RealServer, how: str, status: int
) -> None:
    """Each start ends the worker's process: a thread cannot be ended, least of all inside one call into C."""
    await admit(store, *TEXTS)
    statuses = []
    while (await store.state(STORY.id)).committed < 3:
        statuses.append(await asyncio.to_thread(_run_hanging_worker, valkey.url, how))
        assert len(statuses) <= 4
    assert statuses == [status, status, 0]
    assert (await outcomes(store))[1] == "parked"
    (dead,) = await store.range(keys.dead(STORY.id))
    assert "never ended" in dead.fields["reason"]


def _run_hanging_worker(url: str, how: str) -> int:
    program = Path(__file__).with_name("hanging_worker.py")
    return subprocess.run([sys.executable, str(program), url, how], timeout=60, check=False).returncode
