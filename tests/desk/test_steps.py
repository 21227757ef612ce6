"""What is decided quickly is committed some at once: one trip less, and nothing else is otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from typing import Any

import pytest
from structlog.testing import capture_logs

from service.errors import StoreUnavailable
from service.model import Article, Commit, StoryState
from service.store import keys
from service.store.store import Store
from service.store.values import Commitment, Head
from tests.desk.builders import EXTRACTOR, NEW_SENTENCE, STORY, WIRE, article
from tests.servers import RealServer
from workers.desk import draining
from workers.desk.decide import Decided
from workers.desk.draining import Draining, End
from workers.desk.take import Desk, Limits, _read

LIMITS = Limits(reclaim_idle_s=3, deadline_s=20, starts=3)
TEXTS = (
    WIRE,
    WIRE + NEW_SENTENCE,
    "Fjordlys and Ada Brandt of Skerry signed a letter of intent on Friday, she said.",
    "Ada Brandt denied on Friday that Skerry had signed a letter of intent with Fjordlys.",
    WIRE.replace("14 million", "15 million"),
    "The union of Skerry rejected the offer of Fjordlys for the lighthouse on Saturday.",
)
REVISED = 3
"""number of the article that comes again, otherwise, as the last"""
GIVEN_UP = 4


class Counting(Store):
    """Remembers how many commits each step had; another worker may come first."""

    steps: list[int]
    first: Draining | None = None
    under_way = 0
    most_under_way = 0
    late_s = 0.0
    """how long a reply takes"""
    lost: Collection[int] = ()
    """which steps' replies are lost"""

    async def commit_on(self, commits: Sequence[Commit], *way: Any) -> tuple[Commitment, Head]:
        if self.first is not None:
            other, self.first = self.first, None
            await other.drain(STORY.id)
        at = len(self.steps)
        self.steps.append(len(commits))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            told = await super().commit_on(commits, *way)
            await asyncio.sleep(self.late_s)
        finally:
            self.under_way -= 1
        if at in self.lost:
            raise StoreUnavailable("the reply was lost")
        return told


@pytest.fixture
async def store(valkey: RealServer) -> AsyncIterator[Counting]:
    opened = await Counting.open(valkey.url)
    assert isinstance(opened, Counting)
    opened.steps = []
    yield opened
    await opened.close()


async def nothing() -> None:
    return None


def worker(store: Store, by: type[Draining] = Draining) -> Draining:
    return by(store, {STORY.id: STORY}, "w", LIMITS, nothing)


async def read(store: Store) -> None:
    """Admits the articles; each is read, one is given up, and nobody drains the line."""
    lines = [*((number, text) for number, text in enumerate(TEXTS, 1)), (REVISED, TEXTS[REVISED - 1] + NEW_SENTENCE)]
    for number, text in lines:
        await store.admit(STORY.id, article(number, text), "poll", 3600)
    await store.ensure_group(STORY.id)
    for taken in await store.take([STORY.id], "w", len(lines), 0):
        found = _read(EXTRACTOR, taken, STORY)
        if taken.number == GIVEN_UP:
            await store.dead_letter(STORY.id, taken.number, taken.entry_id, "why", "", "w", mark=taken.mark)
        else:
            assert await store.put_finding(STORY.id, taken.number, found, taken.mark)


async def told(store: Store) -> tuple[Any, ...]:
    """What the line wrote: events and outcomes, and the token, which stands for all else."""
    streams = [await store.range(stream) for stream in (keys.events(STORY.id), keys.outcomes(STORY.id))]
    return *([dict(entry.fields) for entry in stream] for stream in streams), (await store.state(STORY.id)).token


@pytest.fixture
async def alone(store: Counting, valkey: RealServer, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ...]:
    """What comes of it one by one."""
    await read(store)
    with monkeypatch.context() as patched:
        patched.setattr(draining, "TOGETHER_S", 0.0)
        await worker(store).drain(STORY.id)
    assert store.steps == [1] * 7
    expected = await told(store)
    assert len(expected[0]) > 5
    assert [entry["outcome"] for entry in expected[1]].count("parked") == 1
    valkey.tell("FLUSHALL")
    store.steps.clear()
    monkeypatch.setattr(draining, "TOGETHER_S", 60.0)
    return expected


