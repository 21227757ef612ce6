"""A group of subscribers: what it was given stays open until it is ended, whoever dies meanwhile."""

from __future__ import annotations

import pytest

from service.store import keys
from service.store.store import Store
from service.store.subscribing import GroupGone
from tests.servers import RealServer
from tests.store.builders import STORY

STREAM, GROUP = keys.events(STORY), "readers"


def publish(server: RealServer, *names: str) -> list[str]:
    return [str(server.tell("XADD", STREAM, "*", "id", name, "type", "t", "subject", "s")) for name in names]


async def given(store: Store, consumer: str = "one", count: int = 10) -> list[str]:
    return [entry.fields["id"] for entry in await store.hand_out(STREAM, GROUP, consumer, count)]


async def test_a_group_begins_where_it_was_told_and_is_made_once(store: Store, server: RealServer) -> None:
    publish(server, "a")
    assert await store.join(STREAM, GROUP, "$")
    assert await store.join(STREAM, "all", "0")
    assert not await store.join(STREAM, GROUP, "0")
    publish(server, "b")
    assert await given(store) == ["b"]
    assert [entry.fields["id"] for entry in await store.hand_out(STREAM, "all", "one", 10)] == ["a", "b"]


async def test_what_is_open_is_held_taken_over_and_ended_once(store: Store, server: RealServer) -> None:
    await store.join(STREAM, GROUP)
    first, second = publish(server, "a", "b")
    await given(store)
    assert [entry.id for entry in await store.held(STREAM, GROUP, "one")] == [first, second]
    assert [entry.id for entry in await store.held(STREAM, GROUP, "one", first)] == [second]
    assert await store.take_over(STREAM, GROUP, "two", 60, 10) == []
    assert [entry.id for entry in await store.take_over(STREAM, GROUP, "two", 0, 1)] == [first]
    assert await store.hold(STREAM, GROUP, "one", [first, second]) == [first]
    assert await store.start(STREAM, GROUP, "one", first) == 0, "it is the other's now"
    assert [await store.start(STREAM, GROUP, "two", first) for _ in range(2)] == [1, 2]
    assert [await store.settle(STREAM, GROUP, [first, second]) for _ in range(2)] == [2, 0]
    assert await store.group_counts(STREAM, GROUP) == {"acknowledged": 2, "started": 2}
    assert server.tell("HLEN", keys.group_state(STREAM, GROUP)) == 2, "the starts are forgotten"


async def test_what_is_trimmed_meanwhile_is_ended_and_left_out(store: Store, server: RealServer) -> None:
    await store.join(STREAM, GROUP)
    publish(server, "a", "b", "c")
    await given(store)
    server.tell("XTRIM", STREAM, "MAXLEN", 1)
    assert [entry.fields["id"] for entry in await store.held(STREAM, GROUP, "one", count=1)] == ["c"]
    assert [entry.fields["id"] for entry in await store.take_over(STREAM, GROUP, "two", 0, 10)] == ["c"]
    assert (await store.groups(STREAM))[0].pending == 1


async def test_what_was_taken_down_is_begun_by_nobody(store: Store, server: RealServer) -> None:
    await store.join(STREAM, GROUP)
    (entry_id,) = publish(server, "a")
    await given(store)
    server.tell("XDEL", STREAM, entry_id)
    assert await store.start(STREAM, GROUP, "one", entry_id) == 0
    assert [(group.pending, group.counts) for group in await store.groups(STREAM)] == [(0, {"lost": 1})]


