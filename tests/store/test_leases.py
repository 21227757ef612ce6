from __future__ import annotations

import asyncio
import time

from service.store import keys
from service.store.store import FeedState, Store
from tests.servers import RealServer

FEED = "lindholm-post"


async def test_a_feed_is_lent_to_one_replica_and_to_it_again(store: Store) -> None:
    assert (await store.open_poll(FEED, 0, "one", 5, 100.0)).lent
    assert (await store.open_poll(FEED, 0, "one", 5, 100.0)).lent

    refused = await store.open_poll(FEED, 0, "two", 5, 101.0)

    assert not refused.lent
    assert 4 < refused.taken_s <= 5
    assert await store.feed_state(FEED) == FeedState(last_asked=100.0, replica="one")


async def test_closing_a_poll_ends_the_lease(store: Store) -> None:
    await store.open_poll(FEED, 0, "one", 5, 100.0)
    assert await store.close_poll(FEED, 0, FeedState(etag="1"), {}, "poll-1", "one")

    assert (await store.open_poll(FEED, 1, "two", 5, 200.0)).lent

    assert await store.feed_state(FEED) == FeedState(etag="1", revision=1, last_asked=200.0, replica="two")


async def test_what_was_about_to_ask_is_remembered_until_the_poll_is_closed(store: Store) -> None:
    asked = []
    await store.open_poll(FEED, 0, "one", 5, 100.0)
    await store.keep_leases([FEED], "two", 5, 120.0)
    asked.append(await store.feed_state(FEED))
    await store.keep_leases([FEED], "one", 5, 130.0)
    asked.append(await store.feed_state(FEED))
    await store.close_poll(FEED, 0, FeedState(last_checked=125.0), {}, "poll-1", "one")
    asked.append(await store.feed_state(FEED))
    assert [state and state.last_asked for state in asked] == [100.0, 130.0, 0.0]


async def test_nobody_opens_a_poll_upon_a_state_that_moved(store: Store) -> None:
    await store.close_poll(FEED, 0, FeedState(etag="1"), {}, "poll-1")
    opened = await store.open_poll(FEED, 0, "one", 5, 100.0)
    assert (opened.lent, opened.taken_s) == (False, 0)


async def test_nobody_closes_a_poll_of_a_feed_that_another_has(store: Store) -> None:
    await store.open_poll(FEED, 0, "two", 5, 100.0)
    assert not await store.close_poll(FEED, 0, FeedState(etag="1"), {}, "poll-1", "one")
    assert await store.close_poll(FEED, 0, FeedState(etag="2"), {}, "poll-1", "two")


async def test_the_servers_clock_ends_a_lease_and_another_takes_it(store: Store) -> None:
    await store.open_poll(FEED, 0, "one", 0.2, 100.0)
    assert not (await store.open_poll(FEED, 0, "two", 0.2, 100.0)).lent
    await asyncio.sleep(0.25)

    assert (await store.open_poll(FEED, 0, "two", 5, 100.0)).lent
    assert await store.keep_leases([FEED], "one", 5, 130.0) == [False]


async def test_a_lease_that_is_kept_goes_on_and_one_given_back_is_free(store: Store) -> None:
    await store.open_poll(FEED, 0, "one", 0.2, 100.0)
    assert await store.keep_leases([FEED, "another"], "one", 5, 130.0) == [True, False]
    await asyncio.sleep(0.25)
    assert not (await store.open_poll(FEED, 0, "two", 5, 100.0)).lent

    await store.give_back([FEED], "two")
    assert not (await store.open_poll(FEED, 0, "two", 5, 100.0)).lent
    await store.give_back([FEED], "one")
    assert (await store.open_poll(FEED, 0, "two", 5, 100.0)).lent


async def test_of_many_that_open_at_once_one_gets_the_feed(store: Store, server: RealServer) -> None:
    others = [await Store.open(server.url) for _ in range(4)]
    opened = await asyncio.gather(*(other.open_poll(FEED, 0, str(n), 5, 100.0) for n, other in enumerate(others)))
    assert sorted(one.lent for one in opened) == [False, False, False, True]
    for other in others:
        await other.close()


