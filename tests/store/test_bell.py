"""The bell, and the look at many stories that makes up for a ring nobody heard."""

from __future__ import annotations

import asyncio

from service.store import keys
from service.store.store import DeadLimit, Store
from service.store.values import Look
from tests.servers import RealServer
from tests.store.builders import STORY, TTL_S, admit, article, commit_next

NOTHING = Look(paused=False, unread=False, mine=False, stale=False, turn=False)


async def test_who_listens_hears_of_which_stories_something_came(store: Store) -> None:
    assert await store.listen(0) == [], "what was before is seen by looking"
    await admit(store, 2)
    await store.admit("lighthouse", article(1), "poll", TTL_S)

    assert await store.listen(1) == [STORY, "lighthouse"]
    assert await store.listen(0.01) == []


async def test_an_article_that_is_not_admitted_rings_for_nobody(store: Store) -> None:
    await admit(store, 1)
    await store.listen(0)
    await store.admit(STORY, article(1), "another poll", TTL_S)

    assert await store.listen(0.01) == []


async def test_a_ring_wakes_who_waits(store: Store, server: RealServer) -> None:
    other = await Store.open(server.url)
    await store.listen(0)
    waiting = asyncio.create_task(store.listen(2))
    await admit(other, 1)

    assert await asyncio.wait_for(waiting, 90) == [STORY]
    await other.close()


async def test_a_bell_that_cannot_ring_refuses_no_article(store: Store, server: RealServer) -> None:
    await store.ensure_group(STORY)
    await admit(store, 1)
    server.tell("DEL", keys.bell())

    assert [look.unread for look in (await store.looks([STORY], "w", 1)).values()] == [True]
    assert len(await store.take([STORY], "w", 1, 0)) == 1


async def test_a_look_says_what_there_is_to_do(store: Store) -> None:
    async def look(consumer: str = "w", idle_s: float = 60) -> Look:
        await asyncio.sleep(0.01)  # what was handed out this very millisecond may be of the future
        return (await store.looks([STORY, "lighthouse"], consumer, idle_s)).get(STORY, NOTHING)

    assert await look() == NOTHING
    await admit(store, 3)
    assert await look() == NOTHING._replace(unread=True), "there is no group yet"
    await store.ensure_group(STORY)
    assert await look() == NOTHING._replace(unread=True)
    await store.take([STORY], "w", 2, 0)
    assert await look() == NOTHING._replace(unread=True, mine=True)
    assert await look("other") == NOTHING._replace(unread=True)
    assert await look("other", idle_s=0) == NOTHING._replace(unread=True, stale=True)
    await store.take([STORY], "w", 2, 0)
    await store.put_finding(STORY, 2, b"found")
    assert await look() == NOTHING._replace(mine=True), "it is not the turn of the second"
    await store.put_finding(STORY, 1, b"found")
    assert (await look()).turn
    await commit_next(store)
    await commit_next(store)
    await store.put_finding(STORY, 3, b"found")
    await commit_next(store)
    assert await look() == NOTHING


async def test_one_that_nobody_has_is_unread_again_and_no_other(store: Store) -> None:
    async def given() -> bytes:
        ((_, name, *_, read, _, _, _, _),) = await store._connection.run("XINFO", "GROUPS", keys.articles(STORY))
        assert name == keys.GROUP.encode()
        return bytes(read)

    await store.ensure_group(STORY)
    await admit(store, 3)
    await store.take([STORY], "w", 2, 0)
    await store._connection.run("XACK", keys.articles(STORY), keys.GROUP, "2-0")
    assert await store.reclaim(STORY, "other", 60) == []
    assert await given() == b"2-0", "the first is in hand: it is not the turn of the second"
    await store._connection.run("XACK", keys.articles(STORY), keys.GROUP, "1-0")
    assert (await store.looks([STORY], "w", 60))[STORY].stale
    assert await store.reclaim(STORY, "other", 60) == []
    assert [one.number for one in await store.take([STORY], "other", 9, 0)] == [1, 2, 3]


async def test_a_paused_line_is_seen_to_stand_and_to_go_on(store: Store) -> None:
    store.dead_limit = DeadLimit(most=1, of=10)
    await store.ensure_group(STORY)
    await admit(store, 4)
    for number in (1, 2):
        await store.dead_letter(STORY, number, f"{number}-0", "why", "", "w")

    assert await store.looks([STORY], "w", 0) == {STORY: NOTHING._replace(paused=True)}
    assert await store.take([STORY], "w", 9, 0) == []
    await store.resume(STORY)
    assert (await store.looks([STORY], "w", 60))[STORY].unread
    assert [admission.number for admission in await store.take([STORY], "w", 9, 0)] == [3, 4]


async def test_who_follows_the_same_stories_is_told_to_whoever_beats(store: Store) -> None:
    await store.beat("one", 60, "abc", 5)
    await store.beat("stranger", 60, "def", 5)
    assert await store.beat("two", 60, "abc", 5) == ["one", "two"]
    assert sorted(await store.workers()) == ["one", "stranger", "two"]
    await store.beat("one", 0)
    assert await store.beat("two", 60, "abc", 5) == ["two"]
