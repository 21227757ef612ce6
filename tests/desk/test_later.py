"""Two releases at once: what the later one wrote, the earlier one refuses, before it writes anything."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from unittest.mock import patch

import pytest

from service.errors import ClaimwireError, LaterRelease, ServerUnusable
from service.model import Article
from service.store import keys
from service.store.layout import LAYOUT
from service.store.store import Store
from tests.desk.builders import EXTRACTOR, NEW_SENTENCE, STORY, WIRE, article
from tests.servers import RealServer
from workers.desk.finding import Finding
from workers.desk.take import Desk, Limits

LIMITS = Limits(reclaim_idle_s=0.3, deadline_s=20, starts=3, block_s=0.05)


@pytest.fixture
async def store(valkey: RealServer) -> AsyncIterator[Store]:
    opened = await Store.open(valkey.url)
    yield opened
    await opened.close()


def desk(store: Store, name: str) -> Desk:
    return Desk(store, {STORY.id: STORY}, name, LIMITS, EXTRACTOR)


async def work(store: Store, until: int, name: str = "earlier") -> None:
    """Until so many articles are committed, or the worker ends by itself."""
    stop = asyncio.Event()
    running = asyncio.create_task(desk(store, name).run(stop))
    deadline_s = asyncio.get_running_loop().time() + 20
    while (await store.state(STORY.id)).committed < until and not running.done():
        assert asyncio.get_running_loop().time() < deadline_s
        await asyncio.sleep(0.02)
    stop.set()
    await running


Write = Callable[[RealServer, Store], Awaitable[tuple[str, str]]]
"""Writes as a later release would; what the earlier one is to say, and the key that it must leave as it is"""


async def a_claim(server: RealServer, store: Store) -> tuple[str, str]:
    key = keys.claims(STORY.id)
    name = sorted(server.tell("HKEYS", key))[0]
    record = json.loads(server.tell("HGET", key, name))
    record["claim"]["novel"] = 1
    server.tell("HSET", key, name, json.dumps(record))
    return f"the claim {name}, with claim.novel, was written by a later release", key


async def a_finding(server: RealServer, store: Store) -> tuple[str, str]:
    (taken,) = await store.take([STORY.id], "later", 1, 0.1)
    finding = json.loads(zlib.decompress(Finding(entry_id="2-0", article=taken.article.to_json()).to_bytes()))
    assert await store.put_finding(STORY.id, 2, zlib.compress(json.dumps({**finding, "novel": 1}).encode()))
    return "a finding, with novel, was written by a later release", keys.findings(STORY.id)


async def an_article(server: RealServer, store: Store) -> tuple[str, str]:
    to_json = Article.to_json
    with patch.object(Article, "to_json", lambda one: json.dumps({**json.loads(to_json(one)), "novel": 1})):
        await store.admit(STORY.id, article(3, WIRE), "poll", 3600)
    return "an article's record, with novel, was written by a later release", keys.articles(STORY.id)


@pytest.mark.parametrize("write", [a_claim, a_finding, an_article], ids=lambda write: write.__name__)
async def test_a_worker_ends_at_a_record_of_a_later_release_and_leaves_the_line_to_it(
    store: Store, valkey: RealServer, write: Write
) -> None:
    await store.admit(STORY.id, article(1, WIRE), "poll", 3600)
    await work(store, until=1)
    before = (await store.state(STORY.id)).token
    await store.admit(STORY.id, article(2, WIRE + NEW_SENTENCE), "poll", 3600)
    words, key = await write(valkey, store)
    stands = valkey.dump()[key] if write is a_claim else b""

    with pytest.raises(LaterRelease, match=words):
        await work(store, until=3)

    state = await store.state(STORY.id)
    assert write is an_article or (state.committed, state.token) == (1, before)
    assert state.committed < 3
    assert await store.range(keys.dead(STORY.id)) == [], "it is no poison"
    assert not stands or valkey.dump()[key] == stands


async def test_a_damaged_record_is_not_taken_for_a_later_release_s(store: Store, valkey: RealServer) -> None:
    """The negative control: a field that is missing is damage, and the article becomes a dead letter as before."""
    await store.admit(STORY.id, article(1, WIRE), "poll", 3600)
    (_,) = await store.take([STORY.id], "w", 1, 0.1)
    assert await store.put_finding(STORY.id, 1, zlib.compress(b'{"entry_id": "1-0"}'))
    await work(store, until=1)
    assert [entry.fields["number"] for entry in await store.range(keys.dead(STORY.id))] == ["1"]


async def test_a_worker_at_work_ends_when_a_later_release_lays_the_store_out_otherwise(
    store: Store, valkey: RealServer
) -> None:
    working = asyncio.create_task(desk(store, "earlier").run(asyncio.Event()))
    async with asyncio.timeout(60):
        while not await store.workers():
            await asyncio.sleep(0.02)
        valkey.tell("SET", keys.layout(), LAYOUT + 1)
        with pytest.raises(ServerUnusable, match=f"has layout {LAYOUT + 1}"):
            await working


def test_an_article_s_record_is_read_as_it_was_written() -> None:
    one = article(1, WIRE)
    assert Article.from_json(one.to_json(), one.text) == one
    with pytest.raises(ClaimwireError):
        Article.from_json(json.dumps({**json.loads(one.to_json()), "novel": None}), one.text)
