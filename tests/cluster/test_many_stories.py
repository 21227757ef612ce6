"""Five hundred stories on a cluster, shared among workers: all decided, none twice, and a dead worker's taken over."""

from __future__ import annotations

import asyncio
import pickle
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.store import keys
from service.store.store import Store
from tests.cluster.lines import IDLE_S, TTL_S, Workers, articles, committed, opened, stories
from tests.cluster.nodes import Cluster
from tests.servers import valkey

MANY = 500
EACH = 170
"""three workers then have one reader for each story"""
OF = articles(3)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    made = Cluster(valkey(), replicas=0)
    try:
        yield made.start()
    finally:
        made.stop()


async def admit(store: Store, number: int, names: list[str], pause_s: float = 0) -> None:
    if pause_s:
        for story in names:
            await store.admit(story, OF[number], "poll", TTL_S)
            await asyncio.sleep(pause_s)
    else:
        for start in range(0, len(names), 50):
            some = names[start : start + 50]
            await asyncio.gather(*(store.admit(story, OF[number], "poll", TTL_S) for story in some))


async def test_every_story_is_read_by_somebody_and_by_another_when_he_dies(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "clauses").write_bytes(pickle.dumps({each.id: () for each in OF}))
    names = sorted(stories(MANY))
    workers = Workers(cluster.url, MANY, tmp_path / "clauses", EACH).start("a", "b", "c")
    try:
        async with opened(cluster.url) as store:
            await admit(store, 0, names)
            await committed(store, MANY, 1)

            few = names[:40]
            began_s = time.monotonic()
            await admit(store, 1, few, pause_s=0.03)
            while any([(await store.state(story)).committed < 2 for story in few]):
                await asyncio.sleep(0.05)
            assert time.monotonic() - began_s < 90, "seconds for forty articles of as many stories"

            workers.kill("b")
            await admit(store, 1, names[40:])
            await committed(store, MANY, 2, within_s=IDLE_S + 60)

            for story in names:
                outcomes = await store.range(keys.outcomes(story))
                assert [entry.id for entry in outcomes] == ["1-0", "2-0"]
            assert sum([(await store.counts(story))["outcome:nothing_new"] for story in names]) == 2 * MANY
    finally:
        workers.stop()
