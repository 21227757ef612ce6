"""A worker that dies with the head of a story's line in its hands delays that story by one reclaim, and no other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.model import Article
from service.store import keys
from service.store.store import Store
from service.stories.story import Story, load_story
from tests.desk.builders import WIRE, article
from tests.servers import RealServer
from workers.claims.extract import Extractor
from workers.claims.model import Clause
from workers.desk.take import Desk, Limits

RECLAIM_S = 3.0
LIMITS = Limits(reclaim_idle_s=RECLAIM_S, deadline_s=20, starts=3, block_s=0.05)
LIGHTHOUSE = load_story(Path(__file__).parents[1] / "stories" / "lighthouse.toml")
STORIES = {name: LIGHTHOUSE.model_copy(update={"id": name}) for name in ("hit", "spared")}


class Silent(Extractor):
    """Finds nothing, at once."""

    def warm(self) -> None:
        return None

    def extract(self, article: Article, story: Story) -> tuple[Clause, ...]:
        return ()


@pytest.fixture
async def store(valkey: RealServer) -> AsyncIterator[Store]:
    opened = await Store.open(valkey.url)
    yield opened
    await opened.close()


async def committed_after(store: Store, began_s: float, story: str, count: int) -> float:
    """Seconds."""
    while (await store.state(story)).committed < count:
        assert time.monotonic() - began_s < 60
        await asyncio.sleep(0.01)
    return time.monotonic() - began_s


async def test_a_dead_head_delays_its_story_by_one_reclaim_and_no_other(store: Store) -> None:
    for story in STORIES:
        await store.ensure_group(story)
    await store.admit("hit", article(1, WIRE), "poll", 3600)
    assert len(await store.take(["hit"], "dead", count=1, block_s=0)) == 1
    taken_s = time.monotonic()
    stop = asyncio.Event()
    desk = Desk(store, STORIES, "alive", LIMITS, Silent())
    running = asyncio.create_task(desk.run(stop))
    for number in range(2, 12):
        for story in STORIES:
            await store.admit(story, article(number, f"{WIRE} It is number {number}."), "poll", 3600)

    await committed_after(store, taken_s, "spared", 10)  # another story waits for nobody
    behind = await store.state("hit")
    waiting = await store._connection.run("HLEN", keys.findings("hit"))
    hit_s = await committed_after(store, taken_s, "hit", 11)
    stop.set()
    await running

    assert behind.committed == 0, "what is behind the head waits for it"
    assert waiting > 0, "but it is read meanwhile"
    assert hit_s >= RECLAIM_S
