"""Workers and server killed at any moment: every article is committed once, in order, and nothing is left over."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from service.errors import StoreUnavailable
from service.store import keys
from service.store.binaries import Binary
from service.store.embedded import EmbeddedServer
from service.store.store import Store
from tests.servers import families, family_id
from tests.store.builders import STORY, TTL_S, article, event_ids

ARTICLES = 150
KILLS = 8


@pytest.mark.usefixtures("each_write")
@pytest.mark.parametrize("binary", families(), ids=family_id)
async def test_whatever_is_killed_nothing_is_lost_twice_or_out_of_order(tmp_path: Path, binary: Binary) -> None:
    rng = random.Random(11)
    async with EmbeddedServer(tmp_path, binaries=lambda: [binary]) as server:
        workers = {name: _worker(server.url, name) for name in ("one", "two", "three")}
        store = await Store.open(server.url)
        admitting = asyncio.create_task(_admit_all(store))
        try:
            for _ in range(KILLS):
                await asyncio.sleep(rng.uniform(0.05, 0.3))
                victim = rng.choice([*workers, "server"])
                if victim == "server":
                    with suppress(ProcessLookupError):  # it is being started again already
                        os.kill(server.pid, signal.SIGKILL)
                else:
                    workers[victim].kill()
                    workers[victim].wait()
                    workers[victim] = _worker(server.url, victim)
            await admitting
            await _committed(store, ARTICLES)
        finally:
            for worker in workers.values():
                worker.kill()
                worker.wait()

        assert await event_ids(store) == [f"e-{n}" for n in range(1, ARTICLES + 1)]
        outcomes = await store.range(keys.outcomes(STORY))
        assert [entry.fields["article"] for entry in outcomes] == [article(n).id for n in range(1, ARTICLES + 1)]
        counts = await store.counts(STORY)
        assert (counts["entry:admitted"], counts["outcome:announced"]) == (ARTICLES, ARTICLES)
        (group,) = await store.groups(keys.articles(STORY))
        assert (group.pending, group.lag) == (0, 0)
        left = [await store._connection.run("HLEN", key(STORY)) for key in (keys.findings, keys.starts)]
        assert left == [0, 0]
        await store.close()


def _worker(url: str, name: str) -> subprocess.Popen[bytes]:
    root = Path(__file__).parents[2]
    return subprocess.Popen([sys.executable, "-m", "tests.store.worker_program", url, name, "0.5"], cwd=root)


async def _admit_all(store: Store) -> None:
    for number in range(1, ARTICLES + 1):
        while True:
            try:
                await store.admit(STORY, article(number), "poll-1", TTL_S)
                break
            except StoreUnavailable:
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.005)


async def _committed(store: Store, number: int) -> None:
    deadline_s = time.monotonic() + 60
    while True:
        try:
            if (await store.state(STORY)).committed == number:
                return
        except StoreUnavailable:
            pass
        assert time.monotonic() < deadline_s, "the story stands still"
        await asyncio.sleep(0.05)