async def test_what_is_given_up_is_listed_and_comes_again_or_is_dropped(store: Store, server: RealServer) -> None:
    await store.join(STREAM, GROUP)
    publish(server, "a", "b", "c")
    for entry in await store.hand_out(STREAM, GROUP, "one", 10):
        await store.start(STREAM, GROUP, "one", entry.id)
        assert await store.park(STREAM, GROUP, "one", entry, "no use", "trace")
        assert not await store.park(STREAM, GROUP, "one", entry, "no use")
    first, second, third = await store.parked(STREAM, GROUP)
    assert await store.check_keys([STORY]) == {}
    assert (first.event_id, first.starts, first.reason, first.detail) == ("a", 1, "no use", "trace")

    server.tell("XDEL", STREAM, third.entry_id)
    told = [await store.end_parked(letter, "retried") for letter in (first, first, third)]
    told += [await store.end_parked(letter, "dropped") for letter in (second, third)]

    assert told == ["retried", "unknown", "past_retention", "dropped", "dropped"]
    assert await store.parked(STREAM, GROUP) == []
    (again,) = await store.take_over(STREAM, GROUP, "two", 3600, 10)
    assert again.id == first.entry_id
    assert await store.start(STREAM, GROUP, "two", again.id) == 1, "counted from one again"
    assert (await store.group_counts(STREAM, GROUP))["parked"] == 3


async def test_a_group_that_is_gone_is_told_and_leaves_nothing_behind(store: Store, server: RealServer) -> None:
    for call in (store.hand_out(STREAM, GROUP, "one", 1), store.take_over(STREAM, GROUP, "one", 0, 1)):
        with pytest.raises(GroupGone):
            await call
    await store.join(STREAM, GROUP)
    publish(server, "a")
    (entry,) = await store.hand_out(STREAM, GROUP, "one", 1)
    await store.start(STREAM, GROUP, "one", entry.id)
    await store.park(STREAM, GROUP, "one", entry, "no use")
    assert await store.leave(STREAM, GROUP)
    assert not await store.leave(STREAM, GROUP)
    assert set(server.dump()) == {STREAM, keys.layout()}
    with pytest.raises(GroupGone):
        await store.start(STREAM, GROUP, "one", entry.id)


async def test_a_consumer_is_forgotten_only_when_it_holds_nothing(store: Store, server: RealServer) -> None:
    await store.join(STREAM, GROUP)
    (entry,) = publish(server, "a")
    await given(store)
    assert await store.tidy(STREAM, GROUP, -1) == 0
    await store.settle(STREAM, GROUP, [entry])
    assert await store.tidy(STREAM, GROUP, 60) == 0
    assert await store.tidy(STREAM, GROUP, -1) == 1


async def test_trimming_keeps_what_a_group_has_not_had(store: Store, server: RealServer) -> None:
    await store.join(STREAM, GROUP)
    publish(server, "a", "b")
    (held, _) = await store.hand_out(STREAM, GROUP, "one", 2)
    assert (await store.trim(STORY, keep_s=0, hold_s=3600)).entries["events"] == 0
    await store.settle(STREAM, GROUP, [held.id])
    assert (await store.trim(STORY, keep_s=0, hold_s=3600)).entries["events"] == 1


async def test_a_group_may_be_called_as_it_likes(store: Store, server: RealServer) -> None:
    names = ["a", "a:dead", "group:a", "-dead:a"]
    (entry_id,) = publish(server, "a")
    for name in names:
        await store.join(STREAM, name)
        (entry,) = await store.hand_out(STREAM, name, "one", 1)
        await store.start(STREAM, name, "one", entry_id)
        assert await store.park(STREAM, name, "one", entry, name)
    assert [[letter.reason for letter in await store.parked(STREAM, name)] for name in names] == [[n] for n in names]
    assert await store.check_keys([STORY]) == {}


async def test_one_at_a_time_holds_a_lease(store: Store) -> None:
    key = keys.webhook_lease("desk")
    assert [await store.lease(key, holder, 60) for holder in ("one", "two", "one")] == [True, False, True]
    assert await store.lease(key, "one", 0)
    assert await store.lease(key, "two", 0.001)
    await store.remember_webhook("desk", {"failures": "3"})
    await store.remember_webhook("desk", {"disabled": "no"})
    assert await store.webhook("desk") == {"failures": "3", "disabled": "no"}
