from __future__ import annotations

import asyncio

import pytest

from service.store import keys
from service.store.store import Store
from tests.servers import RealServer, until
from tests.store.builders import STORY, admit, article, commit_next

EVENTS = keys.events(STORY)


async def test_a_reader_follows_a_stream_from_where_it_was(store: Store) -> None:
    await admit(store, 3)
    await commit_next(store)
    position = await store.last_id(EVENTS)
    reading = asyncio.create_task(store.read({EVENTS: position}, block_s=2, count=10))
    await commit_next(store)

    ((stream, _id, fields),) = await reading

    assert (stream, fields["id"]) == (EVENTS, "e-2")
    assert await store.last_id(keys.dead(STORY)) == "0-0"


async def test_a_quiet_stream_gives_nothing_in_time(store: Store) -> None:
    assert await asyncio.wait_for(store.read({EVENTS: "0"}, block_s=0.05, count=1), 2) == []


async def test_a_stream_is_read_in_pages(store: Store) -> None:
    await admit(store, 5)
    for _ in range(5):
        await commit_next(store)

    ids, position = [], "0"
    while page := await store.range(EVENTS, f"({position}", count=2):
        ids += [entry.fields["id"] for entry in page]
        position = page[-1].id

    assert ids == [f"e-{n}" for n in range(1, 6)]
    assert [e.fields["id"] for e in await store.range(EVENTS, count=1, newest_first=True)] == ["e-5"]


async def test_many_can_wait_at_once(store: Store) -> None:
    waiting = [asyncio.create_task(store.read({EVENTS: "0"}, block_s=2, count=1)) for _ in range(40)]
    await admit(store, 1)
    await commit_next(store)

    assert all(len(entries) == 1 for entries in await asyncio.gather(*waiting))


async def test_operators_see_lengths_lag_and_pending(store: Store) -> None:
    await store.ensure_group(STORY)
    await admit(store, 3)
    await store.take([STORY], "w", 1, 1)

    (group,) = await store.groups(keys.articles(STORY))
    assert (group.name, group.pending, group.lag) == (keys.GROUP, 1, 2)
    assert await store.lengths(STORY) == {"articles": 3, "events": 0, "new-claims": 0, "dead": 0}
    assert await store.groups(EVENTS) == []


async def test_workers_are_alive_as_long_as_they_say(store: Store) -> None:
    await store.beat("one", 30)
    await store.beat("two", 0.001)
    alive = {"one", "two"}
    while "two" in alive:
        alive = set(await store.workers())
    await store.beat("one", 30)

    assert list(await store.workers()) == ["one"]


async def test_who_was_alive_in_what_is_the_future_since_the_clock_was_set_back_is_forgotten(
    store: Store, server: RealServer
) -> None:
    later_ms = (int(server.tell("TIME")[0]) + 3600) * 1000
    server.tell("HSET", keys.workers(), "ghost", f"{later_ms} {later_ms + 30_000} ")
    assert not await store.workers()
    assert await store.beat("one", 30) == ["one"]
    assert server.tell("HKEYS", keys.workers()) == ["one"]


async def test_a_text_past_the_horizon_is_a_plain_error(store: Store) -> None:
    with pytest.raises(KeyError):
        await store.text(article(1).id, STORY, 1)


async def test_trimming_leaves_every_uncommitted_article(store: Store) -> None:
    await store.ensure_group(STORY)
    await admit(store, 5)
    await store.take([STORY], "w", 5, 1)
    for number in (1, 2, 4):
        await store.put_finding(STORY, number, b"found")
    await commit_next(store)
    await commit_next(store)

    await store.trim(STORY, keep_s=0)

    assert [entry.id for entry in await store.range(keys.articles(STORY))] == ["2-0", "3-0", "4-0", "5-0"]
    assert [a.number for a in await store.own_pending(STORY, "w")] == [3, 5]


async def test_events_stay_for_their_time_and_for_a_group_that_is_behind(store: Store, server: RealServer) -> None:
    await admit(store, 3)
    for _ in range(3):
        await commit_next(store)
    server.tell("XGROUP", "CREATE", EVENTS, "subscriber", "0")
    server.tell("XREADGROUP", "GROUP", "subscriber", "one", "COUNT", 2, "STREAMS", EVENTS, ">")
    newest = int((await store.last_id(EVENTS)).partition("-")[0])
    until(lambda: _now_ms(server) > newest)

    assert (await store.trim(STORY, keep_s=3600)).entries["events"] == 0
    assert (await store.trim(STORY, keep_s=0, hold_s=3600)).entries["events"] == 0, "both entries are pending"
    first, second = await store.range(EVENTS, count=2)
    server.tell("XACK", EVENTS, "subscriber", first.id)
    assert (await store.trim(STORY, keep_s=0, hold_s=3600)).entries["events"] == 1
    assert (await store.range(EVENTS))[0].id == second.id

    assert (await store.trim(STORY, keep_s=0, hold_s=0)).entries["events"] == 2, "nothing is held for ever"


def _now_ms(server: RealServer) -> int:
    seconds, micros = server.tell("TIME")
    return int(seconds) * 1000 + int(micros) // 1000
