from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import StoreUnavailable
from service.feeds.shares import ALIVE_S, BEAT_S, Shares, owner
from service.feeds.turns import _BUSY_S, LEASE_S, TurnLost, Turns
from service.store.store import Store

FEEDS = [f"https://outlet-{number}.example/feed" for number in range(3_000)]


@asynccontextmanager
async def at_work(lasting: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(lasting)
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@given(st.sets(st.text(max_size=8), min_size=2, max_size=6), st.lists(st.text(max_size=20), max_size=40))
def test_a_replica_that_goes_moves_its_own_feeds_alone(replicas: set[str], feeds: list[str]) -> None:
    names = sorted(replicas)
    gone, left = names[0], names[1:]
    for feed in feeds:
        before = owner(feed, names)
        assert owner(feed, list(reversed(names))) == before
        assert before == gone or owner(feed, left) == before


def test_the_shares_are_about_equal() -> None:
    counted = Counter(owner(feed, ["one", "two", "three"]) for feed in FEEDS)
    assert max(counted.values()) < 1.1 * 1_000
    assert min(counted.values()) > 0.9 * 1_000


async def test_two_that_live_under_one_name_part(store: Store) -> None:
    twins = [Shares(store, "same"), Shares(store, "same")]
    for _ in range(3):
        for twin in twins:
            await twin.beat()
    assert twins[0].name != twins[1].name
    for feed in FEEDS[:50]:
        assert not all(twin.is_mine(feed) for twin in twins)


async def test_who_waits_for_a_feed_gets_it_when_its_owner_leaves(store: Store) -> None:
    one, two = Shares(store, "one", 0.05, 0.3), Shares(store, "two", 0.05, 0.3)
    await one.beat()
    await two.beat()
    feed = next(feed for feed in FEEDS if owner(feed, ["one", "two"]) == "one")
    async with at_work(two.run()):
        waiting = asyncio.create_task(two.wait_until_mine(feed))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await asyncio.wait_for(waiting, 60)  # "one" gives no further sign of life


async def test_a_turn_that_cannot_be_kept_ends_before_the_lease_does(store: Store) -> None:
    turns = Turns(store, Shares(store, "one"), lease_s=0.5)
    began = asyncio.get_running_loop().time()
    with pytest.raises(TurnLost):
        async with turns.take("feed", 0) as ours:
            assert ours
            await asyncio.sleep(10)
    assert asyncio.get_running_loop().time() - began < 0.5
    async with Turns(store, Shares(store, "two")).take("feed", 0) as ours:
        assert ours  # it was given back


async def test_a_turn_that_is_kept_outlasts_the_lease(store: Store) -> None:
    turns = Turns(store, Shares(store, "one"), lease_s=0.4)
    async with at_work(turns.keep()), turns.take("feed", 0):
        await asyncio.sleep(0.8)
        assert await turns.is_kept("feed")
        assert not (await store.open_poll("feed", 0, "two", 1, 100.0)).lent


async def test_a_turn_that_another_took_meanwhile_is_lost(store: Store) -> None:
    turns = Turns(store, Shares(store, "one"), lease_s=0.4)
    with pytest.raises(TurnLost):
        async with at_work(turns.keep()), turns.take("feed", 0):
            await store.give_back(["feed"], "one")
            await store.open_poll("feed", 0, "two", 5, 100.0)
            await asyncio.sleep(5)


async def test_a_failure_in_a_turn_gives_the_feed_back(store: Store) -> None:
    with pytest.raises(StoreUnavailable):
        async with Turns(store, Shares(store, "one")).take("feed", 0):
            raise StoreUnavailable("gone")
    assert (await store.open_poll("feed", 0, "two", 1, 100.0)).lent


def test_a_dead_replicas_feeds_are_taken_over_within_half_a_minute() -> None:
    """The real constants: the others notice at their next sign of life after its last one lost its meaning; a feed
    that it was polling is lent on when its lease ends, which it prolongs no more; whoever waits asks each second.
    """
    noticed_s = ALIVE_S + BEAT_S
    lent_s = LEASE_S + _BUSY_S
    assert BEAT_S < ALIVE_S / 3  # two lost signs of life are not yet a death
    assert max(noticed_s, lent_s) <= 20
    assert noticed_s + lent_s <= 30  # even if neither began before the other was over
