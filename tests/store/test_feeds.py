from __future__ import annotations

import asyncio
from dataclasses import replace

from service.model import EntryResult, Event
from service.store import keys
from service.store.store import FeedState, Store
from tests.servers import RealServer

FEED = "lindholm-post"
STATE = FeedState(etag='W/"é"', next_due=1_900_000_000.25, last_success=1_899_999_000.5, failures=2, error="timed out")


async def test_a_feed_is_remembered(store: Store) -> None:
    assert await store.feed_state(FEED) is None

    assert await store.close_poll(FEED, 0, STATE, {EntryResult.ADMITTED: 3}, "poll-1")

    assert await store.feed_state(FEED) == replace(STATE, revision=1)


async def test_what_did_not_change_stays(store: Store) -> None:
    await store.close_poll(FEED, 0, STATE, {}, "poll-1")
    before = await store.feed_state(FEED)
    assert before is not None

    after = replace(before, failures=0, error="")
    assert await store.close_poll(FEED, 1, after, {}, "poll-2", before=before)
    assert await store.close_poll(FEED, 2, after, {}, "poll-3", before=after)

    assert await store.feed_state(FEED) == replace(after, revision=3)


async def test_a_poll_is_closed_once(store: Store) -> None:
    for _ in range(3):
        assert await store.close_poll(FEED, 0, STATE, {EntryResult.ADMITTED: 3}, "poll-1")

    counts = (await store.feed_counts([FEED]))[FEED]
    assert (counts["admitted"], counts["polls"], counts["off_story"]) == (3, 1, 0)


async def test_of_two_that_close_different_polls_one_wins(store: Store, server: RealServer) -> None:
    others = [await Store.open(server.url) for _ in range(3)]

    wins = await asyncio.gather(
        *(
            other.close_poll(FEED, 0, FeedState(etag=str(n)), {EntryResult.ADMITTED: 1}, f"poll-{n}")
            for n, other in enumerate(others)
        )
    )

    assert sorted(wins) == [False, False, True]
    state = await store.feed_state(FEED)
    assert state is not None
    assert (state.etag, state.revision) == (str(wins.index(True)), 1)
    assert (await store.feed_counts([FEED]))[FEED]["admitted"] == 1
    for other in others:
        await other.close()


async def test_a_late_closing_moves_nothing_back(store: Store) -> None:
    await store.close_poll(FEED, 0, STATE, {}, "poll-1")
    await store.close_poll(FEED, 1, replace(STATE, etag="newer"), {}, "poll-2")

    assert not await store.close_poll(FEED, 0, STATE, {}, "poll-1")

    state = await store.feed_state(FEED)
    assert state is not None
    assert state.etag == "newer"


async def test_an_event_is_told_with_the_closing_and_once(store: Store) -> None:
    silent = Event({"id": "silent-1", "type": "claimwire.feed.silent.v1", "sequence": "0"}, "{}", False)
    back = Event({"id": "back-1", "type": "claimwire.feed.recovered.v1", "sequence": "0"}, "{}", False)

    for _ in range(2):
        assert await store.close_poll(FEED, 0, STATE, {}, "poll-1", "", silent)
    assert not await store.close_poll(FEED, 0, STATE, {}, "another", "", silent)
    assert await store.close_poll(FEED, 1, STATE, {EntryResult.ADMITTED: 1}, "poll-2", "", back)

    entries = [dict(entry.fields) for entry in await store.range(keys.feed_events())]
    assert entries == [
        {"id": "silent-1", "type": "claimwire.feed.silent.v1", "sequence": "1".zfill(20), "data": "{}"},
        {"id": "back-1", "type": "claimwire.feed.recovered.v1", "sequence": "2".zfill(20), "data": "{}"},
    ]
    assert (await store.feed_counts([FEED]))[FEED]["admitted"] == 1
    state = await store.feed_state(FEED)
    assert state == replace(STATE, revision=2)
