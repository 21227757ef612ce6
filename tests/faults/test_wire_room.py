"""The wire room under faults: nothing lost, nothing split, the same bytes; and what the guard is good for."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import workers.desk.decide
from service.errors import StoreUnavailable
from service.model import Commit
from service.store import committing
from service.store.embedded import EmbeddedServer
from service.store.store import Store
from service.store.values import Commitment, Head
from tests.faults.wire_room import STORY, compared, disturbed, undisturbed, verdict, written
from tests.faults.wire_texts import Texts
from tests.faults.wire_worker import STORY as STORY_FILE
from tests.faults.wire_worker import compare_nothing, desk, plain_write
from tests.servers import RealServer
from workers.desk.decide import decide
from workers.desk.finding import Finding
from workers.desk.memory import Memory
from workers.wire.sketch import sketch


@pytest.fixture(autouse=True)
def _wire_room_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers.desk.decide, "compare", compare_nothing)


@pytest.fixture
async def store(valkey: RealServer) -> AsyncIterator[Store]:
    opened = await Store.open(valkey.url)
    yield opened
    await opened.close()


@pytest.mark.slow
async def test_four_workers_under_kill_9_lose_and_split_nothing() -> None:
    found = await verdict(Texts(seed=3, count=250), seconds=8)

    assert found.good, found
    assert found.kills >= 8


@pytest.mark.slow
async def test_without_the_guard_two_workers_do() -> None:
    """The control: a plain write in the place of compare-and-set."""
    texts = Texts(seed=3, count=120)
    expected = await undisturbed(texts)

    for seed in range(3):  # whether two workers meet is a matter of luck
        found, kills, finished = await disturbed(texts, 4, seed, workers=2, kills=False, unguarded=True)
        judged = compared(expected, found, kills, finished, 0)
        if not judged.good:
            break

    assert not judged.good
    guarded, kills, finished = await disturbed(texts, 4, 0, workers=2, kills=False)
    assert compared(expected, guarded, kills, finished, 0).good


async def test_the_generated_copies_are_copies() -> None:
    """Otherwise the runs above would show nothing."""
    texts = Texts(seed=3, count=120)
    found = await undisturbed(texts)

    homes = {outcome["uri"]: outcome["wireStory"] for outcome in found.outcomes}
    original = {
        article.uri: texts.articles[of - 1].uri for article, of in zip(texts.articles, texts.originals, strict=True)
    }
    assert all(homes[uri] == homes[of] for uri, of in original.items())
    assert len(set(homes.values())) == len(set(original.values())) < 100
    assert found.state["furniture"]


async def decided_at_once(store: Store) -> tuple[Commit, Commit]:
    """One text under two ids, decided by two workers upon one state: to both it is new."""
    first, second = (article for article in Texts(seed=5, count=2).articles)
    second = replace(second, text=first.text)
    commits = []
    for number, article in enumerate((first, second), 1):
        await store.admit(STORY, article, "poll", 3600)
        finding = Finding(
            entry_id=f"{number}-0", article=article.to_json(), clauses=(), sketch=sketch(article.text).to_json()
        )
        view = await Memory(store, STORY).view(finding, article, await store.state(STORY))
        assert view is not None
        commits.append(decide(STORY_FILE, number, finding, article, view).commit)
    assert commits[0].wire_story != commits[1].wire_story
    return commits[0], commits[1]


async def test_one_wire_story_is_never_opened_twice(store: Store) -> None:
    first, second = await decided_at_once(store)

    assert await store.commit(first) is Commitment.WRITTEN
    assert await store.commit(second) is Commitment.STALE

    assert list((await written(store)).members) == [first.wire_story]


async def test_a_plain_write_opens_it_twice(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    first, second = await decided_at_once(store)
    monkeypatch.setattr(committing, "_COMMIT", plain_write(committing._COMMIT))

    assert await store.commit(first)
    assert await store.commit(second)

    assert len((await written(store)).members) == 2


async def test_the_same_document_twice_at_once_from_two_workers_is_one_wire_story(
    store: Store, valkey: RealServer
) -> None:
    pairs = 25
    articles = Texts(seed=9, count=2 * pairs).articles
    twins = [replace(articles[n], text=articles[n - n % 2].text, headline="The same") for n in range(2 * pairs)]
    others = [await Store.open(valkey.url) for _ in range(2)]
    stop = asyncio.Event()
    working = [asyncio.create_task(desk(other, f"w{n}").run(stop)) for n, other in enumerate(others)]
    for first, second in zip(twins[::2], twins[1::2], strict=True):
        await asyncio.gather(*(store.admit(STORY, twin, "poll", 3600) for twin in (first, second)))
    async with asyncio.timeout(60):
        while (await store.state(STORY)).committed < 2 * pairs:
            await asyncio.sleep(0.02)
    stop.set()
    await asyncio.gather(*working)

    found = await written(store)
    homes = {outcome["uri"]: outcome["wireStory"] for outcome in found.outcomes}
    for other in others:
        await other.close()
    assert len(found.outcomes) == 2 * pairs
    for first, second in zip(twins[::2], twins[1::2], strict=True):
        assert homes[first.uri] == homes[second.uri]
        assert {first.uri, second.uri} <= found.members[homes[first.uri]]


class Interrupted(Store):
    """Loses its server between the vote and the insert, now and then."""

    every = 0
    interrupt = staticmethod(lambda: None)
    _commits = 0
    lost = 0

    async def commit_on(self, commits: Sequence[Commit], *way: Any) -> tuple[Commitment, Head]:
        before, self._commits = self._commits, self._commits + len(commits)
        if self._commits // self.every > before // self.every:
            self.lost += 1
            self.interrupt()
            with suppress(StoreUnavailable):
                return await super().commit_on(commits, *way)
            raise StoreUnavailable("the server went away between vote and insert")
        return await super().commit_on(commits, *way)


@pytest.mark.usefixtures("each_write")
async def test_redis_lost_between_vote_and_insert_loses_and_splits_nothing(tmp_path: Path) -> None:
    texts = Texts(seed=4, count=60)
    expected = await undisturbed(texts)
    async with EmbeddedServer(tmp_path) as server:
        store = await Store.open(server.url)
        working_store = await Interrupted.open(server.url)
        assert isinstance(working_store, Interrupted)
        working_store.every = 15
        working_store.interrupt = lambda: os.kill(server.pid, signal.SIGKILL)
        for article in texts.articles:
            await store.admit(STORY, article, "poll", 3600)
        stop = asyncio.Event()
        working = asyncio.create_task(desk(working_store, "w").run(stop))
        async with asyncio.timeout(90):
            while True:
                with suppress(StoreUnavailable):
                    if (await store.state(STORY)).committed >= 60:
                        break
                await asyncio.sleep(0.05)
        stop.set()
        await working
        found = await written(store)
        await store.close()
        await working_store.close()

    assert working_store.lost >= 3
    judged = compared(expected, found, working_store.lost, True, 0)
    assert judged.good, judged
