"""A story whose subscriber is far behind goes on slowly, and no other does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

import workers.desk.decide
from service.store import keys
from service.store.store import Store
from service.store.values import Caps
from tests.cluster.lines import TTL_S, articles, desk
from tests.faults.wire_worker import compare_nothing
from tests.servers import RealServer

OF = articles(12)
FOUND = {each.id: () for each in OF}


@pytest.fixture
async def store(valkey: RealServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    monkeypatch.setattr(workers.desk.decide, "compare", compare_nothing)
    opened = await Store.open(valkey.url)
    yield opened
    await opened.close()


async def test_a_slowed_story_takes_an_article_now_and_then_and_its_neighbour_all(
    store: Store, valkey: RealServer
) -> None:
    stream = keys.events("line-1")
    for _ in range(3):
        valkey.tell("XADD", stream, "*", "sequence", "1")
    valkey.tell("XGROUP", "CREATE", stream, "slow", "0")
    valkey.tell("XREADGROUP", "GROUP", "slow", "me", "COUNT", 1, "STREAMS", stream, ">")
    for each in OF:
        for story in ("line-1", "line-2"):
            await store.admit(story, each, "poll", TTL_S)
    await store.weigh(["line-1", "line-2"], Caps(soft=1, hard=100))
    stop = asyncio.Event()
    began_s = time.monotonic()
    working = asyncio.create_task(desk(store, "w", 2, FOUND).run(stop))

    while (await store.state("line-2")).committed < len(OF):
        await asyncio.sleep(0.01)
    looks = 1 + (time.monotonic() - began_s) / 0.7
    assert (await store.state("line-1")).committed <= looks + 1, "one with each look"

    valkey.tell("XGROUP", "DESTROY", stream, "slow")
    await store.weigh(["line-1"], Caps(soft=1, hard=100))
    while (await store.state("line-1")).committed < len(OF):
        await asyncio.sleep(0.01)
    stop.set()
    await working