async def test_replicas_are_alive_for_as_long_as_they_said(store: Store) -> None:
    assert await store.replica_beat("two", "b", 5, "x") == ("", ["two"])
    assert await store.replica_beat("one", "a", 0.1, "x") == ("", ["one", "two"])
    end_s = time.monotonic() + 90
    while (await store.replica_beat("two", "b", 5, "x")) != ("b", ["two"]):
        assert time.monotonic() < end_s
    assert await store.replicas_alive() == ["two"]


async def test_replicas_with_other_feeds_have_no_part(store: Store) -> None:
    await store.replica_beat("one", "a", 5, "x")
    assert await store.replica_beat("two", "b", 5, "y") == ("", ["two"])
    assert await store.replica_beat("one", "a", 5, "y") == ("a", ["one", "two"])
    assert await store.replicas_alive() == ["one", "two"]


async def test_a_replica_takes_leave_for_itself_alone(store: Store) -> None:
    await store.replica_beat("one", "a", 5, "x")
    assert await store.replica_beat("one", "b", 5, "x") == ("a", ["one"])
    assert await store.replica_beat("one", "a", 0, "x") == ("b", ["one"])
    assert await store.replica_beat("one", "b", 0, "x") == ("b", [])


async def _set_back(store: Store, hours: int) -> None:
    """As if the server's clock had been set back: what it wrote before lies ahead of it now."""
    ahead_ms, run = hours * 3_600_000, store._connection.run
    for field in ("lease_from", "lease_until"):
        if await run("HEXISTS", keys.feed(FEED), field):
            await run("HINCRBY", keys.feed(FEED), field, ahead_ms)
    flat = await run("HGETALL", keys.replicas())
    for name, said in zip(flat[::2], flat[1::2], strict=True):
        until_ms, rest = said.split(b" ", 1)
        await run("HSET", keys.replicas(), name, b"%d %b" % (int(until_ms) + ahead_ms, rest))


async def test_a_clock_set_back_holds_no_feed_for_one_who_died(store: Store) -> None:
    await store.open_poll(FEED, 0, "one", 5, 100.0)
    await _set_back(store, 3)
    assert (await store.open_poll(FEED, 0, "two", 5, 101.0)).lent


async def test_after_a_clock_set_back_who_lives_keeps_what_nobody_took(store: Store) -> None:
    await store.open_poll(FEED, 0, "one", 5, 100.0)
    await _set_back(store, 3)
    assert await store.keep_leases([FEED], "one", 5, 101.0) == [True]
    assert not (await store.open_poll(FEED, 0, "two", 5, 101.0)).lent
    assert await store.close_poll(FEED, 0, FeedState(etag="1"), {}, "poll-1", "one")


async def test_after_a_clock_set_back_a_lease_of_before_closes_nobody_out(store: Store) -> None:
    await store.open_poll(FEED, 0, "one", 5, 100.0)
    assert not await store.close_poll(FEED, 0, FeedState(etag="1"), {}, "poll-1", "two")
    await _set_back(store, 3)
    assert await store.close_poll(FEED, 0, FeedState(etag="1"), {}, "poll-1", "two")


async def test_after_a_clock_set_back_a_replica_that_died_has_no_share(store: Store) -> None:
    await store.replica_beat("dead", "a", 5, "x")
    await store.replica_beat("one", "b", 5, "x")
    await _set_back(store, 3)
    assert await store.replicas_alive() == []
    assert await store.replica_beat("one", "b", 5, "x") == ("b", ["one"])
    assert await store.replicas_alive() == ["one"]


async def test_after_a_clock_set_back_nobody_dead_delivers_to_a_webhook(store: Store) -> None:
    lease = keys.webhook_lease("desk")
    assert await store.lease(lease, "dead", 5)
    assert [await store.lease(lease, "one", seconds) for seconds in (5, 0)] == [False, False]
    await store._connection.run("PEXPIRE", lease, 3 * 3_600_000)
    assert not await store.lease(lease, "one", 0)
    assert await store.lease(lease, "one", 5)
    assert not await store.lease(lease, "dead", 5)