async def test_what_is_decided_upon_each_other_is_what_is_decided_one_by_one(
    store: Counting, alone: tuple[Any, ...]
) -> None:
    await read(store)
    await worker(store).drain(STORY.id)
    assert await told(store) == alone
    assert max(store.steps) >= 2, store.steps


async def test_one_step_is_decided_while_the_one_before_is_on_its_way(
    store: Counting, alone: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "TOGETHER", 2)
    await read(store)
    one = worker(store)
    one.together, store.late_s = 2, 0.3
    await one.drain(STORY.id)
    assert await told(store) == alone
    assert store.steps == [2, 2, 2, 1]
    assert store.most_under_way == 2


async def test_what_is_decided_slowly_waits_for_the_one_before(
    store: Counting, alone: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to gain, and what follows of a commit would come late."""
    monkeypatch.setattr(draining, "TOGETHER_S", 0.0)
    store.most_under_way = 0
    await read(store)
    await worker(store).drain(STORY.id)
    assert await told(store) == alone
    assert store.most_under_way == 1


async def test_a_commit_whose_reply_was_lost_is_told(
    store: Counting, alone: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "TOGETHER", 2)
    await read(store)
    one = worker(store)
    one.together, store.lost = 2, (1, 2, 3)
    with capture_logs() as logs:
        with pytest.raises(StoreUnavailable):
            await one.drain(STORY.id)
        assert [line["number"] for line in logs] == [1, 2], "of the others nobody knows"
        with pytest.raises(StoreUnavailable):
            await one.make_sure()
        await one.make_sure()
        await one.drain(STORY.id)
    assert await told(store) == alone
    lines = [(line["number"], line.get("stood", False)) for line in logs if line["event"] == "article.committed"]
    assert lines == [(1, False), (2, False), (3, True), (5, True), (6, True), (7, False)]


class Late(Draining):
    """Another one has decided the same, and is faster."""

    async def _commit(self, ends: Sequence[End], *way: Any) -> tuple[Commitment, Head]:
        await self._store.commit_on([end.decided.commit for end in ends])
        return await super()._commit(ends, *way)


async def test_what_another_committed_is_that_one_s_to_tell(store: Counting, alone: tuple[Any, ...]) -> None:
    await read(store)
    with capture_logs() as logs:
        await worker(store, Late).drain(STORY.id)
    assert (await store.state(STORY.id)).committed > 0
    assert not [line for line in logs if line["event"] == "article.committed"]
    await worker(store).drain(STORY.id)
    assert await told(store) == alone


class Leaving(Draining):
    """Goes when the next one is given up."""

    async def _commit(self, ends: Sequence[End], *way: Any) -> tuple[Commitment, Head]:
        if ends[-1].decided.commit.number == GIVEN_UP - 1:
            self.stop.set()
        return await super()._commit(ends, *way)


async def test_who_meets_one_that_was_given_up_first_knows_what_was_told_before_it(
    store: Counting, alone: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    await read(store)
    with monkeypatch.context() as patched:
        patched.setattr(draining, "TOGETHER_S", 0.0)
        await worker(store, Leaving).drain(STORY.id)
    assert len((await told(store))[1]) == GIVEN_UP - 1
    await worker(store).drain(STORY.id)
    assert await told(store) == alone


async def test_a_revision_is_decided_when_what_it_revises_is_written(store: Counting, alone: tuple[Any, ...]) -> None:
    await read(store)
    one = worker(store)
    one.together = 7
    await one.drain(STORY.id)
    assert store.steps == [6, 1]
    assert await told(store) == alone


class Careless(Draining):
    async def _decide(
        self, story: str, state: StoryState, found: bytes, *, ahead: bool = False
    ) -> tuple[Article, Decided | None]:
        return await super()._decide(story, state, found)


async def test_decided_ahead_it_would_not_know_what_it_revises(store: Counting, alone: tuple[Any, ...]) -> None:
    await read(store)
    one = worker(store, Careless)
    one.together = 7
    await one.drain(STORY.id)
    assert store.steps == [7]
    assert await told(store) != alone


class Failing(Draining):
    """Has a bug that one article meets."""

    at = 2

    async def _decide(
        self, story: str, state: StoryState, found: bytes, *, ahead: bool = False
    ) -> tuple[Article, Decided | None]:
        if state.committed + 1 == self.at:
            raise RuntimeError("a bug")
        return await super()._decide(story, state, found, ahead=ahead)


async def test_what_cannot_be_decided_harms_nothing_before_it(store: Counting, alone: tuple[Any, ...]) -> None:
    await read(store)
    one = worker(store, Failing)
    one.together = 7
    await one.drain(STORY.id)
    _, outcomes, _ = await told(store)
    assert [at for at, entry in enumerate(outcomes, 1) if entry["outcome"] == "parked"] == [Failing.at, GIVEN_UP]
    assert outcomes[0] == alone[1][0]


class Overtaken(Draining):
    """Fails over an article whose number belongs to another one meanwhile: the server has lost all it knew."""

    lose: Callable[[], Awaitable[None]]

    async def _decide(
        self, story: str, state: StoryState, found: bytes, *, ahead: bool = False
    ) -> tuple[Article, Decided | None]:
        await self.lose()
        raise RuntimeError("a bug")


async def test_what_cannot_be_decided_is_given_up_alone(store: Counting, valkey: RealServer) -> None:
    async def lose() -> None:
        valkey.tell("FLUSHALL")
        await store.admit(STORY.id, article(9, WIRE), "poll", 3600)

    await read(store)
    one = worker(store, Overtaken)
    assert isinstance(one, Overtaken)
    one.lose = lose
    await one.drain(STORY.id)
    assert (await store.state(STORY.id)).admitted == 1
    assert await store.range(keys.dead(STORY.id)) == [], "the innocent one"


async def test_who_is_refused_forgets_what_it_decided(
    store: Counting, alone: tuple[Any, ...], valkey: RealServer
) -> None:
    """Another one has given up an article that this one had decided, with two more upon it; then it goes on."""
    other = await Store.open(valkey.url)
    await read(store)
    store.first, one = worker(other, Failing), worker(store)
    one.together = 3
    await one.drain(STORY.id)
    assert store.steps == [3], "refused, and left to the other"
    parted = await told(store)
    assert [entry["outcome"] for entry in parted[1]].count("parked") == 2

    late = article(8, "Ada Brandt praised the union of Skerry for its letter to Fjordlys on Sunday.")
    await store.admit(STORY.id, late, "poll", 3600)
    (taken,) = await store.take([STORY.id], "w", 1, 0)
    await store.put_finding(STORY.id, taken.number, _read(EXTRACTOR, taken, STORY), taken.mark)
    head = await store.head(STORY.id)
    assert head.finding is not None
    _, mine = await one._decide(STORY.id, head.state, head.finding)
    _, fresh = await worker(other)._decide(STORY.id, head.state, head.finding)
    assert mine is not None
    assert fresh is not None
    assert mine.commit == fresh.commit
    await other.close()


async def test_a_desk_that_reads_quickly_puts_some_and_commits_them_at_once(
    store: Counting, alone: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.desk.take.TOGETHER_S", 60.0)
    for number, text in enumerate(TEXTS, 1):
        await store.admit(STORY.id, article(number, text), "poll", 3600)
    await store.ensure_group(STORY.id)
    taken = await store.take([STORY.id], "w", 6, 0)
    await Desk(store, {STORY.id: STORY}, "w", LIMITS, EXTRACTOR)._work(taken)
    assert sum(store.steps) == 6
    assert len(store.steps) < 6
