"""The loop of a subscriber: nothing is lost, whatever a handler does and whoever dies."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from service.errors import InvariantBroken
from service.store.ids import EntryId
from service.store.store import Store
from tests.servers import RealServer
from tests.subscribers.builders import publish_new
from tests.subscribers.conftest import HEIR, QUICK, STREAM, Begin, until
from workers.subscribers.delivery import Delivery, Park, Retry, Stop

GROUP = "readers"


class Seen:
    """A handler that remembers what it was given."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.starts: list[int] = []

    async def __call__(self, delivery: Delivery) -> None:
        self.ids.append(delivery.id)
        self.starts.append(delivery.start)


async def all_ended(store: Store) -> bool:
    return [(group.pending, group.lag) for group in await store.groups(STREAM)] == [(0, 0)]


async def test_every_event_comes_once_in_order_and_is_acknowledged(
    store: Store, valkey: RealServer, begin: Begin
) -> None:
    before_it = publish_new(valkey, 30)
    seen = Seen()
    consumer = await begin(seen)
    await until(lambda: len(seen.ids) == 30)
    after_it = publish_new(valkey, 5, first=31)
    await until(lambda: all_ended(store))
    assert seen.ids == before_it + after_it
    assert set(seen.starts) == {1}
    await consumer.end()
    assert consumer.subscriber.stopped == ""
    assert await store.group_counts(STREAM, GROUP) == {"acknowledged": 35, "started": 35}


async def test_a_handler_is_given_the_event(valkey: RealServer, begin: Begin) -> None:
    given: list[Delivery] = []

    async def handle(delivery: Delivery) -> None:
        given.append(delivery)

    publish_new(valkey, 1)
    await begin(handle)
    await until(lambda: given)
    (one,) = given
    assert (one.type, one.stream, one.start) == ("claimwire.claim.new.v1", STREAM, 1)
    assert one.data["claim"]["text"] == "Skerry sold 1 lighthouses."
    assert one.event["subject"] == one.data["claim"]["id"]


async def test_a_retry_comes_again_and_keeps_nobody_waiting(store: Store, valkey: RealServer, begin: Begin) -> None:
    first, *others = publish_new(valkey, 10)
    told: list[str] = []

    async def handle(delivery: Delivery) -> None:
        told.append(delivery.id)
        if delivery.id == first and len(set(told)) < 10:
            raise Retry(after_s=0.02, reason="not before the others")

    await begin(handle, limits=replace(QUICK, starts=10_000))
    await until(lambda: all_ended(store))
    assert told[0] == told[-1] == first
    assert [each for each in told if each != first] == others
    assert await store.parked(STREAM, GROUP) == []


@pytest.mark.parametrize("failure", [RuntimeError("no"), Retry(reason="no"), "sleeps"], ids=["error", "retry", "hang"])
async def test_what_always_fails_is_parked_after_the_last_start(
    store: Store, valkey: RealServer, begin: Begin, failure: Exception | str
) -> None:
    publish_new(valkey, 1)

    async def handle(_: Delivery) -> None:
        if isinstance(failure, Exception):
            raise failure
        await asyncio.sleep(60)

    await begin(handle, limits=replace(QUICK, starts=3, deadline_s=0.1))
    await until(lambda: store.parked(STREAM, GROUP))
    (letter,) = await store.parked(STREAM, GROUP)
    assert letter.starts == 3
    assert letter.reason.endswith("(start 3 of 3)")
    assert ("Traceback" in letter.detail) == (not isinstance(failure, Retry))
    assert await all_ended(store)


async def test_what_is_parked_at_once_can_be_retried(store: Store, valkey: RealServer, begin: Begin) -> None:
    first, second = publish_new(valkey, 2)
    refuses, told = True, list[str]()

    async def handle(delivery: Delivery) -> None:
        if refuses and delivery.id == first:
            raise Park("of no use to us")
        told.append(delivery.id)

    await begin(handle, limits=HEIR)
    await until(lambda: all_ended(store))
    (letter,) = await store.parked(STREAM, GROUP)
    assert (letter.event_id, letter.reason, letter.starts) == (first, "of no use to us", 1)
    refuses = False
    assert await store.end_parked(letter, "retried") == "retried"
    await until(lambda: told == [second, first])


async def test_what_is_no_event_is_parked(store: Store, valkey: RealServer, begin: Begin) -> None:
    valkey.tell("XADD", STREAM, "*", "hello", "world")
    (good,) = publish_new(valkey, 1)
    seen = Seen()
    await begin(seen)
    await until(lambda: seen.ids == [good])
    (letter,) = await store.parked(STREAM, GROUP)
    assert "no event" in letter.reason


async def test_stop_leaves_the_event_open_for_the_next(store: Store, valkey: RealServer, begin: Begin) -> None:
    first, second = publish_new(valkey, 2)

    async def handle(_: Delivery) -> None:
        raise Stop("the disk is full")

    consumer = await begin(handle)
    await asyncio.wait_for(consumer.task, 60)
    assert consumer.subscriber.stopped == "the disk is full"
    seen = Seen()
    await begin(seen)  # under the same name: at once
    await until(lambda: seen.ids == [first, second])
    assert seen.starts[0] == 2


async def test_a_broken_invariant_stops_everything(valkey: RealServer, begin: Begin) -> None:
    publish_new(valkey, 1)

    async def handle(_: Delivery) -> None:
        raise InvariantBroken("impossible")

    consumer = await begin(handle)
    with pytest.RaisesGroup(InvariantBroken):
        await asyncio.wait_for(consumer.task, 60)


