from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import AdmissionsLost, StoreUnavailable
from service.model import EntryResult
from service.store import admission, keys
from service.store.binaries import Binary
from service.store.connection import decode, encode
from service.store.store import Durability, Store
from tests.faults.arena import Durable
from tests.faults.mutants import rewritten
from tests.servers import RealServer, families, family_id
from tests.store.builders import STORY, TTL_S, admit, article, commit_next


async def test_articles_are_numbered_without_gaps_whoever_admits_them(store: Store, server: RealServer) -> None:
    async def ingester(first: int) -> None:
        other = await Store.open(server.url)
        await admit(other, 20, first)
        await other.close()

    await asyncio.gather(*(ingester(first) for first in (1, 21, 41)))

    entries = await store.range(keys.articles(STORY))
    assert [entry.id for entry in entries] == [f"{number}-0" for number in range(1, 61)]
    assert await store.backlog(STORY) == 60


async def test_one_article_is_admitted_once(store: Store) -> None:
    first = await store.admit(STORY, article(), "poll-1", TTL_S)
    again = await store.admit(STORY, article(), "poll-2", TTL_S)

    assert (first, again) == (EntryResult.ADMITTED, EntryResult.SEEN_BEFORE)
    assert await store.length(keys.articles(STORY)) == 1


async def test_a_repeated_poll_gives_its_first_answers_and_counts_once(store: Store) -> None:
    await store.admit(STORY, article(1), "poll-1", TTL_S)
    await store.admit(STORY, article(1, "It sailed."), "poll-2", TTL_S)

    answers = [await store.admit(STORY, article(1, "It sailed."), "poll-2", TTL_S) for _ in range(3)]

    assert answers == [EntryResult.REVISION] * 3
    assert await store.counts(STORY) == {"entry:admitted": 1, "entry:revision": 1}


async def test_a_changed_text_is_the_next_version_and_both_texts_are_kept(store: Store) -> None:
    await store.ensure_group(STORY)
    for text in ("It did not sail.", "It sailed at noon.", "It sailed at one."):
        await store.admit(STORY, article(1, text), text, TTL_S)

    taken = await store.take([STORY], "w", 10, 1)

    assert [(a.number, a.article.version) for a in taken] == [(1, 1), (2, 2), (3, 3)]
    assert await store.text(article(1).id, STORY, 1) == "It did not sail."
    assert taken[2].article.text == "It sailed at one."


async def test_the_text_of_an_uncommitted_article_never_expires(store: Store, server: RealServer) -> None:
    doc = keys.doc(STORY, article(1).id)
    await store.admit(STORY, article(1), "poll-1", TTL_S)
    assert server.tell("TTL", doc) == -1

    await commit_next(store)
    assert 0 < int(str(server.tell("TTL", doc))) <= TTL_S

    await store.admit(STORY, article(1, "A later version."), "poll-2", TTL_S)
    assert server.tell("TTL", doc) == -1


async def test_a_text_with_half_a_character_survives(store: Store) -> None:
    await store.ensure_group(STORY)
    await store.admit(STORY, article(1, "broken \ud800 markup"), "poll-1", TTL_S)

    assert (await store.take([STORY], "w", 1, 1))[0].article.text == "broken \ud800 markup"


async def test_stories_do_not_share_numbers(store: Store) -> None:
    await admit(store, 2)
    await store.admit("lighthouse", article(1), "poll-1", TTL_S)

    assert await store.backlog("lighthouse") == 1


@given(st.text(st.characters()))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert decode(encode(text)) == text


@pytest.fixture(params=families(), ids=family_id)
def durable(request: pytest.FixtureRequest) -> Iterator[Durable]:
    binary: Binary = request.param
    running = Durable(binary)
    running.start()
    yield running
    running.stop()


@pytest.mark.parametrize("fenced", [True, False], ids=["fenced", "the control"])
async def test_a_server_that_lost_its_end_gives_no_number_to_what_comes_later(durable: Durable, fenced: bool) -> None:
    fence = ("if admitted < tonumber(ARGV[9]) then", "if false then")
    store = await Store.open(durable.url, durability=Durability(in_place=True))
    await admit(store, 6)
    await asyncio.to_thread(durable.cut, random.Random(3))
    lost = 0
    with nullcontext() if fenced else rewritten(admission._ADMIT, fence):
        number = 7
        while number <= 8:
            try:
                await store.admit(STORY, article(number), "poll-1", TTL_S)
                number += 1
            except AdmissionsLost:  # all again, each in its place
                number, lost = 1, lost + 1
            except StoreUnavailable:
                await asyncio.sleep(0.01)

    entries = await store.range(keys.articles(STORY))
    in_order = [entry.fields["id"] for entry in entries] == [article(key).id for key in range(1, 9)]
    assert (in_order, lost) == (fenced, int(fenced))
    await store.close()