async def test_what_a_dead_consumer_held_is_taken_over(store: Store, valkey: RealServer, begin: Begin) -> None:
    ids = publish_new(valkey, 6)
    entered = asyncio.Event()

    async def hang(_: Delivery) -> None:
        entered.set()
        await asyncio.sleep(60)

    dying = await begin(hang, "dying", replace(QUICK, at_once=2))
    await entered.wait()
    await dying.die()
    seen = Seen()
    await begin(seen, "heir", HEIR)
    await until(lambda: all_ended(store))
    assert sorted(seen.ids) == sorted(ids)
    assert 2 in seen.starts


async def test_a_slow_handler_keeps_what_it_holds(store: Store, valkey: RealServer, begin: Begin) -> None:
    """The negative control of taking over: longer than the idle time, but alive."""
    publish_new(valkey, 1)
    told: list[str] = []
    limits = replace(QUICK, reclaim_idle_s=1.5)

    async def slow(_: Delivery) -> None:
        told.append("slow")
        await asyncio.sleep(3)

    async def eager(_: Delivery) -> None:
        told.append("eager")

    await begin(slow, "slow", limits)
    await until(lambda: told)
    await begin(eager, "eager", limits)
    await until(lambda: all_ended(store))
    assert told == ["slow"]


async def test_what_kills_its_consumers_is_parked_in_the_end(store: Store, valkey: RealServer, begin: Begin) -> None:
    poison, good = publish_new(valkey, 2)
    entered: list[str] = []

    async def handle(delivery: Delivery) -> None:
        entered.append(delivery.id)
        if delivery.id == poison:
            await asyncio.sleep(60)  # until the test kills the consumer

    limits = replace(QUICK, starts=2)
    for deaths in (1, 2):
        dying = await begin(handle, limits=limits)
        await until(lambda deaths=deaths: entered.count(poison) == deaths)
        await dying.die()
    await begin(handle, limits=limits)
    await until(lambda: all_ended(store))
    (letter,) = await store.parked(STREAM, GROUP)
    assert letter.event_id == poison
    assert "died of it" in letter.reason
    assert entered == [poison, poison, good]


async def test_two_consumers_share_and_repeat_nothing(store: Store, valkey: RealServer, begin: Begin) -> None:
    one, two = Seen(), Seen()
    await begin(one, "one")
    await begin(two, "two")
    ids = publish_new(valkey, 60)
    await until(lambda: len(one.ids) + len(two.ids) >= 60)
    await until(lambda: all_ended(store))
    assert sorted(one.ids + two.ids) == sorted(ids)


async def test_only_the_types_asked_for_are_handed_on(store: Store, valkey: RealServer, begin: Begin) -> None:
    publish_new(valkey, 3)
    seen = Seen()
    await begin(seen, types=["claimwire.claim.disputed.v1"])
    await until(lambda: all_ended(store))
    assert seen.ids == []
    assert await store.group_counts(STREAM, GROUP) == {"unwanted": 3}


async def test_a_group_that_is_deleted_under_it_begins_where_it_was(
    store: Store, valkey: RealServer, begin: Begin
) -> None:
    first = publish_new(valkey, 3)
    go, seen = asyncio.Event(), Seen()

    async def handle(delivery: Delivery) -> None:
        await seen(delivery)
        if delivery.id == first[2]:
            await go.wait()

    await begin(handle)
    await until(lambda: len(seen.ids) == 3)
    await store.leave(STREAM, GROUP)
    more = publish_new(valkey, 2, first=4)
    go.set()
    await until(lambda: set(more) <= set(seen.ids))
    assert seen.ids[:3] == first
    assert set(seen.ids[3:]) <= {first[2], *more}, "what was done is not done again"


async def test_an_outage_of_the_server_loses_nothing(valkey: RealServer, begin: Begin, store: Store) -> None:
    """The connections are cut, again and again, while events are handled."""
    ids = publish_new(valkey, 40)
    seen = Seen()

    async def handle(delivery: Delivery) -> None:
        await seen(delivery)
        if len(seen.ids) % 10 == 0:
            await asyncio.to_thread(valkey.tell, "CLIENT", "KILL", "TYPE", "normal")

    await begin(handle)
    await until(lambda: all_ended(store))
    assert list(dict.fromkeys(seen.ids)) == ids


async def test_the_end_waits_for_what_is_under_way_and_not_for_what_waits(
    store: Store, valkey: RealServer, begin: Begin
) -> None:
    first, second = publish_new(valkey, 2)
    entered, told = asyncio.Event(), list[str]()

    async def handle(delivery: Delivery) -> None:
        if delivery.id == first:
            raise Retry(after_s=3600)
        entered.set()
        await asyncio.sleep(0.2)
        told.append(delivery.id)

    consumer = await begin(handle, limits=replace(QUICK, grace_s=30))
    await entered.wait()
    await asyncio.wait_for(consumer.end(), 60)
    assert told == [second]
    assert (await store.groups(STREAM))[0].pending == 1, "the other is open for the next"


async def test_those_that_wait_for_a_retry_are_bounded(store: Store, valkey: RealServer, begin: Begin) -> None:
    publish_new(valkey, 20)

    async def handle(_: Delivery) -> None:
        raise Retry(after_s=3600)

    await begin(handle, limits=replace(QUICK, waiting=5))
    await until(lambda: _pending_is(store, 5))
    await asyncio.sleep(0.1)
    assert (await store.groups(STREAM))[0].lag == 15


async def _pending_is(store: Store, count: int) -> bool:
    return [group.pending for group in await store.groups(STREAM)] == [count]


@pytest.mark.parametrize(("entry_id", "position"), [("5-3", "5-2"), ("5-0", f"4-{2**64 - 1}"), ("7-1", "7-0")])
def test_the_position_before_an_entry(entry_id: str, position: str) -> None:
    assert str(EntryId.of(entry_id).before()) == position
